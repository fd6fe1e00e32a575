import { randomBytes } from 'node:crypto';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
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

describe('content that is coded', () => {
  /** A response with this content in pieces of so many bytes. */
  async function coded(
    encoding: string,
    content: Uint8Array,
    init: RequestInit = {},
    pieceBytes = 7,
  ): Promise<HTTPResponse> {
    const { gateway, http } = await connected();
    const pending = http.request('GET', URL_TEXT, { preloadContent: false, ...init });
    const exchange = await gateway.exchange();
    exchange.sendHead(200, ['content-encoding', encoding, 'content-length', String(content.length)]);
    for (let at = 0; at < content.length; at += pieceBytes) {
      exchange.sendContent(content.subarray(at, at + pieceBytes));
    }
    exchange.end();
    return pending;
  }

  it.each([
    ['gzip', gzipSync(TEXT)],
    ['X-Gzip', gzipSync(TEXT)],
    ['deflate', deflateSync(TEXT)],
    ['br', brotliCompressSync(TEXT)],
    ['zstd', zstdCompressSync(TEXT)],
    ['gzip, br', brotliCompressSync(gzipSync(TEXT))],
    ['unheard-of', Buffer.from(TEXT)],
  ])('%s is decoded on the way, in pieces of the asked size', async (encoding, content) => {
    const response = await coded(encoding, content);
    const lengths: number[] = [];
    for await (const piece of response.stream(32)) lengths.push(piece.length);
    expect(lengths).toEqual([32, 32, 32, 4]);
    expect(response.headers.get('content-encoding')).toBe(encoding);
    expect(response.tell()).toBe(content.length);
    expect(await (await coded(encoding, content, { preloadContent: true })).text()).toBe(TEXT);
  });

  it('is left as it is with decodeContent: false, of the request or of a read', async () => {
    const content = gzipSync(TEXT);
    const raw = await coded('gzip', content, { decodeContent: false });
    expect(Buffer.from(await raw.read())).toEqual(content);
    const other = await coded('gzip', content);
    expect(Buffer.from(await other.read(5, { decodeContent: false }))).toEqual(content.subarray(0, 5));
  });

  it('cannot be had as it came after some of it was decoded', async () => {
    const response = await coded('gzip', gzipSync(TEXT));
    await response.read(1);
    const error = await rejection(response.read(1, { decodeContent: false }));
    expect(error).toBeInstanceOf(ResponseStateError);
  });

  it('is whole and in order for two who read at the same time', async () => {
    const content = randomBytes(150_000);
    const response = await coded('gzip', gzipSync(content), {}, 10_000);
    const [first, second] = await Promise.all([response.read1(), response.read1()]);
    const rest = await response.read();
    expect(Buffer.concat([first, second, rest]).equals(content)).toBe(true);
  });

  it('is a DecodeError where it is not what it says, and gives the response up', async () => {
    const response = await coded('gzip', Buffer.from(TEXT));
    expect(await rejection(response.read())).toMatchObject({
      name: 'DecodeError',
      code: 'decode_failed',
      sent: 'always',
      message: 'Received response with content-encoding: gzip, but failed to decode it.',
    });
  });

  it('is text, lines and a stream like any other', async () => {
    const lines = await coded('gzip', gzipSync('one\ntwo\n\nthree'));
    const read: string[] = [];
    for await (const line of lines) read.push(new TextDecoder().decode(line));
    expect(read).toEqual(['one\n', 'two\n', '\n', 'three']);
    const text = await coded('gzip', gzipSync('naïve €'));
    expect(await new Response(text.body).text()).toBe('naïve €');
    let joined = '';
    for await (const part of (await coded('br', brotliCompressSync('naïve €'))).textStream()) joined += part;
    expect(joined).toBe('naïve €');
  });
});

describe('reading like a file', () => {
  it('read1 gives what is there, and never more than asked', async () => {
    const response = await chunked(TEXT, [7], 'slowly');
    let text = '';
    for (let piece = await response.read1(5); piece.length > 0; piece = await response.read1(5)) {
      expect(piece.length).toBeLessThanOrEqual(5);
      text += new TextDecoder().decode(piece);
    }
    expect(text).toBe(TEXT);
    expect((await response.read1(0)).length).toBe(0);
  });

  it('readInto fills a buffer', async () => {
    const response = await chunked('abcdefg', [2], 'slowly');
    const buffer = new Uint8Array(5);
    expect(await response.readInto(buffer)).toBe(5);
    expect(new TextDecoder().decode(buffer)).toBe('abcde');
    expect(await response.readInto(buffer)).toBe(2);
    expect(new TextDecoder().decode(buffer)).toBe('fgcde');
    expect(await response.readInto(buffer)).toBe(0);
  });

  it('lengthRemaining counts down what the origin announced', async () => {
    const [response, exchange] = await begin();
    expect(response.lengthRemaining).toBeUndefined();
    exchange.end();
    const { gateway, http } = await connected();
    const pending = http.request('GET', URL_TEXT, { preloadContent: false });
    (await gateway.exchange()).answer(200, ['content-length', '10'], '0123456789');
    const known = await pending;
    expect(known.lengthRemaining).toBe(10);
    await known.read(4);
    expect([known.lengthRemaining, known.tell()]).toEqual([6, 4]);
  });

  it.each([
    ['HEAD', 200],
    ['GET', 304],
    ['GET', 204],
  ])('nothing remains of a %s answered with %i', async (method, status) => {
    const { gateway, http } = await connected();
    const pending = http.request(method, URL_TEXT);
    (await gateway.exchange()).answer(status, ['content-length', '10'], '');
    expect((await pending).lengthRemaining).toBe(0);
  });

  it('readChunked gives the pieces as they come, where there is no length', async () => {
    const response = await chunked(TEXT, [30], 'slowly');
    let text = '';
    for await (const piece of response.readChunked()) text += new TextDecoder().decode(piece);
    expect(text).toBe(TEXT);
    const { gateway, http } = await connected();
    const pending = http.request('GET', URL_TEXT, { preloadContent: false });
    (await gateway.exchange()).answer(200, ['content-length', '1'], 'x');
    const error = await rejection((await pending).readChunked().next());
    expect(error).toMatchObject({ name: 'ResponseNotChunked', code: 'response_not_chunked' });
  });

  it('closed tells the end, unless autoClose says otherwise', async () => {
    const response = await chunked('abc', [3], 'whole');
    expect(response.closed).toBe(false);
    await response.read();
    expect(response.closed).toBe(true);
    response.autoClose = false;
    expect(response.closed).toBe(false);
    response.close();
    expect(response.closed).toBe(true);
  });

  it('drainConn reads what is left, close and the end of a using give it up', async () => {
    const drained = await chunked(TEXT, [7], 'slowly');
    await drained.drainConn();
    expect([drained.tell(), (await drained.read()).length]).toEqual([TEXT.length, 0]);
    const [closed, exchange] = await begin();
    {
      using response = closed;
      expect(response.closed).toBe(false);
    }
    expect(closed.closed).toBe(true);
    expect(await exchange.stopped).toBe(FAILURES.cancelled.code);
  });
});
