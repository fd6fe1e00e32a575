import { describe, expect, test } from 'vitest';
import { ByteWriter } from '../../src/byte-writer.ts';
import {
  writeContentChunk,
  writeEnd,
  writeRequestEnd,
  writeRequestHead,
  writeResponseFraming,
  writeResponseHead,
} from '../../src/message/message-encoder.ts';
import { MessageError } from '../../src/message/message-error.ts';
import type { RequestHead } from '../../src/message/request-head.ts';
import { bytesOf, decode, fromHex, toHex, VALID } from './support.ts';

function written(write: (writer: ByteWriter) => void): Uint8Array {
  const writer = new ByteWriter();
  write(writer);
  return writer.take();
}

const GET: RequestHead = { method: 'GET', scheme: 'https', authority: 'a.example', path: '/', fields: [] };

function request(change: Partial<RequestHead>): Uint8Array {
  return written((writer) => {
    writeRequestHead(writer, { ...GET, ...change });
    writeRequestEnd(writer);
  });
}

function header(...fields: string[]): () => Uint8Array {
  return () => written((writer) => writeResponseHead(writer, 200, fields));
}

describe('golden bytes', () => {
  test('RFC 9292 §5.1: the request of indeterminate length', () => {
    const vector = VALID.find(({ id }) => id === 'rfc-bini-request');
    const bytes = written((writer) => {
      writeRequestHead(writer, {
        method: 'GET',
        scheme: 'https',
        authority: '',
        path: '/hello.txt',
        fields: [
          'user-agent',
          'curl/7.16.3 libcurl/7.16.3 OpenSSL/0.9.7l zlib/1.2.3',
          'host',
          'www.example.com',
          'accept-language',
          'en, mi',
        ],
      });
      writeEnd(writer, []);
    });
    expect(toHex(bytes) + '00'.repeat(10)).toBe(vector?.hex); // the example is padded
  });

  test('RFC 9292 §5.2: the response with two informational ones', () => {
    const vector = VALID.find(({ id }) => id === 'rfc-bini-response');
    const bytes = written((writer) => {
      writeResponseFraming(writer);
      for (const { status, headers } of vector?.expect?.informational ?? []) {
        writeResponseHead(writer, status, headers.flat());
      }
      writeResponseHead(writer, 200, vector?.expect?.headers.flat() ?? []);
      writeContentChunk(writer, bytesOf('Hello World! My content includes a trailing CRLF.\r\n'));
      writeEnd(writer, []);
    });
    expect(toHex(bytes)).toBe(vector?.hex);
  });

  test('chunks, an empty one among them, and trailers', () => {
    const bytes = written((writer) => {
      writeResponseFraming(writer);
      writeResponseHead(writer, 599, ['x', '']);
      writeContentChunk(writer, bytesOf('ab'));
      writeContentChunk(writer, bytesOf(''));
      writeContentChunk(writer, new Uint8Array(64).fill(0x7a));
      writeEnd(writer, ['t', 'caf\u00e9']);
    });
    expect(toHex(bytes)).toBe(
      toHex(fromHex(`03 4257 0178 00 00  02 6162  4040 ${'7a'.repeat(64)} 00  0174 04 636166e9 00`)),
    );
  });

  test('an extension pseudo-field and a long value', () => {
    const bytes = request({ method: 'CONNECT', fields: [':protocol', 'websocket', 'x', 'v'.repeat(200)] });
    expect(toHex(bytes)).toBe(
      toHex(
        fromHex(`02 07 434f4e4e454354 05 6874747073 09 612e6578616d706c65 01 2f
          09 3a70726f746f636f6c 09 776562736f636b6574 01 78 40c8 ${'76'.repeat(200)} 00  00 00`),
      ),
    );
  });
});

test('what is written is what is read', () => {
  const fields = [
    'set-cookie',
    'a=1',
    'set-cookie',
    'b=2',
    'x-caf\u0065',
    '\u0080\u009f\u00ff \t!',
    'x',
    'y'.repeat(20_000),
  ];
  const bytes = written((writer) => {
    writeResponseFraming(writer);
    writeResponseHead(writer, 103, ['link', '</a>']);
    writeResponseHead(writer, 200, fields);
    writeContentChunk(writer, Uint8Array.of(0, 1, 2));
    writeContentChunk(writer, Uint8Array.of(3));
    writeEnd(writer, ['x-sum', '1']);
  });
  expect(decode('response', [bytes])).toEqual({
    informational: [{ status: 103, fields: ['link', '</a>'] }],
    response: { status: 200, fields },
    content: '00010203',
    trailers: ['x-sum', '1'],
    ends: 1,
  });
});

describe('control data that is refused where it arrives', () => {
  test.each<[string, Partial<RequestHead>]>([
    ['no method', { method: '' }],
    ['a method with a space', { method: 'GET /' }],
    ['a method with a line break', { method: 'GET\r\n' }],
    ['no scheme', { scheme: '' }],
    ['a scheme with a colon', { scheme: 'https:' }],
    ['a scheme that begins with a digit', { scheme: '1http' }],
    ['an authority with a slash', { authority: 'a.example/b' }],
    ['an authority with a line break', { authority: 'a.example\r\nx: y' }],
    ['an authority with a space', { authority: 'a example' }],
    ['an authority with user information', { authority: 'me:secret@a.example' }],
    ['user information behind an upper-case scheme', { scheme: 'HTTPS', authority: 'me@a.example' }],
    ['no path', { path: '' }],
    ['a path without a slash', { path: 'a' }],
    ['an asterisk for GET', { path: '*' }],
    ['a path with a space', { path: '/a b' }],
    ['a path with a line break', { path: '/a\nb' }],
    ['a path with a NUL', { path: '/\0' }],
    ['a path with a fragment', { path: '/a#b' }],
    ['a path that is not ASCII', { path: '/\u00e9' }],
    ['CONNECT without an authority', { method: 'CONNECT', scheme: '', path: '', authority: '' }],
    ['CONNECT with a path and no scheme', { method: 'CONNECT', scheme: '', path: '/' }],
  ])('%s', (_, change) => {
    expect(() => decode('request', [request(change)])).toThrow(MessageError);
  });

  test.each<[string, Partial<RequestHead>]>([
    ['an extension method', { method: 'M-SEARCH' }],
    ['no authority', { authority: '' }],
    ['an IPv6 literal', { authority: '[2001:db8::1]:8443' }],
    ['a query with all the URL standard leaves alone', { path: '/?a={b}|c^d`e\\f[g]' }],
    ['OPTIONS for the server', { method: 'OPTIONS', path: '*' }],
    [
      'another scheme, with user information and no path',
      { scheme: 'coap+tcp', authority: 'me@a.example', path: '' },
    ],
    ['CONNECT', { method: 'CONNECT', scheme: '', path: '', authority: 'a.example:443' }],
  ])('but %s may', (_, change) => {
    const head = { ...GET, ...change };
    expect(decode('request', [request(change)]).request).toEqual(head);
  });

  test.each([0, 99, 600, -1, 200.5, Number.NaN, Number.POSITIVE_INFINITY])('status %s', (status) => {
    expect(() => written((writer) => writeResponseHead(writer, status, []))).toThrow(MessageError);
  });
});

describe('field lines that may not be sent', () => {
  test.each([
    ['a name without a value', ['x']],
    ['an empty name', ['', 'v']],
    ['an upper-case name', ['Host', 'v']],
    ['a name with a space', ['a b', 'v']],
    ['a name with a colon in it', ['a:b', 'v']],
    ['a name with a line break', ['a\r\nb', 'v']],
    ['a name that is not ASCII', ['caf\u00e9', 'v']],
    ['a name beyond Latin-1', ['\u0161', 'v']],
    ['a name whose low byte alone would pass', ['\u0161bc', 'v']],
    ['a value with CR', ['x', 'a\rb']],
    ['a value with LF', ['x', 'a\nb']],
    ['a value with NUL', ['x', 'a\0b']],
    ['a value that begins with a space', ['x', ' a']],
    ['a value that ends with a tab', ['x', 'a\t']],
    ['a value that is a space', ['x', ' ']],
    ['a value beyond Latin-1', ['x', '\u0161']],
    ['a colon alone', [':', 'v']],
    ['an upper-case pseudo-field', [':Protocol', 'v']],
    ['a pseudo-field with a line break', [':a\n', 'v']],
    ['control data as a field', [':path', '/']],
    ['a pseudo-field after a field', ['a', 'v', ':protocol', 'v']],
  ])('%s', (_, fields) => {
    expect(header(...fields)).toThrow(MessageError);
    expect(() => written((writer) => writeEnd(writer, fields))).toThrow(MessageError);
  });

  test('a pseudo-field in trailers', () => {
    expect(() => written((writer) => writeEnd(writer, [':protocol', 'v']))).toThrow(/trailer section/);
  });

  test('the error names the field and keeps its value to itself', () => {
    expect(header('authorization', 'Bearer secret\n')).toThrow(
      'value of header field "authorization" must hold no NUL, CR or LF, and no whitespace at its ends',
    );
  });

  test('a long name is cut in the error', () => {
    expect(header('N'.repeat(1000), 'v')).toThrow(new RegExp(`"${'N'.repeat(64)}…"$`));
  });
});

test('a refused head leaves nothing behind in the writer', () => {
  const writer = new ByteWriter();
  expect(() => writeResponseHead(writer, 200, ['a', 'b', 'c', 'd\n'])).toThrow(MessageError);
  expect(() => writeEnd(writer, ['a', 'b', ':c', 'd'])).toThrow(MessageError);
  expect(writer.length).toBe(0);
});
