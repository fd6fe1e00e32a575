import { EgressDeniedError, InvalidRequestError } from '@hip/client';
import { describe, expect } from 'vitest';
import { eventsPath } from '../support/events-path.ts';
import { eventually, settled } from '../support/eventually.ts';
import { fieldsOf } from '../support/fields.ts';
import { newClient, newGateway, newTlsOrigin, test } from '../support/fixtures.ts';

/** Everything an event source tells, in order. */
class SourceEvents {
  readonly all: (Event | MessageEvent)[] = [];
  readonly #source: EventSource;
  #taken = 0;
  #wake: (() => void) | undefined;

  constructor(source: EventSource, ...more: string[]) {
    this.#source = source;
    for (const type of ['open', 'message', 'error', ...more]) {
      source.addEventListener(type, (event) => {
        this.all.push(event);
        this.#wake?.();
      });
    }
  }

  async expect(type: string): Promise<MessageEvent & ErrorEvent> {
    while (this.#taken === this.all.length) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const event = this.all[this.#taken++] as MessageEvent & ErrorEvent;
    if (event.type !== type) throw new Error(`expected ${type}, got ${event.type}: ${event.error}`);
    return event;
  }

  /** Data of all messages before the source connects again. */
  async connection(): Promise<string[]> {
    const data: string[] = [];
    for (;;) {
      const event = this.all[this.#taken] ?? undefined;
      if (event?.type === 'error') return data;
      if (event === undefined)
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      else {
        this.#taken++;
        if (event.type !== 'open') data.push((event as MessageEvent).data);
      }
    }
  }

  close(): void {
    this.#source.close();
  }
}

describe('the format', () => {
  // The rules of "interpreting an event stream", HTML standard §9.2.6.
  test.for<[what: string, writes: string[], data: string[]]>([
    ['data', ['data: hello\n\n'], ['hello']],
    ['several lines', ['data: a\ndata: b\ndata\ndata:\ndata: c\n\n'], ['a\nb\n\n\nc']],
    [
      'one space and no more is taken away',
      ['data:a\n\ndata: b\n\ndata:  c\n\ndata:\td\n\n'],
      ['a', 'b', ' c', '\td'],
    ],
    ['an empty line of data is an event', ['data\n\ndata:\n\n'], ['', '']],
    ['without data there is no event', ['event: x\n\n\n\nid: 1\n\n: comment\n\ndata: a\n\n'], ['a']],
    ['what has no empty line behind it is dropped', ['data: a\n\ndata: b\n'], ['a']],
    [
      'LF, CR and CRLF',
      ['data: a\r\ndata: b\rdata: c\n\n', 'data: d\r\r', 'data: e\r\n\r\n'],
      ['a\nb\nc', 'd', 'e'],
    ],
    ['a CRLF that comes in two pieces', ['data: a\r', '\n', 'data: b\r', '\n\r', '\n'], ['a\nb']],
    ['bytes one by one', [...'data: a\n\nevent: message\ndata: b\n\n'], ['a', 'b']],
    ['comments and unknown fields', [': c\ndata: a\n:\nfoo: bar\nDATA: no\n data: no\n\n'], ['a']],
    ['a byte order mark', ['\xef\xbb', '\xbfdata: a\n\n'], ['a']],
    ['a second one is part of the field', ['\xef\xbb\xbf\xef\xbb\xbfdata: a\n\ndata: b\n\n'], ['b']],
    ['UTF-8, cut anywhere', [...'data: \xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\n\n'], ['é€😀']],
    ['what is no UTF-8', ['data: \xff\n\n'], ['\uFFFD']],
    ['NUL', ['data: a\0b\n\n'], ['a\0b']],
    ['a value with colons', ['data: a: b:c\n\n'], ['a: b:c']],
  ])('%s', async ([, writes, data], { http, origin }) => {
    const source = new http.EventSource(origin.url(eventsPath({ writes })));
    expect(await new SourceEvents(source).connection()).toEqual(data);
    source.close();
  });

  test('types of events', async ({ http, origin }) => {
    const writes = [
      'event: named\ndata: 1\n\nevent:\ndata: 2\n\nevent: a\nevent: named\ndata: 3\n\ndata: 4\n\n',
    ];
    const source = new http.EventSource(origin.url(eventsPath({ writes, ending: 'hold' })));
    const events = new SourceEvents(source, 'named');
    await events.expect('open');
    for (const [type, data] of [
      ['named', '1'],
      ['message', '2'],
      ['named', '3'],
      ['message', '4'],
    ] as const) {
      expect(await events.expect(type)).toMatchObject({
        type,
        data,
        lastEventId: '',
        origin: origin.url(''),
      });
    }
    source.close();
  });

  test('identifiers stay until the next, and survive a connection', async ({ http, origin }) => {
    const first = [
      'retry: 1\nid: 1\ndata: a\n\ndata: b\n\nid: \xe2\x82\xac\ndata: c\n\nid: a\0b\ndata: d\n\n',
    ];
    const path = eventsPath({ writes: first }, { writes: ['id\ndata: e\n\n'] }, { ending: 'hold' });
    const source = new http.EventSource(origin.url(path));
    const events = new SourceEvents(source);
    await events.expect('open');
    for (const [data, lastEventId] of [
      ['a', '1'],
      ['b', '1'],
      ['c', '€'],
      ['d', '€'],
    ] as const) {
      expect(await events.expect('message')).toMatchObject({ data, lastEventId });
    }
    await events.expect('error');
    await events.expect('open');
    expect(await events.expect('message')).toMatchObject({ data: 'e', lastEventId: '' });
    await events.expect('error');
    await events.expect('open');
    source.close();
    const requests = await origin.requests('/events');
    expect(requests.map(({ rawHeaders }) => fieldsOf(rawHeaders).get('last-event-id'))).toEqual([
      undefined,
      // As bytes: UTF-8.
      '\xe2\x82\xac',
      undefined,
    ]);
  });
});

describe('connecting', () => {
  test('sends what an event source sends, and what the user adds', async ({ http, origin }) => {
    const source = new http.EventSource(new URL(origin.url(eventsPath({ ending: 'hold' }))), {
      withCredentials: true,
      headers: { authorization: 'Bearer 1', 'X-Custom': 'yes' },
    });
    expect([source.readyState, source.withCredentials]).toEqual([0, true]);
    await new SourceEvents(source).expect('open');
    expect(source.readyState).toBe(1);
    source.close();
    expect(source.readyState).toBe(2);
    const { rawHeaders, method } = await origin.request('/events');
    expect(method).toBe('GET');
    expect(Object.fromEntries(fieldsOf(rawHeaders))).toMatchObject({
      accept: 'text/event-stream',
      'cache-control': 'no-cache',
      authorization: 'Bearer 1',
      'x-custom': 'yes',
    });
    await eventually(async () =>
      expect(await origin.request('/events')).toMatchObject({ outcome: 'aborted' }),
    );
  });

  test('has the credentials of its URL', async ({ http, origin }) => {
    const url = new URL(origin.url(eventsPath({ ending: 'hold' })));
    url.username = 'anna';
    url.password = 'p:ä';
    const source = new http.EventSource(url);
    await new SourceEvents(source).expect('open');
    expect(source.url).toBe(url.href);
    source.close();
    const { rawHeaders } = await origin.request('/events');
    expect(fieldsOf(rawHeaders).get('authorization')).toBe('Basic YW5uYTpwOsOk');
  });

  test('again, after the pause that the origin names', async ({ http, origin }) => {
    const path = eventsPath(
      { writes: ['retry: 20\ndata: 1\n\n'] },
      { writes: ['retry: x\ndata: 2\n\n'] },
      { ending: 'hold' },
    );
    const source = new http.EventSource(origin.url(path));
    const events = new SourceEvents(source);
    await events.expect('open');
    await events.expect('message');
    const { error } = await events.expect('error');
    // Nothing went wrong: the origin has ended its content.
    expect(error).toBeUndefined();
    expect(source.readyState).toBe(0);
    await events.expect('open');
    expect((await events.expect('message')).data).toBe('2');
    await events.expect('error');
    await events.expect('open');
    source.close();
    expect(await origin.requests('/events')).toHaveLength(3);
  });

  test('again, after a connection that breaks, with the reason', async ({ http, origin }) => {
    const path = eventsPath(
      { writes: ['retry: 1\ndata: 1\n\n'], latch: 'go', ending: 'break' },
      { ending: 'hold' },
    );
    const source = new http.EventSource(origin.url(path));
    const events = new SourceEvents(source);
    await events.expect('open');
    await events.expect('message');
    await origin.release('go');
    expect((await events.expect('error')).error).toMatchObject({ name: 'IncompleteRead' });
    await events.expect('open');
    source.close();
  });

  test('follows redirects, and tells where events come from', async ({ http, origin }) => {
    const target = origin
      .url(eventsPath({ writes: ['data: here\n\n'], ending: 'hold' }))
      .replace('127.0.0.1', 'localhost');
    const gateway = await newGateway({ allow: ['127.0.0.1:*', 'localhost:*'] });
    const source = new (newClient(gateway).EventSource)(
      origin.url(eventsPath({ status: 307, location: target })),
    );
    const events = new SourceEvents(source);
    await events.expect('open');
    expect(await events.expect('message')).toMatchObject({ data: 'here', origin: new URL(target).origin });
    expect(source.url).not.toBe(target);
    source.close();
    void http;
  });

  test.for<[what: string, status: number, type: string]>([
    ['no content', 204, ''],
    ['a status of another kind', 205, 'text/event-stream'],
    ['an error', 404, 'text/event-stream'],
    ['an error of the server', 503, 'text/event-stream'],
    ['another type', 200, 'text/plain'],
    ['a type that only begins so', 200, 'text/event-streams'],
    ['no type', 200, ''],
  ])('%s ends it for good', async ([, status, type], { http, origin }) => {
    const source = new http.EventSource(origin.url(eventsPath({ status, type, writes: ['retry: 1\n\n'] })));
    const events = new SourceEvents(source);
    const { error } = await events.expect('error');
    expect(source.readyState).toBe(2);
    expect(error).toMatchObject({ name: 'ProtocolError', code: 'event_source_failed', sent: 'always' });
    expect(String(error)).toContain(`${status} with`);
    expect(await settled(async () => (await origin.requests('/events')).length, 100)).toBe(1);
    expect(events.all).toHaveLength(1);
  });

  test('takes a type with parameters', async ({ http, origin }) => {
    for (const type of ['text/event-stream;charset=windows-1252', 'Text/Event-Stream ; a=b']) {
      const source = new http.EventSource(
        origin.url(eventsPath({ type, writes: ['data: \xc3\xa9\n\n'], ending: 'hold' })),
      );
      const events = new SourceEvents(source);
      await events.expect('open');
      // Always UTF-8, whatever the type says.
      expect((await events.expect('message')).data).toBe('é');
      source.close();
    }
  });

  test('is not tried again where that is futile', async ({ origin }) => {
    const http = newClient(await newGateway({}));
    const source = new http.EventSource(origin.url(eventsPath({})));
    const { error } = await new SourceEvents(source).expect('error');
    expect(error).toBeInstanceOf(EgressDeniedError);
    expect(source.readyState).toBe(2);
  });

  test('ends with the manager', async ({ gateway, origin }) => {
    const http = newClient(gateway);
    const source = new http.EventSource(origin.url(eventsPath({ writes: ['retry: 1\n\n'], ending: 'hold' })));
    const events = new SourceEvents(source);
    await events.expect('open');
    await http.close();
    await events.expect('error');
    await eventually(() => expect(source.readyState).toBe(2));
  });

  test('with the TLS options of the source', async ({ http, pki }) => {
    const secure = await newTlsOrigin();
    const url = secure.url(eventsPath({ writes: ['data: secret\n\n'], ending: 'hold' }));
    const source = new http.EventSource(url, { caCerts: pki.root.certificate });
    const events = new SourceEvents(source);
    await events.expect('open');
    expect((await events.expect('message')).data).toBe('secret');
    source.close();
    const unsafe = new http.EventSource(url);
    expect((await new SourceEvents(unsafe).expect('error')).error).toMatchObject({ name: 'SSLError' });
    unsafe.close();
  });

  test('is refused for what cannot be', async ({ http, origin }) => {
    expect(() => new http.EventSource('http://')).toThrow(expect.objectContaining({ name: 'SyntaxError' }));
    expect(() => new http.EventSource(origin.url('/'), { header: {} } as never)).toThrow(InvalidRequestError);
    for (const init of [
      { maxEventLength: 0 },
      { headers: { 'a b': 'c' } },
      { headers: { a: 'b\nc' } },
      { caCerts: 5 as never },
    ]) {
      const source = new http.EventSource(origin.url(eventsPath({})), init);
      const { error } = await new SourceEvents(source).expect('error');
      expect(error, JSON.stringify(init)).toBeInstanceOf(InvalidRequestError);
      expect(source.readyState).toBe(2);
    }
  });
});

describe('closing', () => {
  test('before it is open, and in the middle of an event', async ({ http, origin }) => {
    const early = new http.EventSource(origin.url(eventsPath({ ending: 'hold' })));
    const earlyEvents = new SourceEvents(early);
    early.close();
    const source = new http.EventSource(
      origin.url(eventsPath({ writes: ['data: 1\n\ndata: 2\n\n'], ending: 'hold' })),
    );
    const events = new SourceEvents(source);
    source.onmessage = () => source.close();
    await events.expect('open');
    await events.expect('message');
    await eventually(async () => expect((await origin.counts()).requestsOpen).toBe(0));
    expect(events.all).toHaveLength(2);
    expect(earlyEvents.all).toHaveLength(0);
  });
});

describe('an origin that sends too much', () => {
  test('in one event, ends it', async ({ http, origin }) => {
    for (const writes of [
      ['data: ', 'x'.repeat(2_000)],
      [`data: ${'x'.repeat(900)}\n`, `data: ${'x'.repeat(900)}\n`],
    ]) {
      const source = new http.EventSource(origin.url(eventsPath({ writes, ending: 'hold' })), {
        maxEventLength: 1_000,
      });
      const events = new SourceEvents(source);
      await events.expect('open');
      const { error } = await events.expect('error');
      expect(String(error)).toMatch(/at most 1000 characters \(maxEventLength\)/);
      expect(source.readyState).toBe(2);
    }
    await eventually(async () => expect((await origin.counts()).requestsOpen).toBe(0));
  });

  test('for who iterates, is stopped', async ({ http, origin, gateway }) => {
    await gateway.resetPeak();
    const { rssBytes } = await gateway.status();
    const source = new http.EventSource(origin.url(eventsPath({ flood: 100_000, ending: 'hold' })));
    const iterator = source[Symbol.asyncIterator]();
    expect((await iterator.next()).value?.lastEventId).toBe('0');
    const sentBytes = await settled(async () => (await origin.request('/events')).sentBytes);
    expect(sentBytes).toBeLessThan(12 * 1024 * 1024);
    expect((await gateway.status()).peakRssBytes - rssBytes).toBeLessThan(32 * 1024 * 1024);
    for (let event = 1; event < 1_000; event++) {
      const { value } = await iterator.next();
      expect(value?.data.split(' ')[0]).toBe(String(event));
    }
    source.close();
    expect((await iterator.next()).done).toBe(true);
    await eventually(async () => expect((await origin.counts()).requestsOpen).toBe(0));
  });
});

describe('iterating', () => {
  test('goes over connections, and ends with the source', async ({ http, origin }) => {
    const path = eventsPath(
      { writes: ['retry: 1\ndata: 1\n\nevent: named\ndata: 2\n\n'] },
      { writes: ['data: 3\n\n'] },
      { status: 204 },
    );
    const source = new http.EventSource(origin.url(path));
    const seen: string[] = [];
    const failure = (async () => {
      for await (const { type, data } of source) seen.push(`${type} ${data}`);
    })();
    await expect(failure).rejects.toMatchObject({ code: 'event_source_failed' });
    expect(seen).toEqual(['message 1', 'named 2', 'message 3']);
  });

  test('that is left lets events come as before', async ({ http, origin }) => {
    const source = new http.EventSource(origin.url(eventsPath({ flood: 20, ending: 'hold' })));
    for await (const { lastEventId } of source) if (lastEventId === '4') break;
    const last = new Promise<MessageEvent>((resolve) => {
      source.onmessage = (event) => {
        if (event.lastEventId === '19') resolve(event);
      };
    });
    expect((await last).data).toMatch(/^19 /);
    source.close();
  });
});

test('is an interface as the platform has it', ({ http, origin }) => {
  const Platform: typeof EventSource = http.EventSource;
  expect([Platform.CONNECTING, Platform.OPEN, Platform.CLOSED, Platform.name]).toEqual([
    0,
    1,
    2,
    'EventSource',
  ]);
  const source = new Platform(origin.url('/never-head'));
  expect(source).toBeInstanceOf(EventTarget);
  expect([source.CONNECTING, source.OPEN, source.CLOSED]).toEqual([0, 1, 2]);
  expect([source.onopen, source.onmessage, source.onerror]).toEqual([null, null, null]);
  source.close();
});
