import { text } from 'node:stream/consumers';
import type { Route } from './origin-routes.ts';

/** What the clients of others ask for, in the formats they expect. */
export const CLIENT_ROUTES: Record<string, Route> = {
  /** `/numbered-events/N?hold=LATCH`: N server-sent events; after the first one, waits for the latch. */
  async 'numbered-events'({ response, url, rest: [count], latch }) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const hold = url.searchParams.get('hold');
    for (let id = 1; id <= Number(count); id++) {
      response.write(
        `: a comment\nid: ${id}\nevent: number\ndata: {"number":${id},\ndata: "text":"größer"}\n\n`,
      );
      if (id === 1 && hold !== null) await latch(hold);
    }
    response.end();
  },

  /**
   * `/v1/chat/completions`: chat completions as OpenAI's API gives them, in one piece or as a stream. It says the last message
   * back, a word at a time; after the first word it waits for the latch that the model names.
   */
  async v1({ request, response, rest, record, latch }) {
    const body = JSON.parse((await text(request)) || '{}') as ChatRequest;
    if (rest.join('/') !== 'chat/completions') {
      const error = {
        message: `no such thing as ${record.target}`,
        type: 'invalid_request_error',
        code: null,
      };
      response.writeHead(404, { 'content-type': 'application/json', 'x-request-id': 'req_1' });
      response.end(JSON.stringify({ error }));
      return;
    }
    const message = body.messages.at(-1)?.content ?? '';
    const about = { id: `chatcmpl-${record.id}`, created: 1_700_000_000, model: body.model };
    if (body.stream !== true) {
      const choice = { index: 0, finish_reason: 'stop', message: { role: 'assistant', content: message } };
      response.writeHead(200, { 'content-type': 'application/json', 'x-request-id': 'req_2' });
      response.end(JSON.stringify({ ...about, object: 'chat.completion', choices: [choice] }));
      return;
    }
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
    });
    const send = (delta: object, finish_reason: string | null): void => {
      const chunk = {
        ...about,
        object: 'chat.completion.chunk',
        choices: [{ index: 0, delta, finish_reason }],
      };
      response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    };
    for (const [index, word] of message.split(/(?<= )/).entries()) {
      send(index === 0 ? { role: 'assistant', content: word } : { content: word }, null);
      if (index === 0) await latch(body.model);
    }
    send({}, 'stop');
    response.end('data: [DONE]\n\n');
  },
};

interface ChatRequest {
  readonly model: string;
  readonly stream?: boolean;
  readonly messages: readonly { readonly content: string }[];
}
