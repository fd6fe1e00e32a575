import { describe, expect, test } from 'vitest';
import type { ConnectTarget, ProxyScheme } from '../../src/connect/connector.ts';
import { socksNegotiation } from '../../src/connect/socks.ts';
import type { FailureError } from '../../src/errors.ts';
import { playNegotiation } from '../support/play-negotiation.ts';
import { proxyServer } from '../support/proxy-peers.ts';

const TARGET: ConnectTarget = { scheme: 'http', host: 'origin.example', port: 0x1f90 };
const ALICE = { username: 'alice', password: 'pässword' };
const WHERE = 'origin.example:8080 through proxy.example:1080: ';

interface Setup {
  scheme: ProxyScheme;
  host?: string;
  username?: string;
  password?: string;
}

function play({ scheme, host = 'origin.example', ...credentials }: Setup, answers: number[], pieceBytes = 1) {
  const proxy = proxyServer({ scheme, port: 1080, ...credentials });
  const played = playNegotiation(socksNegotiation(TARGET, host, proxy), Buffer.from(answers), pieceBytes);
  return { ...played, sent: played.sent.map((bytes) => [...bytes]) };
}

function failureOf(setup: Setup, answers: number[]): { name: string; detail: string } {
  try {
    play(setup, answers);
  } catch (error) {
    return (error as FailureError).failure;
  }
  return expect.unreachable('no failure');
}

const bytes = (text: string): number[] => [...Buffer.from(text)];
const PORT = [0x1f, 0x90];
const NAME = [3, 14, ...bytes('origin.example')];
const BOUND = [1, 10, 0, 0, 1, 0, 80];

describe('SOCKS5', () => {
  test.each([
    ['a name', 'origin.example', NAME],
    ['an IPv4 address', '192.0.2.1', [1, 192, 0, 2, 1]],
    ['an IPv6 address', '2001:db8::1', [4, 0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]],
    ['a dotted IPv6 address', '::8.8.8.8', [4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 8, 8, 8]],
    ['a mapped address', '::ffff:8.8.8.8', [4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 8, 8, 8, 8]],
    ['a long name', 'a'.repeat(255), [3, 255, ...bytes('a'.repeat(255))]],
  ])('asks for %s', (_name, host, address) => {
    const { sent, isDone } = play({ scheme: 'socks5h', host }, [5, 0, 5, 0, 0, ...BOUND]);
    expect(sent).toEqual([
      [5, 1, 0],
      [5, 1, 0, ...address, ...PORT],
    ]);
    expect(isDone).toBe(true);
  });

  test.each([
    ['an IPv4 address', BOUND],
    ['an IPv6 address', [4, ...new Array(16).fill(7), 0, 80]],
    ['a name', [3, 3, ...bytes('abc'), 0, 80]],
    ['an empty name', [3, 0, 0, 80]],
  ])('takes the reply with %s, however it is cut, and nothing that follows', (_name, bound) => {
    const answers = [5, 0, 5, 0, 0, ...bound, 1, 2, 3];
    for (const pieceBytes of [1, 2, 3, answers.length]) {
      const { isDone, left } = play({ scheme: 'socks5' }, answers, pieceBytes);
      expect(isDone).toBe(true);
      expect([1, 2, 3].slice(0, left.length)).toEqual([...left]);
    }
    for (let length = 0; length < answers.length - 3; length += 1) {
      expect(play({ scheme: 'socks5' }, answers.slice(0, length)).isDone).toBe(false);
    }
  });

  test('sends credentials when the proxy wants them', () => {
    expect(play({ scheme: 'socks5', ...ALICE }, [5, 2, 1, 0, 5, 0, 0, ...BOUND])).toEqual({
      sent: [
        [5, 2, 0, 2],
        [1, 5, ...bytes('alice'), 9, ...bytes('pässword')],
        [5, 1, 0, ...NAME, ...PORT],
      ],
      isDone: true,
      left: Buffer.alloc(0),
    });
  });

  test('keeps credentials to itself when the proxy does not ask', () => {
    expect(play({ scheme: 'socks5', ...ALICE }, [5, 0, 5, 0, 0, ...BOUND]).sent).toEqual([
      [5, 2, 0, 2],
      [5, 1, 0, ...NAME, ...PORT],
    ]);
  });

  test.each([
    [1, 'the proxy had a general failure (1)'],
    [2, 'the proxy refused by its rules (2)'],
    [3, 'the proxy cannot reach the network (3)'],
    [4, 'the proxy cannot reach the host (4)'],
    [5, 'the connection of the proxy was refused (5)'],
    [6, 'the connection of the proxy ran out of hops (6)'],
    [7, 'the proxy does not support CONNECT (7)'],
    [8, 'the proxy does not support this kind of address (8)'],
    [9, 'the proxy gave an unknown reply (9)'],
    [255, 'the proxy gave an unknown reply (255)'],
  ])('reply %d', (reply, words) => {
    // The rest of a refusal does not matter, so it is not waited for.
    expect(failureOf({ scheme: 'socks5' }, [5, 0, 5, reply])).toEqual({
      name: 'socks_error',
      detail: `${WHERE}${words}`,
    });
  });

  test.each([
    ['HTTP', [...bytes('HTTP')], 'the answer is not SOCKS5'],
    ['SOCKS4', [0, 91], 'the answer is not SOCKS5'],
    ['a method that was not offered', [5, 2], 'the proxy chose a method that was not offered'],
    ['GSSAPI', [5, 1], 'the proxy chose a method that was not offered'],
    ['no method', [5, 255], 'the proxy wants authentication: give a username and password (255)'],
    ['a reply of another version', [5, 0, 4, 0], 'the answer is not SOCKS5'],
    ['an unknown kind of address', [5, 0, 5, 0, 0, 9], 'the answer is not SOCKS5'],
  ])('%s', (_name, answers, words) => {
    expect(failureOf({ scheme: 'socks5' }, answers)).toEqual({ name: 'socks_error', detail: WHERE + words });
  });

  test.each([
    [[5, 2, 1, 1], 'the proxy did not accept the username and password (1)'],
    [[5, 2, 1, 255], 'the proxy did not accept the username and password (255)'],
    [[5, 2, 5, 0], 'the answer to the username and password is not SOCKS5'],
    [[5, 255], 'the proxy accepts neither a username and password nor their absence (255)'],
  ])('credentials, and the answer %j', (answers, words) => {
    expect(failureOf({ scheme: 'socks5h', ...ALICE }, answers)).toEqual({
      name: 'socks_error',
      detail: WHERE + words,
    });
  });
});

describe('SOCKS4', () => {
  test.each([
    ['an address', { scheme: 'socks4', host: '192.0.2.1' }, [...PORT, 192, 0, 2, 1, 0]],
    [
      'an address, with a user',
      { scheme: 'socks4', host: '192.0.2.1', username: 'zoë' },
      [...PORT, 192, 0, 2, 1, ...bytes('zoë'), 0],
    ],
    ['a name', { scheme: 'socks4a' }, [...PORT, 0, 0, 0, 1, 0, ...bytes('origin.example'), 0]],
    [
      'a name, with a user',
      { scheme: 'socks4a', username: 'u' },
      [...PORT, 0, 0, 0, 1, ...bytes('u'), 0, ...bytes('origin.example'), 0],
    ],
    ['an address, by SOCKS4a', { scheme: 'socks4a', host: '192.0.2.1' }, [...PORT, 192, 0, 2, 1, 0]],
  ] satisfies [string, Setup, number[]][])('asks for %s', (_name, setup, request) => {
    const answers = [0, 90, 1, 2, 3, 4, 5, 6];
    for (const pieceBytes of [1, 3, 8]) {
      expect(play(setup, answers, pieceBytes)).toMatchObject({ sent: [[4, 1, ...request]], isDone: true });
    }
    expect([...play(setup, [...answers, 42], 9).left]).toEqual([42]);
    for (let length = 0; length < 8; length += 1) {
      expect(play(setup, answers.slice(0, length)).isDone).toBe(false);
    }
  });

  test.each([
    [[0, 91], 'the proxy rejected it or failed (91)'],
    [[0, 92], 'the proxy cannot reach identd on the gateway (92)'],
    [[0, 93], 'identd on the gateway reports another user (93)'],
    [[0, 94], 'the proxy gave an unknown reply (94)'],
    [[0, 0], 'the proxy gave an unknown reply (0)'],
    [[4, 90], 'the answer is not SOCKS4'],
    [[5, 0], 'the answer is not SOCKS4'],
    [bytes('HTTP'), 'the answer is not SOCKS4'],
  ])('%j', (answers, words) => {
    expect(failureOf({ scheme: 'socks4', host: '192.0.2.1' }, answers)).toEqual({
      name: 'socks_error',
      detail: WHERE + words,
    });
  });
});
