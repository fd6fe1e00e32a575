import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { findChromium } from './scripts/find-chromium.ts';

const executablePath = findChromium();
const globalSetup = ['test/support/global-setup.ts'];
// These tests share the machine with servers and a browser: one file at a time, so that none is slow because of another.
const network = { fileParallelism: false, testTimeout: 60_000, hookTimeout: 60_000 };

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
        test: { name: 'unit', environment: 'node', include: ['packages/*/test/**/*.test.ts'] },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          ...network,
          environment: 'node',
          include: ['test/end-to-end/**/*.test.ts'],
          exclude: ['**/*.chromium.test.ts'],
          globalSetup,
        },
      },
      {
        extends: true,
        test: {
          name: 'interop',
          ...network,
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
          include: ['test/end-to-end/**/*.test.ts'],
          exclude: ['**/*.node.test.ts'],
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
