import { describe, expect, it } from 'vitest';
import { ByteWriter } from '../../src/byte-writer.ts';
import { ExchangeRequestDecoder, writeExchangeRequest } from '../../src/exchange/exchange-request.ts';
import type { RequestOptions } from '../../src/exchange/request-options.ts';
import { EXCHANGE_STREAM } from '../../src/exchange/stream-kind.ts';
import * as WIRE_LIMITS from '../../src/limits.ts';
import { writeContentChunk, writeEnd } from '../../src/message/message-encoder.ts';
import type { RequestHead } from '../../src/message/request-head.ts';
import * as TRANSPORT_ERRORS from '../../src/transport-error.ts';
import { wireError } from '../support/frames.ts';
import { fromHex, toHex, utf8 } from '../support/hex.ts';

const HEAD: RequestHead = {
  method: 'POST',
  scheme: 'https',
  authority: 'a.test',
  path: '/p',
  fields: ['accept', '*/*'],
};

/** `HEAD` as RFC 9292 writes it (checked by the tests of the messages), as far as its first content. */
const HEAD_DIGITS = '02 04504f5354 056874747073 06612e74657374 022f70 06616363657074 032a2f2a 00'.replaceAll(
  ' ',
  '',
);

function decoded(...pieces: Uint8Array[]): unknown[] {
  const heard: unknown[] = [];
  const decoder = new ExchangeRequestDecoder({
    begin: (contextId, options) => heard.push(['begin', contextId, options]),
    requestHead: (head) => heard.push(['head', head]),
    content: (bytes) => heard.push(['content', toHex(bytes)]),
    end: (trailers) => heard.push(['end', trailers]),
  });
  for (const piece of pieces) decoder.push(piece);
  decoder.finish();
  return joinContent(heard);
}

/** Neighbouring pieces of content as one. */
function joinContent(heard: unknown[]): unknown[] {
  const joined: unknown[] = [];
  for (const event of heard as [string, ...unknown[]][]) {
    const last = joined.at(-1) as [string, string] | undefined;
    if (event[0] === 'content' && last?.[0] === 'content') last[1] += event[1];
    else joined.push([...event]);
  }
  return joined;
}

function request(contextId: number, options: RequestOptions): Uint8Array {
  const writer = new ByteWriter();
  writeExchangeRequest(writer, contextId, options, HEAD);
  writeContentChunk(writer, utf8('body'));
  writeEnd(writer, ['x-sum', '1']);
  return writer.take();
}

describe('writing', () => {
  it.each<[string, number, RequestOptions]>([
    ['01 07 00', 7, {}],
    [
      '01 4100 0d 01024bb8 020480007530 030100',
      256,
      { connectTimeoutMs: 3_000, readTimeoutMs: 30_000, poolTimeoutMs: 0 },
    ],
    ['01 07 04 05024bb8', 7, { totalTimeoutMs: 3_000 }],
  ])('begins with %s', (digits, contextId, options) => {
    const prefix = digits.replaceAll(' ', '');
    expect(toHex(request(contextId, options)).slice(0, prefix.length + HEAD_DIGITS.length)).toBe(
      prefix + HEAD_DIGITS,
    );
  });

  it('begins with the kind of the stream, one byte', () => {
    expect(request(1, {})[0]).toBe(EXCHANGE_STREAM);
  });
});

describe('reading', () => {
  const options: RequestOptions = { connectTimeoutMs: 3_000, readTimeoutMs: 30_000, poolTimeoutMs: 0 };
  const expected = [
    ['begin', 300, options],
    ['head', HEAD],
    ['content', toHex(utf8('body'))],
    ['end', ['x-sum', '1']],
  ];

  it('gives context, options and request', () => {
    expect(decoded(request(300, options).subarray(1))).toEqual(expected);
  });

  it('works for one byte at a time', () => {
    const bytes = request(300, options).subarray(1);
    expect(decoded(...Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(expected);
  });

  it('works for two pieces, cut anywhere', () => {
    const bytes = request(300, options).subarray(1);
    for (let cut = 0; cut <= bytes.length; cut++) {
      expect(decoded(bytes.subarray(0, cut), bytes.subarray(cut))).toEqual(expected);
    }
  });

  it('gives content as views of what was pushed', () => {
    const bytes = request(300, options).subarray(1);
    const buffers: ArrayBufferLike[] = [];
    const decoder = new ExchangeRequestDecoder({
      begin: () => {},
      requestHead: () => {},
      content: (content) => buffers.push(content.buffer),
      end: () => {},
    });
    decoder.push(bytes);
    expect(buffers).toEqual([bytes.buffer]);
  });
});

describe('what is no exchange request', () => {
  function refusal(...pieces: Uint8Array[]) {
    return wireError(() => decoded(...pieces));
  }

  it.each(['', '07', '41', '0703', '07030101'])('%s ends before a request has begun', (digits) => {
    expect(refusal(fromHex(digits)).message).toBe('exchange must contain a request');
  });

  it('a request cut inside its head', () => {
    const bytes = request(1, {}).subarray(1);
    expect(() => decoded(bytes.subarray(0, 12))).toThrow();
  });

  it('an option we do not know: one that is ignored could be one that protects', () => {
    expect(refusal(fromHex(`07 05 3f0105 0100 ${HEAD_DIGITS}`))).toMatchObject({
      name: 'UnknownOptionError',
      code: TRANSPORT_ERRORS.PROTOCOL_VIOLATION,
      message: 'request option 63 is not known to this version',
    });
  });

  it('options that come twice, are cut, or are of another type', () => {
    expect(refusal(fromHex(`07 06 010105 010105 ${HEAD_DIGITS}`)).message).toContain('connectTimeoutMs');
    expect(refusal(fromHex(`07 02 0105 ${HEAD_DIGITS}`)).code).toBe(TRANSPORT_ERRORS.FRAME_ENCODING_ERROR);
    expect(refusal(fromHex(`07 04 01020505 ${HEAD_DIGITS}`)).message).toContain('connectTimeoutMs');
  });

  it('options longer than anybody needs, before they have come', () => {
    const writer = new ByteWriter();
    writer.varint(7);
    writer.varint(WIRE_LIMITS.maxOptionsBytes + 1);
    expect(refusal(writer.take()).message).toContain(`${WIRE_LIMITS.maxOptionsBytes}`);
  });

  it('numbers above 2^53', () => {
    expect(refusal(fromHex('ffffffffffffffff')).code).toBe(TRANSPORT_ERRORS.FRAME_ENCODING_ERROR);
    expect(refusal(fromHex('07ffffffffffffffff')).code).toBe(TRANSPORT_ERRORS.FRAME_ENCODING_ERROR);
  });
});
