import { EgressDeniedError } from '@hip/client';
import { describe, expect } from 'vitest';
import { rejection, within } from '../support/eventually.ts';
import { expectFailure } from '../support/expect-failure.ts';
import { newClient, newGateway, newOrigin, test } from '../support/fixtures.ts';

// Nothing is allowed but what always is.
test.override('gatewaySetup', { scope: 'file' }, () => ({}));

describe('egress policy', () => {
  test('a private address that nobody allowed: EgressDeniedError, and no connection is made', async ({
    http,
    origin,
  }) => {
    await expectFailure(http, origin.url('/hello'), EgressDeniedError, /127\.0\.0\.1/);
    expect(await origin.counts()).toMatchObject({ connectionsOpened: 0 });
  });

  test('only the port that was allowed', async ({ origin }) => {
    const other = await newOrigin();
    const http = newClient(await newGateway({ allow: [origin.host] }));
    await expectFailure(http, other.url('/hello'), EgressDeniedError, new RegExp(other.host));
    expect(await other.counts()).toMatchObject({ connectionsOpened: 0 });
    expect((await http.request('GET', origin.url('/hello'))).status).toBe(200);
  });

  test.for([
    'http://169.254.169.254/latest/meta-data/',
    'http://10.0.0.1/',
    'http://192.168.1.1/',
    'http://172.16.0.1/',
    'http://100.64.0.1/',
    'http://0.0.0.0/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[fd00::1]/',
    'http://[fe80::1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://localhost/',
    'http://2130706433/',
    'http://0x7f.1/',
  ])('%s is denied by default', async (url, { http }) => {
    const error = await within(10_000, 'the denial', rejection(http.request('GET', url)));
    expect(error).toBeInstanceOf(EgressDeniedError);
  });
});
