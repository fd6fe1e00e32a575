import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { findChromium } from './scripts/find-chromium.ts';

const executablePath = findChromium();
const globalSetup = ['test/support/global-setup.ts'];
// `npm run test:long` runs these too: they wait for real timeouts, or repeat in a browser what is no browser's doing.
const isLong = process.env['HIP_LONG_TESTS'] === '1';
const long = isLong ? [] : ['**/half-open.test.ts'];
const longInChromium = isLong ? [] : ['**/failures.test.ts', '**/restart-load.test.ts'];
// These tests share the machine with servers and a browser, and wait more than they work.
const network = { testTimeout: 60_000, hookTimeout: 60_000 };

/** Libraries that tests use in a page. */
const CLIENTS = [
  'ky',
  'axios',
  'openapi-fetch',
  'openai',
  '@tanstack/query-core',
  'eventsource-parser',
  'eventsource-parser/stream',
];

export default defineConfig({
  test: {
    retry: 0,
    projects: [
      {
        extends: true,
        // By itself vitest leaves one of two cores idle.
        test: { name: 'unit', environment: 'node', maxWorkers: 2, include: ['packages/*/test/**/*.test.ts'] },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          ...network,
          maxWorkers: 2,
          environment: 'node',
          include: ['test/end-to-end/**/*.test.ts'],
          exclude: ['**/*.chromium.test.ts', ...long],
          globalSetup,
        },
      },
      {
        extends: true,
        test: {
          name: 'interop',
          ...network,
          fileParallelism: false,
          environment: 'node',
          include: ['test/interop/**/*.test.ts'],
        },
      },
      {
        extends: true,
        // What a page loads for the first time in the middle of a run would have it load everything again.
        optimizeDeps: { include: CLIENTS },
        test: {
          name: 'chromium',
          ...network,
          fileParallelism: false,
          include: ['test/end-to-end/**/*.test.ts'],
          exclude: ['**/*.node.test.ts', ...long, ...longInChromium],
          globalSetup,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: executablePath === undefined ? {} : { executablePath } }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});
