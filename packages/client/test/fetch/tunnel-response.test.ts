import { describe, expect, it } from 'vitest';
import type { ResponseInfo } from '../../src/fetch/response-info.ts';
import { type ResponseFacts, TunnelResponse } from '../../src/fetch/tunnel-response.ts';
import { collectGarbage } from '../support/garbage.ts';

const INFO = {} as ResponseInfo;

const FACTS: ResponseFacts = {
  status: 200,
  reason: 'OK',
  fields: [],
  url: 'http://origin.test/',
  redirected: false,
  info: () => INFO,
  type: 'basic',
  signal: undefined,
};

type Source = 'memory' | 'stream' | 'null';

function bodyOf(
  source: Source,
  content: string,
): Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>> | null {
  if (source === 'null') return null;
  const bytes = new TextEncoder().encode(content);
  if (source === 'memory') return bytes;
  const pieces = [bytes.slice(0, 3), bytes.slice(3)].filter((piece) => piece.length > 0);
  return new ReadableStream({
    type: 'bytes',
    pull(controller) {
      const piece = pieces.shift();
      if (piece !== undefined) {
        controller.enqueue(piece);
        return;
      }
      controller.close();
      controller.byobRequest?.respond(0);
    },
  });
}

function tunnel(source: Source, content: string, type: string): Response {
  return new TunnelResponse(bodyOf(source, content), { ...FACTS, fields: ['content-type', type] });
}

function native(source: Source, content: string, type: string): Response {
  return new Response(bodyOf(source, content), { headers: { 'content-type': type } });
}

/** What one may do with a response, and how it looks from outside. */
const DEEDS: Record<string, (response: Response) => unknown> = {
  text: (response) => response.text(),
  json: (response) => response.json(),
  arrayBuffer: async (response) => [...new Uint8Array(await response.arrayBuffer())],
  bytes: async (response) => [...(await response.bytes())],
  blob: async (response) => {
    const blob = await response.blob();
    return [blob.type, await blob.text()];
  },
  formData: async (response) => [...(await response.formData())],
  'clone text': (response) => response.clone().text(),
  'clone twice': async (response) => {
    const first = response.clone();
    const second = first.clone();
    return [await second.text(), await first.text(), first.bodyUsed];
  },
  'look at body': (response) => {
    const { body } = response;
    return body && [body.locked, body === response.body];
  },
  'lock body': (response) => {
    response.body?.getReader();
  },
  'read body': async (response) => {
    const pieces: Uint8Array[] = [];
    if (response.body !== null) for await (const piece of response.body) pieces.push(piece);
    return Buffer.concat(pieces).toString();
  },
  'read a piece': async (response) => {
    const reader = response.body?.getReader();
    await reader?.read();
    reader?.releaseLock();
  },
  'cancel body': (response) => response.body?.cancel(),
};

function look(response: Response): string {
  return `used ${response.bodyUsed}, locked ${response.body?.locked}`;
}

async function outcome(deed: string, response: Response): Promise<string> {
  try {
    return JSON.stringify(await DEEDS[deed]!(response)) ?? 'nothing';
  } catch (error) {
    return (error as Error).name;
  }
}

/** Everything that shows while `deeds` are done one after the other. */
async function oneByOne(response: Response, deeds: string[], looks: boolean): Promise<string[]> {
  const seen: string[] = [];
  for (const deed of deeds) {
    seen.push(await outcome(deed, response), `used ${response.bodyUsed}`);
    if (looks) seen.push(look(response));
  }
  return seen;
}

/** The same while they are begun all at once. */
async function atOnce(response: Response, deeds: string[]): Promise<string[]> {
  const begun = deeds.map((deed) => outcome(deed, response));
  const used = `used ${response.bodyUsed}`;
  return [used, ...(await Promise.all(begun)), look(response)];
}

function* sequences(length: number): Generator<string[]> {
  if (length === 0) {
    yield [];
    return;
  }
  for (const head of Object.keys(DEEDS)) for (const rest of sequences(length - 1)) yield [head, ...rest];
}

const CONTENTS: [string, string, string][] = [
  ['JSON', '{"a":[1,"ü"]}', 'application/json'],
  ['nothing', '', 'text/plain'],
  ['a form', 'a=1&b=%C3%BC', 'application/x-www-form-urlencoded'],
  ['a byte order mark', '\ufeff"marked"', 'text/plain'],
];

describe.each(['memory', 'stream', 'null'] as Source[])('a response from %s', (source) => {
  describe.each(CONTENTS)('with %s', (_, content, type) => {
    it('looks and acts as the platform’s own, whatever is done in whatever order', async () => {
      const differences: string[] = [];
      for (const length of [1, 2, 3]) {
        for (const deeds of sequences(length)) {
          for (const looks of [false, true]) {
            const mine = await oneByOne(tunnel(source, content, type), deeds, looks);
            const theirs = await oneByOne(native(source, content, type), deeds, looks);
            if (mine.join() !== theirs.join()) differences.push(`${deeds}: ${mine} instead of ${theirs}`);
          }
        }
      }
      expect(differences.slice(0, 10)).toEqual([]);
      expect(differences).toHaveLength(0);
    }, 60_000);

    it('does so when all is begun at once', async () => {
      const differences: string[] = [];
      for (const deeds of sequences(2)) {
        const mine = await atOnce(tunnel(source, content, type), deeds);
        const theirs = await atOnce(native(source, content, type), deeds);
        if (mine.join() !== theirs.join()) differences.push(`${deeds}: ${mine} instead of ${theirs}`);
      }
      expect(differences).toEqual([]);
    });
  });
});

describe('TunnelResponse', () => {
  it('has the facts', () => {
    const response = new TunnelResponse(null, {
      ...FACTS,
      status: 404,
      reason: 'Not Here',
      fields: ['x-a', '1', 'x-a', '2'],
      url: 'http://origin.test/path',
      redirected: true,
      info: () => INFO,
    });
    expect(response).toMatchObject({
      status: 404,
      ok: false,
      statusText: 'Not Here',
      url: 'http://origin.test/path',
      redirected: true,
      type: 'basic',
    });
    expect(response.headers.get('x-a')).toBe('1, 2');
    expect(response.headers).toBe(response.headers);
  });

  it('passes them on to its clones', async () => {
    for (const source of ['memory', 'stream', 'null'] as Source[]) {
      const facts = {
        ...FACTS,
        status: 404,
        reason: 'Gone',
        fields: ['set-cookie', 'a=1', 'set-cookie', 'b=2'],
        redirected: true,
      };
      const clone = new TunnelResponse(bodyOf(source, 'text'), facts).clone().clone();
      expect(clone).toMatchObject({
        status: 404,
        statusText: 'Gone',
        url: FACTS.url,
        redirected: true,
        type: 'basic',
      });
      expect(clone.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
      expect(await clone.text()).toBe(source === 'null' ? '' : 'text');
    }
  });

  it('keeps each set-cookie', () => {
    const response = new TunnelResponse(null, {
      ...FACTS,
      fields: ['set-cookie', 'a=1', 'x', 'y', 'set-cookie', 'b=2'],
    });
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(response.headers.get('x')).toBe('y');
  });

  it.each(['', 'Fine', 'very\tfine', 'tr\xe8s bien'])('has the reason phrase %j', (reason) => {
    expect(new TunnelResponse(null, { ...FACTS, reason }).statusText).toBe(reason);
  });

  it.each(['a\nb', 'a\0b', '好'])('has no reason phrase where %j came', (reason) => {
    expect(new TunnelResponse(null, { ...FACTS, reason }).statusText).toBe('');
  });

  it('has every value a field may have', () => {
    const value = '\t!~\x80\xff';
    expect(new TunnelResponse(null, { ...FACTS, fields: ['x', `a${value}`] }).headers.get('x')).toBe(
      `a${value}`,
    );
  });

  it('gives bytes that are the caller’s own', async () => {
    const response = new TunnelResponse(new TextEncoder().encode('abc'), FACTS);
    const clone = response.clone();
    new Uint8Array(await response.arrayBuffer()).fill(0);
    (await clone.clone().bytes()).fill(0);
    expect(await clone.text()).toBe('abc');
  });

  it('is a Response to whoever asks', () => {
    const response = new TunnelResponse(null, FACTS);
    expect(response).toBeInstanceOf(Response);
    expect(Object.prototype.toString.call(response)).toBe('[object Response]');
  });

  it('can be passed on as the body and init of another', async () => {
    for (const source of ['memory', 'stream'] as Source[]) {
      const response = new TunnelResponse(bodyOf(source, 'text'), {
        ...FACTS,
        status: 201,
        fields: ['x', 'y'],
      });
      const other = new Response(response.body, response);
      expect([other.status, other.headers.get('x'), await other.text()]).toEqual([201, 'y', 'text']);
      expect(response.bodyUsed).toBe(true);
    }
  });

  it('and its clone live on when the garbage is collected', async () => {
    const response = new TunnelResponse(bodyOf('stream', 'text'), FACTS);
    const clone = response.clone();
    await collectGarbage();
    expect(await clone.text()).toBe('text');
    expect(await response.text()).toBe('text');
  });
});
