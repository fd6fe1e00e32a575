import type { Client } from './client.ts';
import type { ClientSpec } from './measurement.ts';

/**
 * The one place where the bench touches `@hip/client`. Loaded when first used, so that a client that cannot load is
 * a failed contender and the others still run.
 */
export async function openHip({ gateway, token }: Extract<ClientSpec, { name: 'hip' }>): Promise<Client> {
  const { PoolManager } = await import('@hip/client');
  const http = new PoolManager({ gateway, token, maxsize: 50, block: true });
  return {
    fetch: (url, init) => http.fetch(url, init),
    close: async () => {
      await http.close();
    },
  };
}

/** {@link openHip} toward https origins, through a proxy where one is named. */
export async function openSecureHip(spec: Extract<ClientSpec, { name: 'hip-secure' }>): Promise<Client> {
  const { PoolManager, ProxyManager, SOCKSProxyManager } = await import('@hip/client');
  const { gateway, token, caCerts, maxsize, proxy } = spec;
  const options = { gateway, token, caCerts, maxsize, block: true };
  const http =
    proxy === undefined
      ? new PoolManager(options)
      : proxy.startsWith('socks')
        ? new SOCKSProxyManager(proxy, options)
        : new ProxyManager(proxy, options);
  return { fetch: (url, init) => http.fetch(url, init), close: () => http.close() };
}
