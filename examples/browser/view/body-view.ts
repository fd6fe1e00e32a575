import { element } from './dom.ts';
import { formatBytes } from './format.ts';

/** Longest text shown, in bytes: more would make the page slow and nobody reads it. */
const TEXT_BYTES = 200_000;

/** Longest hex dump shown, in bytes. */
const HEX_BYTES = 4_096;

const HEX_ROW_BYTES = 16;

const TEXT_TYPE = /^text\/|[/+](?:json|xml|javascript|x-www-form-urlencoded|yaml)$/;

/** A body made visible, and a few words about it. */
export interface BodyView {
  readonly view: Node;
  readonly note: string;
}

/**
 * Shows a body by its content type; where that says nothing, as text if it is some, else in hexadecimal.
 *
 * @param type - value of `content-type`, empty when there was none.
 * @param isWhole - whether `bytes` is all of it.
 */
export function bodyView(bytes: Uint8Array<ArrayBuffer>, type: string, isWhole: boolean): BodyView {
  const size = isWhole ? formatBytes(bytes.length) : `first ${formatBytes(bytes.length)}`;
  if (bytes.length === 0) return { view: element('p', 'empty', 'No content.'), note: '' };
  const essence = type.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (essence.startsWith('image/') && isWhole) {
    return { view: imageView(bytes, essence), note: `${essence}, ${size}` };
  }
  const text = decode(bytes, TEXT_TYPE.test(essence), isWhole);
  if (text === undefined) return { view: hexView(bytes), note: cut('binary', size, bytes.length, HEX_BYTES) };
  const json = /[/+]json$/.test(essence) && bytes.length <= TEXT_BYTES ? parse(text) : undefined;
  const view = element('pre', '', ...(json === undefined ? [text.slice(0, TEXT_BYTES)] : highlighted(json)));
  return { view, note: cut(json === undefined ? 'text' : 'JSON', size, bytes.length, TEXT_BYTES) };
}

function cut(kind: string, size: string, length: number, shown: number): string {
  return length <= shown ? `${kind}, ${size}` : `${kind}, ${formatBytes(shown)} of ${size}`;
}

function imageView(bytes: Uint8Array<ArrayBuffer>, type: string): HTMLImageElement {
  const image = element('img', '');
  image.alt = 'The image in the response';
  image.src = URL.createObjectURL(new Blob([bytes], { type }));
  const release = (): void => URL.revokeObjectURL(image.src);
  image.addEventListener('load', release, { once: true });
  image.addEventListener('error', release, { once: true });
  return image;
}

/** The text, or `undefined` where the bytes are none and nobody said they were. */
function decode(bytes: Uint8Array, saysText: boolean, isWhole: boolean): string | undefined {
  if (saysText) return new TextDecoder().decode(bytes.subarray(0, TEXT_BYTES));
  try {
    // `stream`: bytes that were cut off may end in the middle of a character.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: !isWhole });
    return [...CONTROLS].some((control) => text.includes(control)) ? undefined : text.slice(0, TEXT_BYTES);
  } catch {
    return undefined;
  }
}

/** Characters that no text has. */
const CONTROLS = '\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u000e\u000f';

function parse(text: string): string | undefined {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return undefined;
  }
}

/** Names, strings, numbers and words of a JSON text as elements of their own, to be told apart by colour. */
function highlighted(json: string): (Node | string)[] {
  const parts: (Node | string)[] = [];
  let at = 0;
  for (const match of json.matchAll(/("(?:\\.|[^"\\])*")(\s*:)?|\b(?:true|false|null)\b|-?\d[\d.eE+-]*/g)) {
    const [token, string, colon] = match;
    parts.push(json.slice(at, match.index));
    const kind = string === undefined ? 'json-word' : colon === undefined ? 'json-string' : 'json-name';
    parts.push(element('span', kind, string ?? token), colon ?? '');
    at = match.index + token.length;
  }
  parts.push(json.slice(at));
  return parts;
}

/** As `hexdump -C` prints: offset, bytes, and the characters they would be. */
function hexView(bytes: Uint8Array): HTMLElement {
  const rows: string[] = [];
  const end = Math.min(bytes.length, HEX_BYTES);
  for (let offset = 0; offset < end; offset += HEX_ROW_BYTES) {
    const row = [...bytes.subarray(offset, Math.min(offset + HEX_ROW_BYTES, end))];
    const hex = row.map((byte) => byte.toString(16).padStart(2, '0'));
    const characters = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'));
    rows.push(
      `${offset.toString(16).padStart(6, '0')}  ${hex.join(' ').padEnd(HEX_ROW_BYTES * 3)} ${characters.join('')}`,
    );
  }
  return element('pre', 'hex', rows.join('\n'));
}
