/**
 * The wire, written by hand from the drafts and from PROTOCOL.md: a second opinion on `@hip/wire`, and able to say what
 * that would refuse to. Types and codes are spelled out here on purpose.
 */

/** RFC 9000 §16, for values below 2^30. */
export function varint(value: number): Buffer {
  if (value < 0x40) return Buffer.from([value]);
  if (value < 0x4000) return Buffer.from([0x40 | (value >> 8), value & 0xff]);
  return Buffer.from([0x80 | (value >>> 24), (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff]);
}

/** An eight-byte varint from 16 hexadecimal digits of its value. */
function wide(digits: string): Buffer {
  const bytes = Buffer.from(digits, 'hex');
  bytes[0] = (bytes[0] as number) | 0xc0;
  return bytes;
}

function prefixed(bytes: Buffer): Buffer {
  return Buffer.concat([varint(bytes.length), bytes]);
}

/** QX_TRANSPORT_PARAMETERS of a client that takes as much as can be said, so that only the other end holds back. */
export function generousParameters(): Buffer {
  const most = wide('000fffffffffffff');
  const parameters = [0x04, 0x05, 0x06].map((id) => Buffer.concat([varint(id), prefixed(most)]));
  parameters.push(Buffer.concat([wide('0571c59429cd0845'), prefixed(varint(65_536))])); // max_record_size
  return Buffer.concat([wide('3f5153300d0a0d0a'), prefixed(Buffer.concat(parameters))]);
}

/** Where a piece stands in its stream. */
export interface StreamPiece {
  /** @defaultValue 0 */
  offset?: number;
  /** @defaultValue false */
  fin?: boolean;
}

/** STREAM (RFC 9000 §19.8) with its length. */
export function stream(id: number, bytes: Buffer, { offset = 0, fin = false }: StreamPiece = {}): Buffer {
  const type = 0x08 | 0x02 | (offset > 0 ? 0x04 : 0) | (fin ? 0x01 : 0);
  const parts = [varint(type), varint(id)];
  if (offset > 0) parts.push(varint(offset));
  return Buffer.concat([...parts, prefixed(bytes)]);
}

/** RESET_STREAM (RFC 9000 §19.4). */
export function resetStream(id: number, finalSize: number): Buffer {
  return Buffer.concat([varint(0x04), varint(id), varint(0x100), varint(finalSize)]);
}

/** STOP_SENDING (RFC 9000 §19.5). */
export function stopSending(id: number): Buffer {
  return Buffer.concat([varint(0x05), varint(id), varint(0x100)]);
}

/** QX_PING that asks for an answer. */
export function ping(sequence: number): Buffer {
  return Buffer.concat([wide('348c67529ef8c7bd'), varint(sequence)]);
}

/** QX_PING that answers one. */
export function pong(sequence: number): Buffer {
  return Buffer.concat([wide('348c67529ef8c7be'), varint(sequence)]);
}

/** One message of the control stream. */
export function controlMessage(message: Record<string, unknown>): Buffer {
  return prefixed(Buffer.from(JSON.stringify(message)));
}

/** `hello` as a well-behaved client says it. */
export function hello(token: string): Buffer {
  return controlMessage({ type: 'hello', protocol: 1, token, client: 'raw/0' });
}

/** `context` that allows many connections. */
export function context(id: number, settings: Record<string, unknown> = {}): Buffer {
  const members = { name: `raw-${id}`, numPools: 10, maxsize: 10, block: false, ...settings };
  return controlMessage({ type: 'context', id, ...members });
}

/** The first bytes of the control stream: its kind, then messages. */
export function controlStream(...messages: Buffer[]): Buffer {
  return Buffer.concat([varint(0), ...messages]);
}

/** A request, as an exchange stream begins. */
export interface RawRequest {
  /** @defaultValue 1 */
  context?: number;
  /** @defaultValue 'GET' */
  method?: string;
  /** @defaultValue 'http' */
  scheme?: string;
  authority: string;
  path: string;
  /** By name, or pairs of name and value in any order. */
  fields?: Record<string, string> | [name: string, value: string][];
  content?: string;
  trailers?: [name: string, value: string][];
}

/** Kind, context, no options, then the head in indeterminate-length binary HTTP (RFC 9292 §3.2), without an end. */
export function exchangeHead(request: RawRequest): Buffer {
  return Buffer.concat([varint(1), varint(request.context ?? 1), varint(0), requestHead(request)]);
}

function requestHead({ method = 'GET', scheme = 'http', authority, path, fields = {} }: RawRequest): Buffer {
  const control = [method, scheme, authority, path].map(text);
  return Buffer.concat([
    varint(2),
    ...control,
    section(Array.isArray(fields) ? fields : Object.entries(fields)),
  ]);
}

function text(value: string): Buffer {
  return prefixed(Buffer.from(value, 'latin1'));
}

function section(lines: [name: string, value: string][]): Buffer {
  return Buffer.concat([...lines.flatMap(([name, value]) => [text(name), text(value)]), varint(0)]);
}

/** A whole request. */
export function exchange(request: RawRequest): Buffer {
  const { content = '', trailers = [] } = request;
  const chunk = content === '' ? Buffer.alloc(0) : text(content);
  return Buffer.concat([exchangeHead(request), chunk, varint(0), section(trailers)]);
}

/** A request for a WebSocket, as its stream begins. */
export interface RawWebSocketRequest extends RawRequest {
  /** As they stand in their section. */
  options?: Buffer;
  /** Sent right behind it. */
  behind?: Buffer;
}

/** Kind, context, options, then the whole request with its length. */
export function webSocketRequest(request: RawWebSocketRequest): Buffer {
  const { context: id = 1, options = Buffer.alloc(0), behind = Buffer.alloc(0) } = request;
  const message = Buffer.concat([requestHead(request), varint(0), section([])]);
  return Buffer.concat([varint(3), varint(id), prefixed(options), prefixed(message), behind]);
}

/** A part of a WebSocket's message: its first byte as in RFC 6455 §5.2. */
export function webSocketPart(kind: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([kind]), prefixed(payload)]);
}
