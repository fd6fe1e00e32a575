import { CONSOLE, keepLogger, type Logger, type LogLevel } from './logger.ts';
import { logRequestsTo } from './pool/log-requests.ts';

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/**
 * Sends the library's messages to `logger`, in place of the one before; without one they go nowhere, as at first. What
 * there is: each response (debug), each redirect (info), each retry (warn) of `request()`, in urllib3's words, URLs with
 * their queries; and the warnings that {@link captureWarnings} turns over.
 */
export function setLogger(logger: Logger | undefined): void {
  keepLogger(logger);
  logRequestsTo(logger);
}

/**
 * Sends the library's messages to the console, as urllib3's `add_stderr_logger()` does.
 *
 * @param level - the least important ones shown; all of them when left out.
 */
export function addConsoleLogger(level: LogLevel = 'debug'): void {
  const shown = (at: LogLevel) => (message: unknown) => {
    if (LEVELS.indexOf(at) >= LEVELS.indexOf(level)) CONSOLE[at](message);
  };
  setLogger({ debug: shown('debug'), info: shown('info'), warn: shown('warn'), error: shown('error') });
}
