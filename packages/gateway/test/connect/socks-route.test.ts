import { describe, expect, test } from 'vitest';
import type { Lookup } from '../../src/connect/resolve.ts';
import { closedPort, type Origin } from '../support/origins.ts';
import { join, proxyServer, scriptedPeer, tlsOrigin } from '../support/proxy-peers.ts';
import { closed, connect, exchange, failureOf, TRUSTING, untouchedOrigin } from '../support/route-peers.ts';

/** Answers SOCKS with these bytes, each after so many bytes of the client's, then passes everything on. */
function socksPeer(
  script: readonly [takes: number, answer: number[]][],
  originPort?: number,
): Promise<Origin> {
  return scriptedPeer(async (socket, reader) => {
    for (const [takes, answer] of script) {
      await reader.bytes(takes);
      socket.write(Uint8Array.from(answer));
    }
    if (originPort === undefined) return;
    socket.removeAllListeners('data');
    join(socket, originPort);
  });
}

describe('SOCKS', () => {
  test('carries TLS with the origin', async () => {
    const origin = await tlsOrigin('hello');
    const proxy = await socksPeer(
      [
        [3, [5, 0]],
        [21, [5, 0, 0, 1, 0, 0, 0, 0, 0, 0]],
      ],
      origin.port,
    );
    const opened = await connect({
      target: { scheme: 'https', port: 443 },
      route: { tls: TRUSTING, proxy: proxyServer({ scheme: 'socks5h', port: proxy.port }) },
    });
    expect(await exchange(opened)).toBe('hello');
    expect(origin.serverNames).toEqual(['origin.example']);
  });

  test('keeps what arrives right behind the reply', async () => {
    const proxy = await socksPeer([
      [3, [5, 0]],
      [21, [5, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...Buffer.from('EARLY')]],
    ]);
    const { socket } = await connect({
      route: { proxy: proxyServer({ scheme: 'socks5h', port: proxy.port }) },
    });
    expect(socket.read()?.toString()).toBe('EARLY');
  });

  test.each([
    ['socks5h', [], [3, 14, ...Buffer.from('origin.example'), 0, 80], 21, 3],
    ['socks5', ['origin.example'], [1, 192, 0, 2, 7, 0, 80], 10, 3],
    ['socks4a', [], [0, 80, 0, 0, 0, 1, 0, ...Buffer.from('origin.example\0')], 24, 0],
    ['socks4', ['origin.example'], [0, 80, 192, 0, 2, 7, 0], 9, 0],
  ] as const)('%s: who resolves the name', async (scheme, resolvedHere, request, length, greeting) => {
    // SOCKS4 knows nothing of IPv6.
    const last = ['192.0.2.7', '192.0.2.6'];
    const addresses = scheme === 'socks4' ? ['2001:db8::7', ...last] : [...last, '2001:db8::7'];
    const asked: string[] = [];
    const checked: string[] = [];
    const requests: number[][] = [];
    const proxy = await scriptedPeer(async (socket, reader) => {
      if (greeting > 0) {
        await reader.bytes(greeting);
        socket.write(Uint8Array.of(5, 0));
      }
      requests.push(await reader.bytes(length));
      socket.write(
        Uint8Array.from(greeting > 0 ? [5, 0, 0, 1, 0, 0, 0, 0, 0, 0] : [0, 90, 0, 0, 0, 0, 0, 0]),
      );
    });
    await connect({
      route: { proxy: proxyServer({ scheme, port: proxy.port }) },
      lookup: async (host) => {
        asked.push(host);
        return host === 'proxy.example' ? ['127.0.0.1'] : addresses;
      },
      checkAddress: ({ host, port }, address) => {
        if (host === 'origin.example') checked.push(`${port} ${address}`);
        return { allowed: true };
      },
    });
    expect(asked).toEqual([...resolvedHere, 'proxy.example']);
    expect(checked).toEqual(resolvedHere.length === 0 ? [] : addresses.map((address) => `80 ${address}`));
    expect(requests[0]?.slice(greeting > 0 ? 3 : 2)).toEqual([...request]);
  });

  test('socks5 to a name at a denied address never gets as far as the proxy', async () => {
    const proxy = await untouchedOrigin();
    expect(
      await failureOf({
        route: { proxy: proxyServer({ scheme: 'socks5', port: proxy.port }) },
        checkAddress: ({ host }) =>
          host === 'origin.example' ? { allowed: false, reason: 'it is private' } : { allowed: true },
      }),
    ).toEqual({ name: 'destination_prohibited', detail: 'it is private' });
  });

  test('socks4 to a name that has no IPv4 address', async () => {
    expect(
      await failureOf({
        lookup: async () => ['2001:db8::7'],
        route: { proxy: proxyServer({ scheme: 'socks4', port: 1080 }) },
      }),
    ).toEqual({
      name: 'socks_error',
      detail:
        'origin.example:80 through proxy.example:1080: SOCKS4 reaches IPv4 addresses only, and it has none',
    });
  });

  test('a name that does not exist is the origin, not the proxy', async () => {
    const lookup: Lookup = async () => {
      throw Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
    };
    expect(await failureOf({ lookup, route: { proxy: proxyServer({ scheme: 'socks5', port: 1 }) } })).toEqual(
      {
        name: 'dns_error',
        detail: 'origin.example:80 (ENOTFOUND)',
      },
    );
    expect(
      await failureOf({ lookup, route: { proxy: proxyServer({ scheme: 'socks5h', port: 1 }) } }),
    ).toEqual({
      name: 'socks_error',
      detail: 'proxy.example:1 (ENOTFOUND)',
    });
  });

  test.each([
    [
      'the proxy refused by its rules (2)',
      [
        [3, [5, 0]],
        [21, [5, 2, 0, 1, 0, 0, 0, 0, 0, 0]],
      ],
    ],
    ['the answer is not SOCKS5', [[3, [...Buffer.from('HTTP/1.1 400')]]]],
    ['the proxy closed the connection (end of data)', []],
    ['the proxy closed the connection (end of data)', [[3, [5]]]],
    [
      'the proxy closed the connection (end of data)',
      [
        [3, [5, 0]],
        [21, [5, 0, 0, 1]],
      ],
    ],
  ] satisfies [string, [number, number[]][]][])('%s', async (words, script) => {
    const origin = await untouchedOrigin();
    const proxy = await scriptedPeer(async (socket, reader) => {
      for (const [takes, answer] of script) {
        await reader.bytes(takes);
        socket.write(Uint8Array.from(answer));
      }
      socket.end();
    });
    expect(
      await failureOf({
        target: { port: origin.port },
        route: { proxy: proxyServer({ scheme: 'socks5h', port: proxy.port }) },
      }),
    ).toEqual({
      name: 'socks_error',
      detail: `origin.example:${origin.port} through proxy.example:${proxy.port}: ${words}`,
    });
    await closed(proxy.sockets[0]);
  });

  test('a proxy that is not there', async () => {
    const origin = await untouchedOrigin();
    const port = await closedPort();
    expect(
      await failureOf({
        target: { port: origin.port },
        route: { proxy: proxyServer({ scheme: 'socks5', port }) },
      }),
    ).toEqual({ name: 'socks_error', detail: `proxy.example:${port} (ECONNREFUSED)` });
  });

  test('a proxy that is too slow', async () => {
    const proxy = await scriptedPeer(async (socket, reader) => {
      await reader.bytes(3);
      socket.write(Uint8Array.of(5));
    });
    expect(
      await failureOf({
        timeoutMs: 60,
        route: { proxy: proxyServer({ scheme: 'socks5', port: proxy.port }) },
      }),
    ).toEqual({
      name: 'connection_timeout',
      detail: `proxy.example:${proxy.port} (connect timeout=60 ms)`,
    });
    await closed(proxy.sockets[0]);
  });
});
