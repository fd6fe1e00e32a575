import { describe, expect, test } from 'vitest';
import type { AddressDecision } from '../../src/connect/connector.ts';
import { type AllowRule, parseAllowRule } from '../../src/policy/allow-rule.ts';
import { createEgressPolicy, type PolicyDecision } from '../../src/policy/egress-policy.ts';

interface Asked {
  host: string;
  port: number;
}

/** What is decided with these `--allow`, and what a client is told. */
function policy(...rules: string[]): {
  checkTarget(target: Asked): object;
  checkProxiedTarget(target: Asked): { allowed: boolean };
  checkAddress(target: Asked, address: string): { allowed: boolean };
} {
  const made = createEgressPolicy({ allow: rules.map((rule) => parseAllowRule(rule) as AllowRule) });
  const decide = (target: Asked, isResolvedHere: boolean): PolicyDecision =>
    made.decide({ scheme: 'http', method: 'GET', proxy: undefined, isResolvedHere, ...target });
  return {
    checkTarget: (target) => told(decide(target, true)),
    checkProxiedTarget: (target) => told(decide(target, false)),
    checkAddress(target, address) {
      const decision = decide({ ...target, host: target.host }, true);
      return told(decision.allowed ? decision.grant.checkAddress(target, address) : decision);
    },
  };
}

function told(decision: AddressDecision | PolicyDecision): { allowed: boolean; reason?: string } {
  return decision.allowed ? { allowed: true } : { allowed: false, reason: decision.reason };
}

describe('without rules', () => {
  test.each(['8.8.8.8', '2606:4700:4700::1111', '::ffff:1.1.1.1', '64:ff9b::1.1.1.1'])(
    '%s is allowed',
    (address) => {
      expect(policy().checkAddress({ host: 'a.example', port: 80 }, address)).toEqual({ allowed: true });
    },
  );

  test.each([
    ['127.0.0.1', 'a.example:80 is at a loopback address, not a public one'],
    ['10.0.0.1', 'a.example:80 is at a private address, not a public one'],
    ['fd00::1', 'a.example:80 is at a unique-local address, not a public one'],
    ['0.0.0.0', 'a.example:80 is at an unspecified address, not a public one'],
    ['', 'a.example:80 is at an invalid address, not a public one'],
  ])('%j is not, and the reason keeps it secret', (address, reason) => {
    expect(policy().checkAddress({ host: 'a.example', port: 80 }, address)).toEqual({
      allowed: false,
      reason,
    });
  });

  test('any name may be asked for, and an address is judged at once', () => {
    expect(policy().checkTarget({ host: 'localhost', port: 1 })).toEqual({ allowed: true });
    expect(policy().checkTarget({ host: '8.8.8.8', port: 1 })).toEqual({ allowed: true });
    expect(policy().checkTarget({ host: '::1', port: 81 })).toEqual({
      allowed: false,
      reason: '[::1]:81 is at a loopback address, not a public one',
    });
  });
});

describe('with a rule', () => {
  test.each([
    ['localhost:80', 'localhost', 80, true],
    ['LOCALHOST:80', 'localhost', 80, true],
    ['localhost:80', 'LocalHost', 80, true],
    ['localhost:80', 'localhost', 81, false],
    ['localhost:80', 'localhost.', 80, true],
    ['localhost:80', 'a.localhost', 80, false],
    ['localhost:*', 'localhost', 65_535, true],
    ['localhost:80', '127.0.0.1', 80, false],
    ['127.0.0.1:80', '127.0.0.1', 80, true],
    ['127.0.0.1:80', 'localhost', 80, false],
    ['[::1]:80', '::1', 80, true],
    ['[::1]:80', '0:0:0:0:0:0:0:1', 80, true],
    ['[0::1]:*', '::1', 80, true],
  ])('%s: %s port %d at loopback: %s', (rule, host, port, allowed) => {
    expect(policy(rule).checkAddress({ host, port }, '127.0.0.1').allowed).toBe(allowed);
  });

  test.each(['127.0.0.1', '10.1.2.3', 'fd00::1', 'fe80::1', '169.254.1.1', '100.64.0.1', '::ffff:10.0.0.1'])(
    'the host may be at %s',
    (address) => {
      expect(policy('a:80').checkAddress({ host: 'a', port: 80 }, address)).toEqual({ allowed: true });
    },
  );

  test.each([
    '169.254.169.254',
    '168.63.129.16',
    'fd00:ec2::254',
    '224.0.0.1',
    'ff02::1',
    '255.255.255.255',
    '0.0.0.0',
    '::',
    'garbage',
  ])('but never at %s', (address) => {
    expect(policy('a:80').checkAddress({ host: 'a', port: 80 }, address).allowed).toBe(false);
  });

  test('everyone else stays where they were', () => {
    expect(policy('a:80').checkAddress({ host: 'b', port: 80 }, '10.0.0.1').allowed).toBe(false);
    expect(policy('a:80').checkAddress({ host: 'b', port: 80 }, '8.8.8.8').allowed).toBe(true);
  });

  test('an address that is named is allowed before it is resolved', () => {
    expect(policy('127.0.0.1:80').checkTarget({ host: '127.0.0.1', port: 80 })).toEqual({ allowed: true });
  });
});

describe('a target whose name a proxy resolves', () => {
  test.each([
    'origin.example',
    'ORIGIN.example.',
    'a.co',
    'mylocalhost.com',
    'local.example',
    'xn--nxasmq6b.example',
    'duskgytldkxiuqc6.onion',
    '8.8.8.8',
    '8.8.8.8.',
    '8.8.2056',
    '2606:4700:4700::1111',
    '1.example',
    '0x1.example',
  ])('%s is allowed', (host) => {
    expect(policy().checkProxiedTarget({ host, port: 443 })).toEqual({ allowed: true });
  });

  test.each([
    'localhost',
    'LOCALHOST',
    'localhost.',
    'a.localhost',
    'a.b.LocalHost.',
    'printer.local',
    'vault.internal',
    'router.home.arpa',
    'home.arpa',
    'host.test',
    'wiki.corp',
    'nas.lan',
    'intranet',
    'com',
    'com.',
    'a..example',
    '.example',
    'example..',
    '.',
    '',
  ])('%s is not', (host) => {
    expect(policy().checkProxiedTarget({ host, port: 443 })).toEqual({
      allowed: false,
      reason: `${host}:443 is not a public name, and a proxy would resolve it`,
    });
  });

  test.each([
    ['127.0.0.1', 'a loopback'],
    ['127.0.0.1.', 'a loopback'],
    ['127.1', 'a loopback'],
    ['0x7f.1', 'a loopback'],
    ['0x7f000001', 'a loopback'],
    ['2130706433', 'a loopback'],
    ['0177.0.0.1', 'a loopback'],
    ['10.256', 'a private'],
    ['169.254.43518', 'a cloud metadata'],
    ['0', 'an unspecified'],
    ['1.2.3.4.5', 'an invalid'],
    ['a.256', 'an invalid'],
    ['256.256.256.256', 'an invalid'],
  ])('%s is judged as the address that resolvers make of it', (host, what) => {
    expect(policy().checkProxiedTarget({ host, port: 443 })).toEqual({
      allowed: false,
      reason: `${host}:443 is at ${what} address, not a public one`,
    });
  });

  test('an IPv6 address is judged as one', () => {
    expect(policy().checkProxiedTarget({ host: '::1', port: 443 })).toEqual({
      allowed: false,
      reason: '[::1]:443 is at a loopback address, not a public one',
    });
  });

  test.each([
    ['localhost:80', 'localhost', 80, true],
    ['localhost:80', 'LocalHost.', 80, true],
    ['localhost.:80', 'localhost.', 80, true],
    ['localhost:80', 'localhost', 81, false],
    ['localhost:80', 'a.localhost', 80, false],
    ['vault.internal:*', 'vault.internal', 1, true],
    ['127.0.0.1:80', '127.0.0.1', 80, true],
    ['127.0.0.1:80', 'localhost', 80, false],
    ['[::1]:80', '0::1', 80, true],
    ['0.0.0.0:80', '0.0.0.0', 80, false],
  ])('%s: %s port %d: %s', (rule, host, port, allowed) => {
    expect(policy(rule).checkProxiedTarget({ host, port }).allowed).toBe(allowed);
  });
});

test.each([
  'localhost',
  'localhost:',
  'localhost:0',
  'localhost:65536',
  'localhost:http',
  ':80',
  '*:80',
  '::1:80',
  '[::1]',
  '[127.0.0.1]:80',
  'http://localhost:80',
  'local host:80',
  '',
])('%j is no rule', (text) => {
  expect(parseAllowRule(text)).toBeUndefined();
});
