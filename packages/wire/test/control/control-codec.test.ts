import { describe, expect, it } from 'vitest';
import { ByteWriter } from '../../src/byte-writer.ts';
import { parseClientMessage } from '../../src/control/client-message.ts';
import { ControlDecoder, writeControlMessage } from '../../src/control/control-codec.ts';
import type { ClientMessage, GatewayMessage } from '../../src/control/control-message.ts';
import { parseGatewayMessage } from '../../src/control/gateway-message.ts';
import type { WireError } from '../../src/errors.ts';
import * as WIRE_LIMITS from '../../src/limits.ts';
import * as TRANSPORT_ERRORS from '../../src/transport-error.ts';
import { wireError } from '../support/frames.ts';
import { fromHex, toHex, utf8 } from '../support/hex.ts';

const SECRET = 'hunter2-do-not-print';

const CLIENT_MESSAGES: ClientMessage[] = [
  { type: 'hello', protocol: 1, token: SECRET, client: 'hip/0.1.0' },
  { type: 'hello', protocol: 1, client: 'hip/0.1.0' },
  { type: 'context', id: 1, name: 'naïve €😀', numPools: 10, maxsize: 1, block: false },
  {
    type: 'context',
    id: 2,
    name: 'a',
    numPools: 1,
    generation: 3,
    maxsize: 2,
    block: true,
    tls: { certReqs: 'CERT_REQUIRED', caCerts: 'PEM', assertHostname: false, alpnProtocols: ['http/1.1'] },
    proxy: { scheme: 'https', host: '::1', port: 3128, headers: ['proxy-authorization', SECRET], tls: {} },
  },
  { type: 'settings', id: 3, context: 2, maxsize: 1, block: false, tls: { keyPassword: SECRET } },
  { type: 'release', id: 1 },
  { type: 'clear', id: 1, generation: 1 },
  { type: 'close', id: 3, scheme: 'https', authority: 'origin.test:443' },
];

const GATEWAY_MESSAGES: GatewayMessage[] = [
  {
    type: 'ready',
    protocol: 1,
    gateway: 'hip/0.1.0',
    limits: { maxHeadBytes: 65_536, maxStreams: 256 },
    features: [],
  },
  {
    type: 'ready',
    protocol: 2,
    gateway: '',
    limits: { maxHeadBytes: 0, maxStreams: 0 },
    features: ['a', 'b'],
  },
  { type: 'drain', deadlineMs: 30_000 },
  { type: 'failure', name: 'unauthenticated', detail: 'token has expired' },
  { type: 'failure', name: 'unknown_context', detail: '', context: 7 },
];

function written(...messages: (ClientMessage | GatewayMessage)[]): Uint8Array {
  const writer = new ByteWriter();
  for (const message of messages) writeControlMessage(writer, message);
  return writer.take();
}

function clientDecoder(): { decoder: ControlDecoder<ClientMessage>; taken: ClientMessage[] } {
  const taken: ClientMessage[] = [];
  return { decoder: new ControlDecoder(parseClientMessage, (message) => taken.push(message)), taken };
}

function gatewayDecoder(): { decoder: ControlDecoder<GatewayMessage>; taken: GatewayMessage[] } {
  const taken: GatewayMessage[] = [];
  return { decoder: new ControlDecoder(parseGatewayMessage, (message) => taken.push(message)), taken };
}

/** A message with its length, from any JSON value. */
function framed(value: unknown): Uint8Array {
  const writer = new ByteWriter();
  writer.utf8(typeof value === 'string' ? value : JSON.stringify(value));
  return writer.take();
}

describe('writing', () => {
  it('puts the length before the JSON', () => {
    expect(toHex(written({ type: 'release', id: 1 }))).toBe(`19${toHex(utf8('{"type":"release","id":1}'))}`);
    expect(toHex(written({ type: 'clear', id: 1, generation: 2 }))).toBe(
      `26${toHex(utf8('{"type":"clear","id":1,"generation":2}'))}`,
    );
    expect(toHex(written({ type: 'close', id: 3, scheme: 'http', authority: 'a:80' }))).toBe(
      `3a${toHex(utf8('{"type":"close","id":3,"scheme":"http","authority":"a:80"}'))}`,
    );
    expect(toHex(written({ type: 'drain', deadlineMs: 0 })).slice(0, 2)).toBe('1f');
    expect(toHex(written({ type: 'failure', name: 'draining', detail: 'x'.repeat(20) })).slice(0, 4)).toBe(
      '4044',
    );
  });

  it('counts bytes, not characters', () => {
    const bytes = written({ type: 'failure', name: 'draining', detail: '€' });
    expect(bytes[0]).toBe(bytes.length - 1);
  });
});

describe.each([
  ['a client', CLIENT_MESSAGES, clientDecoder],
  ['a gateway', GATEWAY_MESSAGES, gatewayDecoder],
] as const)('messages of %s', (_, messages, decoderOf) => {
  it('are read one by one', () => {
    for (const message of messages) {
      const { decoder, taken } = decoderOf();
      decoder.push(written(message));
      expect(taken).toEqual([message]);
    }
  });

  it('are read from one push', () => {
    const { decoder, taken } = decoderOf();
    decoder.push(written(...messages));
    expect(taken).toEqual(messages);
  });

  it('are read from pushes of one byte', () => {
    const { decoder, taken } = decoderOf();
    for (const byte of written(...messages)) decoder.push(Uint8Array.of(byte));
    expect(taken).toEqual(messages);
  });

  it('are read from two pushes, cut anywhere', () => {
    const bytes = written(...messages);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const { decoder, taken } = decoderOf();
      decoder.push(bytes.subarray(0, cut));
      decoder.push(bytes.subarray(cut));
      expect(taken.length).toBe(messages.length);
    }
  });

  it('are not taken before they are whole', () => {
    for (const message of messages) {
      const bytes = written(message);
      const { decoder, taken } = decoderOf();
      decoder.push(bytes.subarray(0, -1));
      expect(taken).toEqual([]);
      decoder.push(bytes.subarray(-1));
      expect(taken).toEqual([message]);
    }
  });
});

describe('long messages', () => {
  const bytes = WIRE_LIMITS.maxControlMessageBytes;

  it('are read up to the longest, from many pushes, in time that grows with their length', () => {
    const { decoder, taken } = gatewayDecoder();
    const empty = JSON.stringify({ type: 'failure', name: 'draining', detail: '' }).length;
    const message = framed({ type: 'failure', name: 'draining', detail: 'x'.repeat(bytes - empty) });
    for (let at = 0; at < message.length; at += 16) decoder.push(message.subarray(at, at + 16));
    expect(taken.length).toBe(1);
  });

  it('are refused at their length, before any of the rest has come', () => {
    const writer = new ByteWriter();
    writer.varint(bytes + 1);
    const { decoder } = clientDecoder();
    expect(wireError(() => decoder.push(writer.take()))).toMatchObject({
      code: TRANSPORT_ERRORS.PROTOCOL_VIOLATION,
      message: expect.stringContaining(`${bytes}`),
    });
    expect(() => clientDecoder().decoder.push(fromHex('ffffffffffffffff'))).toThrow();
  });
});

describe('what is no message', () => {
  function refusal(value: unknown): WireError {
    return wireError(() => clientDecoder().decoder.push(framed(value)));
  }

  it.each([
    ['no JSON', '{"type":"hello"'],
    ['no text', ''],
    ['no object', '[]'],
    ['a text', '"hello"'],
    ['null', 'null'],
    ['no type', {}],
    ['a type that is no text', { type: 1 }],
    ['an unknown type', { type: 'goodbye' }],
    ['a type every object has', { type: 'constructor' }],
    ['a type every object has', { type: '__proto__' }],
    ['a message of the other end', { type: 'drain', deadlineMs: 0 }],
  ])('%s is refused', (_, value) => {
    expect(refusal(value).code).toBe(TRANSPORT_ERRORS.PROTOCOL_VIOLATION);
  });

  it('bytes that are no UTF-8 are refused', () => {
    expect(wireError(() => clientDecoder().decoder.push(fromHex('01ff'))).code).toBe(
      TRANSPORT_ERRORS.PROTOCOL_VIOLATION,
    );
  });

  // Every member of every message, missing and of another type.
  const members = [
    ...CLIENT_MESSAGES.slice(0, 1),
    ...CLIENT_MESSAGES.slice(2),
    ...GATEWAY_MESSAGES.slice(0, 1),
  ]
    .concat(GATEWAY_MESSAGES.slice(2, 3) as never[], GATEWAY_MESSAGES.slice(4) as never[])
    .flatMap((message) => Object.keys(message).map((member) => [message.type, member, message] as const))
    .filter(([, member]) => member !== 'type');

  it.each(members)('%s.%s of another type is refused by name, without its value', (type, member, message) => {
    const decoderOf = CLIENT_MESSAGES.some((one) => one.type === type) ? clientDecoder : gatewayDecoder;
    for (const wrong of [null, [[SECRET]], { [SECRET]: SECRET }, -1, `${SECRET}`, true]) {
      const broken = { ...message, [member]: wrong };
      const kind = typeof message[member as keyof typeof message];
      if (typeof wrong === kind && kind !== 'number' && !(kind === 'object')) continue;
      const error = wireError(() => decoderOf().decoder.push(framed(broken)));
      expect(error.code).toBe(TRANSPORT_ERRORS.PROTOCOL_VIOLATION);
      expect(error.message).toMatch(new RegExp(`^${type}\\.${member}( |\\.)`));
      expect(error.message).not.toContain(SECRET);
    }
  });

  it.each(members)('%s without %s is refused, unless it may be absent', (type, member, message) => {
    const decoderOf = CLIENT_MESSAGES.some((one) => one.type === type) ? clientDecoder : gatewayDecoder;
    const push = () => decoderOf().decoder.push(framed({ ...message, [member]: undefined }));
    const mayBeAbsent = ['hello.token', 'context.generation', 'failure.context'].includes(
      `${type}.${member}`,
    );
    if (mayBeAbsent || member === 'tls' || member === 'proxy') expect(push).not.toThrow();
    else expect(wireError(push).message).toContain(`${type}.${member} must be`);
  });

  it.each([
    ['context.tls.keyPassword must be a string or absent, got number', { tls: { keyPassword: 7 } }],
    [
      'context.tls.assertHostname must be a string, false or absent, got boolean',
      { tls: { assertHostname: true } },
    ],
    ['context.proxy.port must be an integer from 0, got undefined', { proxy: { scheme: 'http', host: 'a' } }],
    [
      'context.proxy.tls.certFile must be a string or absent, got object',
      { proxy: { scheme: 'http', host: 'a', port: 1, tls: { certFile: [SECRET] } } },
    ],
  ])('%s', (message, settings) => {
    expect(refusal({ ...CLIENT_MESSAGES[2], tls: undefined, ...settings }).message).toBe(message);
  });

  it('an unknown TLS or proxy option is refused: it may be one that protects', () => {
    const context = { ...CLIENT_MESSAGES[2] };
    expect(refusal({ ...context, tls: { ocspStapling: true } }).message).toMatch(
      /^context\.tls must have no members but certReqs, .*, got ocspStapling$/,
    );
    expect(refusal({ ...context, tls: { [SECRET]: true } }).message).not.toContain(SECRET);
    expect(refusal({ ...context, proxy: { scheme: 'http', host: 'a', port: 1, chain: [] } }).message).toMatch(
      /^context\.proxy must have no members but .*, got chain$/,
    );
    expect(() => clientDecoder().decoder.push(framed({ ...context, hint: 1 }))).not.toThrow();
  });

  it('ready.limits is looked into', () => {
    const ready = { ...GATEWAY_MESSAGES[0], limits: { maxHeadBytes: 1, maxStreams: -1 } };
    const error = wireError(() => gatewayDecoder().decoder.push(framed(ready)));
    expect(error.message).toContain('ready.limits.maxStreams must be an integer from 0');
  });

  it('never shows a token, whatever is wrong with the message', () => {
    const hello = { type: 'hello', protocol: SECRET, token: [SECRET], client: { SECRET } };
    expect(refusal(hello).message).not.toContain(SECRET);
    expect(refusal({ ...hello, protocol: 1 }).message).toBe(
      'hello.token must be a string or absent, got object',
    );
    expect(refusal({ type: SECRET }).message).not.toContain(SECRET);
    expect(refusal(`{"type":"hello","token":"${SECRET}"`).message).not.toContain(SECRET);
  });
});

describe('a newer peer', () => {
  it('may add members', () => {
    const { decoder, taken } = clientDecoder();
    decoder.push(framed({ type: 'release', id: 1, reason: 'idle' }));
    expect(taken).toMatchObject([{ type: 'release', id: 1 }]);
  });

  it.each(['brand_new', 'constructor', 'toString', '__proto__', ''])(
    'may name a failure we do not know: "%s"',
    (name) => {
      const { decoder, taken } = gatewayDecoder();
      decoder.push(
        utf8Framed(`{"type":"failure","name":${JSON.stringify(name)},"detail":"what happened","context":3}`),
      );
      expect(taken).toEqual([
        { type: 'failure', name: 'internal_error', detail: 'what happened', context: 3 },
      ]);
    },
  );

  function utf8Framed(text: string): Uint8Array {
    return framed(text);
  }
});
