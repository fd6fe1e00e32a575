import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';
import { describe, expect, it } from 'vitest';

const SOURCE = fileURLToPath(new URL('../../src/', import.meta.url));

/** Bundles an entry without anything of Node's: an import of that would be an error. */
async function bundle(entry: string, conditions: string[]): Promise<{ code: string; metafile: Metafile }> {
  const { outputFiles, metafile } = await build({
    entryPoints: [`${SOURCE}${entry}`],
    bundle: true,
    splitting: true,
    outdir: '/',
    format: 'esm',
    platform: 'browser',
    conditions,
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  return { code: outputFiles.map(({ text }) => text).join('\n'), metafile };
}

describe.each([
  ['a browser', []],
  ['workerd', ['workerd', 'worker', 'browser']],
])('for %s', (_, conditions) => {
  it('the cookies need nothing of Node', async () => {
    const { code, metafile } = await bundle('cookies.ts', conditions);
    const inputs = Object.keys(metafile.inputs).join();
    expect(inputs).toContain('/tough-cookie/');
    expect(inputs).toContain('/tldts/');
    expect(Object.values(metafile.outputs).flatMap(({ imports }) => imports)).toEqual([]);
    expect(code).not.toMatch(/\b(?:process|Buffer|global)\.|\b(?:require|__require)\(/);
  });

  it('a page without cookies loads none of it', async () => {
    const { metafile } = await bundle('index.ts', conditions);
    const entry = Object.values(metafile.outputs).find(({ entryPoint }) =>
      entryPoint?.endsWith('src/index.ts'),
    );
    const first = [entry];
    for (const output of first) {
      const statics = output?.imports.filter(({ kind }) => kind === 'import-statement') ?? [];
      first.push(...statics.map(({ path }) => metafile.outputs[path]));
    }
    const inputs = first.flatMap((output) => Object.keys(output?.inputs ?? {}));
    expect(inputs.some((input) => input.endsWith('src/pool-manager.ts'))).toBe(true);
    expect(
      inputs.filter((input) => /tough-cookie|tldts|idb-keyval|cookies\/|cookie-exchange/.test(input)),
    ).toEqual([]);
  });
});
