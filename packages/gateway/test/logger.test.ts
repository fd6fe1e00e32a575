import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

/** What a process that runs `code` with a logger writes. */
function logged(level: string, code: string): { out: string; lines: Record<string, unknown>[] } {
  const source = `import { createLogger } from ${JSON.stringify(new URL('../src/logger.ts', import.meta.url).href)};
    const log = createLogger('${level}'); ${code}`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', source], {
    encoding: 'utf8',
  });
  return {
    out: stdout,
    lines: stderr
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
  };
}

test('writes JSON lines to stderr, from its level up', () => {
  const { out, lines } = logged(
    'info',
    `log.debug({}, 'a'); log.info({ host: 'h' }, 'b'); log.error({}, 'c');`,
  );
  expect(out).toBe('');
  expect(lines.map(({ level, msg, host }) => [level, msg, host])).toEqual([
    ['info', 'b', 'h'],
    ['error', 'c', undefined],
  ]);
});

test('blanks what must not be logged', () => {
  const { lines } = logged(
    'info',
    `log.info({ token: 's1', headers: ['s2'], request: { authorization: 's3', body: 's4', host: 'h' } }, 'x');`,
  );
  expect(JSON.stringify(lines)).not.toMatch(/s[1-4]/);
  expect(lines[0]).toMatchObject({ token: '[redacted]', request: { host: 'h' } });
});

test('says nothing when silent', () => {
  expect(logged('silent', `log.error({}, 'x');`)).toEqual({ out: '', lines: [] });
});
