import { createFetch, Headers, Request, Response } from '@hip/client/fetch';
import { describe, expect } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { fieldsOf } from '../support/fields.ts';
import { test } from '../support/fixtures.ts';

interface Echo {
  method: string;
  rawHeaders: string[];
  body: string;
}

const PlatformRequest = globalThis.Request;

async function echoed(
  response: Promise<globalThis.Response>,
): Promise<Echo & { fields: Map<string, string> }> {
  const echo = (await (await response).json()) as Echo;
  return { ...echo, fields: fieldsOf(echo.rawHeaders) };
}

describe('a platform’s Request', () => {
  test('is sent as it is: method, headers, body, signal', async ({ http, origin }) => {
    const controller = new AbortController();
    const request = new PlatformRequest(origin.url('/echo'), {
      method: 'PUT',
      headers: { 'x-own': '1' },
      body: 'from a Request',
      signal: controller.signal,
    });
    const { method, fields, body } = await echoed(http.fetch(request));
    expect([method, fields.get('x-own'), body]).toEqual(['PUT', '1', 'from a Request']);
    expect(request.bodyUsed).toBe(true);
    await expect(http.fetch(request)).rejects.toThrow(TypeError);
  });

  test('has the length of a body that is in memory, and may follow a redirect with it', async ({
    http,
    origin,
  }) => {
    const post = (path: string): globalThis.Request =>
      new PlatformRequest(origin.url(path), { method: 'POST', body: 'again' });
    expect((await echoed(http.fetch(post('/echo')))).fields.get('content-length')).toBe('5');
    expect((await echoed(http.fetch(post('/redirect/307?to=/echo')))).body).toBe('again');
  });

  test('streams a body that comes slowly', async ({ http, origin }) => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const init = { method: 'POST', body: readable, duplex: 'half' } as RequestInit;
    const sent = echoed(http.fetch(new PlatformRequest(origin.url('/echo'), init)));
    const writer = writable.getWriter();
    await writer.write(new TextEncoder().encode('first, '));
    await eventually(() => origin.request('/echo')); // the origin has the head while the body goes on
    await writer.write(new TextEncoder().encode('last'));
    await writer.close();
    const { body, fields } = await sent;
    expect([body, fields.get('content-length')]).toEqual(['first, last', undefined]);
  });

  test('of another realm or library is one, too', async ({ http, origin }) => {
    const { url, method, headers, body, redirect, signal } = new PlatformRequest(origin.url('/echo'), {
      method: 'POST',
      headers: { 'x-own': '1' },
      body: 'foreign',
    });
    const foreign = { url, method, headers, body, redirect, signal, [Symbol.toStringTag]: 'Request' };
    const echo = await echoed(http.fetch(foreign as unknown as globalThis.Request));
    expect([echo.method, echo.fields.get('x-own'), echo.body]).toEqual(['POST', '1', 'foreign']);
  });
});

describe('Request of @hip/client/fetch', () => {
  test('keeps what a browser drops', async ({ http, origin }) => {
    const headers = { cookie: 'a=1', origin: 'http://elsewhere.test', 'accept-charset': 'x' };
    const request = new Request(origin.url('/echo'), { headers });
    request.headers.append('cookie2', 'b');
    expect(request).toBeInstanceOf(PlatformRequest);
    const { fields } = await echoed(http.fetch(request.clone()));
    expect(Object.fromEntries(fields)).toMatchObject({ ...headers, cookie2: 'b' });
    expect(new Request(request).headers.get('cookie')).toBe('a=1');
  });

  test('knows its body: its length, its type, and again after a redirect', async ({ http, origin }) => {
    const form = new FormData();
    form.set('field', 'value');
    const bodies: [BodyInit, RegExp][] = [
      ['text', /^text\/plain;charset=UTF-8$/i],
      [new URLSearchParams('a=1'), /^application\/x-www-form-urlencoded;charset=UTF-8$/i],
      [new Blob(['x'], { type: 'text/x-own' }), /^text\/x-own$/],
      [form, /^multipart\/form-data; ?boundary=/],
    ];
    for (const [body, type] of bodies) {
      const request = new Request(origin.url('/redirect/308?to=/echo'), { method: 'POST', body });
      const copy = request.clone();
      expect(request.headers.get('content-type')).toMatch(type);
      const { fields, body: sent } = await echoed(http.fetch(request));
      expect(fields.get('content-type')).toBe(copy.headers.get('content-type'));
      expect(Number(fields.get('content-length'))).toBe(sent.length);
      expect(sent).toBe(await copy.text());
      expect(request.bodyUsed).toBe(true);
    }
  });

  test('moves its body into another', async ({ origin }) => {
    const request = new Request(origin.url('/'), { method: 'POST', body: 'moved' });
    const other = new Request(request);
    expect([request.bodyUsed, other.bodyUsed, await other.text()]).toEqual([true, false, 'moved']);
    expect(() => request.clone()).toThrow(TypeError);
  });

  test('refuses what the standard refuses', ({ origin }) => {
    const wrong: RequestInit[] = [
      { method: 'TRACE' },
      { body: 'x' },
      { mode: 'navigate' },
      { window: 1 as never },
      { cache: 'only-if-cached' },
      { method: 'POST', body: new ReadableStream() },
    ];
    for (const init of wrong) expect(() => new Request(origin.url('/'), init)).toThrow(TypeError);
    expect(() => new Request('http://user:password@origin.test/')).toThrow(TypeError);
  });
});

describe('Response of @hip/client/fetch', () => {
  test('is what every fetch gives', async ({ http, origin }) => {
    expect(await http.fetch(origin.url('/hello'))).toBeInstanceOf(Response);
    expect(await createFetch(http)(origin.url('/hello'))).toBeInstanceOf(Response);
    expect([Response.name, Request.name, Headers.name]).toEqual(['Response', 'Request', 'Headers']);
  });

  test('keeps set-cookie', () => {
    const response = new Response('x', { headers: [['set-cookie', 'a=1']] });
    expect(response.headers.getSetCookie()).toEqual(['a=1']);
    expect(response.clone().headers.getSetCookie()).toEqual(['a=1']);
  });

  test('breaks off with the error of its stream', async () => {
    const broken = new Error('broken');
    const response = (): Response =>
      new Response(new ReadableStream({ pull: (controller) => controller.error(broken) }));
    for (const method of ['text', 'json', 'arrayBuffer', 'bytes', 'blob', 'formData'] as const) {
      await expect(response()[method]()).rejects.toBe(broken);
    }
  });

  test('gives a clone copies of its pieces', async () => {
    const piece = new Uint8Array([1, 2, 3]);
    const source = new ReadableStream({
      start(controller) {
        controller.enqueue(piece);
        controller.close();
      },
    });
    const response = new Response(source);
    const clone = response.clone();
    expect((await response.body?.getReader().read())?.value).toBe(piece);
    const copy = (await clone.body?.getReader().read())?.value;
    expect(copy).toEqual(piece);
    expect(copy).not.toBe(piece);
  });

  test('is made by its static methods', async () => {
    expect(Response.error()).toMatchObject({ type: 'error', status: 0 });
    expect(Response.redirect('http://origin.test/', 307).headers.get('location')).toBe('http://origin.test/');
    expect(await Response.json({ a: 1 }).json()).toEqual({ a: 1 });
  });
});

test('headers of a fetched response cannot be changed', async ({ http, origin }) => {
  const { headers } = await http.fetch(origin.url('/set-cookies'));
  expect(() => headers.set('x', 'y')).toThrow(TypeError);
  expect(() => headers.append('x', 'y')).toThrow(TypeError);
  expect(() => headers.delete('set-cookie')).toThrow(TypeError);
  expect(headers.getSetCookie().length).toBeGreaterThan(1);
});
