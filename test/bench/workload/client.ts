import type { ClientSpec } from './measurement.ts';

/** The part of `fetch` that the workloads use. */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

/** A contender that can fetch. */
export interface Client {
  readonly fetch: Fetch;
  close(): Promise<void>;
}

/** How to open each kind of client that a runtime has. */
export type ClientOpeners = {
  readonly [Name in ClientSpec['name']]?: (spec: Extract<ClientSpec, { name: Name }>) => Promise<Client>;
};

/** The runtime's own `fetch`. */
export async function openNative(spec: Extract<ClientSpec, { name: 'native' }>): Promise<Client> {
  const { cache } = spec;
  return {
    fetch:
      cache === undefined ? (url, init) => fetch(url, init) : (url, init) => fetch(url, { ...init, cache }),
    close: async () => {},
  };
}
