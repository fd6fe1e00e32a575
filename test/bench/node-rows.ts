import {
  type Bench,
  besideGroup,
  CONCURRENCY,
  contender,
  hip,
  native,
  ratio,
  stalledGroup,
  transferGroups,
} from './groups.ts';
import type { Group } from './rounds.ts';

/**
 * Node answers thousands of small GETs a second, and compiles what it runs while it does: a measurement of a page's length
 * would time the compiler. Ten thousand take about a second, here and at the gateway.
 */
const WARM_FACTOR = 5;

/** The rows whose client is this process. */
export function nodeGroups(bench: Bench): Group[] {
  return [
    burstGroup(bench),
    latencyGroup(bench),
    ...transferGroups(bench),
    besideGroup(bench),
    stalledGroup(bench),
  ];
}

function burstGroup(bench: Bench): Group {
  const { servers, amounts } = bench;
  const side = (name: string, client: () => ReturnType<typeof hip>) =>
    contender(bench, name, async () => ({
      kind: 'requests-per-second',
      client: await client(),
      url: `${await servers.origin()}/hello`,
      requests: WARM_FACTOR * amounts.requests,
      concurrency: CONCURRENCY,
    }));
  return {
    contenders: [side('hip', () => hip(bench)), side('native', native)],
    rows: [
      {
        name: `node-burst ${CONCURRENCY} GETs vs native fetch`,
        ours: 'hip',
        theirs: 'native',
        unit: '/s',
        figure: (sample) => ratio(sample, 'hip', 'native'),
        figureUnit: '×',
        target: { atLeast: 1.5 },
      },
    ],
  };
}

/** What the gateway adds to a GET, in round trips of a bare WebSocket. */
function latencyGroup(bench: Bench): Group {
  const { servers, amounts } = bench;
  const side = (name: string, client: () => ReturnType<typeof hip>) =>
    contender(bench, name, async () => ({
      kind: 'latency',
      client: await client(),
      url: `${await servers.origin()}/hello`,
      requests: amounts.sequential,
    }));
  return {
    contenders: [
      side('hip', () => hip(bench)),
      side('native', native),
      contender(bench, 'round trip', async () => {
        return { kind: 'websocket-latency', url: await servers.websocket(), messages: amounts.sequential };
      }),
    ],
    rows: [
      {
        name: 'node-latency p50 of a GET above native fetch',
        ours: 'hip',
        theirs: 'native',
        also: ['round trip'],
        unit: 'ms',
        figure: (sample) =>
          ((sample['hip'] ?? Number.NaN) - (sample['native'] ?? Number.NaN)) /
          (sample['round trip'] ?? Number.NaN),
        figureUnit: 'round trips',
        target: { atMost: 1.5 },
      },
    ],
  };
}
