/**
 * What the user name and password in a URL are as the value of `authorization` (RFC 7617 §2); `undefined` where there are
 * none. A URL percent-encodes the bytes of UTF-8.
 */
export function urlCredentials({ username, password }: URL): string | undefined {
  return username + password === '' ? undefined : `Basic ${btoa(`${binary(username)}:${binary(password)}`)}`;
}

/** Percent-encoded text with a character for each byte. */
function binary(text: string): string {
  return text.replace(/%([\da-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}
