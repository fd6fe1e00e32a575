import { destination, pino } from 'pino';

/** How much the gateway tells. */
export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const;

/** How much is logged: this level and the ones before it; `silent` logs nothing. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Writes one line: what happened in words, and its facts as fields. Never a token, a header value or a body. */
export type LogMethod = (fields: object, message: string) => void;

/** Where the gateway logs. pino's loggers fit. */
export interface Logger {
  /** Steps of a single request, for someone who looks for a fault. */
  readonly debug: LogMethod;
  /** Start, stop, sessions. */
  readonly info: LogMethod;
  /** Something works, but not as well as it could. */
  readonly warn: LogMethod;
  /** A fault in the gateway itself. */
  readonly error: LogMethod;
}

/** Fields that are blanked wherever they are logged, in case a caller hands over a whole object. */
const SECRET_FIELDS = ['token', 'authorization', 'cookie', 'headers', 'fields', 'body', 'password', 'key'];

/** A {@link Logger} that writes JSON lines to stderr; stdout belongs to the session URL. */
export function createLogger(level: LogLevel): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]), censor: '[redacted]' },
    },
    destination({ fd: 2, sync: true }),
  );
}

function ignore(): void {}

/** A {@link Logger} that says nothing. */
export const SILENT_LOGGER: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
