import { EgressDeniedError, NameResolutionError, type PoolManager } from '@hip/client';
import { describe, expect, onTestFinished } from 'vitest';
import { rejection, within } from '../support/eventually.ts';
import { expectFailure } from '../support/expect-failure.ts';
import { newClient, newGateway, newOrigin, test } from '../support/fixtures.ts';
import { NameServer } from '../support/name-server.ts';

// Names, and what a hostile name server can make of them. Each gateway asks a server of the test's own.

interface Setup {
  allow?: string[];
  config?: Record<string, unknown>;
}

async function setUp(
  answers: Record<string, string[][]>,
  { allow = [], config = {} }: Setup = {},
): Promise<{ http: PoolManager; names: NameServer }> {
  const names = await NameServer.start(answers);
  onTestFinished(() => names.stop());
  const gateway = await newGateway({ allow, config: { ...config, dns: [names.address] } });
  return { http: newClient(gateway, { retries: false }), names };
}

test('a name is asked for at the server, once for each family', async ({ origin }) => {
  const host = `app.test:${origin.port}`;
  const { http, names } = await setUp({ 'app.test': [['127.0.0.1']] }, { allow: [host] });
  expect((await http.request('GET', `http://${host}/hello`)).status).toBe(200);
  expect((await http.request('GET', `http://${host}/hello`)).status).toBe(200);
  expect(names.questions.sort()).toEqual(['app.test A', 'app.test AAAA']);
  expect((await origin.counts()).connectionsOpened).toBe(1);
});

test('a name that is not there', async () => {
  const { http } = await setUp({});
  await expectFailure(http, 'http://nowhere.test/', NameResolutionError, /nowhere\.test/);
});

/** Where a public name must not lead. Mixed answers too: a public address does not make up for one that is not. */
const DENIED: string[][] = [
  ['127.0.0.1'],
  ['::1'],
  ['::ffff:127.0.0.1'],
  ['10.0.0.1'],
  ['169.254.169.254'],
  ['fd00:ec2::254'],
  ['168.63.129.16'],
  ['100.100.100.200'],
  ['64:ff9b::7f00:1'],
  ['2002:7f00:1::1'],
  ['2001:0:4136:e378:8000:63bf:80ff:fffe'],
  ['::127.0.0.1'],
  ['0.0.0.0'],
  ['::'],
  ['224.0.0.1'],
  ['255.255.255.255'],
  ['8.8.8.8', '127.0.0.1'],
  ['127.0.0.1', '8.8.8.8'],
  ['2606:4700:4700::1111', '127.0.0.1'],
  ['8.8.8.8', '::1'],
  ['8.8.8.8', '8.8.4.4', '169.254.169.254'],
];

test('a public name at an address that is not public, or at one among others, is denied without a word of it', async ({
  origin,
}) => {
  const answers = Object.fromEntries(DENIED.map((addresses, at) => [`n${at}.example`, [addresses]]));
  const { http } = await setUp(answers);
  for (const [at, addresses] of DENIED.entries()) {
    const url = `http://n${at}.example:${origin.port}/`;
    const error = await within(15_000, url, rejection(http.request('GET', url)));
    expect(error, `${addresses}`).toBeInstanceOf(EgressDeniedError);
    for (const address of addresses) expect(String(error)).not.toContain(address);
  }
  expect((await origin.counts()).connectionsOpened).toBe(0);
});

test('rebinding: each connection is judged by the answer it is made with', async ({ origin }) => {
  const at = (host: string): string => `http://${host}:${origin.port}/hello`;
  const { http, names } = await setUp(
    { 'app.test': [['127.0.0.1'], ['127.0.0.2'], ['127.0.0.1']] },
    { config: { policy: { allow: [{ hosts: ['app.test'], addresses: ['127.0.0.1'] }] } } },
  );
  expect((await http.request('GET', at('app.test'))).status).toBe(200);
  // A connection that is there is used: nothing is asked, so nothing can have changed.
  expect((await http.request('GET', at('app.test'))).status).toBe(200);
  expect(names.questions).toHaveLength(2);
  await origin.closeIdle();
  await http.clear();
  expect(await rejection(http.request('GET', at('app.test')))).toBeInstanceOf(EgressDeniedError);
  expect((await http.request('GET', at('app.test'))).status).toBe(200);
});

describe('names that are nobody’s', () => {
  test.for([
    'localhost',
    'localhost.',
    'LOCALHOST',
    'a.localhost',
    'a.b.localhost.',
    '127.1',
    '0x7f.1',
    '2130706433',
    '0177.0.0.1',
    '127.0.0.1.',
  ])('%s is loopback, and no server is asked', async (host, { origin }) => {
    const { http, names } = await setUp({ localhost: [['8.8.8.8']], 'a.localhost': [['8.8.8.8']] });
    await expectFailure(http, `http://${host}:${origin.port}/`, EgressDeniedError, /./);
    expect(names.questions).toEqual([]);
  });

  test('and is reached where exactly it is allowed', async ({ origin }) => {
    const { http } = await setUp({}, { allow: [`localhost:${origin.port}`] });
    expect((await http.request('GET', `http://localhost:${origin.port}/hello`)).status).toBe(200);
  });
});

test('a name is one name in every spelling', async ({ origin }) => {
  const other = await newOrigin();
  const { http } = await setUp(
    { 'xn--bcher-kva.test': [['127.0.0.1']], 'other.test': [['127.0.0.1']] },
    { config: { policy: { allow: [{ hosts: ['bücher.test'], addresses: ['127.0.0.0/8'] }] } } },
  );
  for (const host of [
    'bücher.test',
    'BÜCHER.test',
    'xn--bcher-kva.test',
    'xn--bcher-kva.test.',
    'b%C3%BCcher.test',
    'bücher。test',
  ])
    expect((await http.request('GET', `http://${host}:${origin.port}/hello`)).status, host).toBe(200);
  await expectFailure(http, `http://other.test:${other.port}/`, EgressDeniedError, /other\.test/);
  expect((await other.counts()).connectionsOpened).toBe(0);
});
