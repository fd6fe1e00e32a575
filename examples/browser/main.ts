import { PoolManager } from '@hip/client';
import { mountDownload } from './cards/download-card.ts';
import { mountRace } from './cards/race-card.ts';
import { mountRequest } from './cards/request-card.ts';
import { mountUpload } from './cards/upload-card.ts';
import { byId } from './view/dom.ts';
import { SessionLine } from './view/session-line.ts';

/** What `npm start` tells this page, and only this page: `config.json` of its own origin. */
interface Config {
  gateway: string;
  token: string;
  /** The demo origin, without a slash at the end. */
  origin: string;
}

/** Between two signs of life of the session, in milliseconds: often enough to believe what the page says about it. */
const HEARTBEAT_MS = 5_000;

try {
  await main();
} catch (error) {
  const fatal = byId('fatal', HTMLParagraphElement);
  fatal.textContent = `This page cannot start: ${error instanceof Error ? error.message : error}`;
  fatal.hidden = false;
}

async function main(): Promise<void> {
  const { gateway, origin } = await readConfig();
  const session = new SessionLine(gateway);
  const http = new PoolManager({
    gateway,
    // Asked again for each session, so that the page finds its way back to a gateway that was started anew.
    token: async () => (await readConfig()).token,
    maxsize: 32, // connections the gateway keeps to the origin, where a browser has six
    block: true,
  });

  mountRequest(http, origin);
  mountDownload(http, origin);
  mountUpload(http, origin);
  const race = mountRace(http, origin);

  for (;;) {
    // A hidden page has nobody to tell, and a race no time to lose.
    if (!document.hidden && !race.isRunning) await beat(http, origin, session);
    await new Promise((resolve) => setTimeout(resolve, HEARTBEAT_MS));
  }
}

async function beat(http: PoolManager, origin: string, session: SessionLine): Promise<void> {
  try {
    // The first one opens the session: its time says nothing about a round trip.
    if (!session.isConnected) await http.request('HEAD', `${origin}/hello`);
    const startedMs = performance.now();
    await http.request('HEAD', `${origin}/hello`);
    session.connected(performance.now() - startedMs);
  } catch (error) {
    session.lost(error);
  }
}

async function readConfig(): Promise<Config> {
  const response = await fetch('/config.json');
  if (!response.ok) throw new Error(`/config.json answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Config;
}
