import { parentPort } from 'node:worker_threads';
import { type FailingSetup, failingRequests } from './failing-requests.ts';

parentPort?.once('message', async (setup: FailingSetup) => {
  parentPort?.postMessage(await failingRequests(setup));
});
