import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { AddressCheck, ConnectTarget, OriginSocket } from '../../src/connect/connector.ts';
import type { Lookup } from '../../src/connect/resolve.ts';
import { createRouteConnector } from '../../src/connect/route-connector.ts';
import type { FailureError } from '../../src/errors.ts';
import { closedPort, rawOrigin } from '../support/origins.ts';
import { DIRECT } from '../support/settings.ts';
import { stoppedListener } from '../support/stopped-listener.ts';

interface Setup {
  target?: Partial<ConnectTarget>;
  addresses?: string[];
  lookup?: Lookup;
  checkAddress?: AddressCheck;
  timeoutMs?: number;
  signal?: AbortSignal;
}

async function connect(port: number, setup: Setup = {}): Promise<OriginSocket> {
  const connector = createRouteConnector({
    lookup: setup.lookup ?? (async () => setup.addresses ?? ['127.0.0.1']),
  });
  const opened = await connector.connect(
    { scheme: 'http', host: 'origin.example', port, ...setup.target },
    {
      route: { ...DIRECT, ...(setup.checkAddress && { checkAddress: setup.checkAddress }) },
      timeoutMs: setup.timeoutMs ?? 5_000,
      signal: setup.signal ?? new AbortController().signal,
    },
  );
  onTestFinished(() => void opened.socket.destroy());
  return opened;
}

async function failureOf(attempt: Promise<unknown>): Promise<{ name: string; detail: string }> {
  return attempt.then(
    () => expect.unreachable('connected'),
    (error: FailureError) => error.failure,
  );
}

describe('resolving', () => {
  test('happens once, and an address is not looked up', async () => {
    const origin = await rawOrigin(() => {});
    const asked: string[] = [];
    const lookup: Lookup = async (host) => {
      asked.push(host);
      return ['127.0.0.1'];
    };
    const opened = await connect(origin.port, { lookup });
    expect(asked).toEqual(['origin.example']);
    expect(opened.info).toMatchObject({
      remoteAddress: '127.0.0.1',
      remotePort: origin.port,
      tlsMs: 0,
      tls: undefined,
    });
    await connect(origin.port, { lookup, target: { host: '127.0.0.1' } });
    expect(asked).toEqual(['origin.example']);
  });

  test('uses the system when nothing else is said', async () => {
    const origin = await rawOrigin(() => {});
    const connector = createRouteConnector();
    const opened = await connector.connect(
      { scheme: 'http', host: 'localhost', port: origin.port },
      { route: DIRECT, timeoutMs: 5_000, signal: new AbortController().signal },
    );
    expect(opened.socket.remoteAddress).toBe('127.0.0.1');
    opened.socket.destroy();
  });

  test('a name without an address', async () => {
    const lookup: Lookup = () =>
      Promise.reject(Object.assign(new Error('getaddrinfo ENOTFOUND origin.example'), { code: 'ENOTFOUND' }));
    expect(await failureOf(connect(80, { lookup }))).toEqual({
      name: 'dns_error',
      detail: 'origin.example:80 (ENOTFOUND)',
    });
    expect((await failureOf(connect(80, { addresses: [] }))).name).toBe('destination_prohibited');
  });
});

describe('the check', () => {
  const notLoopback: AddressCheck = (_target, address) =>
    address.startsWith('127.')
      ? { allowed: false, reason: 'origin.example is at a loopback address' }
      : { allowed: true };

  test('refuses, and says only what the check says', async () => {
    const origin = await rawOrigin(() => {});
    expect(await failureOf(connect(origin.port, { checkAddress: notLoopback }))).toEqual({
      name: 'destination_prohibited',
      detail: 'origin.example is at a loopback address',
    });
    expect(origin.sockets).toHaveLength(0);
  });

  test('sees every address, and those that are tried once more', async () => {
    const origin = await rawOrigin(() => {});
    const seen: string[] = [];
    await connect(origin.port, {
      addresses: ['127.0.0.2', '127.0.0.1', '127.0.0.1', '127.0.0.3'],
      checkAddress: (_target, address) => {
        seen.push(address);
        return { allowed: true };
      },
    });
    // The last one is the address the socket is connected to.
    expect(seen).toEqual(['127.0.0.2', '127.0.0.1', '127.0.0.1', '127.0.0.3', '127.0.0.1']);
  });

  test.each([
    ['first', ['127.0.0.2', '127.0.0.1']],
    ['last', ['127.0.0.1', '127.0.0.2']],
    ['in the middle', ['127.0.0.1', '127.0.0.2', '127.0.0.1']],
  ])('one address that is refused, %s, refuses the name', async (_where, addresses) => {
    const origin = await rawOrigin(() => {});
    const failure = await failureOf(
      connect(origin.port, {
        addresses,
        checkAddress: (_target, address) =>
          address === '127.0.0.1' ? { allowed: true } : { allowed: false, reason: 'no' },
      }),
    );
    expect(failure).toEqual({ name: 'destination_prohibited', detail: 'no' });
    expect(origin.sockets).toHaveLength(0);
  });

  test('is asked again for the address the socket is really connected to', async () => {
    const origin = await rawOrigin(() => {});
    let asked = 0;
    const failure = await failureOf(
      connect(origin.port, {
        checkAddress: () => (asked++ === 0 ? { allowed: true } : { allowed: false, reason: 'changed' }),
      }),
    );
    expect(failure).toEqual({ name: 'destination_prohibited', detail: 'changed' });
    if (origin.sockets[0]) await once(origin.sockets[0].resume(), 'close');
  });

  test('is told the target as the client named it', async () => {
    const origin = await rawOrigin(() => {});
    const targets: unknown[] = [];
    await connect(origin.port, {
      checkAddress: ({ host, port }) => {
        targets.push([host, port]);
        return { allowed: true };
      },
    });
    expect(targets[0]).toEqual(['origin.example', origin.port]);
  });
});

describe('connecting', () => {
  test('takes the next address when one refuses', async () => {
    const origin = await rawOrigin(() => {});
    // Only 127.0.0.1 listens.
    const opened = await connect(origin.port, { addresses: ['127.0.0.2', '127.0.0.3', '127.0.0.1'] });
    expect(opened.socket.remoteAddress).toBe('127.0.0.1');
  });

  test('does not wait for an address that is silent', async () => {
    const silent = await stoppedListener('127.0.0.2');
    const origin = await rawOrigin(() => {}, { port: silent.port });
    const opened = await connect(origin.port, { addresses: ['127.0.0.2', '127.0.0.1'] });
    expect(opened.socket.remoteAddress).toBe('127.0.0.1');
  });

  test('fails with the first error when all refuse, and names no address', async () => {
    const port = await closedPort();
    expect(await failureOf(connect(port, { addresses: ['127.0.0.2', '127.0.0.3'] }))).toEqual({
      name: 'connection_refused',
      detail: `origin.example:${port} (ECONNREFUSED)`,
    });
  });

  test('an address that no way leads to is told from one that refuses', async () => {
    // TCP to many: no kernel does that, whatever its routes are.
    const failure = await failureOf(connect(81, { addresses: ['224.0.0.1'] }));
    expect(failure).toEqual({
      name: 'destination_unroutable',
      detail: expect.stringMatching(/^origin\.example:81 \(E\w+\)$/),
    });
  });

  test('an error before anyone listens does not end the process', async () => {
    const origin = await rawOrigin(() => {});
    const { socket } = await connect(origin.port);
    socket.destroy(new Error('nobody listens'));
    await new Promise((resolve) => socket.once('close', resolve));
    expect(socket.errored?.message).toBe('nobody listens');
  });
});

describe('the timeout', () => {
  test('covers the name', async () => {
    const lookup: Lookup = () => new Promise(() => {});
    expect(await failureOf(connect(80, { lookup, timeoutMs: 30 }))).toEqual({
      name: 'connection_timeout',
      detail: 'origin.example:80 (connect timeout=30 ms)',
    });
  });

  test('covers the TCP handshake', async () => {
    const silent = await stoppedListener('127.0.0.1');
    const started = performance.now();
    expect((await failureOf(connect(silent.port, { timeoutMs: 50 }))).name).toBe('connection_timeout');
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  test('covers the TLS handshake, and closes the socket', async () => {
    const origin = await rawOrigin((socket) => void socket.resume());
    const failure = await failureOf(connect(origin.port, { target: { scheme: 'https' }, timeoutMs: 50 }));
    expect(failure.name).toBe('connection_timeout');
    await once(origin.sockets[0] as Socket, 'close');
  });

  test('of 0 is none', async () => {
    const origin = await rawOrigin(() => {});
    expect((await connect(origin.port, { timeoutMs: 0 })).socket.connecting).toBe(false);
  });
});

describe('abort', () => {
  test.each([
    ['before', () => AbortSignal.abort(new Error('gone')), {}],
    ['while the name is resolved', abortSoon, { lookup: () => new Promise<string[]>(() => {}) }],
  ])('%s', async (_name, signal, setup) => {
    const origin = await rawOrigin(() => {});
    await expect(connect(origin.port, { ...setup, signal: signal() })).rejects.toThrow('gone');
  });

  test('while TCP connects', async () => {
    const silent = await stoppedListener('127.0.0.1');
    await expect(connect(silent.port, { signal: abortSoon() })).rejects.toThrow('gone');
  });

  test('in the TLS handshake', async () => {
    const controller = new AbortController();
    const origin = await rawOrigin((socket) => {
      socket.resume();
      controller.abort(new Error('gone'));
    });
    await expect(
      connect(origin.port, { target: { scheme: 'https' }, signal: controller.signal }),
    ).rejects.toThrow('gone');
    await once(origin.sockets[0] as Socket, 'close');
  });
});

function abortSoon(): AbortSignal {
  const controller = new AbortController();
  setImmediate(() => controller.abort(new Error('gone')));
  return controller.signal;
}
