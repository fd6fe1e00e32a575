/**
 * The IPv4 address that a name is for most resolvers, which still read the spellings of `inet_aton`: `127.1`,
 * `0x7f000001`. Empty when it looks like one and is none; `undefined` for a real name.
 *
 * @param name - in lower case, without a dot at its end.
 * @see {@link https://url.spec.whatwg.org/#ends-in-a-number-checker | URL standard: ends in a number}
 */
export function spelledAddress(name: string): string | undefined {
  const lastLabel = name.slice(name.lastIndexOf('.') + 1);
  if (!/^(?:\d+|0x[0-9a-f]*)$/.test(lastLabel)) return undefined;
  return URL.canParse(`http://${name}`) ? new URL(`http://${name}`).hostname : '';
}
