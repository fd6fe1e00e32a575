import { configuration } from './configure.ts';
import * as DEFAULTS from './defaults.ts';
import type { HTTPResponse } from './pool/http-response.ts';
import type { RequestInit } from './pool/request-options.ts';
import { PoolManager } from './pool-manager.ts';

/** The manager of {@link request}, and what it was made for. */
let shared: { readonly manager: PoolManager; readonly configured: object } | undefined;

/**
 * Sends a request over a manager that all callers share, to the gateway of {@link configure} (urllib3's `request()`). Unlike
 * requests of a manager of your own it has a timeout.
 *
 * The manager is never closed. In Node its session does not keep the process from ending; where it does, use a
 * {@link PoolManager}.
 *
 * @param method - made upper case.
 * @param url - `http:` or `https:`.
 * @param init - its `timeout` is 3 seconds for connecting and for silence when left out,
 * {@link DEFAULTS.requestTimeoutMs}.
 * @throws as {@link PoolManager.request}.
 */
export async function request(
  method: string,
  url: string | URL,
  init: RequestInit = {},
): Promise<HTTPResponse> {
  const configured = configuration();
  if (shared?.configured !== configured) shared = { manager: new PoolManager(), configured };
  const { timeout = DEFAULTS.requestTimeoutMs } = init;
  return shared.manager.request(method, url, { ...init, timeout });
}
