import { createGateway } from '../gateway.ts';
import type { GatewayOptions } from '../options.ts';

/** What a command talks to instead of the process. */
export interface CommandIo {
  /** Writes to stdout. */
  readonly out: (text: string) => void;

  /** Writes to stderr. */
  readonly err: (text: string) => void;

  /** Resolves when the process is asked to stop. */
  readonly stopped: Promise<void>;
}

/**
 * `hip-gateway serve`: runs a gateway until the process is asked to stop, then lets exchanges on their way finish.
 *
 * The session URL goes to stdout, alone on a line, as soon as the gateway can be reached; a generated token to stderr.
 */
export async function serve(options: GatewayOptions, { out, err, stopped }: CommandIo): Promise<void> {
  const gateway = await createGateway(options);
  if (options.token === undefined && options.subjects === undefined) err(`token: ${gateway.token}\n`);
  out(`${gateway.url}\n`);
  await stopped;
  await gateway.close();
}
