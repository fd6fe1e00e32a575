import { describe, expect, it } from 'vitest';
import { uploadBody } from '../../src/service-worker/upload-body.ts';

const MEBIBYTE = 1_048_576;

function posted(body: BodyInit | null): Request {
  return new Request('https://api.internal/', { method: 'POST', body, duplex: 'half' } as RequestInit);
}

/** A stream that gives these pieces, each when it is asked for, and says when it is cancelled. */
function pieces(
  lengths: readonly number[],
  end: 'close' | 'hold',
  cancelled: (reason: unknown) => void = () => {},
): ReadableStream<Uint8Array> {
  const left = [...lengths];
  return new ReadableStream({
    pull(controller) {
      const next = left.shift();
      if (next !== undefined) controller.enqueue(new Uint8Array(next).fill(lengths.length - left.length));
      else if (end === 'close') controller.close();
      else return new Promise(() => {});
      return undefined;
    },
    cancel: cancelled,
  });
}

async function collected(body: AsyncIterable<Uint8Array>): Promise<number[]> {
  const lengths: number[] = [];
  for await (const piece of body) lengths.push(piece.length);
  return lengths;
}

describe('a body', () => {
  it('that is none stays none', async () => {
    expect(await uploadBody(new Request('https://api.internal/'), false)).toBeUndefined();
    expect(await uploadBody(posted(null), true)).toBeUndefined();
  });

  it('that is here at once is one piece', async () => {
    expect(await uploadBody(posted('text'), false)).toEqual(new TextEncoder().encode('text'));
    expect(await uploadBody(posted(pieces([2, 3], 'close')), false)).toEqual(Uint8Array.of(1, 1, 2, 2, 2));
    expect(await uploadBody(posted(pieces([], 'close')), false)).toHaveLength(0);
  });

  it('whose first piece is all of it may be large: it is in memory', async () => {
    expect(await uploadBody(posted(pieces([3 * MEBIBYTE], 'close')), false)).toHaveLength(3 * MEBIBYTE);
  });

  it('of many pieces is sent as it is read once that is too much to wait for', async () => {
    const lengths = Array(20).fill(MEBIBYTE / 8);
    const body = await uploadBody(posted(pieces(lengths, 'close')), false);
    expect(body).not.toBeInstanceOf(Uint8Array);
    expect(await collected(body as AsyncIterable<Uint8Array>)).toEqual(lengths);
  });

  it('that is waited for is sent as it is read, and given up when nobody wants it', async () => {
    let reason: unknown = 'not cancelled';
    const stream = pieces([2, 3], 'hold', (given) => {
      reason = given;
    });
    const body = (await uploadBody(posted(stream), false)) as AsyncGenerator<Uint8Array>;
    expect([(await body.next()).value, (await body.next()).value]).toEqual([
      Uint8Array.of(1, 1),
      Uint8Array.of(2, 2, 2),
    ]);
    await body.return(undefined);
    expect(reason).toBeUndefined();
  });

  it('that breaks off fails', async () => {
    const broken = new ReadableStream({ pull: (controller) => controller.error(new Error('broken')) });
    await expect(uploadBody(posted(broken), false)).rejects.toThrow('broken');
  });

  it('that is to be whole is, with its length and without a type of its own', async () => {
    const body = (await uploadBody(posted(pieces(Array(20).fill(MEBIBYTE / 8), 'close')), true)) as Blob;
    expect([body.size, body.type]).toEqual([20 * (MEBIBYTE / 8), '']);
    const typed = (await uploadBody(posted(new Blob(['x'], { type: 'text/x' })), true)) as Blob;
    expect(typed.type).toBe('');
  });
});
