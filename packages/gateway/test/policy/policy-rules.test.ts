import { describe, expect, test } from 'vitest';
import type { PolicyOptions, PolicyRule } from '../../src/options.ts';
import { type AllowRule, parseAllowRule } from '../../src/policy/allow-rule.ts';
import { compilePolicy } from '../../src/policy/compile-policy.ts';
import {
  createEgressPolicy,
  type EgressPolicy,
  type PolicyDecision,
  type PolicyRequest,
} from '../../src/policy/egress-policy.ts';
import { OwnListeners } from '../../src/policy/own-listeners.ts';
import { recordingLogger } from '../support/recording-logger.ts';

function policy(own: PolicyOptions, all?: PolicyOptions, allow: string[] = []): EgressPolicy {
  const rules = compilePolicy(all, own, 'ci');
  return createEgressPolicy({
    allow: allow.map((rule) => parseAllowRule(rule) as AllowRule),
    rules,
    subject: 'ci',
  });
}

/** `GET https://host:443`, or as told. */
function request(url: string, { method = 'GET', proxy = '', byProxy = false } = {}): PolicyRequest {
  const [, scheme = '', host = '', port] =
    /^(\w+):\/\/(?:\[(?=.*\]))?([^\]]*?)\]?(?::(\d+))?$/.exec(url) ?? [];
  const [proxyHost = '', proxyPort] = proxy.split(':');
  return {
    scheme,
    method,
    host,
    port: Number(port ?? (scheme === 'http' ? 80 : 443)),
    proxy: proxy === '' ? undefined : { host: proxyHost, port: Number(proxyPort) },
    isResolvedHere: !byProxy,
  };
}

/** Is the request allowed whose name is at this address? */
function isAllowed(asked: EgressPolicy, url: string, address = '8.8.8.8', options = {}): boolean {
  const decision = asked.decide(request(url, options));
  return decision.allowed && decision.grant.checkAddress(hop, address).allowed;
}

const hop = { host: 'h', port: 1 };

describe('an allow list', () => {
  test.each<[readonly PolicyRule[], string, object, boolean]>([
    [[], 'https://a.example', {}, false],
    // Names.
    [[{ hosts: ['a.example'] }], 'https://a.example', {}, true],
    [[{ hosts: ['a.example'] }], 'https://A.Example', {}, true],
    [[{ hosts: ['a.example'] }], 'https://a.example.', {}, true],
    [[{ hosts: ['A.EXAMPLE.'] }], 'https://a.example', {}, true],
    [[{ hosts: ['a.example'] }], 'https://b.a.example', {}, false],
    [[{ hosts: ['a.example'] }], 'https://xa.example', {}, false],
    [[{ hosts: ['a.example'] }], 'https://a.example.evil', {}, false],
    [[{ hosts: ['bücher.example'] }], 'https://xn--bcher-kva.example', {}, true],
    [[{ hosts: ['*.a.example'] }], 'https://b.a.example', {}, true],
    [[{ hosts: ['*.a.example'] }], 'https://c.b.a.example.', {}, true],
    [[{ hosts: ['*.a.example'] }], 'https://a.example', {}, false],
    [[{ hosts: ['*.a.example'] }], 'https://.a.example', {}, false],
    [[{ hosts: ['*.a.example'] }], 'https://xa.example', {}, false],
    [[{ hosts: ['x', 'a.example'] }], 'https://a.example', {}, true],
    // Ports, schemes, methods.
    [[{ ports: [443] }], 'https://a.example', {}, true],
    [[{ ports: [443] }], 'https://a.example:444', {}, false],
    [[{ ports: ['8000-8099'] }], 'https://a.example:8000', {}, true],
    [[{ ports: ['8000-8099'] }], 'https://a.example:8099', {}, true],
    [[{ ports: ['8000-8099', 1] }], 'https://a.example:8100', {}, false],
    [[{ schemes: ['https'] }], 'https://a.example', {}, true],
    [[{ schemes: ['https'] }], 'http://a.example', {}, false],
    [[{ methods: ['GET', 'HEAD'] }], 'https://a.example', {}, true],
    [[{ methods: ['GET', 'HEAD'] }], 'https://a.example', { method: 'POST' }, false],
    [[{ methods: ['GET'] }], 'https://a.example', { method: 'get' }, false],
    [
      [{ hosts: ['a.example'], methods: ['GET'] }, { hosts: ['b.example'] }],
      'https://a.example',
      { method: 'PUT' },
      false,
    ],
    // Ways.
    [[{ via: ['direct'] }], 'https://a.example', {}, true],
    [[{ via: ['direct'] }], 'https://a.example', { proxy: 'p.example:3128' }, false],
    [[{ via: ['p.example:3128'] }], 'https://a.example', { proxy: 'p.example:3128' }, true],
    [[{ via: ['p.example:*'] }], 'https://a.example', { proxy: 'P.example.:1' }, true],
    [[{ via: ['p.example:3128'] }], 'https://a.example', { proxy: 'p.example:3129' }, false],
    [[{ via: ['p.example:3128'] }], 'https://a.example', {}, false],
    // Addresses.
    [[{ addresses: ['8.8.8.0/24'] }], 'https://a.example', {}, true],
    [[{ addresses: ['8.8.4.0/24'] }], 'https://a.example', {}, false],
    [[{ addresses: ['8.8.8.8'] }], 'https://8.8.8.8', {}, true],
    [[{ addresses: ['8.8.8.8'] }], 'https://0x08080808', {}, true],
    [[{ addresses: ['8.8.4.4'] }], 'https://8.8.8.8', {}, false],
    // Of a name that a proxy resolves no address is known.
    [[{ addresses: ['0.0.0.0/0'] }], 'https://a.example', { proxy: 'p.example:1', byProxy: true }, false],
    [[{ hosts: ['a.example'] }], 'https://a.example', { proxy: 'p.example:1', byProxy: true }, true],
    [[{ addresses: ['8.8.8.8'] }], 'https://8.8.8.8', { proxy: 'p.example:1', byProxy: true }, true],
    // A rule about names means no address.
    [[{ hosts: ['*.example'] }], 'https://8.8.8.8', {}, false],
  ])('%j: %s %j: %s', (allow, url, options, expected) => {
    expect(isAllowed(policy({ allow }), url, '8.8.8.8', options)).toBe(expected);
  });

  test.each([
    ['10.1.2.3', true],
    ['::ffff:10.1.2.3', true],
    ['64:ff9b::a01:203', true],
    ['10.2.0.1', false],
    ['fd00::1', false],
    ['8.8.8.8', false],
    ['2002:a01:203::', false],
  ])('a rule with addresses opens those: %s: %s', (address, expected) => {
    const asked = policy({ allow: [{ hosts: ['db.example'], addresses: ['10.1.0.0/16'] }] });
    expect(isAllowed(asked, 'http://db.example', address)).toBe(expected);
    expect(isAllowed(asked, 'http://other.example', address)).toBe(false);
  });

  test('a rule about names opens nothing that is not public, and --allow passes no list', () => {
    expect(isAllowed(policy({ allow: [{ hosts: ['a.example'] }] }), 'http://a.example', '10.0.0.1')).toBe(
      false,
    );
    const flagged = policy({ allow: [{ hosts: ['a.example'] }] }, {}, ['a.example:80', 'b.example:80']);
    expect(isAllowed(flagged, 'http://a.example', '10.0.0.1')).toBe(true);
    expect(isAllowed(flagged, 'http://b.example', '10.0.0.1')).toBe(false);
  });

  test('one rule for names, another for addresses: each has its own connections', () => {
    const asked = policy({
      allow: [{ methods: ['GET'] }, { methods: ['GET', 'POST'], addresses: ['10.0.0.0/8'] }],
    });
    const key = (method: string): string => granted(asked.decide(request('http://a.example', { method })));
    expect(asked.isByMethod).toBe(true);
    expect(key('GET')).not.toBe(key('POST'));
    expect(isAllowed(asked, 'http://a.example', '8.8.8.8', { method: 'POST' })).toBe(false);
    expect(isAllowed(asked, 'http://a.example', '10.0.0.1', { method: 'POST' })).toBe(true);
    expect(isAllowed(asked, 'http://a.example', '8.8.8.8')).toBe(true);
  });
});

function granted(decision: PolicyDecision): string {
  return decision.allowed ? decision.grant.key : expect.unreachable('refused');
}

describe('a deny list', () => {
  test.each<[readonly PolicyRule[], string, object, boolean]>([
    [[{ hosts: ['a.example'] }], 'https://a.example', {}, false],
    [[{ hosts: ['a.example'] }], 'https://A.EXAMPLE.', {}, false],
    [[{ hosts: ['a.example'] }], 'https://b.example', {}, true],
    [[{ ports: [25] }], 'http://b.example:25', {}, false],
    [[{ methods: ['DELETE'] }], 'http://b.example', { method: 'DELETE' }, false],
    [[{ methods: ['DELETE'] }], 'http://b.example', {}, true],
    [[{ addresses: ['8.8.0.0/16'] }], 'http://b.example', {}, false],
    [[{ addresses: ['8.8.0.0/16'] }], 'http://8.8.4.4', {}, false],
    [[{ addresses: ['8.8.0.0/16'] }], 'http://134743044', {}, false],
    [[{ addresses: ['8.8.0.0/16'] }], 'http://[::ffff:8.8.4.4]', {}, false],
    [[{ addresses: ['8.8.0.0/16'] }], 'http://[64:ff9b::808:404]', {}, false],
    [[{ addresses: ['9.0.0.0/8'], hosts: ['b.example'] }], 'http://b.example', {}, true],
    [[{ via: ['direct'], hosts: ['b.example'] }], 'http://b.example', {}, false],
  ])('%j: %s %j: %s', (deny, url, options, expected) => {
    expect(isAllowed(policy({ deny }), url, '8.8.8.8', options)).toBe(expected);
  });

  test('wins over allow', () => {
    const asked = policy({ allow: [{ hosts: ['*.example'] }], deny: [{ hosts: ['a.example'] }] });
    expect(isAllowed(asked, 'http://a.example')).toBe(false);
    expect(isAllowed(asked, 'http://b.example')).toBe(true);
  });

  test('of all subjects is not lost by one of a subject; everything else is replaced', () => {
    const all: PolicyOptions = { mode: 'report', allow: [], deny: [{ hosts: ['a.example'] }] };
    const asked = policy(
      { mode: 'enforce', allow: [{ ports: [80] }], deny: [{ hosts: ['b.example'] }] },
      all,
    );
    expect(isAllowed(asked, 'http://a.example')).toBe(false);
    expect(isAllowed(asked, 'http://b.example')).toBe(false);
    expect(isAllowed(asked, 'http://c.example')).toBe(true);
    expect(isAllowed(policy({}, { ...all, mode: 'enforce' }), 'http://c.example')).toBe(false);
  });
});

describe('proxies', () => {
  const useOf = (asked: EgressPolicy, address = '8.8.8.8', port = 3128): boolean => {
    const decision = asked.decideProxy({ host: 'Proxy.Example', port });
    return decision.allowed && decision.grant.checkAddress(hop, address).allowed;
  };

  test.each<[PolicyOptions, string, boolean]>([
    [{}, '8.8.8.8', true],
    [{}, '10.0.0.1', false],
    [{ proxies: [] }, '8.8.8.8', false],
    [{ proxies: ['proxy.example:3128'] }, '8.8.8.8', true],
    [{ proxies: ['proxy.example:3128'] }, '10.0.0.1', true],
    [{ proxies: ['proxy.example:3128'] }, '169.254.169.254', false],
    [{ proxies: ['proxy.example:3128'] }, '0.0.0.0', false],
    [{ proxies: ['proxy.example:*'] }, '10.0.0.1', true],
    [{ proxies: ['other.example:3128'] }, '8.8.8.8', false],
    [{ proxies: ['proxy.example:3128'], deny: [{ hosts: ['proxy.example'] }] }, '8.8.8.8', false],
    [{ proxies: ['proxy.example:3128'], deny: [{ addresses: ['10.0.0.0/8'] }] }, '10.0.0.1', false],
    [{ deny: [{ hosts: ['proxy.example'], methods: ['GET'] }] }, '8.8.8.8', true],
    // A proxy could take requests anywhere: a list that does not speak of proxies allows none.
    [{ allow: [{ hosts: ['proxy.example'] }] }, '8.8.8.8', false],
    [{ allow: [], proxies: ['proxy.example:3128'] }, '8.8.8.8', true],
  ])('%j at %s: %s', (own, address, expected) => {
    expect(useOf(policy(own), address)).toBe(expected);
  });
});

describe('modes', () => {
  test('report lets through what the rules refuse, and says so; addresses stay as closed as they were', () => {
    const { logger, lines } = recordingLogger();
    const asked = createEgressPolicy({
      allow: [],
      rules: compilePolicy({
        mode: 'report',
        allow: [{ hosts: ['a.example'] }],
        deny: [{ addresses: ['9.0.0.0/8'] }],
      }),
      subject: 'ci',
      log: logger,
    });
    const decision = asked.decide(request('https://b.example', { method: 'PUT' }));
    expect(decision).toMatchObject({
      allowed: true,
      reported: {
        subject: 'ci',
        destination: 'b.example:443',
        method: 'PUT',
        mode: 'report',
        rule: 'no rule of the allow list matches',
      },
    });
    if (!decision.allowed) return;
    expect(decision.grant.checkAddress(hop, '8.8.8.8').allowed).toBe(true);
    expect(decision.grant.checkAddress(hop, '10.0.0.1').allowed).toBe(false);
    expect(lines).toEqual([]);
    expect(decision.grant.checkAddress(hop, '9.1.2.3').allowed).toBe(true);
    expect(lines).toMatchObject([{ level: 'warn', fields: { rule: 'policy.deny[0]', address: '9.1.2.3' } }]);
  });

  test.each([
    ['10.0.0.1', true],
    ['127.0.0.1', true],
    ['fd00::1', true],
    ['8.8.8.8', true],
    ['169.254.169.254', false],
    ['168.63.129.16', false],
    ['224.0.0.1', false],
    ['0.0.0.0', false],
    ['255.255.255.255', false],
    ['10.9.9.9', false],
  ])('open: %s: %s', (address, expected) => {
    const asked = policy({ mode: 'open', deny: [{ addresses: ['10.9.0.0/16'] }] }, { allow: [] });
    expect(isAllowed(asked, 'http://a.example', address)).toBe(expected);
  });
});

describe('a metadata service', () => {
  test.each<[PolicyOptions, string[], string, boolean]>([
    [{ allow: [{ addresses: ['169.254.0.0/16'] }] }, [], 'http://169.254.169.254', false],
    [{ allow: [{ addresses: ['169.254.169.254'] }] }, [], 'http://169.254.169.254', true],
    [{ allow: [{ addresses: ['169.254.169.254/32'] }] }, [], 'http://[::ffff:169.254.169.254]', true],
    [{ mode: 'open' }, [], 'http://169.254.169.254', false],
    [{}, ['169.254.169.254:80'], 'http://169.254.169.254', true],
    [{}, ['metadata.example:80'], 'http://metadata.example', false],
  ])('%j, --allow %j: %s: %s', (own, allow, url, expected) => {
    expect(isAllowed(policy(own, {}, allow), url, '169.254.169.254')).toBe(expected);
  });
});

describe('the gateway itself', () => {
  const own = new OwnListeners();
  own.add(8787, 'session');
  own.add(9090, 'admin');
  const isReached = (
    url: string,
    address: string,
    rules: string[],
    mode?: PolicyOptions['mode'],
  ): boolean => {
    const allow = rules.map((rule) => parseAllowRule(rule) as AllowRule);
    const asked = createEgressPolicy({ allow, own, rules: compilePolicy(mode && { mode }) });
    return isAllowed(asked, url, address);
  };

  test.each([
    ['http://a.example:8787', '127.0.0.1', ['a.example:*'], undefined, false],
    ['http://a.example:8787', '127.8.7.6', ['a.example:*'], undefined, false],
    ['http://a.example:8787', '::1', ['a.example:*'], undefined, false],
    ['http://a.example:8787', '::ffff:127.0.0.1', ['a.example:*'], undefined, false],
    ['http://a.example:8787', '127.0.0.1', [], 'open', false],
    ['http://127.1:8787', '127.0.0.1', ['127.0.0.1:*'], undefined, false],
    ['http://a.example:8787', '127.0.0.1', ['a.example:8787'], undefined, true],
    ['http://a.example:8788', '127.0.0.1', ['a.example:*'], undefined, true],
    ['http://a.example:9090', '127.0.0.1', ['a.example:9090'], undefined, false],
    ['http://a.example:9090', '10.255.255.1', ['a.example:9090'], undefined, true],
    ['http://a.example:8787', '8.8.8.8', [], undefined, true],
  ] as const)('%s at %s, --allow %j, %s: %s', (url, address, rules, mode, expected) => {
    expect(isReached(url, address, [...rules], mode)).toBe(expected);
  });
});

describe('Host', () => {
  const asked = policy({ allow: [{ hosts: ['*.a.example'] }], deny: [{ hosts: ['secret.a.example'] }] });
  test.each([
    ['b.a.example', true],
    ['B.A.EXAMPLE.', true],
    ['secret.a.example', false],
    ['other.example', false],
    ['10.0.0.1', false],
  ])('%s: %s', (host, expected) => {
    expect(asked.decideHostField(request('https://c.a.example'), host).allowed).toBe(expected);
  });

  test('without rules any name may be there', () => {
    expect(policy({}).decideHostField(request('https://c.example'), 'intranet').allowed).toBe(true);
  });
});

describe('what is said', () => {
  test('to the client: what and what to do, and no address; to the operator: the rule and the address', () => {
    const asked = policy(
      { allow: [{ hosts: ['db.example'], addresses: ['10.1.0.0/16'] }] },
      { deny: [{ ports: [25] }] },
    );
    const denied = asked.decide(request('http://db.example:25', { method: 'POST' }));
    expect(denied).toEqual({
      allowed: false,
      reason:
        "POST to http://db.example:25 is not allowed by this gateway's policy: its operator can allow it",
      note: {
        subject: 'ci',
        destination: 'db.example:25',
        method: 'POST',
        mode: 'enforce',
        rule: 'policy.deny[0]',
        reason: expect.any(String),
      },
    });
    const decision = asked.decide(request('http://db.example'));
    const refused = decision.allowed ? decision.grant.checkAddress(hop, '10.2.3.4') : undefined;
    expect(refused).toMatchObject({
      allowed: false,
      reason: expect.not.stringContaining('10.2.3.4'),
      note: {
        address: '10.2.3.4',
        addressClass: 'private',
        rule: 'no rule of the allow list has this address',
      },
    });
  });

  test('a subject has the place of its own rules', () => {
    const asked = policy({ deny: [{ ports: [1] }, { ports: [25] }] }, { deny: [{ ports: [2] }] });
    const rule = (port: number): unknown => {
      const decision = asked.decide(request(`http://a.example:${port}`));
      return decision.allowed ? undefined : decision.note?.['rule'];
    };
    expect([rule(2), rule(25)]).toEqual(['policy.deny[0]', 'subjects.ci.policy.deny[1]']);
  });
});
