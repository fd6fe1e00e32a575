import { describe, expect, it } from 'vitest';
import { WireError } from '../../src/errors.ts';
import { ExchangeResponseDecoder } from '../../src/exchange/exchange-response-decoder.ts';
import { referenceDecode } from '../message/reference-decoder.ts';
import {
  bytesOf,
  concat,
  fromHex,
  INVALID,
  kindOf,
  mutate,
  oneByOne,
  Random,
  type Received,
  Recorder,
  string,
  toHex,
  VALID,
  varint,
} from '../message/support.ts';
import { wireError } from '../support/frames.ts';

// The response within an answer is held to the second decoder of RFC 9292, as the decoders of message/ are.

/** Result kind of a response, and no metadata. */
const PREFIX = fromHex('01 00');

/** Framing indicator of a response of indeterminate length: the one answers have. */
const FRAMING = 3;

class AnswerRecorder extends Recorder {
  metadata(): void {}

  failure(): void {
    throw new Error('a response must be no failure');
  }
}

function decode(pieces: Uint8Array[]): Received {
  const recorder = new AnswerRecorder();
  const decoder = new ExchangeResponseDecoder(recorder);
  for (const piece of pieces) decoder.push(piece);
  decoder.finish();
  return recorder.received;
}

/** What the pieces say, or `undefined` when they are refused. */
function outcome(pieces: Uint8Array[]): Received | undefined {
  try {
    return decode(pieces);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

function wanted(response: Uint8Array): Received | undefined {
  return response[0] === FRAMING ? referenceDecode('response', response) : undefined;
}

const RESPONSES = VALID.filter((vector) => kindOf(vector) === 'response').map(({ id, hex }) => ({
  id,
  bytes: fromHex(hex),
}));

describe.each(RESPONSES)('$id', ({ bytes }) => {
  it('is read, or refused for its framing, however it arrives and wherever it is cut', () => {
    const random = new Random(9292);
    for (let length = 0; length <= bytes.length; length++) {
      const cut = bytes.subarray(0, length);
      const whole = concat(PREFIX, cut);
      for (const pieces of [[whole], oneByOne(whole), random.split(whole), [PREFIX, cut]]) {
        expect(outcome(pieces), `${length} bytes`).toEqual(wanted(cut));
      }
    }
  });
});

it.each(INVALID)('$id is refused, at once and byte by byte', ({ hex }) => {
  const whole = concat(PREFIX, fromHex(hex));
  expect(() => decode([whole])).toThrow(WireError);
  expect(() => decode(oneByOne(whole))).toThrow(WireError);
});

it('15,000 changed responses are read as the second decoder reads them', () => {
  const random = new Random(3);
  const samples = RESPONSES.filter(({ bytes }) => bytes[0] === FRAMING);
  let accepted = 0;
  for (let i = 0; i < 15_000; i++) {
    const sample = samples[random.below(samples.length)] as (typeof samples)[number];
    const response = mutate(random, sample.bytes);
    const whole = concat(PREFIX, response);
    const pieces = random.below(2) === 0 ? [whole] : random.split(whole);
    const expected = wanted(response);
    expect(outcome(pieces), toHex(response)).toEqual(expected);
    if (expected !== undefined) accepted++;
  }
  expect(accepted).toBeGreaterThan(1_000);
  expect(accepted).toBeLessThan(14_000);
});

describe('content', () => {
  it('behind a head in pieces is a view of the pushed bytes, however long', () => {
    const recorder = new AnswerRecorder();
    const decoder = new ExchangeResponseDecoder(recorder);
    const content = new Uint8Array(5_000).fill(0x61);
    const whole = concat(PREFIX, fromHex('03 40c8 00'), varint(content.length), content, fromHex('00 00'));
    decoder.push(whole.slice(0, 4));
    const rest = whole.slice(4);
    decoder.push(rest);
    expect(recorder.pieces.map((piece) => [piece.buffer === rest.buffer, piece.length])).toEqual([
      [true, 5_000],
    ]);
    decoder.push(Uint8Array.of(0)); // padding
    decoder.finish();
    expect(recorder.received.ends).toBe(1);
  });

  it('is the pushed array itself when it is all of it', () => {
    const recorder = new AnswerRecorder();
    const decoder = new ExchangeResponseDecoder(recorder);
    const piece = bytesOf('abc');
    decoder.push(concat(PREFIX, fromHex('03 40c8 00 03')));
    decoder.push(piece);
    expect(recorder.pieces[0]).toBe(piece);
  });
});

describe('limits', () => {
  const head = (bytes: number): Uint8Array =>
    concat(PREFIX, fromHex('03 40c8'), string('x'), string('v'.repeat(bytes - 8)), Uint8Array.of(0));

  it('64 KiB of a head and not more', () => {
    expect(decode([head(65_536)]).response?.fields[1]).toHaveLength(65_528);
    expect(decode(oneByOne(head(65_536))).ends).toBe(1);
    for (const pieces of [[head(65_537)], oneByOne(head(65_537))]) {
      expect(wireError(() => decode(pieces)).message).toContain('at most 65536 bytes');
    }
  });

  it('64 KiB of trailers and not more', () => {
    const trailers = (bytes: number): Uint8Array =>
      concat(PREFIX, fromHex('03 40c8 00 00'), string('x'), string('v'.repeat(bytes - 6)), Uint8Array.of(0));
    expect(decode([trailers(65_536)]).ends).toBe(1);
    expect(wireError(() => decode([trailers(65_537)])).message).toContain('at most 65536 bytes');
  });

  it('a part that says it will be too long is refused before it is', () => {
    for (const digits of ['01 80100000', '02 4101 80100000', '01 00 03 40c8 01 61 80010000']) {
      const decoder = new ExchangeResponseDecoder(new AnswerRecorder());
      expect(wireError(() => decoder.push(fromHex(digits))).message).toContain('at most');
    }
  });

  it('16 informational responses and not more', () => {
    const informational = fromHex('4067 01 61 01 62 00');
    const most = concat(PREFIX, fromHex('03'), ...Array<Uint8Array>(16).fill(informational));
    expect(decode([most, fromHex('40c8')]).informational).toHaveLength(16);
    expect(() => decode([most, informational])).toThrow(/at most 16 informational/);
  });
});
