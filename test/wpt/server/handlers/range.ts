import { setTimeout as sleep } from 'node:timers/promises';
import type { Handler } from '../message.ts';
import type { Stash } from '../stash.ts';

/** Where the handlers of ranges stash, whatever their path. */
export const RANGE_FOLDER = '/fetch/range/';

const SAMPLES_PER_SECOND = 8_000;
const SECONDS = 300;

/** Five minutes of silence, a second of it every half second; it notes how it was asked. */
export function longWav(stash: Stash): Handler {
  return async (request, response) => {
    const { query } = request;
    if (request.method === 'OPTIONS') {
      response.send(404, [['Content-Type', 'text/plain']], 'Preflight not accepted');
      return;
    }
    const range = request.header('range');
    const rangeKey = query.get('range-received-key');
    const codingKey = query.get('accept-encoding-key');
    if (rangeKey !== undefined && range !== undefined)
      stash.put(RANGE_FOLDER, rangeKey, 'range-header-received');
    if (codingKey !== undefined) stash.put(RANGE_FOLDER, codingKey, request.header('accept-encoding') ?? '');
    const wav = Buffer.concat([wavHeader(), Buffer.alloc(SAMPLES_PER_SECOND * SECONDS - 44)]);
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
    const start = Number(from ?? 0);
    const end = to === undefined || to === '' ? wav.length : Number(to) + 1;
    const part = wav.subarray(start, end);
    response.start(from === undefined ? 200 : 206, [
      ['Content-Type', 'audio/wav'],
      ['Accept-Ranges', 'bytes'],
      ['Cache-Control', 'no-cache'],
      ['Access-Control-Allow-Origin', request.header('origin') ?? ''],
      ...(from === undefined ? [] : [['Content-Range', `bytes ${start}-${end - 1}/${wav.length}`] as const]),
      ['Content-Length', String(part.length)],
    ]);
    for (let at = 0; at < part.length; at += SAMPLES_PER_SECOND) {
      if (!response.write(part.subarray(at, at + SAMPLES_PER_SECOND))) return;
      await sleep(500);
    }
  };
}

/** The header of one channel with 8 bits a sample. */
function wavHeader(): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + SAMPLES_PER_SECOND * SECONDS, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(SAMPLES_PER_SECOND, 24);
  header.writeUInt32LE(SAMPLES_PER_SECOND, 28);
  header.writeUInt16LE(1, 32);
  header.writeUInt16LE(8, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(SAMPLES_PER_SECOND * SECONDS, 40);
  return header;
}

/** Zeros, or the part of them that is asked for. */
export const partialText: Handler = (request, response) => {
  const { query } = request;
  const type: readonly [string, string] = ['Content-Type', query.get('type') ?? 'text/plain'];
  const total = query.number('length', 100);
  const [, from = '0', to = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.header('range') ?? '') ?? [];
  const start = Number(from);
  const end = to === '' ? total : Number(to);
  if (request.header('range') === undefined) {
    response.send(200, [type, ['Cache-Control', 'no-cache']], '0'.repeat(total));
  } else if (end <= start || end > total) {
    response.send(416, [type]);
  } else {
    response.send(
      query.number('partial', 206),
      [
        type,
        ['Accept-Ranges', 'bytes'],
        ['Cache-Control', 'no-cache'],
        ['Content-Range', `bytes ${start}-${end}/${total}`],
      ],
      '0'.repeat(end - start),
    );
  }
};
