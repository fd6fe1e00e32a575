/**
 * hip's gateway, for embedding. `hip-gateway serve` runs the same from a shell.
 *
 * @example
 * ```ts
 * const gateway = await createGateway({ listen: '127.0.0.1:0', allow: ['127.0.0.1:8080'] });
 * console.log(gateway.url, gateway.token);
 * await gateway.close();
 * ```
 *
 * @module
 */
export { DEFAULTS } from './defaults.ts';
export { ConfigError } from './errors.ts';
export { createGateway, type Gateway } from './gateway.ts';
export type { Logger, LogLevel, LogMethod } from './logger.ts';
export type {
  GatewayLimits,
  GatewayOptions,
  GatewayTimeouts,
  IdentityOptions,
  PolicyMode,
  PolicyOptions,
  PolicyRule,
  SubjectOptions,
} from './options.ts';
