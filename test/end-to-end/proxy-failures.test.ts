import {
  ConnectTimeoutError,
  EgressDeniedError,
  NewConnectionError,
  ProtocolError,
  ProxyError,
  ReadTimeoutError,
} from '@hip/client';
import { describe, expect } from 'vitest';
import type { Gateway } from '../support/control.ts';
import { eventually, rejection, within } from '../support/eventually.ts';
import { expectFailure } from '../support/expect-failure.ts';
import {
  newBlackHole,
  newClient,
  newGateway,
  newRawProxy,
  test as plainTest,
  unusedAddress,
} from '../support/fixtures.ts';
import type { RawProxy } from '../support/peers/handles.ts';
import type { RawStep } from '../support/peers/peer-api.ts';
import {
  afterHead,
  CONNECT_SUCCEEDED,
  oversizedConnect,
  PROXY_AUTHENTICATION_REQUIRED,
  socks4Refuses,
  socks5Refuses,
  socks5Until,
} from '../support/peers/raw-scripts.ts';
import { throughProxy, throughSocks } from '../support/proxy-clients.ts';

// Proxies that misbehave. Whatever they do, nothing goes straight to the origin: the fixture looks after every test.

const test = plainTest.extend('unreached', async ({ origin }, { onCleanup }): Promise<string> => {
  onCleanup(async () => expect(await origin.counts()).toMatchObject({ connectionsOpened: 0 }));
  return origin.host;
});

async function expectAllClosed(proxy: RawProxy): Promise<void> {
  await eventually(async () =>
    expect((await proxy.connections()).filter(({ isOpen }) => isOpen)).toEqual([]),
  );
}

describe('the answer to CONNECT', () => {
  test.for<[string, RawStep[], typeof ProxyError | typeof ProtocolError, RegExp]>([
    [
      '407',
      afterHead({ write: PROXY_AUTHENTICATION_REQUIRED }),
      ProxyError,
      /407 Proxy Authentication Required/,
    ],
    ['201', afterHead({ write: 'HTTP/1.1 201 Created\r\n\r\n' }), ProxyError, /201 Created/],
    [
      '403 with content',
      afterHead({ write: 'HTTP/1.1 403 Forbidden\r\n\r\n<html>' }),
      ProxyError,
      /403 Forbidden/,
    ],
    ['none: FIN', afterHead({ end: 'close' }), ProxyError, /closed the connection before its answer/],
    [
      'none: RST',
      afterHead({ end: 'reset' }),
      ProxyError,
      /closed the connection before its answer.*ECONNRESET/,
    ],
    ['FIN before the request', [{ end: 'close' }], ProxyError, /closed the connection before its answer/],
    [
      'the beginning of one',
      afterHead({ write: 'HTTP/1.1 200 OK\r\nVia: 1.1 x\r\n' }, { end: 'close' }),
      ProxyError,
      /closed the connection before its answer/,
    ],
    ['something else', afterHead({ write: 'SSH-2.0-OpenSSH\r\n' }), ProxyError, /not HTTP/],
    ['100 KiB', oversizedConnect(100), ProtocolError, /larger than allowed/],
    [
      'interim ones without end',
      afterHead({ write: 'HTTP/1.1 102 Processing\r\n\r\n', times: 1_000 }),
      ProxyError,
      /too many interim answers/,
    ],
  ])('%s', async ([, steps, errorClass, message], { gateway, unreached }) => {
    const proxy = await newRawProxy(steps);
    const http = throughProxy(gateway, proxy.url('http'));
    await expectFailure(http, `https://${unreached}/`, errorClass, message);
    await expectAllClosed(proxy);
  });

  test('is waited for, past interim ones and in pieces, but only so long', async ({ gateway, unreached }) => {
    const proxy = await newRawProxy(
      afterHead({ write: 'HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 2' }, { wait: 'never' }),
    );
    const http = throughProxy(gateway, proxy.url('http'));
    const error = await rejection(
      http.request('GET', `https://${unreached}/`, { retries: false, timeout: { connect: 300 } }),
    );
    expect(error).toBeInstanceOf(ProxyError);
    expect(error).toMatchObject({ code: 'proxy_connection_timeout', sent: 'never' });
    await expectAllClosed(proxy);
  });
});

describe('the reply of SOCKS', () => {
  const CODES = [
    'general failure',
    'rules',
    'network',
    'host',
    'refused',
    'hops',
    'CONNECT',
    'kind of address',
  ];

  test.for<[string, 'socks4a' | 'socks5h', RawStep[], RegExp]>([
    ...CODES.map((words, index): [string, 'socks5h', RawStep[], RegExp] => [
      `code ${index + 1}`,
      'socks5h',
      socks5Refuses(index + 1),
      new RegExp(`${words}.*\\(${index + 1}\\)`),
    ]),
    ['an unknown code', 'socks5h', socks5Refuses(99), /unknown reply \(99\)/],
    ['91', 'socks4a', socks4Refuses(91), /rejected it or failed \(91\)/],
    ['93', 'socks4a', socks4Refuses(93), /another user \(93\)/],
    ['none', 'socks5h', socks5Until({ at: 'greeting', does: [{ end: 'close' }] }), /closed the connection/],
    [
      'RST',
      'socks5h',
      socks5Until({ at: 'request', does: [{ end: 'reset' }] }),
      /closed the connection \(ECONNRESET\)/,
    ],
    [
      'the beginning of one',
      'socks5h',
      socks5Until({ at: 'request', does: [{ write: '\x05\x00\x00' }, { end: 'close' }] }),
      /closed the connection/,
    ],
    [
      'HTTP',
      'socks5h',
      socks5Until({ at: 'greeting', does: [{ write: 'HTTP/1.1 400 Bad Request\r\n\r\n' }] }),
      /not SOCKS5/,
    ],
    [
      'an unknown kind of address',
      'socks5h',
      socks5Until({ at: 'request', does: [{ write: '\x05\x00\x00\x09\x00\x00\x00\x00\x00\x00' }] }),
      /not SOCKS5/,
    ],
    [
      'HTTP, to SOCKS4',
      'socks4a',
      [{ read: 'socks4-request' }, { write: 'HTTP/1.1 400\r\n\r\n' }],
      /not SOCKS4/,
    ],
  ])('%s (%s)', async ([, scheme, steps, message], { gateway, unreached }) => {
    const proxy = await newRawProxy(steps);
    const http = throughSocks(gateway, proxy.url(scheme));
    await expectFailure(http, `http://${unreached}/`, NewConnectionError, message);
    await expectAllClosed(proxy);
  });

  test('is waited for, but only so long', async ({ gateway, unreached }) => {
    const proxy = await newRawProxy(
      socks5Until({ at: 'request', does: [{ write: '\x05' }, { wait: 'never' }] }),
    );
    const http = throughSocks(gateway, proxy.url('socks5h'));
    const error = await rejection(
      http.request('GET', `http://${unreached}/`, { retries: false, timeout: { connect: 300 } }),
    );
    expect(error).toBeInstanceOf(ConnectTimeoutError);
    await expectAllClosed(proxy);
  });

  test('with something behind it that nobody asked for', async ({ gateway, unreached }) => {
    const proxy = await newRawProxy(
      socks5Until({
        at: 'request',
        does: [{ write: '\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00SSH-2.0-x\r\n' }],
      }),
    );
    const http = throughSocks(gateway, proxy.url('socks5h'));
    await expectFailure(http, `http://${unreached}/`, ProtocolError, /before it was asked/);
    // Two faces of the client, one connection each: it is not tried again and again.
    expect(await proxy.connections()).toHaveLength(2);
  });
});

describe('a proxy that is not there', () => {
  test('HTTP', async ({ gateway, unreached }) => {
    const { host } = await unusedAddress();
    const http = throughProxy(gateway, `http://${host}`);
    for (const scheme of ['http', 'https'])
      await expectFailure(
        http,
        `${scheme}://${unreached}/`,
        ProxyError,
        new RegExp(`${host} .*ECONNREFUSED`),
      );
  });

  test('SOCKS', async ({ gateway, unreached }) => {
    const { host } = await unusedAddress();
    for (const version of ['socks4', 'socks4a', 'socks5', 'socks5h']) {
      const http = throughSocks(gateway, `${version}://${host}`);
      await expectFailure(
        http,
        `http://${unreached}/`,
        NewConnectionError,
        new RegExp(`${host} .*ECONNREFUSED`),
      );
    }
  });

  test('a name without an address', async ({ gateway, unreached }) => {
    const http = throughProxy(gateway, 'http://proxy.invalid:3128');
    await expectFailure(http, `http://${unreached}/`, ProxyError, /proxy\.invalid:3128/);
    const socks = throughSocks(gateway, 'socks5://proxy.invalid');
    await expectFailure(socks, `http://${unreached}/`, NewConnectionError, /proxy\.invalid:1080/);
  });

  test('silence', async ({ gateway, unreached }) => {
    const { host } = await newBlackHole();
    const timeout = { connect: 300 };
    for (const scheme of ['http', 'https']) {
      const http = throughProxy(gateway, `http://${host}`);
      const error = await rejection(
        http.request('GET', `${scheme}://${unreached}/`, { retries: false, timeout }),
      );
      expect(error).toBeInstanceOf(ProxyError);
      expect(error).toMatchObject({ code: 'proxy_connection_timeout' });
    }
    const socks = throughSocks(gateway, `socks5://${host}`);
    const error = await rejection(socks.request('GET', `http://${unreached}/`, { retries: false, timeout }));
    expect(error).toBeInstanceOf(ConnectTimeoutError);
  });
});

describe('a proxy that forwards', () => {
  test('and says nothing more: ReadTimeoutError', async ({ gateway, unreached }) => {
    const proxy = await newRawProxy(afterHead());
    const http = throughProxy(gateway, proxy.url('http'));
    const error = await rejection(
      http.request('GET', `http://${unreached}/`, { retries: false, timeout: { read: 300 } }),
    );
    expect(error).toBeInstanceOf(ReadTimeoutError);
    await expectAllClosed(proxy);
  });

  test('and closes instead of answering: ProtocolError', async ({ gateway, unreached }) => {
    const proxy = await newRawProxy(afterHead({ end: 'close' }));
    const http = throughProxy(gateway, proxy.url('http'));
    await expectFailure(http, `http://${unreached}/`, ProtocolError, /closed the connection/);
  });
});

describe('giving up', () => {
  test.for<[string, string, RawStep[]]>([
    ['an HTTP proxy', 'http', afterHead()],
    ['a SOCKS proxy', 'socks5h', [{ read: 'socks5-greeting' }]],
  ])('while %s is asked closes the connection with it', async ([, scheme, steps], { gateway, unreached }) => {
    const proxy = await newRawProxy(steps);
    const http = newClient(gateway, { proxy: proxy.url(scheme) });
    const controller = new AbortController();
    const failure = rejection(http.request('GET', `https://${unreached}/`, { signal: controller.signal }));
    await eventually(async () => expect((await proxy.connections())[0]?.received).not.toBe(''));
    controller.abort();
    expect(await failure).toMatchObject({ name: 'AbortError' });
    await expectAllClosed(proxy);
  });
});

describe('the egress policy', () => {
  const SCHEMES = ['http', 'https', 'socks4', 'socks4a', 'socks5', 'socks5h'];

  async function denied(gateway: Gateway, proxy: string, url: string): Promise<string> {
    const http = newClient(gateway, { proxy });
    const error = await within(10_000, 'the denial', rejection(http.request('GET', url)));
    expect(error, `${proxy} ${url}`).toBeInstanceOf(EgressDeniedError);
    return (error as Error).message;
  }

  test('holds for the address of a proxy', async ({ unreached }) => {
    const gateway = await newGateway({ allow: [unreached] });
    const proxy = await newRawProxy(afterHead({ write: CONNECT_SUCCEEDED }));
    for (const scheme of SCHEMES) {
      expect(await denied(gateway, proxy.url(scheme), `https://${unreached}/`)).toContain(
        `127.0.0.1:${proxy.port}`,
      );
      expect(await denied(gateway, `${scheme}://localhost:${proxy.port}`, `http://${unreached}/`)).toContain(
        `localhost:${proxy.port}`,
      );
    }
    expect(await proxy.connections()).toEqual([]);
  });

  test('holds for what a proxy is asked to connect to', async ({ unreached }) => {
    const proxy = await newRawProxy(afterHead({ write: CONNECT_SUCCEEDED }));
    const gateway = await newGateway({ allow: [`127.0.0.1:${proxy.port}`] });
    const names = [
      'localhost',
      'a.localhost',
      'printer.local',
      'vault.internal',
      'router.home.arpa',
      'intranet',
    ];
    for (const scheme of SCHEMES) {
      for (const target of [
        `http://${unreached}`,
        `https://${unreached}`,
        'http://[::1]',
        'https://169.254.169.254',
      ])
        await denied(gateway, proxy.url(scheme), target);
    }
    for (const scheme of SCHEMES.filter((each) => each !== 'socks4' && each !== 'socks5')) {
      for (const name of names)
        expect(await denied(gateway, proxy.url(scheme), `https://${name}/`)).toContain(name);
    }
    // Here the gateway resolves the name, and sees the address.
    for (const scheme of ['socks4', 'socks5']) await denied(gateway, proxy.url(scheme), 'http://localhost/');
    expect(await proxy.connections()).toEqual([]);
  });
});
