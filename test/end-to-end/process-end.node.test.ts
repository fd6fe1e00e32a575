import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished } from 'vitest';
import type { Gateway } from '../support/control.ts';
import { eventually, within } from '../support/eventually.ts';
import { newGateway, test } from '../support/fixtures.ts';

// A session with nothing under way does not keep a Node process, as an idle connection of urllib3 does not keep Python. One
// that waits for anything does: else Node ends with code 13, "unsettled top-level await".

const DIRECTORY = fileURLToPath(new URL('.', import.meta.url));

class Program {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #exited: Promise<unknown[]>;
  #said = '';

  /** Runs a module that has the client and a gateway; it never closes anything. */
  constructor(gateway: Gateway, source: string) {
    const prelude = `
      import { configure, PoolManager, request } from '@hip/client';
      configure(${JSON.stringify({ gateway: gateway.url, token: gateway.token })});
    `;
    this.#child = spawn(process.execPath, ['--input-type=module', '--eval', prelude + source], {
      cwd: DIRECTORY,
    });
    this.#exited = once(this.#child, 'exit');
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#said += text;
      });
    }
    onTestFinished(() => void this.#child.kill('SIGKILL'));
  }

  async says(text: string): Promise<void> {
    await eventually(() => expect(this.#said).toContain(text));
  }

  /** Everything it said, once it has ended by itself, far sooner than a session would by its timeout. */
  async ended(): Promise<string> {
    const [code] = await within(40_000, 'the end of the process', this.#exited);
    expect(this.#said).not.toContain('Warning');
    expect(code).toBe(0);
    return this.#said;
  }
}

describe('a process ends by itself', () => {
  test('after request()', async ({ gateway, origin }) => {
    const program = new Program(
      gateway,
      `const response = await request('GET', ${JSON.stringify(origin.url('/hello'))});
       console.log(await response.text());`,
    );
    expect(await program.ended()).toBe('hello, world\n\n');
  });

  test('with managers that were not closed, and one session for what came after a pause', async ({
    gateway,
    origin,
  }) => {
    const program = new Program(
      gateway,
      `const many = Array.from({ length: 3 }, () => new PoolManager());
       for (const http of many) console.log((await http.fetch(${JSON.stringify(origin.url('/hello'))})).status);
       await new Promise((resolve) => setTimeout(resolve, 200));
       for (const http of many) await http.request('GET', ${JSON.stringify(origin.url('/hello'))});`,
    );
    expect(await program.ended()).toBe('200\n200\n200\n');
    const { connectionsOpened } = await origin.counts();
    expect(connectionsOpened).toBe(3);
  });

  test('with a session that was opened for nobody', async ({ gateway }) => {
    const program = new Program(
      gateway,
      `const { subscribe } = await import('node:diagnostics_channel');
       const controller = new AbortController();
       subscribe('undici:client:sendHeaders', () => controller.abort());
       const response = request('GET', 'http://127.0.0.1:1/', { signal: controller.signal });
       await response.catch((error) => console.log(error.name));`,
    );
    expect(await program.ended()).toBe('AbortError\n');
  });
});

describe('a process waits', () => {
  test('for a response, and for the rest of a body', async ({ gateway, origin }) => {
    const program = new Program(
      gateway,
      `const response = await request('GET', ${JSON.stringify(origin.url('/slow-start/head'))}, { timeout: null });
       console.log(await response.text());
       const held = await request('GET', ${JSON.stringify(origin.url('/held-body/rest'))}, { preloadContent: false });
       for await (const text of held.textStream()) console.log(text);`,
    );
    await eventually(() => origin.request('/slow-start'));
    await origin.release('head');
    await program.says('first');
    await origin.release('rest');
    expect(await program.ended()).toBe('released\n\nfirst \nsecond\n');
  });

  test('for a session', async ({ origin }) => {
    const gateway = await newGateway();
    await gateway.signal('SIGSTOP');
    const program = new Program(
      gateway,
      `const { subscribe } = await import('node:diagnostics_channel');
       subscribe('undici:client:sendHeaders', () => console.log('asked'));
       console.log((await request('GET', ${JSON.stringify(origin.url('/hello'))})).status);`,
    );
    await program.says('asked');
    await gateway.signal('SIGCONT');
    expect(await program.ended()).toBe('asked\n200\n');
  });
});
