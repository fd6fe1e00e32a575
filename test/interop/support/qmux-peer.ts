import type Session from '@moq/qmux';
import { StreamError } from '@moq/qmux';
import { Checksum } from './content.ts';

/** The two directions of a stream of `@moq/qmux`. */
export type QmuxStream = WebTransportBidirectionalStream;

/** Limits of the peer: as many streams as the tests open at once, everything else as it comes. */
export const QMUX_CONFIG = { maxStreamsBidi: 1_000n } as const;

/** Takes streams as they come; ends with the session. */
export async function acceptStreams(session: Session, take: (stream: QmuxStream) => void): Promise<void> {
  const reader = session.incomingBidirectionalStreams.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch(() => ({ done: true as const, value: undefined }));
    if (done || value === undefined) return;
    take(value);
  }
}

/** Sends back what comes, and ends when it ends. */
export async function echo(stream: QmuxStream): Promise<void> {
  await stream.readable.pipeTo(stream.writable);
}

/** Writes all of `bytes` and does not end. */
export async function send(stream: QmuxStream, bytes: Uint8Array): Promise<void> {
  const writer = stream.writable.getWriter();
  for (let at = 0; at < bytes.length; at += 50_000) await writer.write(bytes.subarray(at, at + 50_000));
  writer.releaseLock();
}

/** Writes all of `bytes` and ends. */
export async function sendAll(stream: QmuxStream, bytes: Uint8Array): Promise<void> {
  await send(stream, bytes);
  await stream.writable.close();
}

/** Checksum of everything until the end. */
export async function receiveAll(stream: QmuxStream): Promise<string> {
  const sum = new Checksum();
  for await (const piece of stream.readable as AsyncIterable<Uint8Array>) sum.add(piece);
  return sum.end();
}

/** Code of the error that `doomed` fails with. */
export async function codeOf(doomed: Promise<unknown>): Promise<number> {
  try {
    await doomed;
  } catch (error) {
    if (error instanceof StreamError) return error.streamErrorCode;
    throw error;
  }
  throw new Error('the stream was expected to fail');
}
