import { InvalidRequestError } from '../errors.ts';
import { formatMultipartHeaderParam } from '../exchange/multipart.ts';
import { guessContentType } from './content-types.ts';

/** Content of one field of a form. A `Blob` is not read before it is sent. */
export type FieldData = string | number | bigint | boolean | BufferSource | Blob;

/**
 * A field of a form: its content, or that of a file with its name and maybe its content type, which else is that of
 * the `Blob` or what the name suggests.
 */
export type FieldValue =
  | FieldData
  | readonly [filename: string | undefined, data: FieldData]
  | readonly [filename: string | undefined, data: FieldData, contentType: string | undefined];

/** These come first, in this order. */
const LEADING = ['Content-Disposition', 'Content-Type', 'Content-Location'];

/** One part of a `multipart/form-data` body, as urllib3's `RequestField`. */
export class RequestField {
  /** Name of the field. */
  readonly name: string;
  /** Its content. */
  readonly data: FieldData;
  /** Name of the file it holds, if it is one. */
  readonly filename: string | undefined;
  /** Header lines of the part; those without a value are not written. Letter case is kept, and counts. */
  readonly headers: Record<string, string | undefined>;

  /**
   * Has no headers but those given until {@link RequestField.makeMultipart} is called.
   *
   * @param filename - none when left out.
   * @param headers - none when left out.
   */
  constructor(
    name: string,
    data: FieldData,
    filename?: string,
    headers: Readonly<Record<string, string | undefined>> = {},
  ) {
    this.name = name;
    this.data = data;
    this.filename = filename;
    this.headers = { ...headers };
  }

  /**
   * The part of a field as `fields` of a request has it. A `File` keeps its name and type; other content alone has no
   * file name.
   */
  static fromTuples(name: string, value: FieldValue): RequestField {
    const { filename, data, contentType } = described(value);
    const field = new RequestField(name, data, filename);
    field.makeMultipart({ contentType });
    return field;
  }

  /** Writes the headers that make this a part of a form, over any it has. */
  makeMultipart(
    headers: {
      /** @defaultValue `form-data` */
      contentDisposition?: string | undefined;
      /** @defaultValue none */
      contentType?: string | undefined;
      /** @defaultValue none */
      contentLocation?: string | undefined;
    } = {},
  ): void {
    const { contentDisposition = 'form-data', contentType, contentLocation } = headers;
    const params = [contentDisposition, formatMultipartHeaderParam('name', this.name)];
    if (this.filename !== undefined) params.push(formatMultipartHeaderParam('filename', this.filename));
    this.headers['Content-Disposition'] = params.join('; ');
    this.headers['Content-Type'] = contentType;
    this.headers['Content-Location'] = contentLocation;
  }

  /**
   * The header section of the part: a line for each, and an empty one.
   *
   * @throws {@link InvalidRequestError} when one of them would end its line.
   */
  renderHeaders(): string {
    const names = Object.keys(this.headers);
    const rest = names.filter((name) => !LEADING.includes(name));
    let text = '';
    for (const name of [...LEADING.filter((leading) => names.includes(leading)), ...rest]) {
      const value = this.headers[name];
      if (!value) continue;
      if (/[\r\n]/.test(name + value)) {
        throw new InvalidRequestError(
          'invalid_option',
          `field ${this.name} must have headers of one line each, got ${JSON.stringify(`${name}: ${value}`)}`,
        );
      }
      text += `${name}: ${value}\r\n`;
    }
    return `${text}\r\n`;
  }
}

interface DescribedField {
  readonly filename: string | undefined;
  readonly data: FieldData;
  readonly contentType: string | undefined;
}

function described(value: FieldValue): DescribedField {
  if (isTuple(value)) {
    const [filename, data] = value;
    const ownType = data instanceof Blob ? data.type : '';
    const contentType = value.length === 3 ? value[2] : ownType || guessContentType(filename);
    return { filename, data, contentType };
  }
  // `File` is not there in every runtime that has `Blob`.
  if (value instanceof Blob && 'name' in value) return described([value.name as string, value]);
  return {
    filename: undefined,
    data: value,
    contentType: (value instanceof Blob && value.type) || undefined,
  };
}

function isTuple(value: FieldValue): value is Extract<FieldValue, readonly unknown[]> {
  return Array.isArray(value);
}
