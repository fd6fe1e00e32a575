import { describe, expect, it } from 'vitest';
import { ByteReader } from '../src/byte-reader.ts';
import { ByteWriter } from '../src/byte-writer.ts';
import { parseClientMessage } from '../src/control/client-message.ts';
import { ControlDecoder, writeControlMessage } from '../src/control/control-codec.ts';
import { parseGatewayMessage } from '../src/control/gateway-message.ts';
import { WireError } from '../src/errors.ts';
import { ExchangeRequestDecoder, writeExchangeRequest } from '../src/exchange/exchange-request.ts';
import { writeExchangeFailure, writeExchangeResponse } from '../src/exchange/exchange-response.ts';
import { ExchangeResponseDecoder } from '../src/exchange/exchange-response-decoder.ts';
import { writeConnectionClose } from '../src/frame/connection-close-frame.ts';
import { decodeRecord } from '../src/frame/decode-record.ts';
import { writeMaxData } from '../src/frame/max-data-frame.ts';
import { writeMaxStreams } from '../src/frame/max-streams-frame.ts';
import { writePing } from '../src/frame/qx-ping-frame.ts';
import { writeResetStream } from '../src/frame/reset-stream-frame.ts';
import { writeStopSending } from '../src/frame/stop-sending-frame.ts';
import { writeTransportParameters } from '../src/frame/transport-parameters.ts';
import { writeContentChunk, writeEnd, writeResponseHead } from '../src/message/message-encoder.ts';
import { clientParameters, gatewayParameters } from '../src/session/session-parameters.ts';
import {
  BINARY,
  TEXT,
  writeClosePart,
  writeFailurePart,
  writePartHead,
} from '../src/websocket/message-part.ts';
import { WebSocketRequestDecoder, writeWebSocketRequest } from '../src/websocket/websocket-request.ts';
import { WebSocketResponseDecoder, writeWebSocketResponse } from '../src/websocket/websocket-response.ts';
import { record, recordingSink, type SeenFrame, stream, type WriteFrame } from './support/frames.ts';
import { utf8 } from './support/hex.ts';
import { PartRecorder } from './support/parts.ts';
import { Random } from './support/random.ts';

// Whatever the bytes, a decoder returns or throws a WireError, and nothing else: a peer must not be able to break us.

const ROUNDS = 15_000;

/** Bytes of which a third is noise and the rest a valid sample with a few changes; how many were refused. */
function refusals(
  seed: number,
  samples: readonly Uint8Array[],
  decode: (bytes: Uint8Array, random: Random) => void,
) {
  const random = new Random(seed);
  let refused = 0;
  for (let i = 0; i < ROUNDS; i++) {
    const bytes =
      random.below(3) === 0 ? random.bytes(random.below(80)) : random.mutate(random.pick(samples));
    try {
      decode(bytes, random);
    } catch (error) {
      if (!(error instanceof WireError)) {
        throw new Error(`${Buffer.from(bytes).toString('hex')} makes the decoder throw`, { cause: error });
      }
      refused++;
    }
  }
  return refused;
}

/** Gives a decoder the bytes in one piece, or in two. */
function push(decoder: { push(bytes: Uint8Array): void }, bytes: Uint8Array, random: Random): void {
  const cut = random.below(2) === 0 ? bytes.length : random.below(bytes.length + 1);
  decoder.push(bytes.subarray(0, cut));
  decoder.push(bytes.subarray(cut));
}

/** Some of both: the samples were changed neither too much nor too little. */
function expectBoth(refused: number): void {
  expect(refused).toBeGreaterThan(ROUNDS / 10);
  expect(refused).toBeLessThan(ROUNDS * 0.99);
}

function written(write: WriteFrame): Uint8Array {
  const writer = new ByteWriter();
  write(writer);
  return writer.take();
}

describe('15,000 times', { timeout: 30_000 }, () => {
  it('decodeRecord', () => {
    const samples = [
      record((writer) => writeTransportParameters(writer, clientParameters())),
      record((writer) => writeTransportParameters(writer, gatewayParameters()), stream(0, 0, utf8('abc'))),
      record(stream(4, 300, utf8('hello'), true), (writer) => writeResetStream(writer, 8, 0x100, 5)),
      record(
        (writer) => writeStopSending(writer, 0, 1),
        (writer) => writeMaxData(writer, 2 ** 40),
      ),
      record(
        (writer) => writeMaxStreams(writer, true, 300),
        (writer) => writePing(writer, false, 7),
      ),
      record((writer) => writeConnectionClose(writer, false, 7, 'reason')),
    ];
    expectBoth(
      refusals(1, samples, (bytes) => {
        const seen: SeenFrame[] = [];
        decodeRecord(new ByteReader(bytes), recordingSink(seen));
      }),
    );
  });

  it('ControlDecoder of a gateway', () => {
    const samples = [
      written((writer) =>
        writeControlMessage(writer, { type: 'hello', protocol: 1, token: 't', client: 'c' }),
      ),
      written((writer) => {
        writeControlMessage(writer, {
          type: 'context',
          id: 1,
          name: 'n',
          numPools: 1,
          maxsize: 1,
          block: false,
        });
        writeControlMessage(writer, { type: 'release', id: 1 });
      }),
    ];
    expectBoth(
      refusals(2, samples, (bytes, random) =>
        push(new ControlDecoder(parseClientMessage, () => {}), bytes, random),
      ),
    );
  });

  it('ControlDecoder of a client', () => {
    const samples = [
      written((writer) => writeControlMessage(writer, { type: 'drain', deadlineMs: 5 })),
      written((writer) => writeControlMessage(writer, { type: 'failure', name: 'draining', detail: '€' })),
      written((writer) =>
        writeControlMessage(writer, {
          type: 'ready',
          protocol: 1,
          gateway: 'g',
          limits: { maxHeadBytes: 1, maxStreams: 1 },
          features: ['a'],
        }),
      ),
    ];
    expectBoth(
      refusals(3, samples, (bytes, random) =>
        push(new ControlDecoder(parseGatewayMessage, () => {}), bytes, random),
      ),
    );
  });

  it('ExchangeRequestDecoder', () => {
    const head = {
      method: 'POST',
      scheme: 'https',
      authority: 'a.test',
      path: '/',
      fields: ['accept', '*/*'],
    };
    const samples = [
      written((writer) => {
        writeExchangeRequest(writer, 1, { connectTimeoutMs: 3_000, readTimeoutMs: 0 }, head);
        writeContentChunk(writer, utf8('body'));
        writeEnd(writer, ['x-sum', '1']);
      }).subarray(1),
      written((writer) => {
        writeExchangeRequest(writer, 300, {}, { ...head, method: 'GET', fields: [] });
        writeEnd(writer, []);
      }).subarray(1),
    ];
    expectBoth(
      refusals(4, samples, (bytes, random) => {
        const decoder = new ExchangeRequestDecoder({
          begin: () => {},
          requestHead: () => {},
          content: () => {},
          end: () => {},
        });
        push(decoder, bytes, random);
        decoder.finish();
      }),
    );
  });

  it('ExchangeResponseDecoder', () => {
    const samples = [
      written((writer) => {
        writeExchangeResponse(writer, { connectionId: 1, reused: false, httpVersion: '1.1', reason: 'OK' });
        writeResponseHead(writer, 103, ['link', '</a>']);
        writeResponseHead(writer, 200, ['server', 'x']);
        writeContentChunk(writer, utf8('body'));
        writeEnd(writer, []);
      }),
      written((writer) => writeExchangeFailure(writer, { name: 'dns_error', detail: 'no such host' })),
    ];
    expectBoth(
      refusals(5, samples, (bytes, random) => {
        const decoder = new ExchangeResponseDecoder({
          metadata: () => {},
          failure: () => {},
          informational: () => {},
          responseHead: () => {},
          content: () => {},
          end: () => {},
        });
        push(decoder, bytes, random);
        decoder.finish();
      }),
    );
  });

  it('WebSocketRequestDecoder', () => {
    const head = { method: 'GET', scheme: 'https', authority: 'a.test', path: '/', fields: ['a', 'b'] };
    const samples = [
      written((writer) => {
        writeWebSocketRequest(writer, 1, { subprotocols: 'a,b', maxMessageBytes: 1_000 }, head);
        writePartHead(writer, TEXT, true, 3);
        writer.bytes(utf8('abc'));
        writeClosePart(writer, { code: 1000, reason: 'bye' });
      }).subarray(1),
      written((writer) => {
        writeWebSocketRequest(writer, 300, {}, { ...head, fields: [] });
        writeClosePart(writer, { code: undefined, reason: '' });
      }).subarray(1),
    ];
    expectBoth(
      refusals(6, samples, (bytes, random) => {
        const handler = Object.assign(new PartRecorder(), { request: () => {} });
        const decoder = new WebSocketRequestDecoder(handler);
        push(decoder, bytes, random);
        decoder.finish();
      }),
    );
  });

  it('WebSocketResponseDecoder', () => {
    const samples = [
      written((writer) => {
        writeWebSocketResponse(writer, { httpVersion: '1.1' }, ['server', 'x']);
        writePartHead(writer, BINARY, false, 3);
        writer.bytes(utf8('abc'));
        writeFailurePart(writer, { name: 'websocket_failed', detail: 'x' });
      }),
      written((writer) => writeExchangeFailure(writer, { name: 'http_upgrade_failed', detail: '404' })),
    ];
    expectBoth(
      refusals(7, samples, (bytes, random) => {
        const handler = Object.assign(new PartRecorder(), { opened: () => {} });
        const decoder = new WebSocketResponseDecoder(handler);
        push(decoder, bytes, random);
        decoder.finish();
      }),
    );
  });
});
