import { describe, expect, test } from 'vitest';
import { WireError } from '../../src/errors.ts';
import { RequestDecoder, ResponseDecoder } from '../../src/message/message-decoder.ts';
import { MessageError } from '../../src/message/message-error.ts';
import * as TRANSPORT_ERRORS from '../../src/transport-error.ts';
import { bytesOf, concat, decode, decoder, fromHex, oneByOne, Recorder, string, varint } from './support.ts';

const RESPONSE = fromHex('03 40c8 00');

function messageErrorOf(action: () => void): MessageError {
  try {
    action();
  } catch (error) {
    if (error instanceof MessageError) return error;
    throw error;
  }
  throw new Error('expected a MessageError');
}

describe('content', () => {
  test('is passed on as views of what was pushed, as it comes', () => {
    const it = decoder('response');
    const first = concat(RESPONSE, fromHex('05 6162'));
    const second = fromHex('63 64 65 01 66 00 00');
    it.push(first);
    expect(it.recorder.received.content).toBe('6162');
    it.push(second);
    expect(it.recorder.pieces.map((piece) => [piece.buffer, piece.byteOffset, piece.length])).toEqual([
      [first.buffer, 5, 2],
      [second.buffer, 0, 3],
      [second.buffer, 4, 1],
    ]);
    expect(
      it.recorder.pieces.every(({ buffer }) => buffer === first.buffer || buffer === second.buffer),
    ).toBe(true);
  });

  test('is the pushed array itself when it is all of it', () => {
    const it = decoder('response');
    const piece = bytesOf('abc');
    it.push(concat(RESPONSE, Uint8Array.of(3)));
    it.push(piece);
    expect(it.recorder.pieces[0]).toBe(piece);
  });

  test('behind a head in pieces still comes from the pushed bytes, however long', () => {
    const it = decoder('response');
    const content = new Uint8Array(5_000).fill(0x61);
    const message = concat(RESPONSE, varint(content.length), content, Uint8Array.of(0, 0));
    it.push(message.slice(0, 2));
    const rest = message.slice(2);
    it.push(rest);
    expect(it.recorder.pieces.map((piece) => piece.length)).toEqual([5_000]);
    expect(it.recorder.pieces[0]?.buffer).toBe(rest.buffer);
    expect(it.recorder.received.ends).toBe(1);
  });
});

describe('the end', () => {
  test.each(['03 40c8 00 00 00', '01 40c8 00 00 00'])(
    'is told as soon as the message is complete: %s',
    (hex) => {
      const it = decoder('response');
      it.push(fromHex(hex));
      expect(it.recorder.received.ends).toBe(1);
      it.push(new Uint8Array(100)); // padding
      it.finish();
      it.finish();
      expect(it.recorder.received.ends).toBe(1);
    },
  );

  test('of an indeterminate-length message may come where its empty header section would be', () => {
    expect(decode('response', [fromHex('03 40c8')]).response).toEqual({ status: 200, fields: [] });
    expect(decode('request', [concat(fromHex('02'), ...['GET', 'http', '', '/'].map(string))]).ends).toBe(1);
  });

  test('is the end: no byte may follow finish()', () => {
    const it = decoder('response');
    it.push(RESPONSE);
    it.finish();
    expect(() => it.push(Uint8Array.of(0))).toThrow(/after its stream has ended/);
  });

  test('inside a part is a truncation', () => {
    for (const hex of [
      '',
      '03',
      '03 40',
      '03 4066',
      '03 4066 00',
      '03 40c8 01',
      '03 40c8 00 40',
      '03 40c8 00 02 61',
    ]) {
      const error = messageErrorOf(() => decode('response', [fromHex(hex)]));
      expect([hex, error.reason]).toEqual([hex, 'truncated']);
    }
  });
});

describe('after an error', () => {
  test('every call throws the same one, and the handler is left alone', () => {
    const it = decoder('response');
    const error = messageErrorOf(() => it.push(fromHex('03 00 00')));
    expect(error).toBeInstanceOf(WireError);
    expect([error.name, error.reason, error.code]).toEqual([
      'MessageError',
      'invalid',
      TRANSPORT_ERRORS.PROTOCOL_VIOLATION,
    ]);
    expect(messageErrorOf(() => it.push(RESPONSE))).toBe(error);
    expect(messageErrorOf(() => it.finish())).toBe(error);
    expect(it.recorder.received).toEqual({ informational: [], content: '', ends: 0 });
  });

  test('of the handler, which passes through, too', () => {
    const failure = new Error('handler');
    const handler = new Recorder();
    handler.content = () => {
      throw failure;
    };
    const it = new ResponseDecoder(handler);
    expect(() => it.push(concat(RESPONSE, fromHex('01 61 00 00')))).toThrow(failure);
    expect(() => it.push(fromHex('00 00'))).toThrow(failure);
    expect(handler.received.ends).toBe(0);
  });
});

describe('field lines', () => {
  function fieldsOf(...lines: string[]): string[] | undefined {
    const section = concat(...lines.map(string));
    const known = decode('response', [concat(fromHex('01 40c8'), varint(section.length), section)]);
    const message = concat(fromHex('03 40c8'), section, Uint8Array.of(0));
    expect(decode('response', [message])).toEqual(known);
    expect(decode('response', oneByOne(message))).toEqual(known);
    // What `ws` gives: its `slice()` is a view.
    const buffer = Buffer.from(message);
    expect(decode('response', [buffer])).toEqual(known);
    expect(new Uint8Array(buffer)).toEqual(message);
    return known.response?.fields;
  }

  test('upper-case names are folded: RFC 9292 §3.6 lets them pass, nobody behind us has to', () => {
    expect(fieldsOf('Content-Type', 'Text/Plain', 'ETag', 'A')).toEqual([
      'content-type',
      'Text/Plain',
      'etag',
      'A',
    ]);
    expect(fieldsOf(':Protocol', 'X')).toEqual([':protocol', 'X']);
  });

  test('but hide no control data', () => {
    expect(() => fieldsOf(':Path', '/')).toThrow(/must not hold pseudo-field ":path"/);
  });

  test.each([63, 64, 127, 128, 255, 256, 16_383, 16_384])(
    'a value of %i bytes among short ones',
    (length) => {
      const lines = ['a', 'first', 'b', 'v'.repeat(length), 'c', 'last'];
      expect(fieldsOf(...lines)).toEqual(lines);
      const obsText = ['a', 'first', 'b', 'v'.repeat(length), 'c', '\u00ef\u00bb\u00bf \u0080'];
      expect(fieldsOf(...obsText)).toEqual(obsText);
      const longNames = ['a'.repeat(length), 'first', 'b', 'last'];
      expect(fieldsOf(...longNames)).toEqual(longNames);
    },
  );

  test('every byte a value may hold arrives as one character', () => {
    const all = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).filter(
      (character) => !'\0\r\n'.includes(character),
    );
    const value = `!${all.join('')}!`;
    expect(fieldsOf('x', value)).toEqual(['x', value]);
  });

  test('the error for a value names the field, not the value', () => {
    expect(() => fieldsOf('authorization', 'Bearer secret\n')).toThrow(
      /^value of header field "authorization" must/,
    );
    expect(() => fieldsOf('authorization', 'Bearer secret\n')).not.toThrow(/secret/);
  });
});

describe('a request target', () => {
  function request(...control: string[]): Uint8Array {
    return concat(Uint8Array.of(2), ...control.map(string));
  }

  test.each([
    ['a method with a line break', ['GET\r\nx', 'https', 'a', '/']],
    ['a path with a space', ['GET', 'https', 'a', '/ HTTP/1.1']],
    ['a path with a line break', ['GET', 'https', 'a', '/\r\nx: y']],
    ['a path that is not ASCII', ['GET', 'https', 'a', '/\u00e9']],
    ['an authority with a line break', ['GET', 'https', 'a\r\nx: y', '/']],
    ['an authority that is not ASCII', ['GET', 'https', '\u00e9', '/']],
    ['a scheme with a line break', ['GET', 'https\n', 'a', '/']],
    ['no path', ['GET', 'https', 'a', '']],
  ])('%s is refused', (_, control) => {
    expect(() => decode('request', [request(...control)])).toThrow(MessageError);
  });

  test('may be long', () => {
    const path = `/${'p'.repeat(20_000)}`;
    expect(decode('request', [request('GET', 'https', 'a.example', path)]).request?.path).toBe(path);
  });
});

test('a request decoder takes the other kind of message for what it is', () => {
  expect(() => new RequestDecoder(new Recorder()).push(RESPONSE)).toThrow(
    'framing indicator of a request must be 0 or 2, got 3',
  );
});
