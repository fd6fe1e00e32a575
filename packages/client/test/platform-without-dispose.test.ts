import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { expect, it, onTestFinished } from 'vitest';
import { ScriptedGateway } from './support/scripted-gateway.ts';
import { ANSWERING } from './support/settings-on-wire.ts';

it('where there is no Symbol.dispose and no Symbol.asyncDispose, everything but using works', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'hip-client-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const outfile = join(directory, 'client.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('../src/index.ts', import.meta.url))],
    define: { 'Symbol.dispose': 'undefined', 'Symbol.asyncDispose': 'undefined' },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    external: ['brotli-wasm'],
    outfile,
  });
  expect(await readFile(outfile, 'utf8')).not.toMatch(/Symbol\.(dispose|asyncDispose)/);
  const client: typeof import('../src/index.ts') = await import(
    /* @vite-ignore */ pathToFileURL(outfile).href
  );
  const gateway = await ScriptedGateway.start(ANSWERING);
  const http = new client.PoolManager({ gateway: gateway.url });
  const response = await http.request('GET', 'http://origin.test/');
  expect(await response.text()).toBe('hello');
  expect(Symbol.asyncDispose in http).toBe(false);
  response.close();
  await http.connectionFromHost('origin.test').close();
  await http.close();
});
