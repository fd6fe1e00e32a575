import { ByteReader } from '../../src/byte-reader.ts';
import { ByteWriter } from '../../src/byte-writer.ts';
import { WireError } from '../../src/errors.ts';
import { decodeRecord } from '../../src/frame/decode-record.ts';
import type { FrameSink } from '../../src/frame/frame-sink.ts';
import { writeStreamHeader } from '../../src/frame/stream-frame.ts';
import { toHex } from './hex.ts';

/** A frame as a sink was told of it; the content of a STREAM frame in hexadecimal. */
export type SeenFrame = readonly [name: keyof FrameSink, ...fields: unknown[]];

/** Appends one frame to a record. */
export type WriteFrame = (writer: ByteWriter) => void;

const writer = new ByteWriter();

/** A record of the given frames. */
export function record(...frames: WriteFrame[]): Uint8Array<ArrayBuffer> {
  for (const write of frames) write(writer);
  return writer.take();
}

/** A STREAM frame with its content. */
export function stream(id: number, offset: number, content: Uint8Array, fin = false): WriteFrame {
  return (writer) => {
    writeStreamHeader(writer, id, offset, content.length, fin);
    writer.bytes(content);
  };
}

/** The frames of a record. */
export function framesOf(bytes: Uint8Array): SeenFrame[] {
  const seen: SeenFrame[] = [];
  decodeRecord(new ByteReader(bytes), recordingSink(seen));
  return seen;
}

/** A sink that adds every frame to `seen`. */
export function recordingSink(seen: SeenFrame[]): FrameSink {
  return {
    padding: () => seen.push(['padding']),
    stream: (id, offset, content, fin) => seen.push(['stream', id, offset, toHex(content), fin]),
    resetStream: (...fields) => seen.push(['resetStream', ...fields]),
    stopSending: (...fields) => seen.push(['stopSending', ...fields]),
    maxData: (...fields) => seen.push(['maxData', ...fields]),
    maxStreamData: (...fields) => seen.push(['maxStreamData', ...fields]),
    maxStreams: (...fields) => seen.push(['maxStreams', ...fields]),
    dataBlocked: (...fields) => seen.push(['dataBlocked', ...fields]),
    streamDataBlocked: (...fields) => seen.push(['streamDataBlocked', ...fields]),
    streamsBlocked: (...fields) => seen.push(['streamsBlocked', ...fields]),
    connectionClose: (...fields) => seen.push(['connectionClose', ...fields]),
    transportParameters: (...fields) => seen.push(['transportParameters', ...fields]),
    ping: (...fields) => seen.push(['ping', ...fields]),
  };
}

/** The WireError that `run` throws; anything else, or nothing, fails the test. */
export function wireError(run: () => void): WireError {
  try {
    run();
  } catch (error) {
    if (error instanceof WireError) return error;
    throw error;
  }
  throw new Error('a WireError was expected, nothing was thrown');
}
