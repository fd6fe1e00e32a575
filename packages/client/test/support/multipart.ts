/** A body as text. */
export async function textOf(body: Uint8Array<ArrayBuffer> | Blob): Promise<string> {
  return new Blob([body]).text();
}
