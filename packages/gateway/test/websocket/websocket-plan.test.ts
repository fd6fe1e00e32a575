import type { Failure, ProxySettings, RequestHead, WebSocketOptions } from '@hip/wire';
import { describe, expect, test } from 'vitest';
import { DEFAULTS } from '../../src/defaults.ts';
import { FailureError } from '../../src/errors.ts';
import { compilePolicy } from '../../src/policy/compile-policy.ts';
import { createEgressPolicy } from '../../src/policy/egress-policy.ts';
import type { PoolSettings } from '../../src/pool/pool-settings.ts';
import { planWebSocket, type WebSocketPlan } from '../../src/websocket/websocket-plan.ts';
import { poolSettings } from '../support/settings.ts';

const POLICY = createEgressPolicy({ allow: [] });

function plan(
  head: Partial<RequestHead> = {},
  options: WebSocketOptions = {},
  settings: PoolSettings = poolSettings(),
): WebSocketPlan | Failure {
  return planWebSocket(
    { method: 'GET', scheme: 'http', authority: 'origin.example', path: '/a?b', fields: [], ...head },
    options,
    settings,
    POLICY,
    DEFAULTS.timeouts,
  );
}

function through(proxy: Partial<ProxySettings>): PoolSettings {
  return poolSettings({ proxy: { scheme: 'http', host: 'proxy.example', port: 3128, ...proxy } });
}

test('goes to its origin as it is', () => {
  const settings = poolSettings();
  const options = { connectTimeoutMs: 5, subprotocols: 'chat,super-chat', maxMessageBytes: 7 };
  expect(plan({ fields: ['a', 'b'] }, options, settings)).toEqual({
    target: { scheme: 'http', host: 'origin.example', port: 80 },
    route: { tls: settings.tls, proxy: undefined, isTargetProxy: false, checkAddress: expect.any(Function) },
    reported: [],
    path: '/a?b',
    fields: ['host', 'origin.example', 'a', 'b'],
    subprotocols: ['chat', 'super-chat'],
    maxMessageBytes: 7,
    connectTimeoutMs: 5,
    readTimeoutMs: DEFAULTS.timeouts.readTimeoutMs,
  });
  expect(plan()).toMatchObject({ subprotocols: [], maxMessageBytes: Number.POSITIVE_INFINITY });
});

test('fields of the connection are the gateway’s', () => {
  const fields = [
    'host',
    'other.example',
    'connection',
    'x-hop',
    'x-hop',
    '1',
    'upgrade',
    'h2c',
    'cookie',
    'a=b',
  ];
  expect(plan({ fields })).toMatchObject({ fields: ['host', 'other.example', 'cookie', 'a=b'] });
});

test.each<[what: string, head: Partial<RequestHead>, options: WebSocketOptions, detail: RegExp]>([
  ['another method', { method: 'POST' }, {}, /must be GET/],
  ['a key of the client', { fields: ['sec-websocket-key', 'x'] }, {}, /sec-websocket-key is the gateway's/],
  [
    'an extension',
    { fields: ['a', 'b', 'sec-websocket-extensions', 'x'] },
    {},
    /sec-websocket-extensions is/,
  ],
  ['no subprotocol', {}, { subprotocols: '' }, /tokens, each once/],
  ['one that is no token', {}, { subprotocols: 'a b' }, /tokens, each once/],
  ['one that breaks the line', {}, { subprotocols: 'a\r\nb' }, /tokens, each once/],
  ['one that comes twice', {}, { subprotocols: 'a,b,a' }, /tokens, each once/],
  ['another scheme', { scheme: 'ws' }, {}, /scheme must be http or https/],
  ['no host', { authority: '' }, {}, /authority a host/],
  ['content', { fields: ['content-length', '5'] }, {}, /must have no content/],
])('%s is malformed', (_what, head, options, detail) => {
  expect(plan(head, options)).toEqual({ name: 'http_request_error', detail: expect.stringMatching(detail) });
});

test('fields that contradict themselves', () => {
  expect(() => plan({ fields: ['host', 'a', 'host', 'b'] })).toThrow(FailureError);
});

describe('the policy', () => {
  test('is asked for the origin, and for a proxy', () => {
    expect(plan({ authority: '127.0.0.1' })).toMatchObject({ name: 'destination_prohibited' });
    expect(plan({}, {}, through({ host: '10.0.0.1' }))).toMatchObject({ name: 'destination_prohibited' });
    expect(plan({ authority: 'localhost' }, {}, through({}))).toMatchObject({
      name: 'destination_prohibited',
    });
  });
});

describe('through a proxy', () => {
  test('there is a tunnel, also to ws:', () => {
    const settings = through({});
    for (const scheme of ['http', 'https']) {
      expect(plan({ scheme }, {}, settings)).toMatchObject({
        target: { host: 'origin.example' },
        route: { proxy: settings.proxy, isTargetProxy: false },
      });
    }
  });

  test('that requests are forwarded to: not to wss:', () => {
    const settings = through({ scheme: 'https', useForwardingForHttps: true });
    expect(plan({ scheme: 'https' }, {}, settings)).toMatchObject({
      name: 'unsupported_option',
      detail: expect.stringContaining('useForwardingForHttps'),
    });
    expect(plan({ scheme: 'http' }, {}, settings)).toMatchObject({ route: { proxy: settings.proxy } });
  });
});

test('the rules are asked about its target and its Host, and each of its addresses', () => {
  const rules = compilePolicy({ allow: [{ hosts: ['origin.example'], methods: ['GET'] }] });
  const policy = createEgressPolicy({ allow: [], rules });
  const asked = (authority: string, fields: string[] = []): WebSocketPlan | Failure =>
    planWebSocket(
      { method: 'GET', scheme: 'http', authority, path: '/', fields },
      {},
      poolSettings(),
      policy,
      DEFAULTS.timeouts,
    );
  const planned = asked('origin.example');
  if (!('route' in planned)) return expect.unreachable('refused');
  expect(planned.route.checkAddress(planned.target, '8.8.8.8').allowed).toBe(true);
  expect(planned.route.checkAddress(planned.target, '127.0.0.1').allowed).toBe(false);
  expect(asked('other.example')).toMatchObject({ name: 'destination_prohibited' });
  expect(asked('origin.example', ['host', 'other.example'])).toMatchObject({
    name: 'destination_prohibited',
  });
  expect(asked('origin.example', ['host', 'a b'])).toMatchObject({ name: 'http_request_error' });
});
