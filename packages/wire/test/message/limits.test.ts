import { afterEach, describe, expect, test, vi } from 'vitest';
import { MessageError } from '../../src/message/message-error.ts';
import { MESSAGE_LIMITS } from '../../src/message/message-limits.ts';
import { SectionScanner } from '../../src/message/section-scanner.ts';
import { concat, decode, decoder, fromHex, type Kind, oneByOne, string, varint } from './support.ts';

/** Head of `length` bytes behind the framing indicator: status or control data, one line, no terminator. */
function head(kind: Kind, isKnown: boolean, length: number): Uint8Array {
  const control = kind === 'request' ? concat(...['GET', 'http', '', '/'].map(string)) : fromHex('40c8');
  const room = length - control.length;
  const lengthOf = (text: number): number => string('x'.repeat(text)).length;
  const prefix = isKnown ? varint(room).length : 0;
  let value = room - prefix - 2;
  while (lengthOf(value) + 2 + prefix > room) value -= 1;
  const line = concat(string('x'), string('v'.repeat(value)));
  const framing = Uint8Array.of((isKnown ? 0 : 2) + (kind === 'request' ? 0 : 1));
  return concat(framing, control, isKnown ? varint(line.length) : new Uint8Array(0), line);
}

const TERMINATOR = Uint8Array.of(0);
const NOTHING = new Uint8Array(0);

describe.each<[Kind, boolean]>([
  ['request', false],
  ['request', true],
  ['response', false],
  ['response', true],
])('a %s (known length: %s)', (kind, isKnown) => {
  const limits = { ...MESSAGE_LIMITS, maxHeadBytes: 1_000, maxTrailerBytes: 100 };
  const terminator = isKnown ? NOTHING : TERMINATOR;

  test('may have a head as long as the limit, not longer', () => {
    const most = head(kind, isKnown, 1_000);
    expect(most.length).toBe(1_001); // and the framing indicator
    expect(decode(kind, [concat(most, terminator)], limits).ends).toBe(1);
    expect(decode(kind, oneByOne(concat(most, terminator)), limits).ends).toBe(1);
    for (const pieces of [[head(kind, isKnown, 1_001)], oneByOne(head(kind, isKnown, 1_001))]) {
      expect(() => decode(kind, pieces, limits)).toThrow(/^head must be at most 1000 bytes/);
    }
  });

  test('may have trailers as long as the limit, not longer', () => {
    const trailers = (value: number): Uint8Array => {
      const line = concat(string('x'), string('v'.repeat(value)));
      return concat(
        head(kind, isKnown, 100),
        terminator,
        TERMINATOR,
        isKnown ? varint(line.length) : NOTHING,
        line,
        terminator,
      );
    };
    const most = isKnown ? 94 : 96; // with two lengths of 1 or 2 bytes, a name of one byte, and the section's own length
    expect(decode(kind, [trailers(most)], limits).ends).toBe(1);
    for (const pieces of [[trailers(most + 1)], oneByOne(trailers(most + 1))]) {
      expect(() => decode(kind, pieces, limits)).toThrow(/^trailer section must be at most 100 bytes/);
    }
  });
});

test('a limit is the error of its own kind', () => {
  let error: unknown;
  try {
    decode('response', [head('response', false, 70_000)]);
  } catch (caught) {
    error = caught;
  }
  expect(error).toMatchObject({ name: 'MessageError', reason: 'limit' });
});

test('64 KiB is the limit when none is set', () => {
  expect(decode('response', [concat(head('response', false, 65_536), TERMINATOR)]).ends).toBe(1);
  expect(() => decode('response', [head('response', false, 65_537)])).toThrow(
    /^head must be at most 65536 bytes/,
  );
});

test('a head that says it will be too long is refused before it is', () => {
  const it = decoder('response');
  it.push(fromHex('03 40c8 01'));
  expect(() => it.push(fromHex('61 80010000'))).toThrow(/^head must be at most/);
});

test('16 informational responses, each with a head of its own, and no more', () => {
  const informational = fromHex('4067 01 61 01 62 00');
  const most = concat(fromHex('03'), ...Array(16).fill(informational));
  expect(decode('response', [most, fromHex('40c8')]).informational).toHaveLength(16);
  expect(() => decode('response', [most, informational])).toThrow(
    /^response must have at most 16 informational/,
  );
  const limits = { ...MESSAGE_LIMITS, maxInformationalResponses: 0 };
  expect(() => decode('response', [fromHex('03 4067 00')], limits)).toThrow(MessageError);
});

test('a length that no message can have is refused before anything follows it', () => {
  for (const hex of ['ffffffffffffffff', 'c020000000000000']) {
    const it = decoder('response');
    it.push(fromHex('01 40c8 00'));
    expect(() => it.push(fromHex(hex))).toThrow(/must be below 2\^53/);
  }
});

describe('a peer that sends byte by byte', () => {
  const lines = concat(...Array(6_000).fill(concat(string('name'), string('value'))));
  const message = concat(fromHex('03 40c8'), lines.subarray(0, 11 * 5_950), TERMINATOR);

  afterEach(() => {
    vi.unstubAllGlobals();
  });

  test('costs a bounded number of reads per byte', () => {
    let reads = 0;
    const part = message.subarray(1);
    const counted = new Proxy(part, {
      get(target, key) {
        if (typeof key === 'string' && /^\d+$/.test(key)) reads += 1;
        return Reflect.get(target, key);
      },
    });
    const scanner = new SectionScanner();
    scanner.beginResponseHead(false, MESSAGE_LIMITS.maxHeadBytes);
    let end = -1;
    for (let length = 1; length <= part.length; length++) {
      expect(end).toBe(-1);
      end = scanner.scan(counted, 0, length);
    }
    expect(end).toBe(part.length);
    expect(reads).toBeLessThan(part.length);
  });

  /** Counts the bytes that are allocated while `action` runs. */
  function allocated(action: () => void): number {
    let bytes = 0;
    class Counted extends Uint8Array<ArrayBuffer> {
      constructor(...given: ConstructorParameters<typeof Uint8Array<ArrayBuffer>>) {
        super(...given);
        if (typeof given[0] === 'number') bytes += given[0];
      }
    }
    vi.stubGlobal('Uint8Array', Counted);
    action();
    vi.unstubAllGlobals();
    return bytes;
  }

  test('costs a bounded number of bytes per byte', () => {
    const pieces = oneByOne(message);
    const bytes = allocated(() => {
      const it = decoder('response');
      for (const piece of pieces) it.push(piece);
      expect(it.recorder.received.response?.fields).toHaveLength(11_900);
    });
    expect(bytes).toBeGreaterThanOrEqual(message.length - 1); // or nothing was counted
    expect(bytes).toBeLessThan(4 * message.length);
  });

  test('has no content copied with the rest of a head', () => {
    const content = concat(varint(1_000_000), new Uint8Array(1_000_000));
    const bytes = allocated(() => {
      const it = decoder('response');
      it.push(fromHex('03 40'));
      it.push(concat(fromHex('c8 00'), content));
      expect(it.recorder.pieces.map((piece) => piece.length)).toEqual([1_000_000]);
    });
    expect(bytes - content.length - 2).toBeLessThan(4_096); // the second push is counted, too
  });

  test('pays for what we hold: a promised length allocates nothing', () => {
    const bytes = allocated(() => {
      decoder('response').push(fromHex('01 40c8 8000f000 04 6e61'));
      decoder('response').push(fromHex('03 40c8 00 bfffffff 61'));
      decoder('request').push(fromHex('02 8000f000 47'));
    });
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(1_024);
  });
});
