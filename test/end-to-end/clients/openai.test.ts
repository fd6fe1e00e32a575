import OpenAI, { APIConnectionError, APIUserAbortError, NotFoundError } from 'openai';
import { describe, expect } from 'vitest';
import { eventually, rejection } from '../../support/eventually.ts';
import { fieldsOf } from '../../support/fields.ts';
import { test as plainTest, unusedAddress } from '../../support/fixtures.ts';

// The SDK of a language model that streams, at an origin that speaks its format.

const test = plainTest.extend('openai', ({ http, origin }) => clientOf(http.fetch, origin.url('/v1')));

function clientOf(fetch: typeof globalThis.fetch, baseURL: string): OpenAI {
  return new OpenAI({ apiKey: 'sk-test', baseURL, fetch, maxRetries: 1, dangerouslyAllowBrowser: true });
}

const messages = [{ role: 'user' as const, content: 'one two drei größer' }];

describe('the OpenAI SDK', () => {
  test('streams a completion, a word when it is made', async ({ openai, origin }) => {
    const stream = await openai.chat.completions.create({ model: 'held', messages, stream: true });
    const words: string[] = [];
    for await (const { choices } of stream) {
      const word = choices[0]?.delta.content;
      if (word === undefined || word === null) continue;
      words.push(word);
      // Only now does the origin make the second one.
      if (words.length === 1) await origin.release('held');
    }
    expect(words).toEqual(['one ', 'two ', 'drei ', 'größer']);
    const { rawHeaders } = await origin.request('/v1/chat/completions');
    expect(fieldsOf(rawHeaders).get('authorization')).toBe('Bearer sk-test');
  });

  test('puts a stream together', async ({ openai, origin }) => {
    await origin.release('free');
    const stream = openai.chat.completions.stream({ model: 'free', messages });
    expect((await stream.finalMessage()).content).toBe('one two drei größer');
  });

  test('leaves a stream in the middle, and the origin is told', async ({ openai, origin }) => {
    const stream = await openai.chat.completions.create({ model: 'never', messages, stream: true });
    for await (const chunk of stream) {
      expect(chunk.choices[0]?.delta.content).toBe('one ');
      break;
    }
    await eventually(async () => expect((await origin.request('/v1')).outcome).toBe('aborted'));
  });

  test('aborts before there is an answer', async ({ openai, origin }) => {
    const controller = new AbortController();
    controller.abort();
    const aborted = openai.chat.completions.create({ model: 'x', messages }, { signal: controller.signal });
    expect(await rejection(aborted)).toBeInstanceOf(APIUserAbortError);
    expect(await origin.requests()).toEqual([]);
  });

  test('gets a completion in one piece, with the headers of the response', async ({ openai }) => {
    const { data, request_id } = await openai.chat.completions
      .create({ model: 'x', messages })
      .withResponse();
    expect([data.choices[0]?.message.content, request_id]).toEqual(['one two drei größer', 'req_2']);
  });

  test('tells what the origin says of an error', async ({ openai }) => {
    const error = (await rejection(openai.models.retrieve('x'))) as NotFoundError;
    expect(error).toBeInstanceOf(NotFoundError);
    expect([error.status, error.requestID]).toEqual([404, 'req_1']);
    expect(error.message).toContain('no such thing as /v1/models/x');
  });

  test('tries again where there is no connection, then says so', async ({ http }) => {
    const { url } = await unusedAddress();
    const error = await rejection(clientOf(http.fetch, url).models.list());
    expect(error).toBeInstanceOf(APIConnectionError);
    expect((error as Error).cause).toMatchObject({ cause: { code: 'connection_refused' } });
  });
});
