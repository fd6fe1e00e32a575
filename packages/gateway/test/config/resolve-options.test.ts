import { describe, expect, test } from 'vitest';
import { resolveOptions } from '../../src/config/resolve-options.ts';
import { SETTINGS } from '../../src/config/settings.ts';
import { DEFAULTS } from '../../src/defaults.ts';
import { ConfigError } from '../../src/errors.ts';
import { SILENT_LOGGER } from '../../src/logger.ts';
import type { GatewayOptions } from '../../src/options.ts';

test('nothing given is all defaults, and a token nobody knows', () => {
  const resolved = resolveOptions({});
  expect(resolved).toMatchObject({
    listen: { host: '127.0.0.1', port: 8787 },
    allow: [],
    limits: DEFAULTS.limits,
    timeouts: DEFAULTS.timeouts,
  });
  expect(resolved.token).toMatch(/^[\w-]{43}$/);
  expect(resolveOptions({}).token).not.toBe(resolved.token);
});

test('what is given wins, and undefined is not given', () => {
  const resolved = resolveOptions({
    listen: '[::1]:0',
    token: 't',
    allow: ['LocalHost:80', '[0::1]:*'],
    limits: { maxSessions: 7, maxHeadBytes: undefined } as never,
    timeouts: { readTimeoutMs: 9 },
    logger: SILENT_LOGGER,
  });
  expect(resolved).toMatchObject({
    listen: { host: '::1', port: 0 },
    token: 't',
    allow: [
      { host: 'localhost', port: 80 },
      { host: '::1', port: undefined },
    ],
    limits: { ...DEFAULTS.limits, maxSessions: 7 },
    timeouts: { ...DEFAULTS.timeouts, readTimeoutMs: 9 },
  });
  expect(resolved.log).toBe(SILENT_LOGGER);
});

describe('refuses', () => {
  test.each<[string, unknown, string]>([
    ['an unknown option', { lisen: 'x' }, 'lisen is not a setting. Did you mean listen?'],
    [
      'an unknown limit',
      { limits: { maxSession: 1 } },
      'limits.maxSession is not a setting. Did you mean limits.maxSessions?',
    ],
    [
      'a bad limit',
      { limits: { maxSessions: 0 } },
      'limits.maxSessions must be an integer from 1 to 1000000, got 0.',
    ],
    ['a file where a token is meant', { tokenFile: 't' }, 'tokenFile is not a setting.'],
    ['a token with a space', { token: 'a b' }, 'token must be one line of visible ASCII characters.'],
    ['an empty token', { token: '' }, 'token must be one line of visible ASCII characters.'],
    [
      'to be reached by anyone',
      { listen: '[::]:80' },
      'listen must be a loopback address as long as there is no token: others could reach [::]:80. Give a token (--token-file FILE), or listen on 127.0.0.1.',
    ],
  ])('%s', (_name, options, problem) => {
    expect(() => resolveOptions(options as GatewayOptions)).toThrow(new ConfigError([problem]));
  });
});

test('every default is a value its own setting accepts', () => {
  for (const { path, schema } of SETTINGS) {
    const value = path.reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], DEFAULTS);
    if (value !== undefined) expect(schema.safeParse(value).success, path.join('.')).toBe(true);
  }
});
