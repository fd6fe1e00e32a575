import type { FetchResponse } from '@hip/client';
import createClient, { type Middleware } from 'openapi-fetch';
import { describe, expect } from 'vitest';
import { eventually, rejection } from '../../support/eventually.ts';
import { fieldsOf } from '../../support/fields.ts';
import { test as plainTest } from '../../support/fixtures.ts';

// A client for an OpenAPI description, which gives its fetch a Request.

interface Echo {
  method: string;
  target: string;
  rawHeaders: string[];
  body: string;
}

interface Answers<Body, Status extends number = 200> {
  responses: Record<Status, { content: { 'application/json': Body } }>;
}

/** As openapi-typescript writes it. */
interface paths {
  '/echo/{id}': {
    get: { parameters: { path: { id: number }; query?: { tags?: string[] } } } & Answers<Echo>;
    post: {
      parameters: { path: { id: number } };
      requestBody: { content: { 'application/json': { name: string } } };
    } & Answers<Echo>;
  };
  '/status/{code}': {
    get: { parameters: { path: { code: number } } } & {
      responses: Answers<never>['responses'] & { 404: { content: { 'text/plain': string } } };
    };
  };
  '/never-head': { get: { parameters: object } & Answers<Echo> };
  '/drop-before/{count}': { get: { parameters: { path: { count: number } } } & Answers<Echo> };
}

const test = plainTest.extend('api', ({ http, origin }) =>
  createClient<paths>({ baseUrl: origin.url(''), fetch: http.fetch }),
);

describe('openapi-fetch', () => {
  test('puts paths and queries together, and reads JSON', async ({ api }) => {
    const params = { path: { id: 7 }, query: { tags: ['a', 'b c'] } };
    const { data, response } = await api.GET('/echo/{id}', { params });
    expect(response.status).toBe(200);
    expect(data).toMatchObject({ method: 'GET', target: '/echo/7?tags=a&tags=b%20c' });
  });

  test('sends a body as JSON, once', async ({ api, origin }) => {
    const { data } = await api.POST('/echo/{id}', { params: { path: { id: 1 } }, body: { name: 'größe' } });
    expect(data?.body).toBe('{"name":"größe"}');
    expect(fieldsOf(data?.rawHeaders ?? []).get('content-type')).toBe('application/json');
    expect(await origin.requests('/echo')).toHaveLength(1);
  });

  test('gives a status that is an error as one', async ({ api }) => {
    const { data, error, response } = await api.GET('/status/{code}', { params: { path: { code: 404 } } });
    expect([data, error, response.status]).toEqual([undefined, 'status 404\n', 404]);
  });

  test('runs its middleware around our fetch', async ({ api }) => {
    const middleware: Middleware = {
      onRequest: ({ request }) => void request.headers.set('authorization', 'Bearer abc'),
      onResponse: ({ response }) => new Response(response.body, { status: 202, headers: response.headers }),
    };
    api.use(middleware);
    const { data, response } = await api.GET('/echo/{id}', { params: { path: { id: 1 } } });
    expect(response.status).toBe(202);
    expect(fieldsOf(data?.rawHeaders ?? []).get('authorization')).toBe('Bearer abc');
  });

  test('is aborted, and the origin is told', async ({ api, origin }) => {
    const controller = new AbortController();
    const pending = rejection(api.GET('/never-head', { signal: controller.signal }));
    await eventually(() => origin.request('/never-head'));
    controller.abort();
    expect(((await pending) as Error).name).toBe('AbortError');
    await eventually(async () => expect((await origin.request('/never-head')).outcome).toBe('aborted'));
  });

  test('hands init.hip on when its fetch adds it', async ({ http, origin }) => {
    const fetch = (request: Request) => http.fetch(request, { hip: { retries: 2 } });
    const api = createClient<paths>({ baseUrl: origin.url(''), fetch });
    const params = { path: { count: 3 } };
    const { response } = await api.GET('/drop-before/{count}', { params, parseAs: 'text' });
    expect((response as FetchResponse).hip.history).toHaveLength(2);
  });
});
