import { encodeUtf8 } from '@hip/wire';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A text, or `undefined` where it is not UTF-8. */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** What there is to send. */
export interface OutgoingContent {
  readonly content: Uint8Array | Blob;
  readonly isText: boolean;
  /** In bytes. */
  readonly length: number;
}

/** What a writer gave, as it is sent: a copy of bytes, which may change the next moment; whatever is none of those is text. */
export function outgoingContent(data: unknown): OutgoingContent {
  if (data instanceof Blob) return { content: data, isText: false, length: data.size };
  const isBytes = data instanceof ArrayBuffer || ArrayBuffer.isView(data);
  const content = isBytes ? copyOf(data) : encodeUtf8(String(data));
  return { content, isText: !isBytes, length: content.length };
}

function copyOf(data: ArrayBuffer | ArrayBufferView): Uint8Array {
  return data instanceof ArrayBuffer
    ? new Uint8Array(data.slice(0))
    : new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
}
