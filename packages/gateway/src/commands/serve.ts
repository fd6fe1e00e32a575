import { DEFAULTS } from '../defaults.ts';
import { createGateway } from '../gateway.ts';
import { createLogger, type Logger } from '../logger.ts';
import type { GatewayOptions } from '../options.ts';

/** What a command talks to instead of the process. */
export interface CommandIo {
  /** Writes to stdout. */
  readonly out: (text: string) => void;

  /** Writes to stderr. */
  readonly err: (text: string) => void;

  /** Resolves when the process is asked to stop. */
  readonly stopped: Promise<void>;

  /** Has errors told that nobody caught, rejections among them. */
  readonly onFault: (listener: (error: unknown) => void) => void;
}

/**
 * `hip-gateway serve`: runs a gateway until the process is asked to stop, then lets exchanges on their way finish.
 *
 * An error that nobody caught is logged and counted, and the gateway goes on: it is one session's, at the worst, and all
 * the others would pay for it.
 *
 * The session URL goes to stdout, alone on a line, as soon as the gateway can be reached; a generated token to stderr.
 */
export async function serve(
  options: GatewayOptions,
  { out, err, stopped, onFault }: CommandIo,
): Promise<void> {
  const log = options.logger ?? createLogger(options.logLevel ?? DEFAULTS.logLevel);
  const gateway = await createGateway({ ...options, logger: log });
  onFault(faultLogger(log));
  if (options.token === undefined && options.subjects === undefined) err(`token: ${gateway.token}\n`);
  out(`${gateway.url}\n`);
  await stopped;
  await gateway.close();
}

/** Logs errors nobody caught. Those of the log itself, whose reader has gone, are nobody's to hear. */
function faultLogger(log: Logger): (error: unknown) => void {
  let count = 0;
  return (error) => {
    if (error instanceof Error && 'code' in error && error.code === 'EPIPE') return;
    count++;
    const stack = error instanceof Error ? error.stack : String(error);
    log.error({ error: stack, count }, 'unexpected error; the gateway goes on');
  };
}
