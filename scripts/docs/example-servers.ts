import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { answerWebSockets } from '../../test/support/peers/echo-websocket.ts';
import { ROOT } from '../source-files.ts';
import { answer } from './example-origin.ts';
import { startPeers } from './example-peers.ts';

/** What the examples of the documents talk to. */
export interface ExampleServers {
  /** The code of an example with the addresses of these servers in place of those that are printed. */
  located(code: string): string;

  /** Ends all of them. */
  stop(): Promise<void>;
}

/** Starts origins, proxies, and a gateway as a reader starts one: by its command, with the token of the examples. */
export async function startServers(folder: string): Promise<ExampleServers> {
  const origin = createServer(answer);
  answerWebSockets(origin);
  await once(origin.listen(0, '127.0.0.1'), 'listening');
  const { port } = origin.address() as AddressInfo;
  const tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, 'secret\n');
  const peers = await startPeers(folder, answer);
  const allowed = ['127.0.0.1:*', ...peers.ports.map((each) => `localhost:${each}`)];
  const gateway = startGateway(['--token-file', tokenFile, ...allowed.flatMap((host) => ['--allow', host])]);
  const url = await firstLine(gateway);
  return {
    located: (code) =>
      peers.replacements
        .reduce((text, [printed, real]) => text.replaceAll(printed, real), code)
        .replaceAll('ws://127.0.0.1:8787/session', url)
        .replaceAll('127.0.0.1:8787', '127.0.0.1:0')
        .replaceAll(/https?:\/\/(?:example\.com|httpbin\.org)/g, `http://127.0.0.1:${port}`)
        .replaceAll('wss://example.com', `ws://127.0.0.1:${port}`)
        .replaceAll("'httpbin.org', 80", `'127.0.0.1', ${port}`)
        .replace(/\b8080\b/g, String(port)),
    async stop() {
      const ended = once(gateway, 'exit');
      gateway.kill('SIGTERM');
      await ended;
      await peers.stop();
      origin.closeAllConnections();
      origin.close();
    },
  };
}

function startGateway(flags: readonly string[]): ChildProcess {
  const cli = join(ROOT, 'packages', 'gateway', 'dist', 'cli.js');
  const args = [cli, 'serve', '--listen', '127.0.0.1:0', '--log-level', 'error', ...flags];
  // What the developer's shell sets for a gateway of theirs is not for this one.
  const env = Object.entries(process.env).filter(([name]) => !name.startsWith('HIP_GATEWAY_'));
  return spawn(process.execPath, args, {
    env: Object.fromEntries(env),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** The session URL: what the gateway prints, alone on a line, when it is ready. */
async function firstLine({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error('gateway must have a pipe as its stdout');
  for await (const line of createInterface(stdout)) return line;
  throw new Error('gateway ended without printing its session URL');
}
