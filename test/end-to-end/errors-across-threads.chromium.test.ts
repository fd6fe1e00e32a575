import { onTestFinished } from 'vitest';
import { expectPosted } from '../support/expect-posted.ts';
import type { FailingSetup, PostedFailure } from '../support/failing-requests.ts';
import { test } from '../support/fixtures.ts';

test('errors of a Worker arrive, and come back as what they were', async ({ gateway, origin }) => {
  const worker = new Worker(new URL('../support/failing-worker.ts', import.meta.url), { type: 'module' });
  onTestFinished(() => worker.terminate());
  const setup: FailingSetup = {
    gateway: gateway.url,
    token: gateway.token,
    redirectUrl: origin.url('/redirect/302?to=/drop-before/99'),
    shortUrl: origin.url('/short'),
  };
  const posted = await new Promise<PostedFailure[]>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<PostedFailure[]>) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.onmessageerror = () => reject(new Error('what was posted could not be read'));
    worker.postMessage(setup);
  });
  expectPosted(posted, setup);
});
