/** From weak to strong (Subresource Integrity §3.2.2). */
const STRENGTH: readonly string[] = ['sha256', 'sha384', 'sha512'];

/**
 * Whether bytes are what `integrity` says: they match one of its strongest hashes. Metadata without any hash that is known
 * match everything, as the standard has it.
 *
 * @throws TypeError where the platform has no `SubtleCrypto`, as in pages that are not a secure context.
 * @see {@link https://www.w3.org/TR/sri-2/#does-response-match-metadatalist | Subresource Integrity §3.3.4}
 */
export async function matchesIntegrity(bytes: Uint8Array<ArrayBuffer>, integrity: string): Promise<boolean> {
  const hashes = integrity
    .split(/[\t\n\f\r ]+/)
    .map((token) => /^(sha256|sha384|sha512)-([\w+/-]+={0,2})(?:\?.*)?$/.exec(token))
    .flatMap((match) =>
      match === null ? [] : [{ algorithm: match[1] as string, hash: match[2] as string }],
    );
  const strongest = [...STRENGTH]
    .reverse()
    .find((algorithm) => hashes.some((given) => given.algorithm === algorithm));
  if (strongest === undefined) return true;
  const subtle = globalThis.crypto?.subtle;
  if (subtle === undefined) {
    throw new TypeError('fetch failed: integrity needs SubtleCrypto, which only a secure context has');
  }
  const digest = await subtle.digest(strongest.replace('sha', 'SHA-'), bytes);
  const actual = base64(new Uint8Array(digest));
  return hashes.some(({ algorithm, hash }) => algorithm === strongest && canonical(hash) === actual);
}

/** Without padding, and with one of the two alphabets. */
function canonical(hash: string): string {
  return hash.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '');
}

function base64(bytes: Uint8Array): string {
  return canonical(btoa(String.fromCharCode(...bytes)));
}
