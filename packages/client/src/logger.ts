import { RequestLog } from './pool/log-requests.ts';

/** How important a message is, least first. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Takes the library's messages; `console` is one. */
export type Logger = Readonly<Record<LogLevel, (message: unknown) => void>>;

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

let current: Logger | undefined;
let requests: RequestLog | undefined;

/**
 * Sends the library's messages to `logger`, in place of the one before; without one they go nowhere, as at first. What
 * there is: each response (debug), each redirect (info), each retry (warn) of `request()`, in urllib3's words, URLs with
 * their queries; and the warnings that {@link captureWarnings} turns over.
 */
export function setLogger(logger: Logger | undefined): void {
  current = logger;
  requests = logger && new RequestLog(logger);
}

/** The logger of {@link setLogger}. */
export function logger(): Logger | undefined {
  return current;
}

/** What tells the logger of requests, where there is one. */
export function requestLog(): RequestLog | undefined {
  return requests;
}

/**
 * Sends the library's messages to the console, as urllib3's `add_stderr_logger()` does.
 *
 * @param level - the least important ones shown.
 * @defaultValue the least of all, debug
 */
export function addConsoleLogger(level: LogLevel = 'debug'): void {
  const shown = (at: LogLevel) => (message: unknown) => {
    if (LEVELS.indexOf(at) >= LEVELS.indexOf(level)) CONSOLE[at](message);
  };
  setLogger({ debug: shown('debug'), info: shown('info'), warn: shown('warn'), error: shown('error') });
}

/** Where messages go that are for a person at this machine. */
export const CONSOLE: Logger = console;
