import { ReadTimeoutError } from '@hip/client';
import { CancelledError, QueryClient, QueryObserver } from '@tanstack/query-core';
import { describe, expect } from 'vitest';
import { eventually, rejection } from '../../support/eventually.ts';
import { test as plainTest } from '../../support/fixtures.ts';

// What is below React Query: it hands its signal to whatever fetches.

const test = plainTest.extend('queries', ({}, { onCleanup }) => {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: 2, retryDelay: 0 } } });
  queries.mount();
  onCleanup(() => {
    queries.unmount();
    queries.clear();
  });
  return queries;
});

/** As the documentation of React Query has it: an answer that is none is an error. */
async function textOf(response: Response): Promise<string> {
  if (!response.ok) throw new Error(`status ${response.status}`);
  return response.text();
}

describe('a query', () => {
  test('asks the origin once, however many want to know', async ({ http, origin, queries }) => {
    const query = {
      queryKey: ['hello'],
      queryFn: async ({ signal }: { signal: AbortSignal }) =>
        textOf(await http.fetch(origin.url('/hello'), { signal })),
      staleTime: Number.POSITIVE_INFINITY,
    };
    const answers = await Promise.all([1, 2, 3].map(() => queries.fetchQuery(query)));
    expect(new Set(answers)).toEqual(new Set(['hello, world\n']));
    expect(await origin.requests('/hello')).toHaveLength(1);
  });

  test('asks again after errors of the network and for statuses', async ({ http, origin, queries }) => {
    for (const path of ['/drop-before/3', '/status-before/6/500']) {
      const queryFn = async () => textOf(await http.fetch(origin.url(path)));
      expect(await queries.fetchQuery({ queryKey: [path], queryFn })).toMatch(/^request \d/);
    }
    expect((await origin.counts()).requests).toHaveLength(6);
  });

  test('that is cancelled ends the request at the origin', async ({ http, origin, queries }) => {
    const queryKey = ['slow'];
    const queryFn = async ({ signal }: { signal: AbortSignal }) =>
      textOf(await http.fetch(origin.url('/never-head'), { signal }));
    const pending = rejection(queries.fetchQuery({ queryKey, queryFn }));
    await eventually(() => origin.request('/never-head'));
    await queries.cancelQueries({ queryKey });
    expect(await pending).toBeInstanceOf(CancelledError);
    await eventually(async () => expect((await origin.request('/never-head')).outcome).toBe('aborted'));
    expect(await origin.requests('/never-head')).toHaveLength(1);
  });

  test('that nobody observes any more ends in the middle of its content', async ({
    http,
    origin,
    queries,
  }) => {
    const queryFn = async ({ signal }: { signal: AbortSignal }) =>
      textOf(await http.fetch(origin.url('/trickle'), { signal }));
    const observer = new QueryObserver(queries, { queryKey: ['trickle'], queryFn });
    const leave = observer.subscribe(() => {});
    await eventually(() => origin.request('/trickle'));
    leave();
    await eventually(async () => expect((await origin.request('/trickle')).outcome).toBe('aborted'));
  });

  test('shows our error below the TypeError', async ({ http, origin, queries }) => {
    const queryFn = async () =>
      textOf(await http.fetch(origin.url('/never-head'), { hip: { timeout: { read: 100 } } }));
    const error = await rejection(queries.fetchQuery({ queryKey: ['late'], queryFn, retry: false }));
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).cause).toBeInstanceOf(ReadTimeoutError);
  });
});
