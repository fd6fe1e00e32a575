import { afterEach, describe, expect, it, vi } from 'vitest';
import { contentCodings } from '../../src/decode/content-encoding.ts';

describe('contentCodings', () => {
  it.each([
    ['gzip', ['gzip']],
    ['x-gzip', ['x-gzip']],
    ['GZip', ['gzip']],
    [' br ', ['br']],
    ['deflate', ['deflate']],
    ['zstd', ['zstd']],
    ['gzip, br', ['gzip', 'br']],
    ['gzip,,br,', ['gzip', 'br']],
    ['gzip, gzip', ['gzip', 'gzip']],
    ['identity, gzip', ['gzip']],
    ['gzip, nonsense', ['gzip', 'nonsense']],
    ['', undefined],
    [',', undefined],
    ['identity', undefined],
    ['nonsense', undefined],
    ['nonsense, more', undefined],
    ['utf-8', undefined],
    ['gzipped', undefined],
  ])('reads %j', (value, codings) => {
    expect(contentCodings(value)).toEqual(codings);
  });
});

describe('acceptEncoding', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  const accepted = async () => (await import('../../src/decode/content-encoding.ts')).acceptEncoding();

  it('has all that node:zlib undoes', async () => {
    expect(await accepted()).toBe('gzip,deflate,br,zstd');
  });

  it('has brotli where there is WebAssembly', async () => {
    vi.stubGlobal('process', undefined);
    expect(await accepted()).toBe('gzip,deflate,br,zstd');
  });

  it('is asked for without being told with br only where that loads nothing', async () => {
    const usual = async () => (await import('../../src/decode/content-encoding.ts')).usualAcceptEncoding();
    expect(await usual()).toBe('gzip,deflate,br,zstd');
    vi.stubGlobal('process', undefined);
    expect(await usual()).toBe('gzip,deflate,zstd');
  });

  it('leaves brotli out where WebAssembly is forbidden', async () => {
    vi.stubGlobal('process', undefined);
    vi.stubGlobal('WebAssembly', {
      Module: class {
        constructor() {
          throw new Error('Wasm code generation disallowed by embedder');
        }
      },
    });
    expect(await accepted()).toBe('gzip,deflate,zstd');
  });

  it('leaves brotli out where there is no WebAssembly', async () => {
    vi.stubGlobal('process', undefined);
    vi.stubGlobal('WebAssembly', undefined);
    expect(await accepted()).toBe('gzip,deflate,zstd');
  });
});
