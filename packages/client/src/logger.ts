/** How important a message is, least first. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Takes the library's messages, each at a {@link LogLevel}: a text, or an {@link HTTPWarning}. `console` is one. */
export type Logger = Readonly<Record<LogLevel, (message: unknown) => void>>;

let current: Logger | undefined;

/** Makes `logger` what {@link logger} gives; {@link setLogger} is for users. */
export function keepLogger(logger: Logger | undefined): void {
  current = logger;
}

/** The logger of {@link setLogger}. */
export function logger(): Logger | undefined {
  return current;
}

/** Where messages go that are for a person at this machine. */
export const CONSOLE: Logger = console;
