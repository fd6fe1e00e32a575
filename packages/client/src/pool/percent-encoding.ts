const encoder = new TextEncoder();

/** A percent-encoded byte (RFC 3986 §2.1). */
export const ESCAPE = /%[0-9a-f]{2}/gi;

/** What may not stand in a component as it is (RFC 3986 appendix A), `%` aside. */
export const INVALID = {
  userinfo: /[^\w.~!$&'()*+,;=:%-]+/g,
  path: /[^\w.~!$&'()*+,;=:@/%-]+/g,
  /** Also of fragments. */
  query: /[^\w.~!$&'()*+,;=:@/?%-]+/g,
} as const;

/** Every byte of a text's UTF-8 as `%XX`. */
export function percentEncode(text: string): string {
  return Array.from(encoder.encode(text), escaped).join('');
}

/** `%XX` for one byte. */
export function escaped(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

/**
 * Encodes what a component may not hold, as urllib3 does: escapes stay if every `%` begins one; if only one does not,
 * none counts as an escape, and each `%` becomes `%25`.
 */
export function encodeInvalid(component: string, invalid: RegExp): string {
  let text = component;
  if (text.includes('%')) {
    let escapes = 0;
    text = text.replace(ESCAPE, (found) => {
      escapes++;
      return found.toUpperCase();
    });
    if (escapes !== text.split('%').length - 1) text = text.replaceAll('%', '%25');
  }
  return text.replace(invalid, percentEncode);
}

/** A text with its escapes decoded as UTF-8; what is no UTF-8 becomes U+FFFD, what is no escape stays. */
export function percentDecode(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
    const bytes = Uint8Array.from(run.slice(1).split('%'), (digits) => Number.parseInt(digits, 16));
    // The first decoder of a byte order mark would swallow it.
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  });
}
