import { invalidOption } from './errors.ts';
import type { GatewayOptions, TokenSource } from './options.ts';
import { checkNames } from './pool/check-options.ts';
import { SessionManager } from './session/session-manager.ts';

let defaults: { gateway?: string | undefined; token?: TokenSource | undefined } = {};

/**
 * Sets the gateway of every manager and pool that names none, so that `new PoolManager()` is all it takes.
 *
 * @param options - what is left out stays; but the token of one gateway never goes to another.
 * @throws {@link InvalidRequestError} when the URL is none.
 */
export function configure(options: GatewayOptions): void {
  checkNames('configure()', options, ['gateway', 'token']);
  checkToken(options.token);
  const gateway = options.gateway === undefined ? defaults.gateway : sessionUrl(options.gateway);
  // The token of one gateway never goes to another.
  const stays = defaults.gateway === undefined || gateway === defaults.gateway;
  defaults = { gateway, token: options.token ?? (stays ? defaults.token : undefined) };
}

/** What was configured: another object each time {@link configure} is called. */
export function configuration(): object {
  return defaults;
}

/**
 * Sessions for a manager or a pool: its own gateway and token, or the configured ones.
 *
 * @throws {@link InvalidRequestError} when there is no gateway to go to.
 */
export function sessionsFor(options: GatewayOptions): SessionManager {
  checkToken(options.token);
  const gateway = options.gateway ?? defaults.gateway;
  if (gateway === undefined) {
    throw invalidOption(
      'gateway must be given, to configure() or to the constructor: the ws: URL that hip-gateway prints',
    );
  }
  // A token belongs to its gateway: the configured one never goes to another gateway.
  const token: TokenSource | undefined =
    options.token ?? (options.gateway === undefined ? defaults.token : undefined);
  return new SessionManager({ gateway: sessionUrl(gateway), token });
}

function checkToken(token: unknown): void {
  if (token === undefined || typeof token === 'string' || typeof token === 'function') return;
  throw invalidOption(`token must be a string or a function that gives one, got ${typeof token}`);
}

function sessionUrl(gateway: string | URL): string {
  const url = URL.canParse(gateway) ? new URL(gateway) : undefined;
  const scheme = url === undefined ? undefined : SCHEMES[url.protocol];
  if (url === undefined || scheme === undefined || url.username !== '' || url.password !== '') {
    throw invalidOption(
      'gateway must be a ws:, wss:, http: or https: URL without a user name: the one that hip-gateway prints',
    );
  }
  url.protocol = scheme;
  url.hash = '';
  return url.href;
}

const SCHEMES: Readonly<Record<string, string>> = {
  'ws:': 'ws:',
  'wss:': 'wss:',
  'http:': 'ws:',
  'https:': 'wss:',
};
