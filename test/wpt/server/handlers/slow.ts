import { setTimeout as sleep } from 'node:timers/promises';
import type { Handler } from '../message.ts';
import { folderOf, type Stash } from '../stash.ts';

/** Sends `count` lines, `ms` apart. */
export const trickle: Handler = async (request, response) => {
  const delayMs = request.query.number('ms', 500);
  await request.body();
  await sleep(delayMs);
  response.start(200, request.query.has('notype') ? [] : [['Content-type', 'text/plain']]);
  await sleep(delayMs);
  for (let i = 0; i < request.query.number('count', 50); i++) {
    if (!response.write('TEST_TRICKLE\n')) return;
    await sleep(delayMs);
  }
};

/** Sends `count` chunks, then something that is none. */
export const badChunkEncoding: Handler = async ({ query }, response) => {
  const delayMs = query.number('ms', 1000);
  await sleep(delayMs);
  response.start(200, [['Transfer-Encoding', 'chunked']]);
  await sleep(delayMs);
  for (let i = 0; i < query.number('count', 50); i++) {
    if (!response.write('a\r\nTEST_CHUNK\r\n')) return;
    await sleep(delayMs);
  }
  response.write('garbage');
};

/** Sends until nobody listens any more, or somebody has stashed `abortKey`; tells by the stash which it is. */
export function infiniteSlowResponse(stash: Stash): Handler {
  return async ({ path, query }, response) => {
    const folder = folderOf(path);
    const stateKey = query.get('stateKey') ?? '';
    const abortKey = query.get('abortKey') ?? '';
    const tell = (state: string): void => {
      if (stateKey !== '') stash.put(folder, stateKey, state);
    };
    tell('open');
    response.start(200, [['Content-type', 'text/plain']]);
    response.write('.'.repeat(2048));
    while (response.write('.')) {
      if (abortKey !== '' && stash.take(folder, abortKey) !== undefined) break;
      await sleep(10);
    }
    tell('closed');
  };
}
