import { describe, expect, it } from 'vitest';
import { ByteWriter } from '../../src/byte-writer.ts';
import { writeExchangeFailure, writeExchangeResponse } from '../../src/exchange/exchange-response.ts';
import { ExchangeResponseDecoder } from '../../src/exchange/exchange-response-decoder.ts';
import type { ResponseMetadata } from '../../src/exchange/response-metadata.ts';
import { FAILURES, type FailureName } from '../../src/failure.ts';
import { FAILURE_MEANINGS, failureText } from '../../src/failure-meaning.ts';
import * as WIRE_LIMITS from '../../src/limits.ts';
import { writeContentChunk, writeEnd, writeResponseHead } from '../../src/message/message-encoder.ts';
import * as TRANSPORT_ERRORS from '../../src/transport-error.ts';
import { wireError } from '../support/frames.ts';
import { fromHex, toHex, utf8 } from '../support/hex.ts';

function decoder(): { decoder: ExchangeResponseDecoder; heard: unknown[] } {
  const heard: unknown[] = [];
  return {
    heard,
    decoder: new ExchangeResponseDecoder({
      metadata: (metadata) => heard.push(['metadata', metadata]),
      failure: (failure) => heard.push(['failure', failure]),
      informational: (head) => heard.push(['informational', head]),
      responseHead: (head) => heard.push(['head', head]),
      content: (bytes) => heard.push(['content', toHex(bytes)]),
      end: (trailers) => heard.push(['end', trailers]),
    }),
  };
}

/** Everything the pieces say; neighbouring pieces of content as one. */
function decoded(...pieces: Uint8Array[]): unknown[] {
  const one = decoder();
  for (const piece of pieces) one.decoder.push(piece);
  one.decoder.finish();
  const joined: unknown[] = [];
  for (const event of one.heard as [string, ...unknown[]][]) {
    const last = joined.at(-1) as [string, string] | undefined;
    if (event[0] === 'content' && last?.[0] === 'content') last[1] += event[1];
    else joined.push([...event]);
  }
  return joined;
}

function response(metadata: ResponseMetadata): Uint8Array {
  const writer = new ByteWriter();
  writeExchangeResponse(writer, metadata);
  writeResponseHead(writer, 103, ['link', '</a>']);
  writeResponseHead(writer, 200, ['server', 'x']);
  writeContentChunk(writer, utf8('body'));
  writeEnd(writer, []);
  return writer.take();
}

function failure(name: FailureName, detail: string): Uint8Array {
  const writer = new ByteWriter();
  writeExchangeFailure(writer, { name, detail });
  return writer.take();
}

const METADATA: ResponseMetadata = {
  connectionId: 1_000,
  reused: true,
  httpVersion: '1.1',
  reason: 'OK',
  numConnections: 1,
  numRequests: 70,
  queueUs: 0,
  connectUs: 16_384,
  waitUs: 5,
};

/** Of a connection that was made for the request, whose content went on arriving. */
const MADE: ResponseMetadata = { connectUs: 300, resolveUs: 100, tlsUs: 20_000, sendUs: 7 };

const EXPECTED = [
  ['metadata', METADATA],
  ['informational', { status: 103, fields: ['link', '</a>'] }],
  ['head', { status: 200, fields: ['server', 'x'] }],
  ['content', toHex(utf8('body'))],
  ['end', []],
];

describe('writing a response', () => {
  it.each<[string, ResponseMetadata]>([
    ['01 00 03', {}],
    ['01 23 010243e8 020101 0303312e31 04024f4b 050101 06024046 070100 080480004000 090105 03', METADATA],
    ['01 11 0802412c 0f024064 100480004e20 110107 03', MADE],
  ])('begins with %s', (digits, metadata) => {
    const prefix = digits.replaceAll(' ', '');
    expect(toHex(response(metadata)).slice(0, prefix.length)).toBe(prefix);
  });
});

describe('reading a response', () => {
  it('gives metadata, every head, content and end', () => {
    expect(decoded(response(METADATA))).toEqual(EXPECTED);
  });

  it('gives the times of a connection that was made', () => {
    expect(decoded(response(MADE))[0]).toEqual(['metadata', MADE]);
    expect(decoded(...Array.from(response(MADE), (byte) => Uint8Array.of(byte)))[0]).toEqual([
      'metadata',
      MADE,
    ]);
  });

  it('works for one byte at a time', () => {
    expect(decoded(...Array.from(response(METADATA), (byte) => Uint8Array.of(byte)))).toEqual(EXPECTED);
  });

  it('works for two pieces, cut anywhere', () => {
    const bytes = response(METADATA);
    for (let cut = 0; cut <= bytes.length; cut++) {
      expect(decoded(bytes.subarray(0, cut), bytes.subarray(cut))).toEqual(EXPECTED);
    }
  });

  it('skips metadata we do not know', () => {
    const bytes = fromHex('01 07 3f02abcd 010105 03 40c8 00 00 00');
    expect(decoded(bytes)).toEqual([
      ['metadata', { connectionId: 5 }],
      ['head', { status: 200, fields: [] }],
      ['end', []],
    ]);
  });

  it('refuses metadata longer than anybody needs, before it has come', () => {
    const writer = new ByteWriter();
    writer.byte(1);
    writer.varint(WIRE_LIMITS.maxMetadataBytes + 1);
    expect(wireError(() => decoded(writer.take())).message).toContain(`${WIRE_LIMITS.maxMetadataBytes}`);
  });
});

describe('a failure', () => {
  it('is a code and words for a person', () => {
    const text = `${FAILURE_MEANINGS.dns_error.text}: no such host`;
    expect(toHex(failure('dns_error', 'no such host'))).toBe(`0244013a${toHex(utf8(text))}`);
  });

  it.each(Object.keys(FAILURES) as FailureName[])('%s goes both ways', (name) => {
    const detail = failureText({ name, detail: 'détail' });
    expect(decoded(failure(name, 'détail'))).toEqual([['failure', { name, detail }]]);
  });

  it('works for two pieces, cut anywhere, and for one byte at a time', () => {
    const bytes = failure('connection_refused', 'by a.test:443');
    const expected = decoded(bytes);
    expect(expected).toMatchObject([['failure', { name: 'connection_refused' }]]);
    for (let cut = 0; cut <= bytes.length; cut++) {
      expect(decoded(bytes.subarray(0, cut), bytes.subarray(cut))).toEqual(expected);
    }
    expect(decoded(...Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(expected);
  });

  it.each(['x', 'é', '€', '😀', '\u{d800}'])('has a detail no longer than allowed, of %s', (character) => {
    const [event] = decoded(failure('dns_error', character.repeat(5_000))) as [[string, { detail: string }]];
    expect(event[1].detail.length).toBeGreaterThan(100);
  });

  it('of a newer gateway is one of the gateway', () => {
    expect(decoded(fromHex('02 7777 01 61'))).toEqual([['failure', { name: 'internal_error', detail: 'a' }]]);
  });

  it('ends the answer', () => {
    const bytes = failure('dns_error', 'a');
    expect(wireError(() => decoded(bytes, Uint8Array.of(0))).message).toBe('nothing may follow a failure');
    expect(wireError(() => decoded(fromHex(`${toHex(bytes)}00`))).message).toBe(
      'nothing may follow a failure',
    );
  });

  it('may be followed by a push of nothing', () => {
    expect(decoded(failure('dns_error', 'a'), new Uint8Array(0))).toHaveLength(1);
  });

  it('with a detail longer than allowed is refused before it has come', () => {
    const writer = new ByteWriter();
    writer.byte(2);
    writer.varint(FAILURES.dns_error.code);
    writer.varint(WIRE_LIMITS.maxFailureDetailBytes + 1);
    expect(wireError(() => decoded(writer.take())).message).toContain(`${WIRE_LIMITS.maxFailureDetailBytes}`);
  });
});

describe('what is no answer', () => {
  it.each(['', '01', '0103', '02', '0244', '02440105'])('"%s" ends before it has begun', (digits) => {
    expect(wireError(() => decoded(fromHex(digits))).message).toBe('exchange must be answered');
  });

  it.each(['00', '03', '3f', '40', '4001', '80', 'c0', 'ff'])(
    'kind %s is refused at its first byte',
    (digits) => {
      const kind = Number.parseInt(digits.slice(0, 2), 16);
      const whole = wireError(() => decoded(fromHex(`${digits}0003`)));
      const first = wireError(() => decoder().decoder.push(fromHex(digits).subarray(0, 1)));
      expect(whole).toMatchObject({
        code: TRANSPORT_ERRORS.PROTOCOL_VIOLATION,
        message: expect.stringContaining(`kind ${kind}`),
      });
      expect(first.message).toBe(whole.message);
    },
  );

  it('a detail that is no UTF-8', () => {
    expect(wireError(() => decoded(fromHex('02440101ff'))).code).toBe(TRANSPORT_ERRORS.PROTOCOL_VIOLATION);
  });
});
