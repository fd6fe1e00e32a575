import { FAILURES } from '@hip/wire';
import { describe, expect, it } from 'vitest';
import { IncompleteRead, InvalidRequestError, ResponseStateError } from '../../src/errors.ts';
import type { HTTPResponse } from '../../src/pool/http-response.ts';
import type { RequestInit } from '../../src/pool/request-options.ts';
import { turns } from '../support/arrivals.ts';
import { connected, rejection, thrown } from '../support/client.ts';
import type { GatewayExchange } from '../support/gateway-exchange.ts';

const URL_TEXT = 'http://origin.test/path';

/** A response at its head, and the gateway's end of it. */
async function begin(init: RequestInit = {}): Promise<[HTTPResponse, GatewayExchange]> {
  const { gateway, http } = await connected();
  const pending = http.request('GET', URL_TEXT, { preloadContent: false, ...init });
  const exchange = await gateway.exchange();
  exchange.sendHead(200, ['content-type', 'text/plain'], { reason: 'OK', httpVersion: '1.1' });
  return [await pending, exchange];
}

/** A response whose content is `text` in chunks of the given lengths, all of it here or still arriving. */
async function chunked(text: string, lengths: number[], arrives: 'whole' | 'slowly'): Promise<HTTPResponse> {
  const [response, exchange] = await begin();
  const send = async () => {
    for (let at = 0, n = 0; at < text.length; n++) {
      const length = lengths[n % lengths.length] as number;
      exchange.sendContent(text.slice(at, at + length));
      at += length;
      if (arrives === 'slowly') await turns(1);
    }
    exchange.end();
  };
  if (arrives === 'whole') {
    await send();
    await turns();
  } else {
    void send();
  }
  return response;
}

const TEXT = 'abcdefghijklmnopqrstuvwxyz0123456789'.repeat(3).slice(0, 100);
const CHUNKINGS: number[][] = [[100], [1], [7], [32], [31, 2], [33, 1], [3, 50]];

describe('tls', () => {
  const facts = { tlsVersion: 'TLSv1.2', tlsCipher: 'TLS_AES', tlsVerified: true, tlsResumed: true };
  const nothing = { cipher: '', verified: false, resumed: false, peerCertificates: undefined };
  it.each([
    ['nothing without TLS', {}, undefined],
    [
      'what the gateway told',
      facts,
      { version: 'TLSv1.2', cipher: 'TLS_AES', verified: true, resumed: true, peerCertificates: undefined },
    ],
    [
      'no more than the gateway told',
      { ...facts, tlsVerified: false, tlsResumed: false },
      { version: 'TLSv1.2', ...nothing, cipher: 'TLS_AES' },
    ],
    ['nothing good that was not told', { tlsVersion: 'TLSv1.3' }, { version: 'TLSv1.3', ...nothing }],
  ])('is %s', async (_, metadata, tls) => {
    const { gateway, http } = await connected();
    const pending = http.request('GET', URL_TEXT);
    (await gateway.exchange()).answer(200, [], '', metadata);
    expect((await pending).tls).toEqual(tls);
  });
});

describe('before the content is read', () => {
  it('data says how to get it', async () => {
    const [response, exchange] = await begin();
    const error = thrown(() => response.data) as Error;
    expect(error).toBeInstanceOf(ResponseStateError);
    expect(error.message).toContain('await response.read()');
    exchange.end();
  });

  it('everything else is there', async () => {
    const { gateway, http } = await connected();
    const pending = http.request('GET', `${URL_TEXT}?q`, { preloadContent: false });
    const exchange = await gateway.exchange();
    exchange.sendHead(103, ['link', '<a>'], { reason: 'Fine', httpVersion: '2' });
    exchange.sendHead(200, ['set-cookie', 'a=1', 'set-cookie', 'b=2']);
    const response = await pending;
    expect(response).toMatchObject({ status: 200, reason: 'Fine', url: `${URL_TEXT}?q`, version: 20 });
    expect(response.headers.getlist('set-cookie')).toEqual(['a=1', 'b=2']);
    expect(response.informational.map(({ status, headers }) => [status, headers.get('link')])).toEqual([
      [103, '<a>'],
    ]);
    expect([...response.trailers]).toEqual([]);
    exchange.end(['checksum', '1']);
    await response.read();
    expect(response.trailers.get('checksum')).toBe('1');
  });

  it.each([
    ['1.0', 10],
    ['1.1', 11],
    ['2', 20],
    ['9', 0],
  ])('version %s is told as urllib3 counts', async (httpVersion, version) => {
    const { gateway, http } = await connected();
    const pending = http.request('GET', URL_TEXT);
    (await gateway.exchange()).answer(200, [], '', { httpVersion });
    expect((await pending).version).toBe(version);
  });
});

describe('with preloadContent', () => {
  it('the content is here, however it came', async () => {
    const { gateway, http } = await connected();
    const pending = http.request('GET', URL_TEXT);
    const exchange = await gateway.exchange();
    exchange.sendHead(200);
    for (const piece of ['{"a"', ':', '1}']) {
      exchange.sendContent(piece);
      await turns(1);
    }
    exchange.end();
    const response = await pending;
    expect(Buffer.from(response.data).toString()).toBe('{"a":1}');
    expect(await response.text()).toBe('{"a":1}');
    expect(await response.json()).toEqual({ a: 1 });
    expect(response.data).toBe(response.data);
    expect(await new Response(response.body).text()).toBe('{"a":1}');
    // As in urllib3, what was preloaded is not there to be read once more.
    expect(await response.read()).toHaveLength(0);
  });

  it('a body that breaks off is the error of the request', async () => {
    const { gateway, http } = await connected();
    const failed = rejection(http.request('GET', URL_TEXT, { retries: false }));
    const exchange = await gateway.exchange();
    exchange.sendHead(200);
    exchange.sendContent('part');
    exchange.reset('http_response_incomplete');
    expect(await failed).toBeInstanceOf(IncompleteRead);
  });

  it.each([
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
  ])('a %s answered with %i has no content', async (method, status) => {
    const { gateway, http } = await connected();
    const pending = http.request(method, URL_TEXT);
    (await gateway.exchange()).answer(status, ['content-length', '1000']);
    const response = await pending;
    expect(response.data).toHaveLength(0);
    expect(await response.text()).toBe('');
  });
});

describe.each(['whole', 'slowly'] as const)('content that arrives %s', (arrives) => {
  it.each(CHUNKINGS)('in chunks of %i, … is read in exact amounts', async (...lengths) => {
    const response = await chunked(TEXT, lengths, arrives);
    const seen: string[] = [];
    for (const amount of [1, 0, 31, 32, 33]) seen.push(Buffer.from(await response.read(amount)).toString());
    expect(seen.map((piece) => piece.length)).toEqual([1, 0, 31, 32, 33]);
    seen.push(Buffer.from(await response.read(33)).toString());
    expect(seen.join('')).toBe(TEXT);
    for (const amount of [undefined, -1, 0, 10]) expect(await response.read(amount)).toHaveLength(0);
  });

  it.each(CHUNKINGS)('in chunks of %i, … streams in exact amounts', async (...lengths) => {
    const response = await chunked(TEXT, lengths, arrives);
    const pieces: string[] = [];
    for await (const piece of response.stream(32)) pieces.push(Buffer.from(piece).toString());
    expect(pieces.map((piece) => piece.length)).toEqual([32, 32, 32, 4]);
    expect(pieces.join('')).toBe(TEXT);
  });

  it('is read whole, or what is left of it', async () => {
    const response = await chunked(TEXT, [7], arrives);
    await response.read(10);
    expect(Buffer.from(await response.read()).toString()).toBe(TEXT.slice(10));
  });

  it('is text and JSON, asked for as often and as much at once as one likes', async () => {
    const response = await chunked(JSON.stringify({ text: 'grün', list: [1, 2] }), [5], arrives);
    const [text, json, again] = await Promise.all([response.text(), response.json(), response.text()]);
    expect(json).toEqual({ text: 'grün', list: [1, 2] });
    expect(JSON.parse(text)).toEqual(json);
    expect(again).toBe(text);
    expect(Buffer.from(response.data).toString()).toBe(text);
  });

  it('is a stream of bytes, also after a part was read', async () => {
    const response = await chunked(TEXT, [7], arrives);
    await response.read(10);
    expect(response.body).toBe(response.body);
    expect(await new Response(response.body).text()).toBe(TEXT.slice(10));
  });
});

describe('read()', () => {
  it('waits for as much as it was asked for', async () => {
    const [response, exchange] = await begin();
    let isDone = false;
    const reading = response.read(6).then((piece) => {
      isDone = true;
      return piece;
    });
    exchange.sendContent('abcd');
    await turns();
    expect(isDone).toBe(false);
    exchange.sendContent('efgh');
    expect(Buffer.from(await reading).toString()).toBe('abcdef');
    exchange.end();
    expect(Buffer.from(await response.read(6)).toString()).toBe('gh');
  });

  it('of nothing waits for nothing', async () => {
    const [response, exchange] = await begin();
    expect(await response.read(0)).toHaveLength(0);
    exchange.sendContent('still there');
    exchange.end();
    expect(await response.text()).toBe('still there');
  });

  it.each([1.5, Number.NaN, Number.POSITIVE_INFINITY, '7', null])('refuses %s', async (amount) => {
    const [response] = await begin();
    expect(await rejection(response.read(amount as number))).toBeInstanceOf(InvalidRequestError);
    expect(await rejection(response.stream(amount as number).next())).toBeInstanceOf(InvalidRequestError);
  });

  it('rejects when the content breaks off', async () => {
    const [response, exchange] = await begin();
    const failed = rejection(response.read(100));
    exchange.sendContent('part');
    exchange.reset('http_response_incomplete');
    expect(await failed).toBeInstanceOf(IncompleteRead);
    expect(await rejection(response.text())).toBeInstanceOf(IncompleteRead);
  });
});

describe('stream()', () => {
  it('gives the response up when the loop is left early', async () => {
    const [response, exchange] = await begin();
    exchange.sendContent('abcdef');
    for await (const piece of response.stream(2)) {
      expect(Buffer.from(piece).toString()).toBe('ab');
      break;
    }
    expect(await exchange.stopped).toBe(FAILURES.cancelled.code);
    expect(await response.read()).toHaveLength(0);
  });

  it('gives the response up when the loop throws', async () => {
    const [response, exchange] = await begin();
    exchange.sendContent('abcdef');
    const mine = new Error('mine');
    const loop = async () => {
      for await (const _ of response.stream(2)) throw mine;
    };
    expect(await rejection(loop())).toBe(mine);
    await exchange.stopped;
  });

  it('of nothing at a time gives nothing, of a negative amount everything', async () => {
    const pieces: number[] = [];
    const [first, firstExchange] = await begin();
    firstExchange.sendContent(TEXT);
    firstExchange.end();
    for await (const piece of first.stream(0)) pieces.push(piece.length);
    const [second, secondExchange] = await begin();
    secondExchange.sendContent(TEXT);
    secondExchange.end();
    for await (const piece of second.stream(-1)) pieces.push(piece.length);
    expect(pieces).toEqual([100]);
  });

  it('gives 64 KiB at a time when nothing else is said', async () => {
    const [response, exchange] = await begin();
    const pumped = exchange.pump(150_000, 9_999).then(() => exchange.end());
    const lengths: number[] = [];
    for await (const piece of response.stream()) lengths.push(piece.length);
    await pumped;
    expect(lengths).toEqual([65_536, 65_536, 18_928]);
  });

  it('does not ask the origin to stop after its end', async () => {
    const [response, exchange] = await begin();
    exchange.sendContent('all');
    exchange.end();
    for await (const _ of response.stream());
    await turns();
    expect(exchange.seen.stopped).toBe(false);
  });
});

describe('releaseConn()', () => {
  it('stops the origin, and may be called again', async () => {
    const [response, exchange] = await begin();
    response.releaseConn();
    response.releaseConn();
    expect(await exchange.stopped).toBe(FAILURES.cancelled.code);
    expect(await response.read()).toHaveLength(0);
    expect(await response.read(5)).toHaveLength(0);
  });

  it('before the content was asked for makes asking an error: nothing must never pass for the whole', async () => {
    for (const end of [true, false]) {
      const [response, exchange] = await begin();
      exchange.sendContent('content');
      if (end) exchange.end();
      await turns();
      response.releaseConn();
      for (const ask of [() => response.text(), () => response.json()]) {
        const error = await rejection(ask());
        expect(error).toBeInstanceOf(ResponseStateError);
        expect(error).toMatchObject({ code: 'response_closed' });
      }
      expect(thrown(() => response.data)).toBeInstanceOf(ResponseStateError);
    }
  });

  it('after the content was read takes nothing away', async () => {
    const [response, exchange] = await begin();
    exchange.sendContent('content');
    exchange.end();
    expect(await response.text()).toBe('content');
    response.releaseConn();
    expect(await response.text()).toBe('content');
    expect(Buffer.from(response.data).toString()).toBe('content');
    await turns();
    expect(exchange.seen.stopped).toBe(false);
  });

  it('while somebody reads makes that reject', async () => {
    const [response] = await begin();
    const failed = rejection(response.text());
    response.releaseConn();
    expect(await failed).toMatchObject({ code: 'cancelled' });
  });
});

describe('body', () => {
  it('that is cancelled stops the origin', async () => {
    const [response, exchange] = await begin();
    await response.body.cancel();
    expect(await exchange.stopped).toBe(FAILURES.cancelled.code);
  });

  it('that breaks off rejects with the error itself', async () => {
    const [response, exchange] = await begin();
    const failed = rejection(response.body.getReader().read());
    exchange.reset('http_response_incomplete');
    expect(await failed).toBeInstanceOf(IncompleteRead);
  });

  it('of nothing ends at once', async () => {
    const { gateway, http } = await connected();
    const pending = http.request('GET', URL_TEXT);
    (await gateway.exchange()).answer(204);
    expect((await (await pending).body.getReader().read()).done).toBe(true);
  });

  it('does not share its bytes with data', async () => {
    const { gateway, http } = await connected();
    const pending = http.request('GET', URL_TEXT);
    (await gateway.exchange()).answer(200, [], 'content');
    const response = await pending;
    const { value } = await response.body.getReader().read();
    structuredClone(value!.buffer, { transfer: [value!.buffer as ArrayBuffer] });
    expect(Buffer.from(response.data).toString()).toBe('content');
  });
});
