import { type FetchResponse, ProtocolError } from '@hip/client';
import ky, { HTTPError, NetworkError, type Options, TimeoutError } from 'ky';
import { describe, expect } from 'vitest';
import { contentBytes } from '../../support/content.ts';
import { eventually, rejection } from '../../support/eventually.ts';
import { fieldsOf } from '../../support/fields.ts';
import { test as plainTest } from '../../support/fixtures.ts';

// ky with our fetch in place of the platform's.

interface Echo {
  method: string;
  target: string;
  rawHeaders: string[];
  body: string;
}

const test = plainTest.extend('api', ({ http }) =>
  ky.create({ fetch: http.fetch, retry: { limit: 2, backoffLimit: 1 } }),
);

describe('ky', () => {
  test('sends JSON and search parameters, and reads JSON', async ({ api, origin }) => {
    const echo = await api
      .post(origin.url('/echo'), { json: { name: 'hip', größe: 1 }, searchParams: { page: 2 } })
      .json<Echo>();
    expect(echo).toMatchObject({ method: 'POST', target: '/echo?page=2', body: '{"name":"hip","größe":1}' });
    const fields = fieldsOf(echo.rawHeaders);
    expect(fields.get('content-type')).toBe('application/json');
    expect(fields.get('accept')).toBe('application/json');
  });

  test('sends forms, and prefixes URLs', async ({ api, origin }) => {
    const body = new FormData();
    body.set('field', 'value');
    const prefixed = api.extend({ prefix: origin.url('/'), headers: { 'x-own': 'yes' } });
    const echo = await prefixed.put('echo', { body }).json<Echo>();
    expect(echo.body).toContain('name="field"\r\n\r\nvalue\r\n');
    expect(fieldsOf(echo.rawHeaders).get('content-type')).toMatch(/^multipart\/form-data; boundary=/);
    expect(fieldsOf(echo.rawHeaders).get('x-own')).toBe('yes');
  });

  test('retries statuses and broken connections, with the body', async ({ api, origin }) => {
    expect(await api.get(origin.url('/status-before/3/503')).text()).toBe('request 3\n');
    expect(await api.put(origin.url('/drop-before/5'), { json: { n: 1 } }).text()).toBe('request 5\n');
    const dropped = await origin.requests('/drop-before');
    expect(dropped.map(({ method }) => method)).toEqual(['PUT', 'PUT']);
  });

  test('throws its HTTPError for a status, with what came', async ({ api, origin }) => {
    const error = (await rejection(api.get(origin.url('/status/404')).text())) as HTTPError;
    expect(error).toBeInstanceOf(HTTPError);
    expect([error.response.status, error.data]).toEqual([404, 'status 404\n']);
  });

  test('gives up at its timeout, and the origin is told', async ({ api, origin }) => {
    const late = api.get(origin.url('/never-head'), { timeout: 300, retry: 0 });
    expect(await rejection(late)).toBeInstanceOf(TimeoutError);
    await eventually(async () => expect((await origin.request('/never-head')).outcome).toBe('aborted'));
  });

  test('aborts with the reason of the signal', async ({ api, origin }) => {
    const controller = new AbortController();
    const pending = rejection(api.get(origin.url('/never-head'), { signal: controller.signal }).text());
    await eventually(() => origin.request('/never-head'));
    controller.abort(new Error('enough'));
    expect(((await pending) as Error).message).toBe('enough');
    await eventually(async () => expect((await origin.request('/never-head')).outcome).toBe('aborted'));
  });

  test('calls its hooks', async ({ api, origin }) => {
    const seen: string[] = [];
    const hooked = api.extend({
      hooks: {
        beforeRequest: [({ request }) => request.headers.set('x-hook', 'before')],
        beforeRetry: [({ retryCount }) => void seen.push(`retry ${retryCount}`)],
        afterResponse: [({ response }) => void seen.push(`response ${response.status}`)],
      },
    });
    expect(await hooked.get(origin.url('/status-before/2/502')).text()).toBe('request 2\n');
    expect(seen).toEqual(['response 502', 'retry 1', 'response 200']);
    const [, last] = await origin.requests('/status-before');
    expect(fieldsOf(last?.rawHeaders ?? []).get('x-hook')).toBe('before');
  });

  test('tells progress both ways', async ({ api, origin }) => {
    const down: number[] = [];
    const up: number[] = [];
    const options = { onDownloadProgress: progressTo(down), onUploadProgress: progressTo(up) };
    await api.get(origin.url('/bytes/300000'), options).arrayBuffer();
    expect(down.at(-1)).toBe(300_000);
    const body = new Blob([contentBytes(300_000)]);
    expect(await api.post(origin.url('/upload'), { ...options, body }).json()).toMatchObject({
      receivedBytes: 300_000,
    });
    expect(up.at(-1)).toBe(300_000);
  });

  test('hands init.hip on, and gives response.hip', async ({ http, origin }) => {
    const api = ky.create({ fetch: http.fetch, retry: 0 });
    const hip = { retries: 2 };
    const response = (await api.get(origin.url('/drop-before/3'), { hip } as Options)) as FetchResponse;
    expect(await response.text()).toBe('request 3\n');
    expect(response.hip.history).toHaveLength(2);
    const error = (await rejection(api.get(origin.url('/drop-before/99')))) as Error;
    expect(error).toBeInstanceOf(NetworkError);
    expect((error.cause as Error).cause).toBeInstanceOf(ProtocolError);
  });
});

function progressTo(counts: number[]): (progress: { transferredBytes: number }) => void {
  return ({ transferredBytes }) => void counts.push(transferredBytes);
}
