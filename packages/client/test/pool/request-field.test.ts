import { describe, expect, it } from 'vitest';
import { InvalidRequestError } from '../../src/errors.ts';
import { type FieldValue, RequestField } from '../../src/pool/request-field.ts';
import { thrown } from '../support/client.ts';

describe('RequestField', () => {
  it('has no headers of its own', () => {
    const field = new RequestField('name', 'data');
    expect({ ...field }).toEqual({ name: 'name', data: 'data', filename: undefined, headers: {} });
    expect(field.renderHeaders()).toBe('\r\n');
  });

  it('copies the headers it is given', () => {
    const headers = { 'X-A': '1' };
    const field = new RequestField('name', 'data', undefined, headers);
    field.headers['X-B'] = '2';
    expect(headers).toEqual({ 'X-A': '1' });
    expect(field.renderHeaders()).toBe('X-A: 1\r\nX-B: 2\r\n\r\n');
  });

  it('writes three headers first, then the others, but none that is empty', () => {
    const field = new RequestField('name', 'data', undefined, {
      'X-A': '1',
      'Content-Location': '/x',
      'X-None': undefined,
      'X-Empty': '',
      'content-type': 'lower',
      'Content-Type': 'text/plain',
      'Content-Disposition': 'inline',
      'X-B': '2',
    });
    expect(field.renderHeaders()).toBe(
      'Content-Disposition: inline\r\nContent-Type: text/plain\r\nContent-Location: /x\r\n' +
        'X-A: 1\r\ncontent-type: lower\r\nX-B: 2\r\n\r\n',
    );
  });

  it.each([
    ['CRLF', 'a\r\nX: 1'],
    ['LF', 'a\nX: 1'],
    ['CR', 'a\rX: 1'],
  ])('refuses a header with %s in it', (_, text) => {
    for (const headers of [{ 'X-A': text }, { [text]: 'x' }]) {
      const error = thrown(() => new RequestField('name', 'data', undefined, headers).renderHeaders());
      expect(error).toBeInstanceOf(InvalidRequestError);
      expect((error as Error).message).toMatch(/^field name must have headers of one line each, got "/);
    }
    const typed = RequestField.fromTuples('name', ['file', 'data', text]);
    expect(thrown(() => typed.renderHeaders())).toBeInstanceOf(InvalidRequestError);
  });

  describe('makeMultipart', () => {
    it('is a part of a form unless told otherwise', () => {
      const field = new RequestField('name', 'data');
      field.makeMultipart();
      expect(field.renderHeaders()).toBe('Content-Disposition: form-data; name="name"\r\n\r\n');
    });

    it('writes over what is there', () => {
      const field = new RequestField('name', 'data', 'file', {
        'Content-Disposition': 'x',
        'Content-Type': 'x',
        'Content-Location': 'x',
        'X-A': '1',
      });
      field.makeMultipart({
        contentDisposition: 'attachment',
        contentType: 'image/jpg',
        contentLocation: '/l',
      });
      expect(field.renderHeaders()).toBe(
        'Content-Disposition: attachment; name="name"; filename="file"\r\n' +
          'Content-Type: image/jpg\r\nContent-Location: /l\r\nX-A: 1\r\n\r\n',
      );
      field.makeMultipart();
      expect(field.renderHeaders()).toBe(
        'Content-Disposition: form-data; name="name"; filename="file"\r\nX-A: 1\r\n\r\n',
      );
    });

    it.each([
      ['plain', 'plain'],
      ['', ''],
      ['with space', 'with space'],
      ['a"b', 'a%22b'],
      ['a\r\nb', 'a%0D%0Ab'],
      ['a\nb\rc', 'a%0Ab%0Dc'],
      ['back\\slash', 'back\\slash'],
      ["it's; 100%", "it's; 100%"],
      ['%22', '%22'],
      ['näme.例', 'näme.例'],
      ['tab\tbell\x07', 'tab\tbell\x07'],
    ])('writes %j as browsers do', (text, written) => {
      const field = new RequestField(text, 'data', text);
      field.makeMultipart();
      expect(field.headers['Content-Disposition']).toBe(
        `form-data; name="${written}"; filename="${written}"`,
      );
    });
  });

  describe('fromTuples', () => {
    const blob = new Blob(['x']);
    const typed = new Blob(['x'], { type: 'image/png' });
    const file = new File(['x'], 'photo.jpg');
    const typedFile = new File(['x'], 'photo.jpg', { type: 'image/x-other' });
    const vectors: [string, FieldValue, filename: string | undefined, type: string | undefined][] = [
      ['text', 'data', undefined, undefined],
      ['a number', 7, undefined, undefined],
      ['bytes', Uint8Array.of(1), undefined, undefined],
      ['a Blob', blob, undefined, undefined],
      ['a Blob with a type', typed, undefined, 'image/png'],
      ['a File', file, 'photo.jpg', 'image/jpeg'],
      ['a File with a type', typedFile, 'photo.jpg', 'image/x-other'],
      ['a file', ['a.txt', 'data'], 'a.txt', 'text/plain'],
      ['a file of unknown type', ['a.unheard-of', 'data'], 'a.unheard-of', 'application/octet-stream'],
      ['a file with a type', ['a.txt', 'data', 'image/jpeg'], 'a.txt', 'image/jpeg'],
      ['a file without a type', ['a.txt', 'data', undefined], 'a.txt', undefined],
      ['a file without a name', [undefined, 'data'], undefined, 'application/octet-stream'],
      ['a file with an empty name', ['', 'data'], '', 'application/octet-stream'],
      ['a Blob with a name', ['a.txt', blob], 'a.txt', 'text/plain'],
      ['a Blob with a type and a name', ['a.txt', typed], 'a.txt', 'image/png'],
      ['a File with another name', ['a.txt', typedFile], 'a.txt', 'image/x-other'],
      ['a File with another name and type', ['a.txt', typedFile, 'text/x'], 'a.txt', 'text/x'],
    ];
    it.each(vectors)('makes a field of %s', (_, value, filename, type) => {
      const field = RequestField.fromTuples('name', value);
      const data = Array.isArray(value) ? value[1] : value;
      expect(field).toMatchObject({ name: 'name', filename, data });
      const disposition = `form-data; name="name"${filename === undefined ? '' : `; filename="${filename}"`}`;
      expect(field.headers).toEqual({
        'Content-Disposition': disposition,
        'Content-Type': type,
        'Content-Location': undefined,
      });
    });
  });
});
