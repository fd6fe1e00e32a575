import type { Failure, ProxySettings, RequestHead, RequestOptions } from '@hip/wire';
import { describe, expect, test } from 'vitest';
import { DEFAULTS, INTERNALS } from '../../src/defaults.ts';
import { planRequest, type RequestPlan } from '../../src/exchange/request-plan.ts';
import { type AllowRule, parseAllowRule } from '../../src/policy/allow-rule.ts';
import { createEgressPolicy, type EgressPolicy } from '../../src/policy/egress-policy.ts';
import { poolKey } from '../../src/pool/pool-key.ts';
import type { PoolSettings } from '../../src/pool/pool-settings.ts';
import { ANYWHERE, poolSettings } from '../support/settings.ts';

const POLICY = createEgressPolicy({ allow: [] });
const HEADERS = ['proxy-authorization', 'Basic eA=='];

function settingsFor(proxy: Partial<ProxySettings>): PoolSettings {
  return poolSettings({ proxy: { scheme: 'http', host: 'proxy.example', port: 3128, ...proxy } });
}

function plan(
  head: Partial<RequestHead>,
  settings: PoolSettings = poolSettings(),
  policy: EgressPolicy = POLICY,
  options: RequestOptions = {},
): RequestPlan | Failure {
  return planRequest(
    { method: 'GET', scheme: 'http', authority: 'origin.example', path: '/a?b', fields: [], ...head },
    options,
    settings,
    policy,
    DEFAULTS.timeouts,
  );
}

describe('without a proxy', () => {
  test('a request goes to its origin as it is', () => {
    const settings = poolSettings();
    expect(plan({ authority: 'Origin.EXAMPLE:8080' }, settings)).toEqual({
      key: {
        ...poolKey({ scheme: 'http', host: 'origin.example', port: 8080 }, settings, false, ANYWHERE),
        checkAddress: expect.any(Function),
        text: expect.any(String),
      },
      reported: [],
      path: '/a?b',
      proxyFields: undefined,
      connectTimeoutMs: DEFAULTS.timeouts.connectTimeoutMs,
      readTimeoutMs: DEFAULTS.timeouts.readTimeoutMs,
      totalTimeoutMs: 0,
      poolTimeoutMs: DEFAULTS.timeouts.poolTimeoutMs,
    });
  });

  test.each<[asked: RequestOptions, connectTimeoutMs: number, readTimeoutMs: number]>([
    [{ totalTimeoutMs: 7 }, 7, 7],
    [{ totalTimeoutMs: 7, connectTimeoutMs: 5, readTimeoutMs: 9 }, 5, 7],
    [{ totalTimeoutMs: 7, connectTimeoutMs: 9, readTimeoutMs: 5 }, 7, 5],
    [{ totalTimeoutMs: 999_999_999 }, DEFAULTS.timeouts.connectTimeoutMs, DEFAULTS.timeouts.readTimeoutMs],
  ])('a total bounds both timeouts: %j', (asked, connectTimeoutMs, readTimeoutMs) => {
    const { totalTimeoutMs } = asked;
    expect(plan({}, undefined, undefined, asked)).toMatchObject({
      connectTimeoutMs,
      readTimeoutMs,
      totalTimeoutMs,
    });
  });

  test('timeouts are cut to what the operator allows', () => {
    expect(
      plan({}, undefined, undefined, { connectTimeoutMs: 5, readTimeoutMs: 0, poolTimeoutMs: 999_999_999 }),
    ).toMatchObject({
      connectTimeoutMs: 5,
      readTimeoutMs: DEFAULTS.timeouts.readTimeoutMs,
      poolTimeoutMs: DEFAULTS.timeouts.poolTimeoutMs,
    });
  });

  test.each([
    [{ method: 'CONNECT' }, 'method must not be CONNECT'],
    [{ path: 'http://a/' }, 'path must start with "/"'],
    [{ path: '*' }, 'path must start with "/"'],
    [{ scheme: 'ftp' }, 'scheme must be http or https, and authority a host with an optional port'],
    [{ authority: 'a b' }, 'scheme must be http or https, and authority a host with an optional port'],
  ])('%j is malformed', (head, detail) => {
    expect(plan(head)).toEqual({ name: 'http_request_error', detail });
  });

  test('a denied address is refused; a name is not, before it is resolved', () => {
    expect(plan({ authority: '127.0.0.1' })).toMatchObject({
      name: 'destination_prohibited',
      detail: '127.0.0.1:80 is at a loopback address, not a public one',
    });
    expect(plan({ authority: 'localhost' })).toHaveProperty('key');
  });
});

describe('through an HTTP proxy', () => {
  test('http is forwarded: one pool for all origins, whole URLs, fields for the proxy', () => {
    const settings = settingsFor({ headers: HEADERS });
    const target = { scheme: 'http', host: 'proxy.example', port: 3128 };
    expect(plan({}, settings)).toMatchObject({
      key: { target, settings, isForwarding: true },
      path: 'http://origin.example/a?b',
      proxyFields: HEADERS,
    });
    expect(plan({ authority: '[2606:4700::1]:81', path: '/' }, settings)).toMatchObject({
      key: { target, isForwarding: true },
      path: 'http://[2606:4700::1]:81/',
    });
  });

  test('OPTIONS of a whole server becomes a URL without a path', () => {
    expect(plan({ method: 'OPTIONS', path: '*' }, settingsFor({}))).toMatchObject({
      path: 'http://origin.example',
    });
    expect(plan({ method: 'OPTIONS', path: '*' })).toMatchObject({ path: '*' });
  });

  test('https goes through a tunnel: a pool for each origin, and nothing for the proxy in the request', () => {
    for (const settings of [
      settingsFor({ headers: HEADERS }),
      settingsFor({ headers: HEADERS, useForwardingForHttps: true }),
      settingsFor({ headers: HEADERS, scheme: 'https' }),
    ]) {
      expect(plan({ scheme: 'https' }, settings)).toMatchObject({
        key: {
          target: { scheme: 'https', host: 'origin.example', port: 443 },
          settings,
          isForwarding: false,
        },
        path: '/a?b',
        proxyFields: undefined,
      });
    }
  });

  test('https is forwarded where that is asked for of an https proxy', () => {
    const settings = settingsFor({ scheme: 'https', useForwardingForHttps: true, headers: HEADERS });
    const key = {
      target: { scheme: 'https', host: 'proxy.example', port: 3128 },
      settings,
      isForwarding: true,
    };
    expect(plan({ scheme: 'https' }, settings)).toMatchObject({
      key,
      path: 'https://origin.example/a?b',
      proxyFields: HEADERS,
    });
    expect(plan({ scheme: 'http' }, settings)).toMatchObject({ key, path: 'http://origin.example/a?b' });
  });
});

test.each(['socks4', 'socks4a', 'socks5', 'socks5h'])(
  'through %s a request goes as to its origin',
  (scheme) => {
    const settings = settingsFor({ scheme });
    for (const target of ['http', 'https'])
      expect(plan({ scheme: target }, settings)).toMatchObject({
        key: { target: { scheme: target, host: 'origin.example' }, settings, isForwarding: false },
        path: '/a?b',
        proxyFields: undefined,
      });
  },
);

describe('the policy', () => {
  test.each([
    ['http', 'http', true],
    ['http', 'https', true],
    ['https', 'http', true],
    ['https', 'https', true],
    ['socks4a', 'http', true],
    ['socks5h', 'https', true],
    ['socks4', 'http', false],
    ['socks5', 'https', false],
  ])('a %s proxy and an %s origin: is the name judged? %s', (scheme, target, isJudged) => {
    const failure = {
      name: 'destination_prohibited',
      detail: 'vault.internal:1 is not a public name, and a proxy would resolve it',
    };
    const found = plan({ scheme: target, authority: 'vault.internal:1' }, settingsFor({ scheme }));
    if (isJudged) expect(found).toMatchObject(failure);
    else expect(found).toHaveProperty('key');
    expect(plan({ scheme: target, authority: '10.0.0.1' }, settingsFor({ scheme }))).toMatchObject({
      name: 'destination_prohibited',
    });
  });

  test.each(['http', 'https', 'socks4', 'socks4a', 'socks5', 'socks5h'])(
    'the address of a %s proxy',
    (scheme) => {
      const settings = settingsFor({ scheme, host: '127.0.0.1' });
      for (const target of ['http', 'https']) {
        expect(plan({ scheme: target }, settings)).toMatchObject({
          name: 'destination_prohibited',
          detail: '127.0.0.1:3128 is at a loopback address, not a public one',
        });
      }
      const allowed = createEgressPolicy({ allow: [parseAllowRule('127.0.0.1:3128') as AllowRule] });
      expect(plan({}, settingsFor({ scheme, host: '127.0.0.1' }), allowed)).toHaveProperty('key');
    },
  );
});

describe('what is remembered', () => {
  function counting(): { policy: EgressPolicy; asked: string[] } {
    const asked: string[] = [];
    const policy: EgressPolicy = {
      key: '',
      isByMethod: false,
      decide: (request) => {
        asked.push(`${request.host}:${request.port}`);
        return POLICY.decide(request);
      },
      decideProxy: (proxy) => POLICY.decideProxy(proxy),
      decideHostField: (request, host) => POLICY.decideHostField(request, host),
    };
    return { policy, asked };
  }

  test('is decided once for each scheme and authority, also when it is a refusal', () => {
    const settings = poolSettings();
    const { policy, asked } = counting();
    const first = plan({}, settings, policy) as RequestPlan;
    expect((plan({ path: '/other' }, settings, policy) as RequestPlan).key).toBe(first.key);
    expect((plan({ scheme: 'https' }, settings, policy) as RequestPlan).key).not.toBe(first.key);
    plan({ authority: '10.0.0.1' }, settings, policy);
    expect(plan({ authority: '10.0.0.1' }, settings, policy)).toHaveProperty('name');
    expect(asked).toEqual(['origin.example:80', 'origin.example:443', '10.0.0.1:80']);
  });

  test('is never that of other settings', () => {
    const { policy, asked } = counting();
    plan({}, poolSettings(), policy);
    plan({}, poolSettings(), policy);
    expect(asked).toHaveLength(2);
  });

  test('is bounded, and nothing malformed is kept', () => {
    const settings = poolSettings();
    for (let n = 0; n < 3 * INTERNALS.maxKnownDestinations; n += 1) {
      plan({ authority: `${n}.example` }, settings);
      plan({ authority: `${'a'.repeat(300)}${n}` }, settings);
    }
    expect(settings.destinations.http.size).toBeLessThanOrEqual(INTERNALS.maxKnownDestinations);
    expect([...settings.destinations.http.keys()].every((authority) => authority.length < 20)).toBe(true);
  });
});
