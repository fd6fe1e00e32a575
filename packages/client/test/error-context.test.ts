import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { FAILURES } from '@hip/wire';
import { describe, expect, it, onTestFinished } from 'vitest';
import { HTTPError, SSLError } from '../src/errors.ts';
import { SKIP_HEADER } from '../src/exchange/skip-header.ts';
import { HTTPConnectionPool } from '../src/http-connection-pool.ts';
import type { PoolManagerOptions } from '../src/pool/pool-options.ts';
import type { RequestInit } from '../src/pool/request-options.ts';
import type { MaxRetryError } from '../src/pool/retry-errors.ts';
import { reset } from './support/broken-content.ts';
import { connected, managerOf, rejection } from './support/client.ts';
import type { GatewayScript } from './support/gateway-side.ts';
import { ScriptedGateway } from './support/scripted-gateway.ts';

// What an error tells of the request it ended, whichever way it comes.

/** With everything that is nobody's business. */
const GIVEN = 'http://user:canary@origin.test/a?b=1#part';
const TOLD = 'http://origin.test/a?b=1';

const CONTENT = gzipSync('content '.repeat(1_000));
const ENCODED = ['content-encoding', 'gzip', 'content-length', String(CONTENT.length)];

interface Case {
  script?: GatewayScript['exchange'];
  options?: PoolManagerOptions;
  init?: RequestInit;
  /** What is done with the response: left out, it is preloaded. */
  read?: 'read' | 'text' | 'data' | 'readChunked' | 'skip the decoder' | 'after releaseConn()';
  code: string;
}

const unreadable = new ReadableStream<Uint8Array>();
unreadable.getReader();

const CASES: Record<string, Case> = {
  'a failure': { script: (exchange) => exchange.fail('connection_refused'), code: 'connection_refused' },
  'a reset before the head': {
    script: (exchange) => exchange.reset('connection_terminated'),
    code: 'connection_terminated',
  },
  'an answer that breaks the protocol': {
    script: (exchange) => exchange.stream.end(Uint8Array.of(9)),
    code: 'malformed_answer',
  },
  'content that is preloaded': {
    script: reset('http_response_incomplete'),
    code: 'http_response_incomplete',
  },
  'content that is read': {
    script: reset('response_read_timeout'),
    read: 'read',
    code: 'response_read_timeout',
  },
  'content that is read as text': {
    script: reset('http_response_incomplete'),
    read: 'text',
    code: 'http_response_incomplete',
  },
  'content that cannot be decoded': {
    script: (exchange) =>
      exchange.answer(
        200,
        ENCODED,
        CONTENT.map((byte) => ~byte),
      ),
    code: 'decode_failed',
  },
  'content that cannot be decoded while it is read': {
    script: (exchange) =>
      exchange.answer(
        200,
        ENCODED,
        CONTENT.map((byte) => ~byte),
      ),
    read: 'read',
    code: 'decode_failed',
  },
  'data before it is here': {
    script: (exchange) => exchange.answer(),
    read: 'data',
    code: 'response_consumed',
  },
  'chunks where there is a length': {
    script: (exchange) => exchange.answer(200, ['content-length', '0']),
    read: 'readChunked',
    code: 'response_not_chunked',
  },
  'raw content after some was decoded': {
    script: (exchange) => exchange.answer(200, ENCODED, CONTENT),
    read: 'skip the decoder',
    code: 'response_consumed',
  },
  'text of what was given up': {
    script: (exchange) => exchange.sendHead(),
    read: 'after releaseConn()',
    code: 'response_closed',
  },
  'an option there is none of': { init: { unheard: 1 } as RequestInit, code: 'invalid_option' },
  'an option with a wrong value': { init: { timeout: -1 }, code: 'invalid_option' },
  'a header that cannot be sent': { init: { headers: { x: 'a\nb' } }, code: 'http_request_error' },
  'a header that belongs to the gateway': { init: { headers: { te: 'x' } }, code: 'invalid_option' },
  'a body that is none': { init: { body: 7 as never }, code: 'invalid_option' },
  'a body that cannot be read': { init: { body: unreadable }, code: 'body_unreadable' },
  'a body that yields what it must not': { init: { body: [7] as never }, code: 'invalid_option' },
  'two bodies': { init: { body: 'a', json: 1 }, code: 'invalid_option' },
  'TLS options that cannot be used': { init: { certFile: 'no PEM' }, code: 'tls_configuration_error' },
  "a manager's options that cannot be used": { options: { ciphers: 7 as never }, code: 'invalid_option' },
  'a token that cannot be had': {
    options: { token: () => Promise.reject(new Error('no')) },
    code: 'session_unavailable',
  },
  'the deadline': { init: { timeout: { deadline: 30 } }, code: 'deadline_exceeded' },
  'the deadline while content is read': {
    script: (exchange) => exchange.sendHead(),
    init: { timeout: { deadline: 30 } },
    read: 'read',
    code: 'deadline_exceeded',
  },
  'a redirect to nowhere': {
    script: (exchange) => exchange.answer(302, ['location', 'http://']),
    init: { retries: 5 },
    code: 'invalid_location',
  },
  'a retry-after that says nothing': {
    script: (exchange) => exchange.answer(503, ['retry-after', 'soon']),
    init: { retries: 5 },
    code: 'invalid_header',
  },
  'retries that are used up': {
    script: (exchange) => exchange.fail('dns_error'),
    init: { retries: 1 },
    code: 'dns_error',
  },
  'redirects that are used up': {
    script: (exchange) => exchange.answer(302, ['location', '/a?b=1']),
    init: { retries: 1 },
    code: 'too_many_redirects',
  },
  'a body that is gone': {
    script: (exchange) => exchange.fail('dns_error'),
    init: { retries: 5, body: [new Uint8Array(1)].values(), headers: { 'content-length': '1' } },
    code: 'body_unrewindable',
  },
};

async function failed({ script, options, init, read }: Case): Promise<HTTPError> {
  const { http } = await connected(script === undefined ? {} : { exchange: script }, options);
  const pending = http.request('PUT', GIVEN, {
    retries: false,
    preloadContent: read === undefined,
    ...init,
  });
  if (read === undefined) return (await rejection(pending)) as HTTPError;
  const response = await pending;
  const reading = async (): Promise<unknown> => {
    if (read === 'data') return response.data;
    if (read === 'readChunked') return response.readChunked().next();
    if (read === 'after releaseConn()') response.releaseConn();
    if (read === 'skip the decoder') {
      await response.read(1);
      return response.read(1, { decodeContent: false });
    }
    return read === 'read' ? response.read() : response.text();
  };
  return (await rejection(reading())) as HTTPError;
}

describe('the URL of a request', () => {
  it.each(Object.entries(CASES))('is told of %s, and nothing of the user', async (_, tested) => {
    const error = await failed(tested);
    expect(error).toBeInstanceOf(HTTPError);
    expect(error).toMatchObject({ code: tested.code, url: TOLD });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('canary');
  });

  it.each(
    Object.entries(CASES).filter(([, { init, read }]) => init === undefined && (read ?? 'text') === 'text'),
  )('is told of %s by the cause of what fetch() throws', async (_, { script, options, code }) => {
    const { http } = await connected(script === undefined ? {} : { exchange: script }, options);
    const fetched = http.fetch('http://origin.test/a?b=1#part').then((response) => response.text());
    const error = (await rejection(fetched)) as Error;
    expect(error).toBeInstanceOf(TypeError);
    expect(error.cause).toMatchObject({ code, url: TOLD });
  });

  it.each<[what: string, init: object, code: string]>([
    ['a body that is none', { body: {} }, 'invalid_option'],
    ['a body that cannot be read', { body: unreadable, duplex: 'half' }, 'body_unreadable'],
    [
      'a header that cannot be sent',
      { headers: { 'accept-encoding': SKIP_HEADER, host: SKIP_HEADER } },
      'invalid_option',
    ],
  ])('is told of %s by the cause of what fetch() throws', async (_, init, code) => {
    const { http } = await connected();
    const error = (await rejection(
      http.fetch('http://origin.test/a?b=1#part', { method: 'PUT', ...init }),
    )) as Error;
    expect(error.cause).toMatchObject({ code, url: TOLD });
  });

  it('is where a redirect has led', async () => {
    const { http } = await connected({
      exchange: async (exchange) => {
        if ((await exchange.head).path === '/b') exchange.fail('tls_certificate_error');
        else exchange.answer(302, ['location', 'http://user:canary@other.test/b']);
      },
    });
    const retries = { retries: 5 };
    const error = (await rejection(http.request('GET', GIVEN, retries))) as MaxRetryError;
    expect(error).toMatchObject({ name: 'MaxRetryError', url: 'http://other.test/b' });
    expect(error.reason).toMatchObject({ url: 'http://other.test/b' });
    expect(error.history[0]).toMatchObject({ url: TOLD, redirectLocation: 'http://other.test/b' });
    expect(inspect(error, { depth: 9 })).not.toContain('canary');
  });

  it('is that of a path, as the pool sends it', async () => {
    const gateway = await ScriptedGateway.start({ exchange: (exchange) => exchange.fail('dns_error') });
    const pool = new HTTPConnectionPool('origin.test', 81, { gateway: gateway.url, retries: false });
    onTestFinished(() => pool.close());
    expect(await rejection(pool.request('GET', '/a?b=1#part'))).toMatchObject({
      url: 'http://origin.test:81/a?b=1',
    });
  });

  it('is not told where there is none', async () => {
    const { http } = await connected();
    const error = (await rejection(http.request('GET', 'not:a url//canary@'))) as HTTPError;
    expect(error.url).toBeUndefined();
    expect(inspect(error)).not.toContain('canary');
    await expect(http.fetch('http://user:canary@')).rejects.not.toThrow('canary');
  });

  it('is told to each of several that one error ends', async () => {
    const gateway = await ScriptedGateway.start({
      hello: (_, side) => side.core.close(FAILURES.unauthenticated.code, 'expired yesterday'),
    });
    const urls = ['http://origin.test/1', 'http://origin.test/2'];
    for (const options of [{}, { certFile: 'no PEM' }]) {
      const http = managerOf(gateway, { retries: false, ...options });
      const errors = (await Promise.all(
        urls.map((url) => rejection(http.request('GET', url))),
      )) as HTTPError[];
      expect(errors.map(({ url }) => url)).toEqual(urls);
      expect(errors[0]).not.toBe(errors[1]);
      expect(errors[0]?.constructor).toBe(errors[1]?.constructor);
      expect(errors[0]?.message).toBe(errors[1]?.message);
    }
  });

  it('is not told to the reason of a signal, whatever that is', async () => {
    const { gateway, http } = await connected();
    const controller = new AbortController();
    const reason = new SSLError('internal_error', 'mine');
    const requested = rejection(http.request('GET', GIVEN, { signal: controller.signal }));
    await gateway.exchange();
    controller.abort(reason);
    expect(await requested).toBe(reason);
    expect(reason).toMatchObject({ url: undefined, history: [] });
  });

  it('stays that of another request, whose content was the body of this one', async () => {
    const { gateway, http } = await connected();
    const first = http.request('GET', 'http://origin.test/first', { preloadContent: false });
    const source = await gateway.exchange();
    source.sendHead();
    const { body } = await first;
    const second = rejection(http.request('PUT', 'http://origin.test/second', { body, retries: false }));
    await gateway.exchange();
    source.reset('http_response_incomplete');
    expect(await second).toMatchObject({ name: 'IncompleteRead', url: 'http://origin.test/first' });
  });
});
