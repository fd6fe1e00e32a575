import { Agent, type Dispatcher, fetch, ProxyAgent, Socks5ProxyAgent } from 'undici';
import type { Client, Fetch } from './client.ts';
import type { ClientSpec } from './measurement.ts';

/** undici's own fetch, straight to the origin or through its own proxy agents: what a Node program would use instead of hip. */
export async function openUndici({ ca, proxy }: Extract<ClientSpec, { name: 'undici' }>): Promise<Client> {
  const dispatcher = dispatcherFor(ca, proxy);
  return {
    fetch: ((url: string, init?: object) => fetch(url, { ...init, dispatcher })) as unknown as Fetch,
    close: () => dispatcher.close(),
  };
}

function dispatcherFor(ca: string, proxy: string | undefined): Dispatcher {
  if (proxy === undefined) return new Agent({ connect: { ca } });
  if (proxy.startsWith('socks5:')) return new Socks5ProxyAgent(proxy, { requestTls: { ca } });
  return new ProxyAgent({ uri: proxy, requestTls: { ca } });
}
