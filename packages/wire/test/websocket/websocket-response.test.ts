import { describe, expect, it } from 'vitest';
import { ByteWriter } from '../../src/byte-writer.ts';
import { writeExchangeFailure } from '../../src/exchange/exchange-response.ts';
import { MessageError } from '../../src/message/message-error.ts';
import { BINARY, writeClosePart, writePartHead } from '../../src/websocket/message-part.ts';
import { WebSocketResponseDecoder, writeWebSocketResponse } from '../../src/websocket/websocket-response.ts';
import { wireError } from '../support/frames.ts';
import { fromHex, toHex } from '../support/hex.ts';
import { oneByOne, PartRecorder } from '../support/parts.ts';

class Recorder extends PartRecorder {
  opened(...all: unknown[]): void {
    this.heard.push(['opened', ...all]);
  }
}

function decoded(...pieces: Uint8Array[]): unknown[][] {
  const recorder = new Recorder();
  const decoder = new WebSocketResponseDecoder(recorder);
  for (const piece of pieces) decoder.push(piece);
  decoder.finish();
  return recorder.heard;
}

const METADATA = { httpVersion: '1.1', connectUs: 300 };
const FIELDS = ['server', 's', 'sec-websocket-protocol', 'chat'];
const OPENED_DIGITS = `01 09 0303312e31 0802412c 28 4065 06736572766572 0173
  167365632d776562736f636b65742d70726f746f636f6c 0463686174 00`;

function opened(): ByteWriter {
  const writer = new ByteWriter();
  writeWebSocketResponse(writer, METADATA, FIELDS);
  return writer;
}

describe('writing', () => {
  it('an answer', () => {
    expect(toHex(opened().take())).toBe(OPENED_DIGITS.replaceAll(/\s/g, ''));
  });

  it('nothing of an answer whose fields no message can hold', () => {
    const writer = new ByteWriter();
    expect(() => writeWebSocketResponse(writer, METADATA, ['a', 'b\r\n'])).toThrow(MessageError);
    expect(writer.length).toBe(0);
  });
});

describe('reading', () => {
  const writer = opened();
  writePartHead(writer, BINARY, true, 2);
  writer.bytes(Uint8Array.of(1, 2));
  writeClosePart(writer, { code: 1001, reason: '' });
  const bytes = writer.take();
  const expected = [
    ['opened', METADATA, FIELDS],
    ['part', BINARY, true, true, 2],
    ['payload', '0102'],
    ['end'],
    ['close', { code: 1001, reason: '' }],
  ];

  it('works whole, byte by byte, and cut anywhere', () => {
    expect(decoded(bytes)).toEqual(expected);
    expect(decoded(...oneByOne(bytes))).toEqual(expected);
    for (let cut = 0; cut <= bytes.length; cut++)
      expect(decoded(bytes.subarray(0, cut), bytes.subarray(cut))).toEqual(expected);
  });

  it('is refused when the stream ends before its close, wherever that is', () => {
    for (let length = 0; length < bytes.length; length++)
      expect(wireError(() => decoded(bytes.subarray(0, length))).message).toContain('must not end before');
  });
});

describe('a failure', () => {
  const writer = new ByteWriter();
  writeExchangeFailure(writer, { name: 'http_upgrade_failed', detail: '403 Forbidden' });
  const bytes = writer.take();

  it('is read, cut anywhere', () => {
    const detail = 'the origin did not open the WebSocket: 403 Forbidden';
    for (let cut = 0; cut <= bytes.length; cut++)
      expect(decoded(bytes.subarray(0, cut), bytes.subarray(cut))).toEqual([
        ['failure', { name: 'http_upgrade_failed', detail }],
      ]);
  });

  it('is the last thing a gateway says', () => {
    const more = new Uint8Array([...bytes, 0]);
    expect(wireError(() => decoded(more)).message).toContain('nothing may follow');
    expect(wireError(() => decoded(bytes, Uint8Array.of(0))).message).toContain('nothing may follow');
  });
});

describe('what no gateway answers', () => {
  it.each([
    ['a kind that does not exist', '03', 'must be a response or a failure'],
    ['metadata that are too long', '01 80010001', 'at most 65536 bytes'],
    ['a head that is too long', '01 00 80010001', 'at most 65536 bytes'],
    ['a failure that is too long', '02 4100 4401', 'at most 1024 bytes'],
    ['another status', '01 00 03 40c8 00', 'status of a WebSocket must be 101'],
    ['a head without its end', '01 00 02 4065', 'truncated'],
    ['a head that goes on behind its end', '01 00 04 4065 00 00', 'nothing may follow the fields'],
    ['a field that is cut', '01 00 05 4065 05 61 00', 'truncated'],
    ['a field that is none', '01 00 07 4065 01 20 01 61 00', 'field name'],
  ])('%s', (_what, digits, message) => {
    const bytes = fromHex(digits);
    expect(wireError(() => decoded(bytes)).message).toContain(message);
    expect(wireError(() => decoded(...oneByOne(bytes))).message).toContain(message);
  });
});
