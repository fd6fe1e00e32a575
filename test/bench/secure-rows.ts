import { TEST_CERTIFICATE } from '../../packages/gateway/test/support/tls-fixture.ts';
import { type Bench, CONCURRENCY, contender, ratio } from './groups.ts';
import type { Contender, Group } from './rounds.ts';
import type { SecureServers } from './secure-servers.ts';
import type { ClientSpec } from './workload/measurement.ts';

/** As many small GETs as make a measurement of about a second. */
const WARM_FACTOR = 3;

/** Requests whose handshakes are counted, and how many of them are in flight at a time over as many connections. */
const COUNTED_REQUESTS = 500;
const COUNTED_CONNECTIONS = 10;

/** {@link Bench} with the servers of these rows. */
export interface SecureBench extends Bench {
  readonly secureServers: SecureServers;
}

/** https origins, straight and through proxies, with the client in this process. */
export function secureGroups(bench: SecureBench): Group[] {
  return [
    httpsGroup(bench, 'https', 'direct https fetch', async () => undefined),
    httpsGroup(bench, 'squid', "undici's ProxyAgent", () => bench.secureServers.squid()),
    httpsGroup(bench, 'socks', "undici's Socks5ProxyAgent", () => bench.secureServers.socks()),
    handshakesGroup(bench),
  ];
}

async function hip(
  { secureServers }: SecureBench,
  proxy?: string,
  maxsize = CONCURRENCY,
): Promise<ClientSpec> {
  const { url, token } = await secureServers.gateway();
  return {
    name: 'hip-secure',
    gateway: url,
    token,
    caCerts: TEST_CERTIFICATE,
    maxsize,
    ...(proxy === undefined ? {} : { proxy }),
  };
}

function httpsGroup(
  bench: SecureBench,
  what: string,
  against: string,
  proxyOf: () => Promise<string | undefined>,
): Group {
  const side = (name: string, client: (proxy: string | undefined) => Promise<ClientSpec>): Contender =>
    contender(bench, name, async () => ({
      kind: 'requests-per-second',
      client: await client(await proxyOf()),
      url: `${await bench.secureServers.origin()}/hello`,
      requests: WARM_FACTOR * bench.amounts.requests,
      concurrency: CONCURRENCY,
    }));
  return {
    contenders: [
      side('hip', (proxy) => hip(bench, proxy)),
      side('undici', async (proxy) => ({
        name: 'undici',
        ca: TEST_CERTIFICATE,
        ...(proxy === undefined ? {} : { proxy }),
      })),
    ],
    rows: [
      {
        name: `node-${what} ${CONCURRENCY} GETs vs ${against}`,
        ours: 'hip',
        theirs: 'undici',
        unit: '/s',
        figure: (sample) => ratio(sample, 'hip', 'undici'),
        figureUnit: '×',
        target: { atLeast: 1 },
      },
    ],
  };
}

/** How many handshakes the origin sees when a manager that knows no connection yet sends many requests. */
function handshakesGroup(bench: SecureBench): Group {
  const { secureServers } = bench;
  return {
    contenders: [
      {
        yields: ['hip'],
        measure: async () => {
          const before = await secureServers.handshakes();
          await bench.runtime.run({
            kind: 'requests-of-new-client',
            client: await hip(bench, undefined, COUNTED_CONNECTIONS),
            url: `${await secureServers.origin()}/hello`,
            requests: COUNTED_REQUESTS,
            concurrency: COUNTED_CONNECTIONS,
          });
          return { hip: (await secureServers.handshakes()) - before };
        },
      },
    ],
    rows: [
      {
        name: `node-handshakes of ${COUNTED_REQUESTS} GETs, ${COUNTED_CONNECTIONS} at a time`,
        ours: 'hip',
        unit: '',
        figure: (sample) => sample['hip'] ?? Number.NaN,
        figureUnit: 'handshakes',
        target: { atMost: COUNTED_CONNECTIONS },
      },
    ],
  };
}
