import { concatenate } from './content-queue.ts';

const encoder = new TextEncoder();

/** One part of a multipart body. */
export interface Part {
  /** Its header lines, each ended by CRLF, and the empty line after them. */
  readonly head: string;
  /** Its content. */
  readonly data: string | BufferSource | Blob;
}

/** A body in the `multipart/form-data` format (RFC 7578). */
export interface MultipartBody {
  /** Bytes, or a `Blob` where a part is one: that refers to its files, and reads them when it is read itself. */
  readonly body: Uint8Array<ArrayBuffer> | Blob;
  /** The `content-type` that goes with it, boundary included. */
  readonly contentType: string;
}

/** A boundary nobody can guess: 128 random bits, in hexadecimal. */
export function chooseBoundary(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * A parameter of `Content-Disposition` as browsers write it, in UTF-8: only quotes and the ends of lines are escaped
 * (HTML standard, "multipart/form-data encoding algorithm"; urllib3's `format_multipart_header_param`).
 */
export function formatMultipartHeaderParam(name: string, value: string): string {
  return `${name}="${value.replaceAll('\n', '%0A').replaceAll('\r', '%0D').replaceAll('"', '%22')}"`;
}

/** The body of some parts. Its length is known, it may be sent again, and what is in a `Blob` is not read. */
export function encodeParts(parts: Iterable<Part>, boundary: string): Uint8Array<ArrayBuffer> | Blob {
  const pieces: (Uint8Array<ArrayBuffer> | Blob)[] = [];
  let waiting: Uint8Array[] = [];
  const flush = () => {
    // Copied, even a single one: the caller may go on writing into its buffer.
    pieces.push(concatenate(waiting) as Uint8Array<ArrayBuffer>);
    waiting = [];
  };
  for (const { head, data } of parts) {
    waiting.push(encoder.encode(`--${boundary}\r\n${head}`));
    if (data instanceof Blob) {
      flush();
      pieces.push(data);
    } else {
      waiting.push(bytesOf(data));
    }
    waiting.push(encoder.encode('\r\n'));
  }
  waiting.push(encoder.encode(`--${boundary}--\r\n`));
  flush();
  return pieces.length === 1 ? (pieces[0] as Uint8Array<ArrayBuffer>) : new Blob(pieces);
}

/** What a platform's `fetch()` makes of a form (HTML standard, "multipart/form-data encoding algorithm"). */
export function encodeFormData(
  form: Iterable<[name: string, value: FormDataEntryValue]>,
  boundary: string = chooseBoundary(),
): MultipartBody {
  return {
    body: encodeParts(Array.from(form, formDataPart), boundary),
    contentType: `multipart/form-data; boundary=${boundary}`,
  };
}

function formDataPart([name, value]: [name: string, value: FormDataEntryValue]): Part {
  const disposition = `Content-Disposition: form-data; ${formatMultipartHeaderParam('name', lines(name))}`;
  if (typeof value === 'string') return { head: `${disposition}\r\n\r\n`, data: lines(value) };
  const filename = formatMultipartHeaderParam('filename', value.name);
  const type = value.type === '' ? 'application/octet-stream' : value.type;
  return { head: `${disposition}; ${filename}\r\nContent-Type: ${type}\r\n\r\n`, data: value };
}

/** Lines end in CRLF, whatever they ended in. */
function lines(text: string): string {
  return text.replace(/\r\n?|\n/g, '\r\n');
}

function bytesOf(data: string | BufferSource): Uint8Array {
  if (typeof data === 'string') return encoder.encode(data);
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}
