import { EgressDeniedError, InvalidRequestError, PoolManager } from '@hip/client';
import { describe, expect, onTestFinished } from 'vitest';
import type { Gateway } from '../support/control.ts';
import { eventually, rejection } from '../support/eventually.ts';
import { expectFailure } from '../support/expect-failure.ts';
import { newClient, newGateway, newOrigin, test } from '../support/fixtures.ts';
import { throughProxy } from '../support/proxy-clients.ts';

// Rules of the operator, as clients meet them.

/** A rule that opens these hosts of the test run, which are all on loopback. */
function at(...ports: number[]): object {
  return { addresses: ['127.0.0.0/8', '::1'], ports };
}

/** A client of the subject `ci`, whose token is in a file of its own. */
function subjectClient(gateway: Gateway): PoolManager {
  const http = new PoolManager({ gateway: gateway.url, token: 'of-ci', retries: false });
  onTestFinished(() => http.close());
  return http;
}

const FILES = { 'ci.token': 'of-ci' };

async function linesOf(gateway: Gateway, message: string): Promise<Record<string, unknown>[]> {
  const { stderr } = await gateway.status();
  return stderr
    .split('\n')
    .filter((line) => line.startsWith('{') && line.includes(message))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('rules', () => {
  test('each subject has its own, and neither rides on connections of the other', async ({ origin }) => {
    const config = {
      policy: { allow: [at(origin.port)] },
      subjects: {
        ci: { tokenFile: 'ci.token', policy: { allow: [{ ...at(origin.port), methods: ['GET'] }] } },
      },
    };
    const gateway = await newGateway({ config, files: FILES });
    const [everyone, ci] = [newClient(gateway), subjectClient(gateway)];
    expect((await everyone.request('POST', origin.url('/echo'), { body: 'a' })).status).toBe(200);
    expect((await ci.request('GET', origin.url('/hello'))).status).toBe(200);
    const error = await rejection(ci.request('POST', origin.url('/echo?no'), { body: 'a' }));
    expect(error).toBeInstanceOf(EgressDeniedError);
    expect((error as Error).message).toContain(
      `POST to http://${origin.host} is not allowed by this gateway's policy`,
    );
    const counts = await origin.counts();
    expect(counts.connectionsOpened).toBe(2);
    expect(counts.requests.map(({ target }) => target)).toEqual(['/echo', '/hello']);
  });

  test('the operator reads which rule it was, and the address; the client does not', async ({ origin }) => {
    const other = await newOrigin();
    const config = {
      policy: { allow: [at(origin.port, other.port)], deny: [{ ports: [1] }, { ports: [other.port] }] },
    };
    const gateway = await newGateway({ config });
    const http = newClient(gateway, { retries: false });
    expect((await http.request('GET', origin.url('/hello'))).status).toBe(200);
    await expectFailure(http, other.url('/hello'), EgressDeniedError, /not allowed by this gateway's policy/);
    expect((await other.counts()).connectionsOpened).toBe(0);
    expect(await rejection(http.request('GET', `http://localhost:${other.port + 1}/`))).not.toMatchObject({
      message: expect.stringMatching(/127\.0\.0\.1|::1|policy\.|deny\[/),
    });
    await eventually(async () => {
      const lines = await linesOf(gateway, 'Destination refused');
      expect(lines[0]).toMatchObject({
        level: 'warn',
        subject: 'default',
        destination: other.host,
        method: 'GET',
        mode: 'enforce',
        rule: 'policy.deny[1]',
      });
      expect(lines.at(-1)).toMatchObject({ rule: expect.stringContaining('no rule') });
    });
  });

  test('report: what would be refused is done, and logged; addresses are as closed as before', async ({
    origin,
  }) => {
    const config = { policy: { mode: 'report', allow: [] } };
    const gateway = await newGateway({ config, allow: [origin.host] });
    const other = await newOrigin();
    const http = newClient(gateway, { retries: false });
    expect((await http.request('GET', origin.url('/hello'))).status).toBe(200);
    await expectFailure(http, other.url('/hello'), EgressDeniedError, /loopback/);
    await eventually(async () => {
      const lines = await linesOf(gateway, 'Destination would be refused');
      expect(lines[0]).toMatchObject({ destination: origin.host, mode: 'report' });
    });
  });

  test('open: every address but those that are never allowed', async ({ origin }) => {
    const gateway = await newGateway({ config: { policy: { mode: 'open' } } });
    const http = newClient(gateway, { retries: false });
    expect((await http.request('GET', origin.url('/hello'))).status).toBe(200);
    for (const url of [
      'http://169.254.169.254/',
      'http://168.63.129.16/',
      'http://0.0.0.0/',
      'http://[ff02::1]/',
    ])
      await expectFailure(http, url, EgressDeniedError, /./);
  });
});

test('the gateway is not a way to itself', async () => {
  const gateway = await newGateway({
    allow: ['127.0.0.1:*', 'localhost:*'],
    config: { policy: { mode: 'open' } },
  });
  const http = newClient(gateway, { retries: false });
  const { port } = new URL(gateway.url);
  for (const host of ['127.0.0.1', 'localhost', '127.1', '127.9.9.9', '[::ffff:127.0.0.1]'])
    await expectFailure(http, `http://${host}:${port}/livez`, EgressDeniedError, /is the gateway itself/);
});

describe('redirects are new requests', () => {
  test('the second one is asked about, by request() and by fetch()', async ({ origin }) => {
    const other = await newOrigin();
    const gateway = await newGateway({ config: { policy: { allow: [at(origin.port)] } } });
    const http = newClient(gateway);
    for (const target of [other.url('/hello'), 'http://169.254.169.254/latest/meta-data/']) {
      const url = origin.url(`/redirect/302?to=${encodeURIComponent(target)}`);
      expect(await rejection(http.request('GET', url)), target).toBeInstanceOf(EgressDeniedError);
      expect(await rejection(http.fetch(url)), target).toMatchObject({
        cause: expect.any(EgressDeniedError),
      });
    }
    expect((await other.counts()).connectionsOpened).toBe(0);
    expect(await origin.requests('/redirect')).toHaveLength(4);
  });
});

describe('Host', () => {
  test('names the site that is asked for, so the rules are asked about it, too', async ({ origin }) => {
    const host = `app.localhost:${origin.port}`;
    const gateway = await newGateway({
      allow: [`localhost:${origin.port}`],
      config: { policy: { allow: [{ hosts: ['localhost', '*.localhost'] }] } },
    });
    const http = newClient(gateway, { retries: false });
    const url = `http://localhost:${origin.port}/hello`;
    expect((await http.request('GET', url, { headers: { host } })).status).toBe(200);
    const error = await rejection(http.request('GET', url, { headers: { host: 'intranet.example' } }));
    expect(error).toBeInstanceOf(EgressDeniedError);
    expect(await rejection(http.request('GET', url, { headers: { host: 'a b' } }))).toBeInstanceOf(
      InvalidRequestError,
    );
    expect(await origin.requests('/hello')).toHaveLength(1);
  });
});

test('a proxy that the operator has not named', async ({ origin }) => {
  const config = { policy: { allow: [at(origin.port)] } };
  const gateway = await newGateway({ config });
  const proxy = await newOrigin();
  const http = throughProxy(gateway, `http://${proxy.host}`);
  await expectFailure(
    http,
    origin.url('/hello'),
    EgressDeniedError,
    /proxy .* none that this gateway may use for you/,
  );
  expect((await proxy.counts()).connectionsOpened).toBe(0);
});
