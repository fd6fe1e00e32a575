import type { PoolManager } from '@hip/client';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { describe, expect } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { test } from '../../support/fixtures.ts';

// Server-sent events read from the body of our Response.

/** The events of a response as they come. */
async function eventsOf(http: PoolManager, url: string): Promise<ReadableStream<EventSourceMessage>> {
  const response = await http.fetch(url, { headers: { accept: 'text/event-stream' } });
  const body = response.body as ReadableStream<Uint8Array<ArrayBuffer>>;
  return body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
}

describe('eventsource-parser', () => {
  test('gets each event when the origin sends it', async ({ http, origin }) => {
    const events = (await eventsOf(http, origin.url('/numbered-events/3?hold=next'))).getReader();
    const first = await events.read();
    expect(first.value).toMatchObject({ id: '1', event: 'number', data: '{"number":1,\n"text":"größer"}' });
    await origin.release('next');
    const rest = [await events.read(), await events.read(), await events.read()];
    expect(rest.map(({ value }) => value?.id)).toEqual(['2', '3', undefined]);
  });

  test('gets ten thousand of them, in order', async ({ http, origin }) => {
    const ids: string[] = [];
    for await (const { id } of await eventsOf(http, origin.url('/numbered-events/10000'))) ids.push(id ?? '');
    expect(ids).toEqual(Array.from({ length: 10_000 }, (_, index) => String(index + 1)));
  });

  test('may stop in the middle: the origin is told', async ({ http, origin }) => {
    const events = await eventsOf(http, origin.url('/numbered-events/2?hold=never'));
    for await (const { id } of events) {
      expect(id).toBe('1');
      break;
    }
    await eventually(async () => expect((await origin.request('/numbered-events')).outcome).toBe('aborted'));
  });

  test('parses text read by hand', async ({ http, origin }) => {
    const seen: (string | undefined)[] = [];
    const parser = createParser({ onEvent: ({ id }) => seen.push(id) });
    parser.feed(await (await http.fetch(origin.url('/numbered-events/2'))).text());
    expect(seen).toEqual(['1', '2']);
  });
});
