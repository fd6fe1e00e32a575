import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { ConfigError } from '../../src/errors.ts';
import type { GatewayOptions } from '../../src/options.ts';
import { TEST_CERTIFICATE, TEST_KEY } from '../support/tls-fixture.ts';

interface Sources {
  argv?: string[];
  env?: Record<string, string>;
  files?: Record<string, string>;
}

function load({ argv = [], env = {}, files = {} }: Sources): ReturnType<typeof loadConfig> {
  const readFile = (path: string): Uint8Array => {
    const content = files[path];
    if (content === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
    return Buffer.from(content);
  };
  return loadConfig({ argv, env, readFile });
}

function optionsFrom(sources: Sources): GatewayOptions {
  const config = load(sources);
  if (config.action !== 'run') throw new Error(`expected to run, got ${config.action}`);
  return config.options;
}

function problemsOf(sources: Sources): readonly string[] {
  try {
    load(sources);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  throw new Error('expected a ConfigError');
}

const json = (content: unknown): Record<string, string> => ({ 'hip.json': JSON.stringify(content) });

test('files become their content', () => {
  const files = {
    ...json({
      trust: 'ca.pem',
      identities: { a: { certFile: 'a.pem', keyFile: 'a.key', keyPasswordFile: 'a.pw' } },
      subjects: { default: { identities: ['a'] }, web: { tokenFile: 'web.token' } },
    }),
    'ca.pem': TEST_CERTIFICATE,
    'a.pem': TEST_CERTIFICATE,
    'a.key': TEST_KEY,
    'a.pw': 'superfluous\n',
    'web.token': 'secret\r\n',
  };
  expect(optionsFrom({ argv: ['--config', 'hip.json'], files })).toEqual({
    trust: TEST_CERTIFICATE,
    identities: { a: { cert: TEST_CERTIFICATE, key: TEST_KEY, keyPassword: 'superfluous' } },
    subjects: { default: { identities: ['a'] }, web: { token: 'secret' } },
  });
});

describe('where a setting comes from', () => {
  test('nothing given is nothing set', () => {
    expect(optionsFrom({})).toEqual({});
  });

  test('a flag wins over a variable, a variable over the file', () => {
    const files = json({
      listen: '127.0.0.1:1',
      logLevel: 'error',
      limits: { maxSessions: 1, maxHeadBytes: 2_000 },
    });
    const env = {
      HIP_GATEWAY_CONFIG: 'hip.json',
      HIP_GATEWAY_LISTEN: '127.0.0.1:2',
      HIP_GATEWAY_LOG_LEVEL: 'warn',
    };
    const argv = ['--listen', '127.0.0.1:3', '--max-sessions=3'];
    expect(optionsFrom({ files, env, argv })).toEqual({
      listen: '127.0.0.1:3',
      logLevel: 'warn',
      limits: { maxSessions: 3, maxHeadBytes: 2_000 },
    });
  });

  test('a list is replaced, not added to', () => {
    const files = json({ allow: ['a:1'] });
    const env = { HIP_GATEWAY_ALLOW: 'b:1, c:2' };
    const argv = ['--config', 'hip.json'];
    expect(optionsFrom({ files, argv }).allow).toEqual(['a:1']);
    expect(optionsFrom({ files, env, argv }).allow).toEqual(['b:1', 'c:2']);
    expect(optionsFrom({ files, env, argv: [...argv, '--allow', 'd:1', '--allow=[::1]:*'] }).allow).toEqual([
      'd:1',
      '[::1]:*',
    ]);
  });

  test('a variable that is empty is not set', () => {
    expect(optionsFrom({ env: { HIP_GATEWAY_LISTEN: '', HIP_GATEWAY_ALLOW: '' } })).toEqual({});
  });

  test('the token comes from its file, less the end of the line', () => {
    for (const content of ['s3cret', 's3cret\n', 's3cret\r\n']) {
      expect(optionsFrom({ argv: ['--token-file', 't'], files: { t: content } })).toEqual({
        token: 's3cret',
      });
    }
    expect(optionsFrom({ env: { HIP_GATEWAY_TOKEN_FILE: 't' }, files: { t: 'x' } })).toEqual({ token: 'x' });
  });

  test('beyond loopback with a token', () => {
    const argv = ['--listen', '0.0.0.0:80', '--token-file', 't'];
    expect(optionsFrom({ argv, files: { t: 'x' } })).toEqual({ listen: '0.0.0.0:80', token: 'x' });
  });

  test.each(['localhost:1', '127.1.2.3:1', '[::1]:0', 'LOCALHOST:65535'])('%s is loopback', (listen) => {
    expect(optionsFrom({ argv: ['--listen', listen] })).toEqual({ listen });
  });
});

describe('help and version win over everything', () => {
  test.each([
    [['--help'], 'help'],
    [['-h'], 'help'],
    [['--nonsense', '--help'], 'help'],
    [['--version'], 'version'],
  ])('%j', (argv, action) => {
    expect(load({ argv }).action).toBe(action);
  });
});

describe('what is wrong is named as it was written', () => {
  const TABLE: [name: string, sources: Sources, problems: string[]][] = [
    [
      'an unknown flag',
      { argv: ['--lisen', 'x:1'] },
      ['--lisen is not an option. Did you mean --listen?', '"x:1" is not an option.'],
    ],
    ['an unknown flag like no other', { argv: ['--zzzzzz'] }, ['--zzzzzz is not an option.']],
    ['a short flag', { argv: ['-l'] }, ['-l is not an option.']],
    ['a flag without a value', { argv: ['--listen'] }, ['--listen needs a value.']],
    ['a flag with an empty value', { argv: ['--listen='] }, ['--listen needs a value.']],
    [
      'a flag that swallows the next',
      { argv: ['--listen', '--allow', 'a:1'] },
      ['--listen needs a value.', '"a:1" is not an option.'],
    ],
    ['a flag twice', { argv: ['--listen', 'a:1', '--listen', 'a:2'] }, ['--listen is there more than once.']],
    ['a word too many', { argv: ['extra'] }, ['"extra" is not an option.']],
    [
      'an unknown variable',
      { env: { HIP_GATEWAY_LISTN: 'x' } },
      ['HIP_GATEWAY_LISTN is not a setting. Did you mean HIP_GATEWAY_LISTEN?'],
    ],
    [
      'a bad address',
      { argv: ['--listen', '8787'] },
      ['--listen must be HOST:PORT (an IPv6 address in brackets; port 0 takes any free one), got "8787".'],
    ],
    [
      'a bad port',
      { env: { HIP_GATEWAY_LISTEN: 'localhost:65536' } },
      [
        'HIP_GATEWAY_LISTEN must be HOST:PORT (an IPv6 address in brackets; port 0 takes any free one), got "localhost:65536".',
      ],
    ],
    [
      'an IPv6 address without brackets',
      { argv: ['--listen', '::1:80'] },
      ['--listen must be HOST:PORT (an IPv6 address in brackets; port 0 takes any free one), got "::1:80".'],
    ],
    [
      'a bad rule',
      { argv: ['--allow', 'a:1', '--allow', 'b'] },
      ['--allow must be HOST:PORT or HOST:* (an IPv6 address in brackets), got "b".'],
    ],
    [
      'a bad rule in the environment',
      { env: { HIP_GATEWAY_ALLOW: 'a:1,,b:2' } },
      ['HIP_GATEWAY_ALLOW must be HOST:PORT or HOST:* (an IPv6 address in brackets), got "".'],
    ],
    [
      'a bad level',
      { argv: ['--log-level', 'loud'] },
      ['--log-level must be one of silent, error, warn, info, debug, got "loud".'],
    ],
    [
      'a word for a number',
      { argv: ['--max-sessions', 'many'] },
      ['--max-sessions must be an integer from 1 to 1000000, got "many".'],
    ],
    [
      'a number too small',
      { env: { HIP_GATEWAY_MAX_SESSIONS: '0' } },
      ['HIP_GATEWAY_MAX_SESSIONS must be an integer from 1 to 1000000, got 0.'],
    ],
    [
      'a negative number',
      { argv: ['--max-sessions=-1'] },
      ['--max-sessions must be an integer from 1 to 1000000, got "-1".'],
    ],
    [
      'a fraction in the file',
      { argv: ['--config', 'hip.json'], files: json({ limits: { maxSessions: 1.5 } }) },
      ['limits.maxSessions in hip.json must be an integer from 1 to 1000000, got 1.5.'],
    ],
    [
      'a text for a number in the file',
      { argv: ['--config', 'hip.json'], files: json({ timeouts: { helloTimeoutMs: '5s' } }) },
      [
        'timeouts.helloTimeoutMs in hip.json must be milliseconds, an integer from 1 to 2147483647, got "5s".',
      ],
    ],
    [
      'a time no timer can hold',
      { argv: ['--connect-timeout-ms', '2147483648'] },
      ['--connect-timeout-ms must be milliseconds, an integer from 1 to 2147483647, got 2147483648.'],
    ],
    [
      'null in the file',
      { argv: ['--config', 'hip.json'], files: json({ listen: null }) },
      [
        'listen in hip.json must be HOST:PORT (an IPv6 address in brackets; port 0 takes any free one), got null.',
      ],
    ],
    [
      'a text for a list',
      { argv: ['--config', 'hip.json'], files: json({ allow: 'a:1' }) },
      ['allow in hip.json must be HOST:PORT or HOST:* (an IPv6 address in brackets), got "a:1".'],
    ],
    [
      'a list for a group',
      { argv: ['--config', 'hip.json'], files: json({ limits: [] }) },
      ['limits in hip.json must be an object, got [].'],
    ],
    [
      'an unknown key',
      { argv: ['--config', 'hip.json'], files: json({ alow: [] }) },
      ['alow in hip.json is not a setting. Did you mean allow?'],
    ],
    [
      'an unknown key in a group',
      { argv: ['--config', 'hip.json'], files: json({ limits: { maxSesions: 1 } }) },
      ['limits.maxSesions in hip.json is not a setting. Did you mean limits.maxSessions?'],
    ],
    [
      'a key in the wrong place',
      { argv: ['--config', 'hip.json'], files: json({ maxSessions: 1, limits: { helloTimeoutMs: 1 } }) },
      [
        'limits.helloTimeoutMs in hip.json is not a setting. Did you mean timeouts.helloTimeoutMs?',
        'maxSessions in hip.json is not a setting. Did you mean limits.maxSessions?',
      ],
    ],
    [
      'a token in the file',
      { argv: ['--config', 'hip.json'], files: json({ token: 'x' }) },
      ['token in hip.json is not a setting.'],
    ],
    [
      'a fault of the file that a flag would hide',
      { argv: ['--config', 'hip.json', '--max-sessions', '5'], files: json({ limits: { maxSessions: 0 } }) },
      ['limits.maxSessions in hip.json must be an integer from 1 to 1000000, got 0.'],
    ],
    ['no file', { argv: ['--config', 'none.json'] }, ['--config: none.json cannot be read (ENOENT).']],
    [
      'no file, said by a variable',
      { env: { HIP_GATEWAY_CONFIG: 'none.json' } },
      ['HIP_GATEWAY_CONFIG: none.json cannot be read (ENOENT).'],
    ],
    [
      'a file that holds a list',
      { argv: ['--config', 'hip.json'], files: json([]) },
      ['hip.json must hold a JSON object.'],
    ],
    [
      'an identity without a key',
      { argv: ['--config', 'hip.json'], files: json({ identities: { a: { certFile: 'a.pem' } } }) },
      [
        'identities in hip.json must be names, each with certFile, keyFile (keyPasswordFile), or pfxFile (pfxPasswordFile), got {"certFile":"a.pem"}.',
      ],
    ],
    [
      'a file of an identity that cannot be read',
      {
        argv: ['--config', 'hip.json'],
        files: { ...json({ identities: { a: { certFile: 'a.pem', keyFile: 'a.key' } } }), 'a.pem': '' },
      },
      ['identities.a: a.key cannot be read (ENOENT).'],
    ],
    [
      'an unknown key of a subject',
      {
        argv: ['--config', 'hip.json'],
        files: json({ subjects: { a: { token: 'x' } } }),
      },
      ['subjects.a.token in hip.json is not a setting.'],
    ],
    [
      'trust in a file that is none',
      { argv: ['--trust', 'ca.pem'], files: { 'ca.pem': 'x' } },
      ['--trust must hold certificates in PEM, and only such.'],
    ],
    ['no token file', { argv: ['--token-file', 't'] }, ['--token-file: t cannot be read (ENOENT).']],
    [
      'an empty token',
      { argv: ['--token-file', 't'], files: { t: '\n' } },
      ['The token in t must be one line of visible ASCII characters.'],
    ],
    [
      'a token of two lines',
      { argv: ['--token-file', 't'], files: { t: 'a\nb\n' } },
      ['The token in t must be one line of visible ASCII characters.'],
    ],
    [
      'beyond loopback without a token',
      { argv: ['--listen', '0.0.0.0:80'] },
      [
        '--listen must be a loopback address as long as there is no token: others could reach 0.0.0.0:80. Give a token (--token-file FILE), or listen on 127.0.0.1.',
      ],
    ],
    [
      'a name without a token',
      { env: { HIP_GATEWAY_LISTEN: 'example.com:80' } },
      [
        'HIP_GATEWAY_LISTEN must be a loopback address as long as there is no token: others could reach example.com:80. Give a token (--token-file FILE), or listen on 127.0.0.1.',
      ],
    ],
    [
      'several things at once',
      { argv: ['--nope', '--log-level', 'x'], env: { HIP_GATEWAY_NOPE: '1' } },
      [
        '--nope is not an option.',
        'HIP_GATEWAY_NOPE is not a setting.',
        '--log-level must be one of silent, error, warn, info, debug, got "x".',
      ],
    ],
  ];

  test.each(TABLE)('%s', (_name, sources, problems) => {
    expect(problemsOf(sources)).toEqual(problems);
  });

  test('a file that is not JSON', () => {
    const problems = problemsOf({ argv: ['--config', 'hip.json'], files: { 'hip.json': '{ listen: 1 }' } });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^hip\.json is not JSON: /);
  });

  test('a long value is cut', () => {
    const [problem] = problemsOf({ argv: ['--log-level', 'x'.repeat(10_000)] });
    expect(problem?.length).toBeLessThan(300);
  });

  test('a token is never shown', () => {
    const problems = problemsOf({ argv: ['--token-file', 't'], files: { t: 'top secret' } });
    expect(problems.join()).not.toContain('secret');
  });
});
