import { type FailingSetup, failingRequests } from './failing-requests.ts';

self.onmessage = async ({ data }: MessageEvent<FailingSetup>) => {
  self.postMessage(await failingRequests(data));
};
