import { readdirSync } from 'node:fs';
import type { TestRun } from './results.ts';
import { readTestScript } from './test-script.ts';

/** Folders whose tests are run, by the group they are counted in. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  /** The classes, and what a call of `fetch()` gives. */
  core: ['abort', 'body', 'headers', 'request', 'response'].map((name) => `/fetch/api/${name}`),
  /** What is sent, and what comes back. */
  network: ['basic', 'credentials', 'redirect'].map((name) => `/fetch/api/${name}`),
  /** The rest of the Fetch standard that a script can see. */
  more: [
    '/fetch/content-encoding',
    '/fetch/content-length',
    '/fetch/content-type',
    '/fetch/data-urls',
    '/fetch/h1-parsing',
    '/fetch/range',
    '/fetch/security',
  ],
};

/** Files of those folders that are left out, and why. */
const LEFT_OUT: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [
    /serviceworker|cache\.https/,
    'is about service workers and their caches, which see no request of a tunnel',
  ],
  [/request-reset-attributes/, 'is about service workers, which see no request of a tunnel'],
  [
    /\/request\/destination\//,
    'is about what elements of a page fetch, which a page does not fetch by fetch()',
  ],
  [
    /\/(?:script|image|block-mime-as-script|navigate)\.|\/redirects\//,
    'is about what elements of a page fetch',
  ],
  [/mediasource/, 'is about MediaSource, which the Fetch standard no longer names'],
  [
    /embedded-credentials|dangling-markup|redirect-to-url-with-credentials/,
    'is about what elements of a page fetch',
  ],
  [/many-empty-chunks-crash|destroyed-context/, 'has no result: it asks that the page does not crash'],
  [/\/support\//, 'is a part of other tests'],
  [/headers-no-cors|mode-no-cors/, 'is about CORS, which a tunnel goes without'],
  [
    /content-length\.html|multipart\.window|content-type\/response|content-type\/script/,
    'is about documents and images',
  ],
  [/\/range\/(?:general|sw|non-matching)[^/]*(?:window|html)/, 'is about media elements and service workers'],
  [/with-0x00-in-header\.window|lone-cr\.window|status-code\.window/, 'also loads documents and images'],
];

/** The tests below `folder`, one for each variant and kind of global. */
export function selectTests(
  folder: string,
  runtime: 'node' | 'chromium',
  globals: readonly string[],
  filter: string | undefined,
): TestRun[] {
  const files = Object.values(GROUPS)
    .flat()
    .flatMap((group) => filesBelow(folder, group));
  return files
    .filter((file) => filter === undefined || file.includes(filter))
    .filter((file) => !LEFT_OUT.some(([pattern]) => pattern.test(file)))
    .flatMap((file) => runsOf(folder, file, runtime, globals));
}

/** Which group a file is counted in. */
export function groupOf(file: string): string {
  const found = Object.entries(GROUPS).find(([, folders]) =>
    folders.some((name) => file.startsWith(`${name}/`)),
  );
  return found?.[0] ?? 'more';
}

function filesBelow(folder: string, group: string): string[] {
  const isTest = /\.(?:any|window)\.js$|\.html$/;
  try {
    return readdirSync(folder + group, { recursive: true, encoding: 'utf8' })
      .filter((name) => isTest.test(name) && !/(?:^|\/)resources\/|multi-globals\/\w+\//.test(name))
      .map((name) => `${group}/${name}`)
      .sort();
  } catch (cause) {
    throw new Error(`${folder} must be a folder of web-platform-tests with ${group}`, { cause });
  }
}

function runsOf(
  folder: string,
  file: string,
  runtime: 'node' | 'chromium',
  globals: readonly string[],
): TestRun[] {
  const server = file.includes('.h2.') ? 'h2' : file.includes('.https.') ? 'https' : 'http';
  if (file.endsWith('.html')) {
    return runtime === 'node' ? [] : [{ file, page: file, isLong: false, server }];
  }
  const meta = readTestScript(folder, file);
  const isAny = file.endsWith('.any.js');
  if (runtime === 'node' && (!isAny || meta.globals?.join() === 'window')) return [];
  const kinds = isAny && runtime === 'chromium' ? kindsOf(meta.globals, globals) : ['window'];
  return kinds.flatMap((kind) =>
    meta.variants.map((variant) => ({
      file,
      page: `${file.replace(/\.js$/, kind === 'worker' ? '.worker.html' : '.html')}${variant}`,
      isLong: meta.isLong,
      server,
    })),
  );
}

/** Where a script is run: in what it says, as far as that is asked for. */
function kindsOf(declared: readonly string[] | undefined, asked: readonly string[]): string[] {
  const names = declared ?? ['window', 'dedicatedworker'];
  const runs = {
    window: names.includes('window'),
    worker: names.includes('worker') || names.includes('dedicatedworker'),
  };
  const kinds = (['window', 'worker'] as const).filter((kind) => runs[kind]);
  const wanted = kinds.filter((kind) => asked.includes(kind));
  return wanted.length > 0 ? wanted : kinds.slice(0, 1);
}
