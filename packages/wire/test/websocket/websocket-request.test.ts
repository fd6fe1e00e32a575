import { describe, expect, it } from 'vitest';
import { ByteWriter } from '../../src/byte-writer.ts';
import type { RequestHead } from '../../src/message/request-head.ts';
import { TEXT, writeClosePart, writePartHead } from '../../src/websocket/message-part.ts';
import type { WebSocketOptions } from '../../src/websocket/websocket-options.ts';
import { WebSocketRequestDecoder, writeWebSocketRequest } from '../../src/websocket/websocket-request.ts';
import { wireError } from '../support/frames.ts';
import { fromHex, toHex } from '../support/hex.ts';
import { oneByOne, PartRecorder } from '../support/parts.ts';

const HEAD: RequestHead = {
  method: 'GET',
  scheme: 'https',
  authority: 'a.test',
  path: '/p',
  fields: ['x-a', '1'],
};

/** `HEAD` as a whole message of RFC 9292, its length before it. */
const HEAD_DIGITS = '1e 02 03474554 056874747073 06612e74657374 022f70 03782d61 0131 00 00 00';

const OPTIONS: WebSocketOptions = {
  connectTimeoutMs: 3_000,
  readTimeoutMs: 0,
  subprotocols: 'chat,b',
  maxMessageBytes: 1_000_000,
};

const OPTIONS_DIGITS = '15 01024bb8 020100 1006636861742c62 1104800f4240';

class Recorder extends PartRecorder {
  request(...all: unknown[]): void {
    this.heard.push(['request', ...all]);
  }
}

function decoded(pieces: readonly Uint8Array[], maxHeadBytes?: number): unknown[][] {
  const recorder = new Recorder();
  const decoder = new WebSocketRequestDecoder(recorder, maxHeadBytes);
  for (const piece of pieces) decoder.push(piece);
  decoder.finish();
  return recorder.heard;
}

function request(options: WebSocketOptions): ByteWriter {
  const writer = new ByteWriter();
  writeWebSocketRequest(writer, 300, options, HEAD);
  return writer;
}

describe('writing', () => {
  it.each<[WebSocketOptions, string]>([
    [{}, '00'],
    [OPTIONS, OPTIONS_DIGITS],
  ])('%j', (options, digits) => {
    expect(toHex(request(options).take())).toBe(`03412c${digits}${HEAD_DIGITS}`.replaceAll(' ', ''));
  });
});

describe('reading', () => {
  const writer = request(OPTIONS);
  writePartHead(writer, TEXT, true, 1);
  writer.byte(0x61);
  writeClosePart(writer, { code: 1000, reason: '' });
  const bytes = writer.take().subarray(1);
  const expected = [
    ['request', 300, OPTIONS, HEAD],
    ['part', TEXT, true, true, 1],
    ['payload', '61'],
    ['end'],
    ['close', { code: 1000, reason: '' }],
  ];

  it('works whole, byte by byte, and cut anywhere', () => {
    expect(decoded([bytes])).toEqual(expected);
    expect(decoded(oneByOne(bytes))).toEqual(expected);
    for (let cut = 0; cut <= bytes.length; cut++)
      expect(decoded([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(expected);
  });

  it('is refused when the stream ends before its close, wherever that is', () => {
    for (let length = 0; length < bytes.length; length++)
      expect(wireError(() => decoded([bytes.subarray(0, length)])).message).toContain('must not end before');
  });
});

describe('what is no request of a WebSocket', () => {
  it.each([
    ['an option we do not know', `07 03 3f0100 ${HEAD_DIGITS}`, 'option 63 is not known'],
    [
      'an option of requests that has no meaning here',
      `07 03 030100 ${HEAD_DIGITS}`,
      'option 3 is not known',
    ],
    ['options that are too long', '07 80004001', 'at most 16384 bytes'],
    ['a head that is too long', '07 00 8001 0009', 'at most 65544 bytes'],
    ['no head', '07 00 00', 'must not end'],
    ['a head that is cut', '07 00 05 02 03474554', 'must not end'],
    [
      'a request with content',
      '07 00 13 02 03474554 0468747470 0161 012f 00 0161 00 00',
      'must not have content',
    ],
    ['a response', '07 00 04 03 40c8 00', 'framing indicator'],
  ])('%s', (_what, digits, message) => {
    const bytes = fromHex(digits);
    expect(wireError(() => decoded([bytes])).message).toContain(message);
    expect(wireError(() => decoded(oneByOne(bytes))).message).toContain(message);
  });

  it('a head above a limit of its own', () => {
    const bytes = fromHex(`07 00 ${HEAD_DIGITS} 88 00`);
    expect(decoded([bytes], 26)).toHaveLength(2);
    expect(wireError(() => decoded([bytes], 25))).toMatchObject({ name: 'MessageError', reason: 'limit' });
    expect(wireError(() => decoded([bytes], 20))).toMatchObject({ name: 'MessageError', reason: 'limit' });
  });

  it('a known-length message is one, as in exchanges', () => {
    const digits = '07 00 11 00 03474554 0468747470 0161 012f 00 00 00 88 00';
    expect(decoded([fromHex(digits)])[0]).toMatchObject([
      'request',
      7,
      {},
      { method: 'GET', authority: 'a' },
    ]);
  });
});
