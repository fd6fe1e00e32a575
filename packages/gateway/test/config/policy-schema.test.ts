import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { isNameServer } from '../../src/config/name-server.ts';
import { resolveOptions } from '../../src/config/resolve-options.ts';
import { ConfigError } from '../../src/errors.ts';

const FILES: Record<string, string> = {
  'ci.token': 'secret',
  'token.txt': 'a',
  'reports.txt': 'b',
  'newcomer.txt': 'c',
};

/** What is wrong with a configuration file, in its own words. */
function problemsOf(content: unknown): readonly string[] {
  const files: Record<string, string> = { ...FILES, 'hip.json': JSON.stringify(content) };
  return problemsIn(() =>
    loadConfig({
      argv: ['--config', 'hip.json'],
      env: {},
      readFile: (path) => Buffer.from(files[path] ?? expect.unreachable(path)),
    }),
  );
}

function problemsIn(act: () => unknown): readonly string[] {
  try {
    act();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

const WHOLE = {
  mode: 'enforce',
  allow: [
    { hosts: ['api.example.com', '*.example.com', 'bücher.example', 'xn--bcher-kva.example', 'a_b.example'] },
    {
      addresses: ['10.0.0.0/8', '10.1.2.3', '::/0', 'fd00::/8', '2606:4700::1111'],
      ports: [443, '8000-8099', '1'],
    },
    {
      schemes: ['https'],
      methods: ['GET', 'HEAD', 'M-SEARCH'],
      via: ['direct', 'proxy.example:3128', '[::1]:*'],
    },
  ],
  deny: [],
  proxies: ['proxy.example:3128'],
};

test('everything that a policy can hold, for all and for one', () => {
  const file = {
    policy: WHOLE,
    subjects: { ci: { tokenFile: 'ci.token', policy: WHOLE } },
    dns: ['127.0.0.1'],
  };
  expect(problemsOf(file)).toEqual([]);
  const options = { policy: WHOLE, subjects: { ci: { token: 't', policy: WHOLE } }, dns: ['::1'] } as const;
  expect(problemsIn(() => resolveOptions(options as never))).toEqual([]);
});

test('the example of the documents', () => {
  const document = readFileSync(new URL('../../../../docs/policy.md', import.meta.url), 'utf8');
  const [, example = ''] = /```json\n(.*?)```/s.exec(document) ?? [];
  expect(problemsOf(JSON.parse(example))).toEqual([]);
});

describe('what is wrong is named by its place', () => {
  test.each<[policy: unknown, problem: string]>([
    [
      7,
      'policy in hip.json must be an object with mode, allow, deny and proxies, each of which may be left out, got 7.',
    ],
    [{ mode: 'of' }, 'policy.mode in hip.json must be enforce, report or open, got "of".'],
    [{ alow: [] }, 'policy.alow in hip.json is not a setting. Did you mean allow?'],
    [{ allow: {} }, 'policy.allow in hip.json must be a list of rules, got {}.'],
    [
      { allow: ['a.example'] },
      'policy.allow[0] in hip.json must be a rule, such as { "hosts": ["api.example.com"] }, got "a.example".',
    ],
    [
      { deny: [{}] },
      'policy.deny[0] in hip.json must be a rule with at least one of hosts, addresses, ports, schemes, methods and via, got {}.',
    ],
    [
      { deny: [{ ports: [1] }, { host: ['a'] }] },
      'policy.deny[1].host in hip.json is not a setting. Did you mean hosts?',
    ],
    [
      { deny: [{ hosts: [] }] },
      /^policy\.deny\[0\]\.hosts in hip\.json must be a list of names such as .*, got \[\]\.$/ as never,
    ],
    [
      { deny: [{ hosts: ['a', 'a.*.b'] }] },
      /^policy\.deny\[0\]\.hosts\[1\] in hip\.json must be names .*, got "a\.\*\.b"\.$/ as never,
    ],
    [
      { deny: [{ ports: [0] }] },
      'policy.deny[0].ports[0] in hip.json must be ports from 1 to 65535: numbers, or ranges such as "8000-8099", got 0.',
    ],
    [
      { deny: [{ methods: ['get'] }] },
      'policy.deny[0].methods[0] in hip.json must be methods as they are sent, such as "GET", got "get".',
    ],
    [
      { deny: [{ schemes: ['ftp'] }] },
      'policy.deny[0].schemes[0] in hip.json must be "http" or "https", got "ftp".',
    ],
    [
      { proxies: ['a'] },
      'policy.proxies[0] in hip.json must be a proxy as HOST:PORT or HOST:* (an IPv6 address in brackets), got "a".',
    ],
    [
      { mode: 'open', allow: [{ ports: [1] }] },
      'policy.allow in hip.json must be absent where the mode is open, which has no use for it, got [{"ports":[1]}].',
    ],
  ])('%j', (policy, problem) => {
    const expected = [typeof problem === 'string' ? problem : expect.stringMatching(problem)];
    expect(problemsOf({ policy })).toEqual(expected);
    if (typeof problem !== 'string') return;
    // The same, for a subject and without a file.
    const ofSubject = problem.replace('policy', 'subjects.ci.policy');
    expect(problemsOf({ subjects: { ci: { tokenFile: 'ci.token', policy } } })).toEqual([ofSubject]);
    const subjects = { ci: { token: 't', policy } } as never;
    expect(problemsIn(() => resolveOptions({ subjects }))).toEqual([ofSubject.replace(' in hip.json', '')]);
    expect(problemsIn(() => resolveOptions({ policy } as never))).toEqual([
      problem.replace(' in hip.json', ''),
    ]);
  });

  test('all of them at once', () => {
    const bad = { mode: 'x', allow: [{ ports: [0, 70_000, 'a', '5-4', '-1', 1.5] }] };
    expect(problemsOf({ policy: bad, subjects: { a: { policy: bad } } })).toHaveLength(14);
  });

  test.each([
    '*',
    '*.',
    '*example.com',
    'a.*',
    '*.*.a',
    '',
    ' ',
    'a b',
    'a/b',
    'a:80',
    'http://a',
    'u@a',
    '10.0.0.1',
    '127.1',
    '[::1]',
    '::1',
    'a..b',
    '*.10.0.0.1',
    '%61.example',
  ])('host %j', (host) => expect(problemsOf({ policy: { deny: [{ hosts: [host] }] } })).toHaveLength(1));

  test.each([
    '',
    'a',
    '10.0.0',
    '10.0.0.0/33',
    '10.0.0.1/8',
    '10.0.0.0/08',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    'fe80::1%eth0',
    'fd00::1/8',
    '::ffff:10.0.0.0/104',
    '64:ff9b::a00:0/104',
    '[::1]',
    '0x0a.0.0.0/8',
  ])('address %j', (address) =>
    expect(problemsOf({ policy: { deny: [{ addresses: [address] }] } })).toHaveLength(1),
  );
});

describe('name servers', () => {
  test.each(['127.0.0.1', '127.0.0.1:53', '::1', '[::1]:5353'])('%s', (text) =>
    expect(isNameServer(text)).toBe(true),
  );
  test.each([
    '',
    'dns.example',
    '127.0.0.1:',
    '127.0.0.1:0',
    '127.0.0.1:65536',
    '[::1]',
    '::1:x',
    '127.1:53',
    '[127.0.0.1]:53',
  ])('not %j', (text) => expect(isNameServer(text)).toBe(false));
});
