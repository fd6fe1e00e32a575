import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { onTestFinished } from 'vitest';
import { expectPosted } from '../support/expect-posted.ts';
import type { FailingSetup, PostedFailure } from '../support/failing-requests.ts';
import { test } from '../support/fixtures.ts';

test('errors of a worker thread arrive, and come back as what they were', async ({ gateway, origin }) => {
  const worker = new Worker(new URL('../support/failing-thread.ts', import.meta.url));
  onTestFinished(async () => void (await worker.terminate()));
  const setup: FailingSetup = {
    gateway: gateway.url,
    token: gateway.token,
    redirectUrl: origin.url('/redirect/302?to=/drop-before/99'),
    shortUrl: origin.url('/short'),
  };
  worker.postMessage(setup);
  const [posted] = (await once(worker, 'message')) as [PostedFailure[]];
  expectPosted(posted, setup);
});
