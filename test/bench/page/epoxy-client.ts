import type { Client } from '../workload/client.ts';
import type { ClientSpec } from '../workload/measurement.ts';

/** epoxy-tls as its own README opens it, over a wisp-js server. */
export async function openEpoxy({ wisp }: Extract<ClientSpec, { name: 'epoxy' }>): Promise<Client> {
  const { default: init, EpoxyClient, EpoxyClientOptions } = await import('@mercuryworkshop/epoxy-tls');
  // The package holds ES modules without saying "type": "module", so the compiler takes its default for a namespace.
  await (init as unknown as () => Promise<void>)();
  const options = new EpoxyClientOptions();
  options.wisp_v2 = true;
  options.user_agent = 'bench';
  const client = new EpoxyClient(wisp, options);
  return {
    fetch: (url, requestInit) => client.fetch(url, requestInit ?? {}),
    close: async () => client.free(),
  };
}
