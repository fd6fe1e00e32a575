import { describe, expect, it } from 'vitest';
import { DecodeError } from '../src/decode/decode-error.ts';
import { type ErrorJSON, errorFromJSON, errorToJSON } from '../src/error-json.ts';
import * as errors from '../src/errors.ts';
import { IdentityError } from '../src/identity-store/identity-error.ts';
import * as retryErrors from '../src/pool/retry-errors.ts';
import { connected, rejection, thrown } from './support/client.ts';

type Make = new (code: string, message: string, options?: object) => errors.HTTPError;

const ENTRY = {
  method: 'GET',
  url: 'http://a.test/',
  error: undefined,
  status: 302,
  redirectLocation: '/b',
};

/** One of each, as it is thrown. */
const SAMPLES: Error[] = [
  ...Object.entries(errors)
    .filter(([name]) => /^[A-Z]/.test(name))
    .map(([, type]) => {
      const told = { url: 'http://a.test/b?c', sent: 'maybe', partial: 5, expected: 7, scheme: 'ftp' };
      return new (type as unknown as Make)('internal_error', 'in words', {
        ...told,
        cause: new TypeError('why'),
      });
    }),
  new DecodeError('not gzip', { cause: new RangeError('too far') }),
  new IdentityError('identity_not_found', 'no alice'),
  new retryErrors.RequestError({}, 'http://a.test/', 'dns_error', 'in words'),
  new retryErrors.MaxRetryError(
    { pool: () => {} },
    'http://a.test/b',
    new errors.ProtocolError('connection_terminated', 'it hung up', { url: 'http://a.test/b' }),
    [
      ENTRY,
      {
        ...ENTRY,
        error: new errors.IncompleteRead('http_response_incomplete', 'short', { partial: 3 }),
        status: undefined,
        redirectLocation: undefined,
      },
    ],
  ),
  new retryErrors.HostChangedError({ pool: () => {} }, 'http://b.test/', 'always'),
  new retryErrors.ResponseError('too_many_redirects', 'too many redirects'),
  new retryErrors.UnrewindableBodyError('body_unrewindable', 'gone', {
    cause: new errors.SSLError('tls_alert_received', ''),
  }),
  new retryErrors.InvalidHeader('invalid_header', 'soon'),
  new retryErrors.DeadlineError('deadline_exceeded', 'late'),
  new TypeError('fetch failed: x', { cause: new errors.PoolError('pool_closed', 'x') }),
  new DOMException('This operation was aborted', 'AbortError'),
  new DOMException('The operation timed out', 'TimeoutError'),
  new SyntaxError('no JSON'),
];

/** All that can be asked of an error, but its pool. */
function facts(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, stack, cause } = error;
  const { code, sent, url, scheme, partial, expected, history, reason } = error as never as Record<
    string,
    unknown
  >;
  return {
    type: error.constructor,
    told: { name, message, stack, code, sent, url, scheme, partial, expected },
    keys: Object.entries(error)
      .filter(([, value]) => value !== undefined)
      .map(([name]) => name)
      .sort(),
    cause: facts(cause),
    reason: facts(reason),
    history: (history as errors.RequestHistory[] | undefined)?.map((entry) => ({
      ...entry,
      error: entry.error && facts(entry.error),
    })),
  };
}

function nameOf(error: Error): string {
  return error.name;
}

it('has a sample of every class', () => {
  const classes = [
    ...Object.values(errors),
    ...Object.values(retryErrors),
    DecodeError,
    IdentityError,
  ].filter((value) => typeof value === 'function' && /^class /.test(String(value)));
  expect(new Set(SAMPLES.map((sample) => sample.constructor))).toEqual(
    new Set([...classes, TypeError, SyntaxError, DOMException]),
  );
});

describe.each(SAMPLES.map((sample) => [nameOf(sample), sample] as const))('%s', (_, sample) => {
  it('is cloned as it is, with message and causes', () => {
    const clone = structuredClone(sample);
    expect(clone).toBeInstanceOf(Error);
    expect(clone.message).toBe(sample.message);
    if (sample.cause !== undefined) {
      expect((clone.cause as Error).message).toBe((sample.cause as Error).message);
    }
  });

  it('comes back from data, whichever way that goes', async () => {
    const json = errorToJSON(sample);
    const { port1, port2 } = new MessageChannel();
    const posted = await new Promise((resolve) => {
      port2.onmessage = ({ data }) => resolve(data);
      port1.postMessage(json);
    });
    port1.close();
    for (const data of [json, structuredClone(json), JSON.parse(JSON.stringify(json)), posted]) {
      const error = errorFromJSON(data);
      expect(facts(error)).toEqual(facts(sample));
      expect(structuredClone(error).message).toBe(sample.message);
      expect(Object.prototype.toString.call(error)).toMatch(/Error|DOMException/);
      expect((error as { pool?: unknown }).pool).toBeUndefined();
    }
  });
});

describe('errorToJSON', () => {
  it('takes a class of somebody else for what it extends', () => {
    class Mine extends errors.SSLError {
      override readonly name = 'Mine' as never;
    }
    const error = errorFromJSON(errorToJSON(new Mine('tls_alert_received', 'x')));
    expect(error).toBeInstanceOf(errors.SSLError);
    expect(error).not.toBeInstanceOf(Mine);
    expect(error.name).toBe('Mine');
    const aggregate = errorFromJSON(errorToJSON(new AggregateError([new Error('one')], 'all')));
    expect([aggregate.constructor, aggregate.name, aggregate.message]).toEqual([
      Error,
      'AggregateError',
      'all',
    ]);
  });

  it.each([
    ['a text', 'no token', 'no token'],
    ['a number', 7, 7],
    ['null', null, null],
    ['true', true, true],
    ['what JSON has not', Number.NaN, 'NaN'],
    ['an object', { secret: () => {} }, '[object Object]'],
    ['a function', () => 1, '() => 1'],
  ])('keeps a cause that is %s as far as data can', (_, cause, kept) => {
    expect(errorToJSON(new Error('x', { cause })).cause).toBe(kept);
    expect(errorFromJSON(errorToJSON(new Error('x', { cause }))).cause).toBe(kept);
  });

  it('takes what is no error for one', () => {
    expect(errorToJSON('thrown')).toMatchObject({ class: 'Error', message: 'thrown' });
  });

  it('ends where causes go round in circles', () => {
    const error = new Error('round');
    error.cause = error;
    let depth = 0;
    for (let at: unknown = errorToJSON(error); at !== undefined; at = (at as ErrorJSON).cause) depth++;
    expect(depth).toBe(16);
    expect(errorFromJSON(errorToJSON(error)).message).toBe('round');
  });

  it('keeps the history of a cause, and tells none twice', () => {
    const reason = new errors.ProtocolError('connection_terminated', '');
    const error = new retryErrors.MaxRetryError(undefined, 'http://a.test/', reason, [
      { ...ENTRY, error: reason },
    ]);
    const { cause } = errorToJSON(new Error('mine', { cause: error }));
    expect(cause).toMatchObject({
      class: 'MaxRetryError',
      history: [{ error: { code: 'connection_terminated' } }],
    });
    expect((cause as ErrorJSON).cause).not.toHaveProperty('history');
    expect((cause as ErrorJSON).history?.[0]?.error).not.toHaveProperty('history');
  });
});

describe('errorFromJSON', () => {
  const valid = { class: 'SSLError', name: 'SSLError', message: '', code: 'dns_error', sent: 'never' };

  it.each<[what: string, json: unknown]>([
    ['nothing', undefined],
    ['a text', 'SSLError'],
    ['no message', { ...valid, message: undefined }],
    ['a name that is none', { ...valid, name: 7 }],
    ['no code', { ...valid, code: undefined }],
    ['another sent', { ...valid, sent: 'often' }],
    ['a cause that is none', { ...valid, cause: {} }],
    ['a history with something else', { ...valid, history: [{ error: 'x' }] }],
  ])('refuses %s', (_, json) => {
    expect(thrown(() => errorFromJSON(json))).toMatchObject({
      name: 'InvalidRequestError',
      message: 'errorFromJSON() must be given what errorToJSON() makes',
    });
  });

  it('refuses causes without end', () => {
    const json: Record<string, unknown> = { ...valid };
    json.cause = json;
    expect(thrown(() => errorFromJSON(json))).toBeInstanceOf(errors.InvalidRequestError);
    const history: Record<string, unknown> = { ...valid };
    history.history = [{ error: history }];
    expect(thrown(() => errorFromJSON(history))).toBeInstanceOf(errors.InvalidRequestError);
  });

  it('makes errors and nothing else', () => {
    for (const type of ['constructor', '__proto__', 'Function', 'InsecureRequestWarning', 'CLASSES']) {
      const error = errorFromJSON({ ...valid, class: type, code: 7, url: {}, reason: 1 });
      expect(error.constructor).toBe(Error);
      expect(Object.keys(error)).toEqual([]);
    }
    const error = errorFromJSON({ ...valid, url: { a: 1 }, partial: 'many', toString: 1, status: 2 });
    expect(error).toMatchObject({ url: undefined });
    expect(Object.keys(error).sort()).toEqual(['code', 'history', 'name', 'partial', 'sent', 'url']);
  });
});

it('an error of a request comes back with everything it tells', async () => {
  const { http } = await connected({
    exchange: async (exchange) => {
      if ((await exchange.head).path === '/b') exchange.fail('connection_terminated');
      else exchange.answer(302, ['location', '/b']);
    },
  });
  const error = (await rejection(http.request('GET', 'http://a.test/', { retries: 2 }))) as Error;
  expect(facts(errorFromJSON(JSON.parse(JSON.stringify(errorToJSON(error)))))).toEqual(facts(error));
});
