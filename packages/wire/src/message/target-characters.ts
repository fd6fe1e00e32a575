// What a byte is not allowed in within the control data of a request, as bits (see characters.ts).

/** Not a character of a scheme (RFC 3986 §3.1). */
export const NOT_IN_SCHEME = 0x10;

/** Not a character of an authority (RFC 3986 §3.2). */
export const NOT_IN_AUTHORITY = 0x20;

/** Not visible ASCII, or `#`, which begins a fragment: not a character of a request target. */
export const NOT_IN_PATH = 0x40;

/** The bits of every byte. */
export const TARGET_CHARACTERS: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  let bits = 0;
  if (!/[a-z\d+.-]/i.test(character)) bits |= NOT_IN_SCHEME;
  // `unreserved`, `pct-encoded`, `sub-delims` and the delimiters of userinfo, port and IP literals.
  if (!/[\w.~%!$&'()*+,;=:@[\]-]/.test(character)) bits |= NOT_IN_AUTHORITY;
  if (!/[!-~]/.test(character) || character === '#') bits |= NOT_IN_PATH;
  return bits;
});
