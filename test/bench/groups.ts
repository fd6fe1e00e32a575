import type { Contender, Group } from './rounds.ts';
import type { Servers } from './servers.ts';
import { measureStalledReader } from './stalled-reader.ts';
import type { ClientSpec, Measurement, Runtime } from './workload/measurement.ts';

/** Bytes in a megabyte as the table has it. */
const MEGABYTE = 1_000_000;

/** How much each group moves. */
export interface Amounts {
  /** Small GETs per measurement with 50 in flight. */
  readonly requests: number;
  /** Small GETs, or echoes, one after the other, per measurement. */
  readonly sequential: number;
  readonly transferBytes: number;
  /** Of the download that small GETs run beside. */
  readonly besideBytes: number;
  /** Of the body that a reader stops reading. */
  readonly stalledBytes: number;
}

/** The amounts that the targets are stated for. */
export const FULL_AMOUNTS: Amounts = {
  requests: 2_000,
  sequential: 400,
  transferBytes: 100 * MEGABYTE,
  besideBytes: 200 * MEGABYTE,
  stalledBytes: 300 * MEGABYTE,
};

/** Enough for every row to run. */
export const QUICK_AMOUNTS: Amounts = {
  requests: 300,
  sequential: 50,
  transferBytes: 10 * MEGABYTE,
  besideBytes: 200 * MEGABYTE,
  stalledBytes: 60 * MEGABYTE,
};

/** Small GETs in flight at a time. */
export const CONCURRENCY = 50;

/**
 * Memory a gateway may take for one reader that stopped, in bytes: the body's 300 MB must not show, V8's heap may
 * move.
 */
const STALLED_RSS_BYTES = 16 * MEGABYTE;

/** What the groups of one runtime are made of. */
export interface Bench {
  /** `node` or `chromium`: the first word of the rows' names. */
  readonly name: string;
  readonly servers: Servers;
  readonly runtime: Runtime;
  readonly amounts: Amounts;
}

/** The runtime's own `fetch` as it is called without options. */
export const native = async (): Promise<ClientSpec> => ({ name: 'native' });

export async function hip({ servers }: Bench): Promise<ClientSpec> {
  const { url, token } = await servers.gateway();
  return { name: 'hip', gateway: url, token };
}

/** A contender of one value: the answer to one measurement. */
export function contender(bench: Bench, name: string, measurement: () => Promise<Measurement>): Contender {
  return {
    yields: [name],
    measure: async () => ({ [name]: await bench.runtime.run(await measurement()) }),
  };
}

/** 100 MB down and up, against a bare WebSocket. */
export function transferGroups(bench: Bench): Group[] {
  const { servers } = bench;
  const bytes = bench.amounts.transferBytes;
  return (['download', 'upload'] as const).map((kind) => ({
    contenders: [
      contender(bench, 'hip', async () => {
        const path = kind === 'download' ? `bytes/${bytes}` : 'upload';
        return { kind, client: await hip(bench), url: `${await servers.origin()}/${path}`, bytes };
      }),
      contender(bench, 'bare WebSocket', async () => {
        return { kind: `websocket-${kind}`, url: await servers.websocket(), bytes };
      }),
    ],
    rows: [
      {
        name: `${bench.name}-${kind} ${bytes / MEGABYTE} MB vs bare WebSocket`,
        ours: 'hip',
        theirs: 'bare WebSocket',
        unit: 'MB/s',
        figure: (sample) => ratio(sample, 'hip', 'bare WebSocket'),
        figureUnit: '×',
        target: { atLeast: 0.7 },
      },
    ],
  }));
}

/** A small GET while a large download runs on the same session, against the same GET alone. */
export function besideGroup(bench: Bench): Group {
  const { servers, amounts } = bench;
  const sides = (name: string, client: () => Promise<ClientSpec>): Contender[] => [
    contender(bench, `${name} idle`, async () => {
      const url = `${await servers.origin()}/hello`;
      return { kind: 'latency', client: await client(), url, requests: amounts.sequential };
    }),
    contender(bench, `${name} loaded`, async () => {
      const origin = await servers.origin();
      return {
        kind: 'latency-during-download',
        client: await client(),
        url: `${origin}/hello`,
        downloadUrl: `${origin}/bytes/${amounts.besideBytes}`,
        bytes: amounts.besideBytes,
      };
    }),
  ];
  const row = (name: string, label: string) => ({
    name: label,
    ours: `${name} loaded`,
    theirs: `${name} idle`,
    unit: 'ms',
    figure: (sample: Readonly<Record<string, number>>) => ratio(sample, `${name} loaded`, `${name} idle`),
    figureUnit: '×',
  });
  return {
    contenders: [...sides('hip', () => hip(bench)), ...sides('native', native)],
    rows: [
      {
        ...row('hip', `${bench.name}-beside p50 during ${amounts.besideBytes / MEGABYTE} MB vs idle`),
        target: { atMost: 3 },
      },
      row('native', `${bench.name}-beside the same, native fetch`),
    ],
  };
}

/** A reader that stops after one chunk. */
export function stalledGroup(bench: Bench): Group {
  const bytes = bench.amounts.stalledBytes;
  const sent = (sample: Readonly<Record<string, number>>) => sample['hip'] ?? Number.NaN;
  const growth = (sample: Readonly<Record<string, number>>) => sample['gateway memory'] ?? Number.NaN;
  return {
    contenders: [
      {
        yields: ['hip', 'gateway memory'],
        measure: async () => {
          const cost = await measureStalledReader(bench.runtime, bench.servers, await hip(bench), bytes);
          return {
            hip: cost.sentBytes / MEGABYTE,
            'gateway memory': (cost.gatewayGrowthBytes ?? Number.NaN) / MEGABYTE,
          };
        },
      },
      {
        yields: ['native'],
        measure: async () => {
          const cost = await measureStalledReader(bench.runtime, bench.servers, await native(), bytes);
          return { native: cost.sentBytes / MEGABYTE };
        },
      },
    ],
    rows: [
      {
        name: `${bench.name}-stalled origin sent of ${bytes / MEGABYTE} MB`,
        ours: 'hip',
        theirs: 'native',
        unit: 'MB',
        figure: sent,
        figureUnit: 'MB',
        target: { atMost: 8 },
      },
      {
        name: `${bench.name}-stalled gateway memory growth`,
        ours: 'gateway memory',
        unit: 'MB',
        figure: growth,
        figureUnit: 'MB',
        target: { atMost: STALLED_RSS_BYTES / MEGABYTE },
      },
    ],
  };
}

/** `ours` per `theirs` of one round. */
export function ratio(sample: Readonly<Record<string, number>>, ours: string, theirs: string): number {
  return (sample[ours] ?? Number.NaN) / (sample[theirs] ?? Number.NaN);
}
