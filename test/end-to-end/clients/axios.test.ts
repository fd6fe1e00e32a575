import axios, { AxiosError, type AxiosProgressEvent } from 'axios';
import { describe, expect } from 'vitest';
import { contentBytes, sha256 } from '../../support/content.ts';
import { eventually, rejection } from '../../support/eventually.ts';
import { fieldsOf } from '../../support/fields.ts';
import { test as plainTest } from '../../support/fixtures.ts';

// axios with its fetch adapter, and our fetch in it.

interface Echo {
  method: string;
  target: string;
  rawHeaders: string[];
  body: string;
}

const test = plainTest.extend('api', ({ http }) =>
  axios.create({ adapter: 'fetch', env: { fetch: http.fetch } }),
);

describe('axios', () => {
  test('sends JSON and parameters, and reads JSON and headers', async ({ api, origin }) => {
    const { data, status, statusText, headers } = await api.post<Echo>(
      origin.url('/echo'),
      { name: 'größe' },
      { params: { page: 2 }, headers: { 'x-own': 'yes' } },
    );
    expect([status, statusText, headers['content-type']]).toEqual([200, 'OK', 'application/json']);
    expect(data).toMatchObject({ method: 'POST', target: '/echo?page=2', body: '{"name":"größe"}' });
    const fields = fieldsOf(data.rawHeaders);
    expect(fields.get('content-type')).toBe('application/json');
    expect(fields.get('x-own')).toBe('yes');
  });

  test('sends forms of both kinds', async ({ api, origin }) => {
    // In Node axios does not leave the type to fetch unless it is told what it is going to be, whosever fetch it is.
    const headers = { 'content-type': 'multipart/form-data' };
    const form = new FormData();
    form.set('field', 'value');
    const { data } = await api.post<Echo>(origin.url('/echo'), form, { headers });
    expect(fieldsOf(data.rawHeaders).get('content-type')).toMatch(/^multipart\/form-data; boundary=/);
    expect(data.body).toContain('name="field"\r\n\r\nvalue\r\n');
    const encoded = await api.post<Echo>(origin.url('/echo'), new URLSearchParams({ a: '1' }));
    expect(encoded.data.body).toBe('a=1');
  });

  test('throws its AxiosError for a status, with what came', async ({ api, origin }) => {
    const error = (await rejection(api.get(origin.url('/status/503')))) as AxiosError;
    expect(error).toBeInstanceOf(AxiosError);
    expect([error.code, error.response?.status, error.response?.data]).toEqual([
      'ERR_BAD_RESPONSE',
      503,
      'status 503\n',
    ]);
  });

  test('tells a network error as one, with ours below it', async ({ api, origin }) => {
    const error = (await rejection(api.get(origin.url('/drop-before/99')))) as AxiosError;
    expect(error).toMatchObject({ code: 'ERR_NETWORK', message: 'Network Error' });
    expect(error.cause).toMatchObject({ code: expect.stringMatching(/^http_|^connection_/) });
  });

  test('gives up at its timeout and at an abort, and the origin is told', async ({ api, origin }) => {
    const late = await rejection(api.get(origin.url('/never-head?late'), { timeout: 300 }));
    expect(late).toMatchObject({ code: 'ETIMEDOUT' });
    const controller = new AbortController();
    const aborted = rejection(api.get(origin.url('/never-head?abort'), { signal: controller.signal }));
    await eventually(() => origin.request('/never-head?abort'));
    controller.abort();
    expect(axios.isCancel(await aborted)).toBe(true);
    await eventually(async () => {
      const outcomes = (await origin.requests('/never-head')).map(({ outcome }) => outcome);
      expect(outcomes).toEqual(['aborted', 'aborted']);
    });
  });

  test('gives bytes, Blobs and streams', async ({ api, origin }) => {
    const expected = await sha256(contentBytes(200_000));
    const url = origin.url('/bytes/200000');
    const { data: bytes } = await api.get<ArrayBuffer>(url, { responseType: 'arraybuffer' });
    expect(await sha256(bytes)).toBe(expected);
    const { data: blob } = await api.get<Blob>(url, { responseType: 'blob' });
    expect(await sha256(await blob.arrayBuffer())).toBe(expected);
    const { data: stream } = await api.get<ReadableStream>(url, { responseType: 'stream' });
    expect(await sha256(await new Response(stream).arrayBuffer())).toBe(expected);
  });

  test('tells progress both ways', async ({ api, origin }) => {
    const down: AxiosProgressEvent[] = [];
    const up: AxiosProgressEvent[] = [];
    const { data } = await api.post(origin.url('/upload'), contentBytes(300_000), {
      onUploadProgress: (event) => void up.push(event),
    });
    expect(data).toMatchObject({ receivedBytes: 300_000 });
    await api.get(origin.url('/bytes/300000'), { onDownloadProgress: (event) => void down.push(event) });
    expect(up.at(-1)).toMatchObject({ loaded: 300_000, total: 300_000 });
    expect(down.at(-1)).toMatchObject({ loaded: 300_000, total: 300_000 });
  });

  test('runs interceptors, and follows redirects unless told not to', async ({ api, origin }) => {
    api.interceptors.request.use((config) => {
      config.headers.set('x-token', 'abc');
      return config;
    });
    api.interceptors.response.use((response) => ({
      ...response,
      data: { wrapped: response.data as unknown },
    }));
    const { data } = await api.get(origin.url('/redirect/302?to=/echo'));
    const { wrapped } = data as { wrapped: Echo };
    expect(fieldsOf(wrapped.rawHeaders).get('x-token')).toBe('abc');
  });

  test('hands init.hip on', async ({ api, origin }) => {
    const { data } = await api.get(origin.url('/drop-before/3'), { fetchOptions: { hip: { retries: 2 } } });
    expect(data).toBe('request 3\n');
  });
});
