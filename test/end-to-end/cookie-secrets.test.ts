import { HTTPError, type PoolManager, setLogger } from '@hip/client';
import { CookieJar } from '@hip/client/cookies';
import { expect, onTestFinished } from 'vitest';
import { LOOPBACK, newClient, newGateway, test, unusedAddress } from '../support/fixtures.ts';

// What is in a cookie stays between the jar and the origins: nothing that client or gateway say has any of it.

const CANARY = 'canary-77e0b1';

const SET = [
  `sid=${CANARY}`,
  `theme=${CANARY}; Path=/; Max-Age=60`,
  `${CANARY}=1; Domain=${CANARY}.test`,
  `__Host-${CANARY}=1`,
  `${CANARY}\u0001`,
  `big=${CANARY.repeat(400)}`,
];

test('nothing tells what is in a cookie, whatever goes well or wrong', async ({ origin }) => {
  const gateway = await newGateway({ ...LOOPBACK, args: ['--log-level', 'debug'] });
  const dead = await unusedAddress();
  const told: unknown[] = [];
  const note = (message: unknown): void => void told.push(message);
  setLogger({ debug: note, info: note, warn: note, error: note });
  onTestFinished(() => setLogger(undefined));
  const jar = new CookieJar();
  const http: PoolManager = newClient(gateway, { cookies: jar });
  // The lines must not stand in the URL: URLs are told.
  await jar.setCookies(SET, origin.url('/'));
  await http.fetch(origin.url('/login/start'));
  expect(await jar.getCookieString(dead.url)).toContain(CANARY);

  const attempts: [name: string, run: () => Promise<unknown>][] = [
    ['answered', () => http.request('GET', origin.url('/hello'))],
    ['answered', () => http.fetch(origin.url('/redirect/302?to=/hello'))],
    ['refused', () => http.request('GET', dead.url, { retries: 1 })],
    ['refused', () => http.fetch(dead.url)],
    ['reset', () => http.request('GET', origin.url('/head-then-reset'))],
    ['reset', () => http.fetch(origin.url('/head-then-reset')).then((response) => response.text())],
    ['loop', () => http.request('GET', origin.url('/redirect/302'))],
    ['loop', () => http.fetch(origin.url('/redirect/302'))],
    ['status', () => http.request('GET', origin.url('/status-before/99/503?retry-after=0'))],
    ['denied', () => http.request('GET', 'http://10.0.0.1/')],
    ['too late', () => http.request('GET', origin.url('/never-head'), { timeout: { read: 50 }, retries: 0 })],
    ['no field', () => http.request('GET', origin.url('/hello'), { headers: { 'bad name': 'x' } })],
    ['no cookie', () => jar.setCookie(`x=${CANARY}; Domain=com`, origin.url('/'))],
    ['no cookie', () => jar.importCookies([{ name: CANARY }] as never[])],
    ['no field', () => jar.setCookie(`x=${CANARY}\u0100`, origin.url('/'))],
  ];
  let failed = 0;
  for (const [name, run] of attempts) {
    try {
      await run();
    } catch (error) {
      failed += 1;
      if (!(error instanceof HTTPError || error instanceof TypeError)) throw error;
      const { cause } = error as Error;
      told.push(
        name,
        error.stack,
        String(error),
        JSON.stringify(error),
        String(cause),
        (cause as Error)?.stack,
      );
      told.push(JSON.stringify(Object.values(error)));
    }
  }
  expect(failed).toBeGreaterThanOrEqual(12);
  told.push(
    String(jar),
    JSON.stringify(jar),
    JSON.stringify(http),
    ...Object.values(jar),
    ...Object.values(http),
  );
  expect(told.join('\n')).toContain('is not kept');

  await gateway.signal('SIGTERM');
  const { stderr } = await gateway.exited();
  expect(stderr).toContain('"level":"debug"');
  const everything = `${told.join('\n')}\n${stderr}`;
  expect(everything).not.toContain(CANARY);
  expect(everything).not.toContain('t0k3n');
});
