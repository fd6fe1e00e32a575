import type { TestScript } from '../test-script.ts';

/** Where the page finds what makes `fetch` ours, when it is to be. */
export const INSTALL_PATH = '/.runner/install.js';

/** Where a page of the suite, or of ours, reports to. */
const REPORT = '<script src="/resources/testharnessreport.js"></script>';

/** A page that runs a script in its window. */
export function windowPage(path: string, script: TestScript, installs: boolean): string {
  const scripts = [...script.scripts, path];
  return `<!doctype html><meta charset="utf-8"><title>${path}</title>
<script>self.GLOBAL = ${global(true)};</script>
${installs ? `<script src="${INSTALL_PATH}"></script>` : ''}
<script src="/resources/testharness.js"></script>
${REPORT}
${script.isLong ? '<meta name="timeout" content="long">' : ''}
<div id="log"></div>
${scripts.map((source) => `<script src="${source}"></script>`).join('\n')}
`;
}

/** A page that runs a script in a dedicated worker. */
export function workerPage(path: string, script: TestScript): string {
  return `<!doctype html><meta charset="utf-8"><title>${path}</title>
<script src="/resources/testharness.js"></script>
${REPORT}
${script.isLong ? '<meta name="timeout" content="long">' : ''}
<div id="log"></div>
<script>fetch_tests_from_worker(new Worker(${JSON.stringify(path.replace(/\.js$/, '.worker.js'))}));</script>
`;
}

/** The worker of {@link workerPage}. */
export function workerScript(path: string, script: TestScript, installs: boolean): string {
  const scripts = [...(installs ? [INSTALL_PATH] : []), '/resources/testharness.js', ...script.scripts, path];
  return `self.GLOBAL = ${global(false)};
${scripts.map((source) => `importScripts(${JSON.stringify(source)});`).join('\n')}
done();
`;
}

function global(isWindow: boolean): string {
  return `{ isWindow: () => ${isWindow}, isWorker: () => ${!isWindow}, isShadowRealm: () => false }`;
}

/** A page of the suite itself, with what makes `fetch` ours before the first script. */
export function withInstall(html: string): string {
  const script = `<script src="${INSTALL_PATH}"></script>`;
  return html.includes('testharness.js') ? html.replace(/<script/i, `${script}\n<script`) : html;
}

/** Hands the results of a page to whoever opened it. */
export const TEST_HARNESS_REPORT = `
setup({ output: false });
add_completion_callback((tests, status) => {
  globalThis.reportResults({
    status: status.status,
    message: status.message ?? '',
    subtests: tests.map(({ name, status, message }) => ({ name, status, message: message ?? '' })),
  });
});
`;
