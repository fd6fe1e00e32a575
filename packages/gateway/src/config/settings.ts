import { z } from 'zod';
import { DEFAULTS } from '../defaults.ts';
import { LOG_LEVELS } from '../logger.ts';
import type { GatewayLimits, GatewayTimeouts } from '../options.ts';
import { ALLOW_RULE_FORM, parseAllowRule } from '../policy/allow-rule.ts';
import { IDENTITY_FILES, SUBJECT_FILES } from './credential-files.ts';
import { LISTEN_FORM, parseListenAddress } from './listen-address.ts';
import { isNameServer, NAME_SERVER_FORM } from './name-server.ts';
import { POLICY, POLICY_FORM } from './policy-schema.ts';

/** One thing an operator can set: by flag, in the environment, in the file. Everything about it, once. */
export interface Setting {
  /** Where it is in the file, and in {@link GatewayOptions}. */
  readonly path: readonly [string] | readonly ['limits' | 'timeouts', string];

  /** Name as a flag, without the dashes. `HIP_GATEWAY_` and this in capitals is the variable. */
  readonly flag: string;

  /** Word for the value in `--help`. */
  readonly placeholder: string;

  /** For `--help`: what it does. */
  readonly help: string;

  /** What a good value is, for an error message. */
  readonly expected: string;

  readonly schema: z.ZodType;

  /** Makes a value of the text of a flag or variable. Text that makes none is passed on, for the schema to refuse. */
  readonly fromText: (text: string) => unknown;

  /** Default in words, for `--help`. */
  readonly defaultText: string;
}

/** The part of a {@link Setting} that a value in the file needs. */
export type FileSetting = Pick<Setting, 'path' | 'expected' | 'schema'>;

const asIs = (text: string): string => text;
const asNumber = (text: string): unknown => (/^\d+$/.test(text) ? Number(text) : text);
const asList = (text: string): string[] => text.split(',').map((item) => item.trim());

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The most a timer of Node can hold: 24.8 days. */
const MAX_MS = 2_147_483_647;

function timeout(name: keyof GatewayTimeouts, help: string, min = 1): Setting {
  return {
    path: ['timeouts', name],
    flag: kebab(name),
    placeholder: 'MS',
    help,
    expected: `milliseconds, an integer from ${min} to ${MAX_MS}`,
    schema: z.int().min(min).max(MAX_MS),
    fromText: asNumber,
    defaultText: String(DEFAULTS.timeouts[name]),
  };
}

function limit(name: keyof GatewayLimits, help: string, min: number, max: number): Setting {
  return {
    path: ['limits', name],
    flag: kebab(name),
    placeholder: 'N',
    help,
    expected: `an integer from ${min} to ${max}`,
    schema: z.int().min(min).max(max),
    fromText: asNumber,
    defaultText: String(DEFAULTS.limits[name]),
  };
}

/** Every setting, in the order of `--help`. The file's schema, the flags and the variables are made of it. */
export const SETTINGS: readonly Setting[] = [
  {
    path: ['listen'],
    flag: 'listen',
    placeholder: 'HOST:PORT',
    help: 'where to listen; beyond loopback only with --token-file',
    expected: LISTEN_FORM,
    schema: z.string().refine((text) => parseListenAddress(text) !== undefined),
    fromText: asIs,
    defaultText: DEFAULTS.listen,
  },
  {
    path: ['tokenFile'],
    flag: 'token-file',
    placeholder: 'FILE',
    help: 'file with the token clients must present',
    expected: 'the path of a file',
    schema: z.string().min(1),
    fromText: asIs,
    defaultText: 'a new token, printed on stderr',
  },
  {
    path: ['trust'],
    flag: 'trust',
    placeholder: 'WHOM',
    help: 'certificates trusted: bundled (with Node), system, or a PEM file',
    expected: 'bundled, system, or the path of a PEM file',
    schema: z.string().min(1),
    fromText: asIs,
    defaultText: DEFAULTS.trust,
  },
  {
    path: ['allow'],
    flag: 'allow',
    placeholder: 'HOST:PORT',
    help: 'a host that may be at an address which is not public; may be repeated',
    expected: ALLOW_RULE_FORM,
    schema: z.array(z.string().refine((text) => parseAllowRule(text) !== undefined)),
    fromText: asList,
    defaultText: 'none',
  },
  {
    path: ['dns'],
    flag: 'dns',
    placeholder: 'ADDRESS[:PORT]',
    help: 'a name server to ask; may be repeated',
    expected: NAME_SERVER_FORM,
    schema: z.array(z.string().refine(isNameServer)),
    fromText: asList,
    defaultText: "the system's resolver",
  },
  {
    path: ['logLevel'],
    flag: 'log-level',
    placeholder: 'LEVEL',
    help: 'how much is logged on stderr',
    expected: `one of ${LOG_LEVELS.join(', ')}`,
    schema: z.enum(LOG_LEVELS),
    fromText: asIs,
    defaultText: DEFAULTS.logLevel,
  },
  limit('maxSessions', 'sessions at once', 1, 1_000_000),
  limit('maxStreamsPerSession', 'exchanges at once in a session', 1, 65_536),
  limit('maxContextsPerSession', 'manager contexts of a session', 1, 65_536),
  limit('maxHeadBytes', 'largest head of a request or response', 1_024, 16_777_216),
  limit('maxPoolsPerContext', 'highest numPools', 0, 65_536),
  limit('maxConnectionsPerPool', 'highest maxsize', 1, 65_536),
  timeout('helloTimeoutMs', 'until a session must be authenticated'),
  timeout('connectTimeoutMs', 'longest connect timeout'),
  timeout('readTimeoutMs', 'longest read timeout'),
  timeout('poolTimeoutMs', 'longest wait for a connection'),
  timeout('idleConnectionMs', 'an unused connection is kept'),
  timeout('contextLingerMs', 'a manager context outlives its session'),
  timeout('pingIntervalMs', 'silence before a client is asked for a sign of life'),
  timeout('pingTimeoutMs', 'until it must have come'),
  timeout('drainDelayMs', 'a gateway that stops is not ready, but serves', 0),
  timeout('drainTimeoutMs', 'exchanges may take when the gateway stops'),
];

/** What can be set in the file only: too much for a command line. */
export const FILE_SETTINGS: readonly FileSetting[] = [
  {
    path: ['identities'],
    expected: 'names, each with certFile, keyFile (keyPasswordFile), or pfxFile (pfxPasswordFile)',
    schema: z.record(z.string(), IDENTITY_FILES),
  },
  {
    path: ['policy'],
    expected: POLICY_FORM,
    schema: POLICY,
  },
  {
    path: ['subjects'],
    expected: 'names, each with tokenFile and, or without, identities and policy',
    schema: z.record(z.string().regex(/^[^\0]+$/), SUBJECT_FILES),
  },
];

/** `--config`: itself not in the file. */
export const CONFIG_FLAG = 'config';

/** Name of the environment variable for a flag. */
export function variableName(flag: string): string {
  return `HIP_GATEWAY_${flag.toUpperCase().replaceAll('-', '_')}`;
}

/** `limits.maxSessions`. */
export function pathText(path: readonly PropertyKey[]): string {
  return path.join('.');
}
