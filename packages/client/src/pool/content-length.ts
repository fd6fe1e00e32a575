/**
 * Bytes of content as the origin announced them (RFC 9110 §8.6); `undefined` when it did not.
 *
 * @param value - of `content-length`.
 */
export function contentLength(status: number, method: string, value: string | undefined): number | undefined {
  // RFC 9110 §6.4.1: responses without content, whatever their fields say.
  if (method === 'HEAD' || status === 204 || status === 304) return 0;
  return value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}
