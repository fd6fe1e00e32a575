import { describe, expect, test } from 'vitest';
import type { AddressCheck } from '../../src/connect/connector.ts';
import { rawOrigin } from '../support/origins.ts';
import { connectProxy, proxyServer, tlsOrigin } from '../support/proxy-peers.ts';
import { closed, connect, failureOf, untouchedOrigin } from '../support/route-peers.ts';

describe('the policy', () => {
  const notLoopback: AddressCheck = ({ host }, address) =>
    address.startsWith('127.')
      ? { allowed: false, reason: `${host} is at a loopback address` }
      : { allowed: true };

  test.each(['http', 'https', 'socks4', 'socks4a', 'socks5', 'socks5h'] as const)(
    'a %s proxy at a denied address',
    async (scheme) => {
      const proxy = await untouchedOrigin();
      expect(
        await failureOf({
          lookup: async (host) => (host === 'proxy.example' ? ['127.0.0.1'] : ['192.0.2.1']),
          checkAddress: notLoopback,
          route: { proxy: proxyServer({ scheme, port: proxy.port }) },
        }),
      ).toEqual({ name: 'destination_prohibited', detail: 'proxy.example is at a loopback address' });
    },
  );

  test('is asked about the address that is really connected to', async () => {
    const proxy = await connectProxy(1);
    let asked = 0;
    expect(
      await failureOf({
        checkAddress: () => (asked++ === 0 ? { allowed: true } : { allowed: false, reason: 'changed' }),
        route: { proxy: proxyServer({ port: proxy.port }) },
      }),
    ).toEqual({ name: 'destination_prohibited', detail: 'changed' });
    expect(proxy.heads).toEqual([]);
    await closed(proxy.sockets[0]);
  });

  test('hears the name of the proxy and its port, never those of an origin the proxy resolves', async () => {
    const origin = await tlsOrigin('');
    const proxy = await connectProxy(origin.port);
    const asked = new Set<string>();
    await connect({
      checkAddress: ({ host, port }) => {
        asked.add(`${host} ${port}`);
        return { allowed: true };
      },
      route: { proxy: proxyServer({ port: proxy.port }) },
    });
    expect([...asked]).toEqual([`proxy.example ${proxy.port}`]);
  });
});

describe('abort', () => {
  test.each([
    ['http', 'HTTP/1.1 200'],
    ['socks5h', '\x05'],
  ] as const)('while a proxy (%s) answers', async (scheme, reply) => {
    const controller = new AbortController();
    const proxy = await rawOrigin((socket) => {
      socket.once('data', () => {
        socket.resume();
        socket.write(reply, 'latin1', () => controller.abort(new Error('gone')));
      });
    });
    await expect(
      connect({ signal: controller.signal, route: { proxy: proxyServer({ scheme, port: proxy.port }) } }),
    ).rejects.toThrow('gone');
    await closed(proxy.sockets[0]);
  });
});
