import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { PROTOCOL_VERSION } from '@hip/wire';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { HTTPWarning } from '../src/warnings.ts';
import { Arrivals, turns } from './support/arrivals.ts';
import { CERTIFICATE } from './support/credentials.ts';
import { send } from './support/exchanges.ts';
import type { GatewayScript, GatewaySide } from './support/gateway-side.ts';
import { MemoryGateway } from './support/memory-gateway.ts';
import { ScriptedGateway } from './support/scripted-gateway.ts';
import { ANSWERING } from './support/settings-on-wire.ts';

/** What is silenced belongs to the module: each test has one of its own. */
async function fresh() {
  vi.resetModules();
  const [index, { SessionManager }] = await Promise.all([
    import('../src/index.ts'),
    import('../src/session/session-manager.ts'),
  ]);
  return { ...index, SessionManager };
}

let client: Awaited<ReturnType<typeof fresh>>;
let raised: Arrivals<HTTPWarning>;
beforeEach(async () => {
  client = await fresh();
  raised = new Arrivals();
  const ignore = () => {};
  client.setLogger({
    debug: ignore,
    info: ignore,
    warn: (warning) => raised.push(warning as HTTPWarning),
    error: ignore,
  });
  client.captureWarnings(true);
});

const names = () => raised.all.map(({ name }) => name);

type ManagerOptions = NonNullable<ConstructorParameters<typeof client.PoolManager>[0]>;

async function manager(options: ManagerOptions = {}) {
  const gateway = await ScriptedGateway.start(ANSWERING);
  const http = new client.PoolManager({ gateway: gateway.url, ...options });
  onTestFinished(() => http.close());
  return http;
}

/** Lets a module that was asked for be loaded. */
async function loaded(): Promise<void> {
  await vi.dynamicImportSettled();
  await turns();
}

describe('the classes', () => {
  it.each([
    ['SecurityWarning', 'HTTPWarning'],
    ['InsecureRequestWarning', 'SecurityWarning'],
    ['InsecurePlatformWarning', 'SecurityWarning'],
    ['SNIMissingWarning', 'HTTPWarning'],
  ] as const)('%s extends %s', (name, parent) => {
    expect(Object.getPrototypeOf(client[name])).toBe(client[parent]);
    const warning = new client[name]('words');
    expect(warning).toBeInstanceOf(Error);
    expect(String(warning)).toBe(`${name}: words`);
    expect(String(new client.HTTPWarning('words'))).toBe('HTTPWarning: words');
  });
});

describe('InsecureRequestWarning', () => {
  const insecure: [string, ManagerOptions][] = [
    ['CERT_NONE', { certReqs: 'CERT_NONE' }],
    ['CERT_OPTIONAL', { certReqs: 'OPTIONAL' }],
    ['CERT_NONE and a name', { certReqs: 'NONE', assertHostname: 'origin.test' }],
    ['CERT_NONE through a proxy', { certReqs: 'NONE', proxy: 'http://proxy.test' }],
    ['CERT_NONE through a verified proxy', { certReqs: 'NONE', proxy: 'https://proxy.test', proxyTls: {} }],
    [
      'a proxy that asks to forward but does not',
      { certReqs: 'NONE', proxy: 'http://p', useForwardingForHttps: true },
    ],
    [
      'forwarding by a proxy that is not verified',
      { proxy: 'https://proxy.test', useForwardingForHttps: true, proxyTls: { certReqs: 'NONE' } },
    ],
    [
      'forwarding with options for both',
      { certReqs: 'NONE', proxy: 'https://p', useForwardingForHttps: true },
    ],
  ];
  it.each(insecure)('is raised for each request with %s', async (_, options) => {
    const http = await manager(options);
    for (const host of ['a.test', 'b.test']) await http.request('GET', `https://${host}/`);
    await http.fetch('https://127.0.0.1/');
    expect(names()).toEqual(Array(3).fill('InsecureRequestWarning'));
    expect(raised.all.map(({ message }) => /to host '([^']*)'/.exec(message)?.[1])).toEqual([
      'a.test',
      'b.test',
      '127.0.0.1',
    ]);
    expect(raised.all[0]).toBeInstanceOf(client.InsecureRequestWarning);
  });

  const secure: [string, ManagerOptions][] = [
    ['no options', {}],
    ['CERT_REQUIRED', { certReqs: 'REQUIRED', caCerts: CERTIFICATE, assertHostname: false }],
    ['a fingerprint', { certReqs: 'NONE', assertFingerprint: 'aa' }],
    [
      'forwarding by a verified proxy',
      { certReqs: 'NONE', proxy: 'https://proxy.test', useForwardingForHttps: true, proxyTls: {} },
    ],
    [
      'forwarding by a proxy with a fingerprint',
      { certReqs: 'NONE', proxy: 'https://p', useForwardingForHttps: true, proxyAssertFingerprint: 'aa' },
    ],
    ['a tunnel through a proxy that is not verified', { proxy: 'https://p', proxyTls: { certReqs: 'NONE' } }],
  ];
  it.each(secure)('is not raised with %s', async (_, options) => {
    const http = await manager(options);
    await http.request('GET', 'https://origin.test/');
    await loaded();
    expect(names()).toEqual([]);
  });

  it('is not raised without TLS', async () => {
    const http = await manager({ certReqs: 'NONE' });
    await http.request('GET', 'http://origin.test/');
    expect(names()).toEqual([]);
  });

  it('is raised for a single request, before it is sent', async () => {
    const gateway = await ScriptedGateway.start();
    const http = new client.PoolManager({ gateway: gateway.url });
    onTestFinished(() => http.close());
    const pending = http.request('GET', 'https://origin.test/', { certReqs: 'NONE' });
    expect((await raised.next()).name).toBe('InsecureRequestWarning');
    expect(gateway.sessions.all).toEqual([]);
    (await gateway.exchange()).answer();
    await pending;
    expect(names()).toHaveLength(1);
  });

  it('is raised for each redirect that fetch() follows', async () => {
    const gateway = await ScriptedGateway.start({
      exchange: async (exchange) => {
        const { path } = await exchange.head;
        if (path === '/') exchange.answer(302, ['location', 'https://other.test/end']);
        else exchange.answer();
      },
    });
    const http = new client.PoolManager({ gateway: gateway.url, certReqs: 'NONE' });
    onTestFinished(() => http.close());
    await http.fetch('https://origin.test/');
    expect(raised.all.map(({ message }) => message.includes('other.test'))).toEqual([false, true]);
  });
});

describe('SNIMissingWarning', () => {
  it.each(['127.0.0.1', '::1'])(
    'is raised when a named host is expected to be %s',
    async (serverHostname) => {
      const http = await manager({ serverHostname });
      for (let i = 0; i < 2; i++) await http.request('GET', 'https://origin.test/');
      expect(names()).toEqual(['SNIMissingWarning', 'SNIMissingWarning']);
      expect(raised.all[0]?.message).toMatch(/^HTTPS request to host 'origin.test' sends no SNI/);
      for (const url of ['https://127.0.0.2/', 'https://[::2]/', 'http://origin.test/'])
        await http.request('GET', url);
      expect(names()).toHaveLength(2);
    },
  );

  it.each([
    ['a name', { serverHostname: 'other.test' }],
    ['a name that looks like an address', { serverHostname: '127.0.0.1.test' }],
    ['TLS that a proxy does', { serverHostname: '::1', proxy: 'https://p', useForwardingForHttps: true }],
  ] as [string, ManagerOptions][])('is not raised with %s', async (_, options) => {
    await (await manager(options)).request('GET', 'https://origin.test/');
    expect(names()).toEqual([]);
  });

  it('comes beside the other', async () => {
    const http = await manager({ serverHostname: '::1', certReqs: 'NONE' });
    await http.request('GET', 'https://origin.test/');
    expect(names()).toEqual(['InsecureRequestWarning', 'SNIMissingWarning']);
  });
});

describe('InsecurePlatformWarning', () => {
  const saying = (features: string[]): GatewayScript => ({
    hello: (_, side: GatewaySide) =>
      side.say({
        type: 'ready',
        protocol: PROTOCOL_VERSION,
        gateway: 'scripted',
        limits: { maxHeadBytes: 65_536, maxStreams: 1 },
        features,
      }),
    exchange: (exchange) => exchange.answer(),
  });

  async function warningsOf(gateway: string, features: string[] = []): Promise<string[]> {
    const memory = new MemoryGateway(saying(features));
    const sessions = new client.SessionManager({ gateway, openTransport: memory.open });
    onTestFinished(() => sessions.close());
    for (let i = 0; i < 2; i++) await send(sessions);
    await loaded();
    return raised.all.map(({ name, message }) => `${name}: ${message}`);
  }

  it.each([
    'ws://gateway.test/',
    'ws://127.example/',
    'ws://localhost.test/',
    'ws://10.0.0.1:80/',
    'ws://[fe80::1]/',
  ])('is raised once for a session with %s', async (gateway) => {
    expect(await warningsOf(gateway)).toEqual([
      expect.stringMatching(
        /^InsecurePlatformWarning: the session with the gateway at .* is not encrypted: give a wss:/,
      ),
    ]);
  });

  it.each([
    'ws://127.0.0.1:8787/',
    'ws://127.255.0.1/',
    'ws://[::1]/',
    'ws://localhost/',
    'ws://a.localhost:1/',
    'wss://gateway.test/',
  ])('is not raised for a session with %s', async (gateway) => {
    expect(await warningsOf(gateway, ['tls1.2', 'tls1.3'])).toEqual([]);
  });

  it.each([['tls1.1'], ['tls1.0', 'tls1.1'], ['other', 'tls1']])(
    'is raised where there is only %s',
    async (...features) => {
      expect(await warningsOf('wss://gateway.test/', features)).toEqual([
        'InsecurePlatformWarning: the gateway at gateway.test can do neither TLS 1.2 nor 1.3: run it on a Node that can',
      ]);
    },
  );

  it.each([['tls1.2'], ['tls1.3'], []])('tells what is wrong where there is %s', async (...features) => {
    expect(await warningsOf('ws://gateway.test/', features)).toEqual([
      expect.stringContaining('is not encrypted'),
    ]);
  });

  it.each([[], ['other'], ['tls1.3', 'tls1.1'], ['tls1.1', 'tls1.2'], ['a', 'tls1.2', 'b']])(
    'is not raised where there is %s %s %s',
    async (...features) => {
      expect(await warningsOf('wss://gateway.test/', features.filter(Boolean))).toEqual([]);
    },
  );

  it('is raised for each session', async () => {
    const memory = new MemoryGateway(saying([]));
    const sessions = new client.SessionManager({ gateway: 'ws://gateway.test/', openTransport: memory.open });
    onTestFinished(() => sessions.close());
    await send(sessions);
    (await memory.sessions.next()).close('draining');
    await turns();
    await send(sessions);
    await loaded();
    expect(memory.attemptsAtMs).toHaveLength(2);
    expect(names()).toEqual(['InsecurePlatformWarning', 'InsecurePlatformWarning']);
  });
});

describe('silence', () => {
  /** Raises one of each kind that requests can. */
  async function raise(): Promise<string[]> {
    const http = await manager({ serverHostname: '::1', certReqs: 'NONE' });
    await http.request('GET', 'https://origin.test/');
    return names();
  }

  it('by disableWarnings() is for a class and those derived from it', async () => {
    client.disableWarnings(client.SecurityWarning);
    expect(await raise()).toEqual(['SNIMissingWarning']);
    client.disableWarnings(client.SNIMissingWarning);
    expect(await raise()).toEqual(['SNIMissingWarning']);
  });

  it('by disableWarnings() is for all of them', async () => {
    client.disableWarnings();
    expect(await raise()).toEqual([]);
  });

  const both = ['InsecureRequestWarning', 'SNIMissingWarning'];
  it.each([
    ['', both],
    ['default', both],
    ['ignore', []],
    ['ignore:InsecureRequestWarning', ['SNIMissingWarning']],
    ['ignore:SecurityWarning', ['SNIMissingWarning']],
    ['ignore:HTTPWarning', []],
    [' ignore:InsecureRequestWarning , ignore:SNIMissingWarning ', []],
    ['ignore,default:SNIMissingWarning', ['SNIMissingWarning']],
    ['default:SNIMissingWarning,ignore', []],
    ['error,ignore:Nonsense,ignore:__proto__,nonsense', both],
  ])('by HIP_WARNINGS=%j leaves %o', async (setting, expected) => {
    vi.stubEnv('HIP_WARNINGS', setting);
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    expect(await raise()).toEqual(expected);
  });

  it('by HIP_WARNINGS of globalThis is for where there is no environment', async () => {
    onTestFinished(() => {
      vi.unstubAllGlobals();
    });
    vi.stubGlobal('HIP_WARNINGS', 'ignore:InsecureRequestWarning');
    expect(await raise()).toEqual(['SNIMissingWarning']);
    vi.stubEnv('HIP_WARNINGS', 'default');
    expect(await raise()).toEqual(['SNIMissingWarning', 'InsecureRequestWarning', 'SNIMissingWarning']);
    const environment = {
      get env(): never {
        throw new Error('not permitted');
      },
    };
    vi.unstubAllEnvs();
    vi.stubGlobal('process', Object.assign(Object.create(process), {}, { env: undefined }));
    expect(await raise()).toHaveLength(4);
    vi.stubGlobal('process', environment);
    client.disableWarnings(client.InsecurePlatformWarning);
    expect(await raise()).toHaveLength(5);
  });
});

describe('where warnings go', () => {
  it('is nowhere when they are captured and there is no logger', async () => {
    client.setLogger(undefined);
    await (await manager({ certReqs: 'NONE' })).request('GET', 'https://origin.test/');
    expect(names()).toEqual([]);
  });

  it('is the platform when they are not captured', async () => {
    client.captureWarnings(false);
    const http = await manager({ certReqs: 'NONE' });
    const emitted = once(process, 'warning');
    await http.request('GET', 'https://origin.test/');
    const [warning] = await emitted;
    expect(warning).toBeInstanceOf(client.InsecureRequestWarning);
    expect(names()).toEqual([]);
  });

  it('is the console where the platform has nothing for them', async () => {
    client.captureWarnings(false);
    const http = await manager({ certReqs: 'NONE' });
    const written = vi.spyOn(console, 'warn').mockImplementation(() => {});
    vi.stubGlobal('process', undefined);
    onTestFinished(() => {
      vi.unstubAllGlobals();
      written.mockRestore();
    });
    await http.request('GET', 'https://origin.test/');
    expect(written.mock.calls).toEqual([[expect.any(client.InsecureRequestWarning)]]);
  });

  const INSECURE = /InsecureRequestWarning: Unverified HTTPS request is being made to host 'origin.test'/;
  const MISSING = /SNIMissingWarning: HTTPS request to host 'origin.test'/;
  it.each([
    [[], {}, true, true],
    [['--no-warnings'], {}, false, false],
    [['--disable-warning=InsecureRequestWarning'], {}, false, true],
    [[], { NODE_NO_WARNINGS: '1' }, false, false],
    [[], { HIP_WARNINGS: 'ignore:SNIMissingWarning' }, true, false],
  ])('is what Node was told: %o %o', async (flags, environment, insecure, missing) => {
    const gateway = await ScriptedGateway.start(ANSWERING);
    const source = `
      import { PoolManager } from ${JSON.stringify(new URL('../src/pool-manager.ts', import.meta.url).href)};
      const options = { certReqs: 'NONE', serverHostname: '::1' };
      const http = new PoolManager({ gateway: ${JSON.stringify(gateway.url)}, ...options });
      await http.request('GET', 'https://origin.test/');
      await http.close();
    `;
    const child = spawn(process.execPath, [...flags, '--input-type=module', '--eval', source], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...environment },
    });
    let written = '';
    child.stderr.on('data', (text) => {
      written += text;
    });
    const [code] = await once(child, 'close');
    expect(code).toBe(0);
    expect([INSECURE.test(written), MISSING.test(written)]).toEqual([insecure, missing]);
  });
});
