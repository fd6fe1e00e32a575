import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { SETTINGS, variableName } from '../src/config/settings.ts';

const CLI = fileURLToPath(new URL('../src/cli.ts', import.meta.url));

function start(args: string[], env: Record<string, string> = {}, nodeFlags: string[] = []): ChildProcess {
  const child = spawn(process.execPath, [...nodeFlags, CLI, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function run(
  args: string[],
  env?: Record<string, string>,
): Promise<{ code: number; out: string; err: string }> {
  const child = start(args, env);
  const [[code], out, err] = await Promise.all([
    once(child, 'close'),
    text(child.stdout as NodeJS.ReadableStream),
    text(child.stderr as NodeJS.ReadableStream),
  ]);
  return { code, out, err };
}

function file(content: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'hip-gateway-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'file'), content);
  return join(folder, 'file');
}

describe('serve', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('prints the URL alone, and ends well on %s', async (signal) => {
    const child = start(['serve', '--listen', '127.0.0.1:0']);
    const err = text(child.stderr as NodeJS.ReadableStream);
    const [line] = await once(child.stdout as NodeJS.ReadableStream, 'data');
    const url = /^ws:\/\/127\.0\.0\.1:(\d+)\/session\n$/.exec(String(line));
    expect(url).not.toBeNull();
    const alive = await fetch(`http://127.0.0.1:${url?.[1]}/livez`);
    expect(await alive.json()).toEqual({ status: 'ok' });
    child.kill(signal);
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(await err).toMatch(/^token: [\w-]{43}$/m);
  });

  test('ends at once on a second signal, whichever it is', async () => {
    const child = start(['serve', '--listen', '127.0.0.1:0', '--drain-delay-ms', '600000']);
    const lines = createInterface(child.stderr as NodeJS.ReadableStream)[Symbol.asyncIterator]();
    const [line] = await once(child.stdout as NodeJS.ReadableStream, 'data');
    child.kill('SIGTERM');
    while (!(await lines.next()).value?.includes('"draining"'));
    const ready = await fetch(`http://127.0.0.1:${new URL(String(line)).port}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([503, { status: 'draining' }]);
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([null, 'SIGINT']);
  });

  test('goes on after an error that nobody caught, and counts it', async () => {
    // As a fault anywhere in the gateway would be: thrown in a turn of its own, and as a rejection.
    const faults = `process.on('SIGHUP', () => { throw new Error('a fault'); });
      process.on('SIGUSR2', () => { Promise.reject(new Error('a rejection')); });`;
    const preload = ['--import', `data:text/javascript,${encodeURIComponent(faults)}`];
    const child = start(['serve', '--listen', '127.0.0.1:0'], {}, preload);
    const lines = createInterface(child.stderr as NodeJS.ReadableStream)[Symbol.asyncIterator]();
    const nextFault = async (): Promise<unknown> => {
      for (;;) {
        const { value } = await lines.next();
        if (value?.includes('unexpected error')) return JSON.parse(value);
      }
    };
    const [line] = await once(child.stdout as NodeJS.ReadableStream, 'data');
    child.kill('SIGHUP');
    expect(await nextFault()).toMatchObject({
      level: 'error',
      count: 1,
      error: expect.stringMatching(/^Error: a fault\n +at /),
    });
    child.kill('SIGUSR2');
    expect(await nextFault()).toMatchObject({ count: 2, error: expect.stringContaining('a rejection') });
    const alive = await fetch(`http://127.0.0.1:${new URL(String(line)).port}/livez`);
    expect(alive.status).toBe(200);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  test('keeps a token of the operator to itself', async () => {
    const child = start(['serve'], {
      HIP_GATEWAY_LISTEN: '127.0.0.1:0',
      HIP_GATEWAY_TOKEN_FILE: file('s3cret\n'),
    });
    const err = text(child.stderr as NodeJS.ReadableStream);
    await once(child.stdout as NodeJS.ReadableStream, 'data');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(await err).not.toMatch(/s3cret|^token/m);
  });

  test('takes a file', async () => {
    const config = file(JSON.stringify({ listen: '[::1]:0', allow: ['localhost:*'], logLevel: 'silent' }));
    const child = start(['serve', '--config', config, '--listen=127.0.0.1:0']);
    const [line] = await once(child.stdout as NodeJS.ReadableStream, 'data');
    expect(String(line)).toContain('ws://127.0.0.1:');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  test('fails where it cannot listen', async () => {
    const first = start(['serve', '--listen', '127.0.0.1:0']);
    const [line] = await once(first.stdout as NodeJS.ReadableStream, 'data');
    const port = new URL(String(line)).port;
    const second = await run(['serve', '--listen', `127.0.0.1:${port}`]);
    expect([second.code, second.out]).toEqual([1, '']);
    expect(second.err).toContain('EADDRINUSE');
  });
});

describe('what it cannot do, it says, and ends with 2', () => {
  test.each([
    [[], 'hip-gateway: A command is missing. There is one: hip-gateway serve.'],
    [['serv'], 'hip-gateway: "serv" is not a command. Did you mean serve?'],
    [
      ['serve', '--lisen', 'x:1'],
      'hip-gateway: --lisen is not an option. Did you mean --listen?\nhip-gateway: "x:1" is not an option.',
    ],
  ])('%j', async (args, message) => {
    const { code, out, err } = await run(args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toBe(`${message}\nhip-gateway serve --help shows every option.\n`);
  });
});

test('prints its version', async () => {
  expect(await run(['--version'])).toEqual({ code: 0, out: `${manifest.version}\n`, err: '' });
});

test('prints every option', async () => {
  const { code, out, err } = await run(['serve', '--help']);
  expect([code, err]).toEqual([0, '']);
  for (const { flag } of SETTINGS) expect(out).toContain(`--${flag} `);
  expect(out).toContain(variableName('log-level'));
  for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
});
