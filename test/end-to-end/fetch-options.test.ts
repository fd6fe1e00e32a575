import {
  ConnectTimeoutError,
  DeadlineError,
  type FetchOptions,
  MaxRetryError,
  ReadTimeoutError,
  Retry,
  SSLError,
} from '@hip/client';
import { describe, expect } from 'vitest';
import { rejection } from '../support/eventually.ts';
import { describeWith, LOOPBACK, newBlackHole, newSquid, newTlsOrigin, test } from '../support/fixtures.ts';
import type { Pki } from '../support/peers/peer-api.ts';

// `init.hip` of fetch().

const describeTls = await describeWith('openssl');
const describeSquid = await describeWith('squid');

test.override('gatewaySetup', { scope: 'file' }, () => ({
  ...LOOPBACK,
  allow: ['127.0.0.1:*', 'localhost:*'],
}));

/** The error of ours below a TypeError. */
async function cause(promise: Promise<unknown>): Promise<unknown> {
  const error = (await rejection(promise)) as TypeError;
  expect(error).toBeInstanceOf(TypeError);
  return error.cause;
}

/** A path of an origin that redirects there. */
function redirectTo(url: string): string {
  return `/redirect/302?to=${encodeURIComponent(url)}`;
}

describeTls('a client certificate of one request', () => {
  const alice = ({ clients: { alice }, root }: Pki): FetchOptions => ({
    caCerts: root.certificate,
    certFile: alice.chain,
    keyFile: alice.key,
  });

  test('is shown for that request alone', async ({ http, pki }) => {
    const origin = await newTlsOrigin({ clientCertificates: 'optional' });
    const trusting = { hip: { caCerts: pki.root.certificate } };
    for (const init of [trusting, { hip: alice(pki) }, trusting]) {
      expect(await (await http.fetch(origin.url('/hello'), init)).text()).toBe('hello, world\n');
    }
    const seen = (await origin.requests()).map(({ tls }) => tls.clientName);
    expect(seen).toEqual([null, 'alice', null]);
  });

  test('is shown again where a redirect stays, and not to another origin', async ({ http, pki }) => {
    const first = await newTlsOrigin({ clientCertificates: 'optional' });
    const other = await newTlsOrigin({ clientCertificates: 'optional', identity: pki.servers.second });
    const back = other.url(redirectTo(first.url('/hello?back')));
    const url = first.url(redirectTo(first.url(redirectTo(back))));
    const response = await http.fetch(url, { hip: alice(pki) });
    expect(response.url).toBe(first.url('/hello?back'));
    expect((await other.requests()).map(({ tls }) => tls.clientName)).toEqual([null]);
    expect((await first.requests()).map(({ tls }) => tls.clientName)).toEqual(['alice', 'alice', null]);
  });

  test('does not reach an origin that a redirect leads to and that demands one', async ({ http, pki }) => {
    const first = await newTlsOrigin();
    const other = await newTlsOrigin({ clientCertificates: 'required' });
    const fetched = http.fetch(first.url(redirectTo(other.url('/hello'))), { hip: alice(pki) });
    expect(await rejection(fetched)).toBeInstanceOf(TypeError);
    expect(await other.requests()).toEqual([]);
  });
});

describeTls('a pin of one request', () => {
  test('is held to, and does not turn verification off where a redirect leads', async ({ http, pki }) => {
    const first = await newTlsOrigin({ identity: pki.servers.selfSigned });
    const other = await newTlsOrigin({ identity: pki.servers.unknownCa });
    const hip: FetchOptions = {
      certReqs: 'CERT_NONE',
      assertFingerprint: pki.servers.selfSigned.fingerprints.sha256,
    };
    expect((await http.fetch(first.url('/hello'), { hip })).hip.tls?.verified).toBe(true);
    const mismatch = http.fetch(other.url('/hello'), { hip });
    expect(await cause(mismatch)).toBeInstanceOf(SSLError);
    const redirected = http.fetch(first.url(redirectTo(other.url('/hello'))), { hip });
    expect(await cause(redirected)).toBeInstanceOf(SSLError);
    expect(await other.requests()).toEqual([]);
  });

  test('does not stand in the way of an origin that verifies', async ({ http, pki }) => {
    const first = await newTlsOrigin();
    const other = await newTlsOrigin({ identity: pki.servers.second });
    const hip: FetchOptions = {
      caCerts: pki.root.certificate,
      assertFingerprint: pki.servers.good.fingerprints.sha256,
      serverHostname: 'origin.test',
    };
    const response = await http.fetch(first.url(redirectTo(other.url('/hello'))), { hip });
    expect(await response.text()).toBe('hello, world\n');
    expect((await first.requests())[0]?.tls.serverName).toBe('origin.test');
    expect((await other.requests())[0]?.tls.serverName).toBeNull();
  });
});

describeSquid('a proxy of one request', () => {
  test('is gone through, by redirects, too', async ({ http, origin }) => {
    const squid = await newSquid();
    const url = origin.url(redirectTo(origin.url('/hello?proxied')));
    expect((await http.fetch(url, { hip: { proxy: squid.url } })).status).toBe(200);
    expect((await http.fetch(origin.url('/hello?straight'))).status).toBe(200);
    expect((await squid.requests()).map(({ target }) => target)).toEqual([url, origin.url('/hello?proxied')]);
  });
});

describe('retries of one request', () => {
  test('go on until there is an answer', async ({ http, origin }) => {
    const response = await http.fetch(origin.url('/drop-before/3'), { hip: { retries: 3 } });
    expect(await response.text()).toBe('request 3\n');
    expect(response.hip.history).toHaveLength(2);
  });

  test('heed statuses, on the same connection', async ({ http, origin }) => {
    const retries = new Retry({ total: 5, statusForcelist: [502] });
    const response = await http.fetch(origin.url('/status-before/4/502'), { hip: { retries } });
    expect(await response.text()).toBe('request 4\n');
    expect(response.hip.history.map(({ status }) => status)).toEqual([502, 502, 502]);
    expect(await origin.counts()).toMatchObject({ connectionsOpened: 1 });
  });

  test('are none otherwise, and then tell what was tried', async ({ http, origin }) => {
    expect(await cause(http.fetch(origin.url('/drop-before/2')))).not.toBeInstanceOf(MaxRetryError);
    const error = await cause(http.fetch(origin.url('/drop-before/9'), { hip: { retries: 1 } }));
    expect(error).toBeInstanceOf(MaxRetryError);
    expect(await origin.requests('/drop-before/9')).toHaveLength(2);
  });
});

describe('timeouts of one request', () => {
  test('end silence, and the wait for a connection', async ({ http, origin }) => {
    const hip: FetchOptions = { timeout: { connect: 200, read: 200 } };
    expect(await cause(http.fetch(origin.url('/never-head'), { hip }))).toBeInstanceOf(ReadTimeoutError);
    const { url } = await newBlackHole();
    expect(await cause(http.fetch(url, { hip }))).toBeInstanceOf(ConnectTimeoutError);
  });

  test('end everything at the deadline: head, content, retries', async ({ http, origin }) => {
    const hip: FetchOptions = { timeout: { deadline: 300 } };
    expect(await cause(http.fetch(origin.url('/never-head'), { hip }))).toBeInstanceOf(DeadlineError);
    // Long enough for the head wherever this runs.
    const response = await http.fetch(origin.url('/trickle'), { hip: { timeout: { deadline: 2_000 } } });
    expect(response.status).toBe(200);
    expect(await cause(response.text())).toBeInstanceOf(DeadlineError);
    const retries = new Retry({ total: 9, backoffFactor: 60_000, statusForcelist: [500] });
    const late = http.fetch(origin.url('/status/500'), { hip: { ...hip, retries } });
    expect(await cause(late)).toBeInstanceOf(DeadlineError);
  });
});
