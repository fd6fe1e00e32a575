import { readFileSync } from 'node:fs';
import { FAILURE_MEANINGS, FAILURES, type FailureName } from '@hip/wire';
import { describe, expect } from 'vitest';
import type { Gateway, Origin } from '../support/control.ts';
import { eventually, within } from '../support/eventually.ts';
import { type ForeignRow, type InnerRow, ROWS, type RowsOf } from '../support/failure-rows.ts';
import { newGateway, test } from '../support/fixtures.ts';
import {
  controlMessage,
  controlStream,
  exchange,
  generousParameters,
  hello,
  ping,
  pong,
  stream,
  varint,
} from '../support/raw-frames.ts';
import { RawSession } from '../support/raw-session.ts';

// Rows of the table of failures that no client of ours provokes: what others get, byte by byte. What our client makes of
// each code is in its own tests.

/** The id of the second stream a client opens (RFC 9000 §2.1): the first exchange. */
const EXCHANGE = 4;

/** Does what leads there. Gives what tells of the failure: the session's end, or the answer on a stream. */
type Provoke = (gateway: Gateway, origin: Origin) => Promise<RawSession>;

/** An answer in place of a response: kind 2, the code, the detail after its length. */
function answerOf(name: FailureName): Buffer {
  return Buffer.concat([varint(2), varint(FAILURES[name].code)]);
}

const FOREIGN: Record<RowsOf<ForeignRow>, [tells: 'session' | 'stream', provoke: Provoke]> = {
  unknown_context: [
    'stream',
    async (gateway, origin) => {
      const session = await RawSession.openAuthenticated(gateway);
      const request = exchange({ context: 99, authority: origin.host, path: '/hello' });
      session.send(stream(EXCHANGE, request, { fin: true }));
      return session;
    },
  ],
  malformed_control: [
    'session',
    async (gateway) => {
      const session = await RawSession.open(gateway);
      const messages = [hello(gateway.token), controlMessage({ type: 'unheard of' })];
      session.send(generousParameters(), stream(0, controlStream(...messages)));
      return session;
    },
  ],
  malformed_exchange: [
    'stream',
    async (gateway) => {
      const session = await RawSession.openAuthenticated(gateway);
      // An exchange of context 1 whose two bytes of options are half of one.
      session.send(stream(EXCHANGE, Buffer.from([1, 1, 2, 1, 5, 2]), { fin: true }));
      return session;
    },
  ],
  unsupported_stream: [
    'stream',
    async (gateway) => {
      const session = await RawSession.openAuthenticated(gateway);
      session.send(stream(EXCHANGE, varint(17), { fin: true }));
      return session;
    },
  ],
  draining: [
    'stream',
    async (_, origin) => {
      const leaving = await newGateway();
      const session = await RawSession.openAuthenticated(leaving);
      const held = exchange({ authority: origin.host, path: '/held-body/never' });
      session.send(stream(EXCHANGE, held, { fin: true }));
      await eventually(() => origin.request('/held-body'));
      await leaving.signal('SIGTERM');
      await eventually(() => expect(session.received.includes('"drain"')).toBe(true));
      // Whoever has answered the ping behind it knows.
      const asked = ping(0).subarray(0, 8);
      await eventually(() => expect(session.received.includes(asked)).toBe(true));
      session.send(pong(session.received[session.received.lastIndexOf(asked) + asked.length] as number));
      const late = exchange({ authority: origin.host, path: '/hello' });
      session.send(stream(EXCHANGE + 4, late, { fin: true }));
      return session;
    },
  ],
};

describe('a failure that another client gets', () => {
  for (const [name, [tells, provoke]] of Object.entries(FOREIGN) as [
    RowsOf<ForeignRow>,
    (typeof FOREIGN)['draining'],
  ][]) {
    test(name, async ({ gateway, origin }) => {
      const session = await provoke(gateway, origin);
      const { text } = FAILURE_MEANINGS[name];
      if (tells === 'session') {
        await within(10_000, 'the end of the session', session.closed);
        expect(session.connectionClose?.code).toBe(FAILURES[name].code);
        expect(session.connectionClose?.reason).toContain(text);
      } else {
        await eventually(() => expect(session.received.includes(answerOf(name))).toBe(true));
        expect(session.received.includes(text)).toBe(true);
        expect(session.isOpen).toBe(true);
      }
      expect(await origin.requests('/hello')).toEqual([]);
      session.terminate();
    });
  }
});

describe('a failure that no client can provoke', () => {
  const inner = Object.entries(ROWS).filter(
    (entry): entry is [FailureName, InnerRow] => 'because' in entry[1],
  );

  test.for(inner)('%s has a test where it is told', ([name, row]) => {
    const source = readFileSync(new URL(`../../${row.test}`, import.meta.url), 'utf8');
    expect(source).toMatch(new RegExp(`\\b(?:${name}|${FAILURES[name].errorClass})\\b`));
    expect(row.because).toMatch(/\w+ \w+/);
  });
});
