import { onTestFinished } from 'vitest';
import type { PoolManagerOptions } from '../../src/pool/pool-options.ts';
import { PoolManager } from '../../src/pool-manager.ts';
import type { GatewayScript } from './gateway-side.ts';
import { ScriptedGateway } from './scripted-gateway.ts';

/** A manager that goes to `gateway` and is closed when the test is over. */
export function managerOf(gateway: ScriptedGateway, options: PoolManagerOptions = {}): PoolManager {
  const http = new PoolManager({ gateway: gateway.url, ...options });
  onTestFinished(() => http.close());
  return http;
}

/** A scripted gateway and a manager that goes there. */
export async function connected(
  script: GatewayScript = {},
  options: PoolManagerOptions = {},
): Promise<{ gateway: ScriptedGateway; http: PoolManager }> {
  const gateway = await ScriptedGateway.start(script);
  return { gateway, http: managerOf(gateway, options) };
}

/** The error a promise rejects with; the test fails when it does not. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => {
      throw new Error(`a rejection was expected, got ${String(value)}`);
    },
    (error: unknown) => error,
  );
}

/** What a function throws; the test fails when it does not. */
export function thrown(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('an exception was expected');
}
