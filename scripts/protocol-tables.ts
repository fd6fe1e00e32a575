/**
 * Writes the tables of PROTOCOL.md from the code that defines them. `--check` only tells whether they are up to date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { ByteWriter } from '../packages/wire/src/byte-writer.ts';
import { writeControlMessage } from '../packages/wire/src/control/control-codec.ts';
import { writeExchangeRequest } from '../packages/wire/src/exchange/exchange-request.ts';
import { writeExchangeResponse } from '../packages/wire/src/exchange/exchange-response.ts';
import { REQUEST_OPTIONS } from '../packages/wire/src/exchange/request-options.ts';
import { RESPONSE_METADATA } from '../packages/wire/src/exchange/response-metadata.ts';
import { CONTROL_STREAM } from '../packages/wire/src/exchange/stream-kind.ts';
import { FAILURES, type FailureName, type FailureSpec } from '../packages/wire/src/failure.ts';
import { FAILURE_MEANINGS } from '../packages/wire/src/failure-meaning.ts';
import { writeStreamHeader } from '../packages/wire/src/frame/stream-frame.ts';
import { writeTransportParameters } from '../packages/wire/src/frame/transport-parameters.ts';
import * as WIRE_LIMITS from '../packages/wire/src/limits.ts';
import {
  writeContentChunk,
  writeEnd,
  writeResponseHead,
} from '../packages/wire/src/message/message-encoder.ts';
import { clientParameters, gatewayParameters } from '../packages/wire/src/session/session-parameters.ts';
import { WEBSOCKET_OPTIONS } from '../packages/wire/src/websocket/websocket-options.ts';

const PROTOCOL = new URL('../PROTOCOL.md', import.meta.url);
const WIRE = new URL('../packages/wire/src/', import.meta.url);

/** The first sentences of the comment above `name` in a source file: the tables say what the code says. */
function meaning(file: string, name: string): string {
  const source = readFileSync(new URL(file, WIRE), 'utf8');
  const found = new RegExp(`/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\s*(?:export const )?${name}\\b`).exec(
    source,
  )?.[1];
  if (found === undefined) throw new Error(`${file}: ${name} has no comment`);
  return found
    .replace(/\s*\n\s*\*\s?/g, ' ')
    .replace(/\{@link (?:\w+\.)?(\w+)\}/g, '`$1`')
    .trim();
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function fieldTable(file: string, fields: Record<string, { id: number; type: string }>): string {
  const rows = Object.entries(fields).map(([name, { id, type }]) => [
    `${id}`,
    `\`${name}\``,
    type,
    meaning(file, name),
  ]);
  return table(['ID', 'name', 'value', 'meaning'], rows);
}

function failureTable(): string {
  const rows = Object.entries<FailureSpec>(FAILURES).map(([name, spec]) => [
    `0x${spec.code.toString(16)}`,
    `\`${name}\``,
    spec.sent,
    spec.errorClass,
    FAILURE_MEANINGS[name as FailureName].proxyError,
    FAILURE_MEANINGS[name as FailureName].text,
  ]);
  return table(['code', 'name', 'sent', 'class in hip', 'proxy error type', 'meaning'], rows);
}

function limitTable(): string {
  // The names of a module come in alphabetical order: the table has that of the source.
  const source = readFileSync(new URL('limits.ts', WIRE), 'utf8');
  const rows = Object.entries(WIRE_LIMITS)
    .sort(([a], [b]) => source.indexOf(`const ${a} `) - source.indexOf(`const ${b} `))
    .map(([name, value]) => [`\`${name}\``, value.toLocaleString('en'), meaning('limits.ts', name)]);
  return table(['name', 'value', 'meaning'], rows);
}

/** The records of a first exchange, as both sides write them. */
function sessionTrace(): string {
  const writer = new ByteWriter();
  const content = new ByteWriter();
  const streamFrame = (id: number, offset: number, fin: boolean): void => {
    const bytes = content.take();
    writeStreamHeader(writer, id, offset, bytes.length, fin);
    writer.bytes(bytes);
  };
  const steps: string[] = [];
  const record = (who: string, what: string): void => {
    const hex = Buffer.from(writer.take())
      .toString('hex')
      .replace(/(.{64})/g, '$1\n');
    steps.push(`${who}: ${what}\n\n\`\`\`\n${hex.trimEnd()}\n\`\`\``);
  };

  writeTransportParameters(writer, gatewayParameters(WIRE_LIMITS.maxStreams + 1));
  record('Gateway', 'its transport parameters, right behind the upgrade response.');
  writeTransportParameters(writer, clientParameters());
  record('Client', 'its transport parameters, when the WebSocket is open.');

  content.byte(CONTROL_STREAM);
  writeControlMessage(content, { type: 'hello', protocol: 1, client: 'example', token: 'secret' });
  writeControlMessage(content, {
    type: 'context',
    id: 1,
    name: 'c0ffee',
    numPools: 10,
    maxsize: 1,
    block: false,
  });
  streamFrame(0, 0, false);
  writeExchangeRequest(
    content,
    1,
    {},
    {
      method: 'GET',
      scheme: 'http',
      authority: 'origin.example',
      path: '/',
      fields: ['accept', '*/*'],
    },
  );
  writeEnd(content, []);
  streamFrame(4, 0, true);
  record('Client', 'hello and context on stream 0, the whole request on stream 4.');

  writeControlMessage(content, {
    type: 'ready',
    protocol: 1,
    gateway: 'example',
    limits: { maxHeadBytes: WIRE_LIMITS.maxHeadBytes, maxStreams: WIRE_LIMITS.maxStreams },
    features: [],
  });
  streamFrame(0, 0, false);
  record('Gateway', 'ready.');
  writeExchangeResponse(content, { connectionId: 1, reused: false, httpVersion: '1.1', reason: 'OK' });
  writeResponseHead(content, 200, ['content-length', '2']);
  writeContentChunk(content, Buffer.from('hi'));
  writeEnd(content, []);
  streamFrame(4, 0, true);
  record('Gateway', 'the whole response on stream 4.');
  return steps.join('\n\n');
}

const TABLES: Record<string, () => string> = {
  'request options': () => fieldTable('exchange/request-options.ts', REQUEST_OPTIONS),
  'response metadata': () => fieldTable('exchange/response-metadata.ts', RESPONSE_METADATA),
  'websocket options': () => fieldTable('websocket/websocket-options.ts', WEBSOCKET_OPTIONS),
  failures: failureTable,
  limits: limitTable,
  session: sessionTrace,
};

const before = readFileSync(PROTOCOL, 'utf8');
let after = before;
for (const [name, make] of Object.entries(TABLES)) {
  const marked = new RegExp(`(<!-- table: ${name} -->\\n)[\\s\\S]*?(<!-- end -->)`);
  if (!marked.test(after)) throw new Error(`PROTOCOL.md has no place for the table "${name}"`);
  after = after.replace(marked, (_all, begin: string, end: string) => `${begin}\n${make()}\n\n${end}`);
}
if (process.argv.includes('--check')) {
  if (after !== before) {
    console.error(
      'PROTOCOL.md is not what the code says: run `node scripts/protocol-tables.ts` and look at the change.',
    );
    process.exit(1);
  }
  console.log('PROTOCOL.md says what the code says.');
} else {
  writeFileSync(PROTOCOL, after);
}
