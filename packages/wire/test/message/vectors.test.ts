import { describe, expect, test } from 'vitest';
import { MessageError } from '../../src/message/message-error.ts';
import { referenceDecode } from './reference-decoder.ts';
import {
  decode,
  decoder,
  fromHex,
  INVALID,
  type Kind,
  kindOf,
  oneByOne,
  Random,
  type Received,
  VALID,
  type Vector,
} from './support.ts';

const KINDS: Kind[] = ['request', 'response'];

function expected(vector: Vector): Received {
  const { expect: it } = vector;
  if (it === undefined) throw new Error(`${vector.id} expects nothing`);
  const shared = { content: it.content_hex, trailers: it.trailers.flat(), ends: 1 };
  if (it.type === 'request') {
    const { method = '', scheme = '', authority = '', path = '' } = it;
    return {
      request: { method, scheme, authority, path, fields: it.headers.flat() },
      informational: [],
      ...shared,
    };
  }
  return {
    informational: (it.informational ?? []).map(({ status, headers }) => ({
      status,
      fields: headers.flat(),
    })),
    response: { status: it.status ?? 0, fields: it.headers.flat() },
    ...shared,
  };
}

test('the vectors are all there', () => {
  expect([VALID.length, INVALID.length]).toEqual([28, 47]);
});

describe.each(VALID)('valid: $id', (vector) => {
  const bytes = fromHex(vector.hex);
  const kind = kindOf(vector);

  test('decodes when it arrives at once', () => {
    expect(decode(kind, [bytes])).toEqual(expected(vector));
  });

  test('decodes byte by byte', () => {
    expect(decode(kind, oneByOne(bytes))).toEqual(expected(vector));
  });

  test('decodes in random pieces', () => {
    const random = new Random(9292);
    for (let i = 0; i < 50; i++) expect(decode(kind, random.split(bytes))).toEqual(expected(vector));
  });

  test('is refused by the decoder of the other kind', () => {
    const other = KINDS.find((it) => it !== kind) as Kind;
    expect(() => decode(other, [bytes])).toThrow(MessageError);
  });

  test('cut anywhere, is refused or, where RFC 9292 §3.8 allows it, complete', () => {
    for (let length = 0; length < bytes.length; length++) {
      const cut = bytes.slice(0, length);
      const wanted = referenceDecode(kind, cut);
      for (const pieces of [[cut], oneByOne(cut)]) {
        const it = decoder(kind);
        for (const piece of pieces) it.push(piece); // what is cut is not wrong before it ends
        if (wanted === undefined) expect(() => it.finish(), `${length} bytes`).toThrow(MessageError);
        else {
          it.finish();
          expect(it.recorder.received, `${length} bytes`).toEqual(wanted);
        }
      }
    }
  });
});

describe.each(INVALID)('invalid: $id', (vector) => {
  const bytes = fromHex(vector.hex);

  test.each(KINDS)('is refused by the %s decoder, at once and byte by byte', (kind) => {
    expect(() => decode(kind, [bytes])).toThrow(MessageError);
    expect(() => decode(kind, oneByOne(bytes))).toThrow(MessageError);
  });

  test('breaks the rule it is there for, not the framing', () => {
    // A wrong kind would be refused for its first byte alone: the decoder of the right kind must take that byte.
    const first = bytes[0] ?? 4;
    if (first > 3) return;
    const right = decoder(first % 2 === 0 ? 'request' : 'response');
    expect(() => right.push(bytes.slice(0, 1))).not.toThrow();
  });
});

test('the second decoder agrees with every vector', () => {
  for (const vector of VALID)
    expect(referenceDecode(kindOf(vector), fromHex(vector.hex)), vector.id).toEqual(expected(vector));
  for (const vector of INVALID) {
    for (const kind of KINDS) expect(referenceDecode(kind, fromHex(vector.hex)), vector.id).toBeUndefined();
  }
});
