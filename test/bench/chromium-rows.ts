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
import type { Group, RowSpec, Target } from './rounds.ts';
import type { ClientSpec } from './workload/measurement.ts';

/** The rows whose client is a page in Chromium. */
export function chromiumGroups(bench: Bench): Group[] {
  return [burstGroup(bench), ...transferGroups(bench), besideGroup(bench), stalledGroup(bench)];
}

function burstGroup(bench: Bench): Group {
  const { servers, amounts } = bench;
  const epoxy = async (): Promise<ClientSpec> => ({ name: 'epoxy', wisp: await servers.wisp() });
  const uncached = async (): Promise<ClientSpec> => ({ name: 'native', cache: 'no-store' });
  const side = (name: string, client: () => Promise<ClientSpec>) =>
    contender(bench, name, async () => ({
      kind: 'requests-per-second',
      client: await client(),
      url: `${await servers.origin()}/hello`,
      requests: amounts.requests,
      concurrency: CONCURRENCY,
    }));
  const row = (theirs: string, label: string, target?: Target): RowSpec => ({
    name: `chromium-burst ${CONCURRENCY} GETs vs ${label}`,
    ours: 'hip',
    theirs,
    unit: '/s',
    figure: (sample) => ratio(sample, 'hip', theirs),
    figureUnit: '×',
    ...(target === undefined ? {} : { target }),
  });
  return {
    contenders: [
      side('hip', () => hip(bench)),
      side('native', native),
      side('uncached', uncached),
      side('epoxy', epoxy),
    ],
    rows: [
      row('native', 'native fetch', { atLeast: 4 }),
      row('uncached', "native fetch, cache: 'no-store'"),
      row('epoxy', 'epoxy-tls', { atLeast: 1.2 }),
    ],
  };
}
