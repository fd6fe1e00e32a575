import { describe, expect, it } from 'vitest';
import type { RequestBody } from '../../src/exchange/request-body.ts';
import { takeRequestBody } from '../../src/fetch/request-source.ts';

function request(body: BodyInit): Request {
  return new Request('http://origin.test/', { method: 'POST', body, duplex: 'half' } as RequestInit);
}

async function contentOf(body: RequestBody): Promise<string> {
  if (body.bytes !== undefined) return new TextDecoder().decode(body.bytes);
  const pieces: Uint8Array[] = [];
  const source = body.open?.();
  for (let read = await source?.next(); read && !read.done; read = await source?.next())
    pieces.push(read.value);
  return Buffer.concat(pieces).toString();
}

describe('takeRequestBody()', () => {
  it.each([
    ['a text', 'text', 'text'],
    ['an empty text', '', ''],
    ['bytes', new Uint8Array([65, 66]), 'AB'],
    ['a form', new URLSearchParams('a=1'), 'a=1'],
  ])('%s is in memory: it has a length and can be sent again', async (_, source, content) => {
    const taken = request(source);
    const body = takeRequestBody(taken);
    expect(taken.bodyUsed).toBe(true);
    expect(await body).toMatchObject({ length: content.length, isReplayable: true });
    expect(await contentOf(await body)).toBe(content);
  });

  it('what goes on, or is large, is a stream, of which nothing is lost', async () => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const written = writer.write(new TextEncoder().encode('one, '));
    const body = await takeRequestBody(request(readable));
    expect(body).toMatchObject({ length: undefined, isReplayable: false });
    const content = contentOf(body);
    await written;
    await writer.write(new TextEncoder().encode('two'));
    await writer.close();
    expect(await content).toBe('one, two');
    const large = 'x'.repeat(300_000);
    expect(await contentOf(await takeRequestBody(request(new Blob([large]).stream())))).toBe(large);
  });

  it('a stream that breaks off is an error', async () => {
    const broken = new Error('broken');
    const stream = new ReadableStream({ pull: (controller) => controller.error(broken) });
    await expect(takeRequestBody(request(stream))).rejects.toBe(broken);
  });

  it('a locked one is refused', () => {
    const taken = request('text');
    taken.body?.getReader();
    expect(() => takeRequestBody(taken)).toThrow(TypeError);
  });

  it('whoever makes it is told why it is not wanted', async () => {
    let reason: unknown;
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(40_000)),
      cancel: (given) => {
        reason = given;
      },
    });
    const body = await takeRequestBody(request(stream));
    await body.open?.().return?.('unwanted');
    expect(reason).toBe('unwanted');
  });
});
