import { describe, expect } from 'vitest';
import type { Gateway } from '../support/control.ts';
import { eventually, rejection } from '../support/eventually.ts';
import { LOOPBACK, newClient, newGateway, test } from '../support/fixtures.ts';

/** A gateway that cuts off what has not ended soon after it was asked to stop. */
function hasty(): Promise<Gateway> {
  return newGateway({ ...LOOPBACK, args: ['--drain-timeout-ms', '300'] });
}

/** Asks the gateway to stop; gives its successor on the same address. */
async function succeeded(gateway: Gateway): Promise<Gateway> {
  await gateway.signal('SIGTERM');
  return eventually(() => newGateway({ ...LOOPBACK, listen: gateway.host, token: gateway.token }));
}

describe('a gateway that is asked to stop', () => {
  test('serves what was begun before its client could know, bodies that exist once among it', async ({
    origin,
  }) => {
    const gateway = await newGateway();
    const http = newClient(gateway);
    await http.request('GET', origin.url('/hello'));
    let isStopped = false;
    const uploads: Promise<number>[] = [];
    const upload = async (number: number): Promise<number> => {
      const body = new Blob([`upload ${number}`]).stream();
      return (await http.request('POST', origin.url('/upload'), { body })).status;
    };
    const successor = succeeded(gateway).finally(() => {
      isStopped = true;
    });
    while (!isStopped) {
      uploads.push(upload(uploads.length));
      await Promise.race([uploads.at(-1), successor]);
    }
    await successor;
    expect(new Set(await Promise.all(uploads))).toEqual(new Set([200]));
    expect(await origin.requests('/upload')).toHaveLength(uploads.length);
    expect((await gateway.exited()).exitCode).toBe(0);
  });

  test('lets a body that is read slowly end', async ({ origin }) => {
    const gateway = await newGateway();
    const http = newClient(gateway);
    const response = await http.fetch(origin.url('/bytes/5000000'));
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    let bytes = (await reader.read()).value?.length ?? 0;
    await succeeded(gateway);
    for (let part = await reader.read(); !part.done; part = await reader.read()) bytes += part.value.length;
    expect(bytes).toBe(5_000_000);
    expect((await gateway.exited()).exitCode).toBe(0);
  });
});

describe('a gateway that cannot wait any longer', () => {
  test('tells of each request whether it was sent: one that waits for a connection moves on', async ({
    origin,
  }) => {
    const gateway = await hasty();
    const http = newClient(gateway, { block: true, maxsize: 1 });
    const sent = rejection(http.request('POST', origin.url('/never-head'), { body: 'pay 10' }));
    await eventually(() => origin.request('/never-head'));
    const waiting = http.request('POST', origin.url('/echo'), { body: 'pay 20' });
    await succeeded(gateway);
    expect(await sent).toMatchObject({ name: 'SessionError', code: 'session_lost', sent: 'maybe' });
    expect((await waiting).status).toBe(200);
    expect(await origin.requests('/never-head')).toHaveLength(1);
    expect(await origin.requests('/echo')).toHaveLength(1);
    const { exitCode, stderr } = await gateway.exited();
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/"sessions":1,"exchanges":2.*"drain timed out/);
  });

  test('breaks off a body; fetch() repeats what may be repeated', async ({ origin }) => {
    const gateway = await hasty();
    const http = newClient(gateway);
    const body = rejection((await http.fetch(origin.url('/held-body/rest'))).text());
    const repeated = http.fetch(origin.url('/slow-start/go'));
    await eventually(() => origin.request('/slow-start'));
    await succeeded(gateway);
    expect(await body).toMatchObject({ cause: { code: 'session_lost' } });
    await eventually(async () => expect(await origin.requests('/slow-start')).toHaveLength(2));
    await origin.release('go');
    expect((await repeated).status).toBe(200);
  });
});
