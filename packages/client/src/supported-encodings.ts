/** Content codings this client can decode, as `accept-encoding` lists them. */
export function supportedEncodings(): string {
  return 'gzip,deflate';
}
