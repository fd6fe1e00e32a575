import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { SettingsMessage } from '@hip/wire';
import { describe, expect, it, onTestFinished } from 'vitest';
import { InvalidRequestError, ProtocolError, SSLError } from '../../src/errors.ts';
import type { PoolManagerOptions } from '../../src/pool/pool-options.ts';
import type { RequestInit } from '../../src/pool/request-options.ts';
import { PoolManager } from '../../src/pool-manager.ts';
import { Latch, turns } from '../support/arrivals.ts';
import { connected, managerOf, rejection } from '../support/client.ts';
import { bytesOf, CANARY, CERTIFICATE, der, KEY } from '../support/credentials.ts';
import type { GatewayScript } from '../support/gateway-side.ts';
import { ScriptedGateway } from '../support/scripted-gateway.ts';
import { ANSWERING, declarations, latestSettings, settingsIn } from '../support/settings-on-wire.ts';

const URL_TEXT = 'https://origin.test/';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'hip-settings-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

/** A manager, and what each request went with. */
async function sendingWith(options: PoolManagerOptions) {
  const { gateway, http } = await connected(ANSWERING, options);
  const send = async (init?: RequestInit) => {
    await http.request('GET', URL_TEXT, init);
    return latestSettings(gateway);
  };
  return { gateway, http, send };
}

describe("a manager's options", () => {
  it('are declared once, as settings of its context', async () => {
    const { gateway, http, send } = await sendingWith({ maxsize: 2, block: true, caCerts: CERTIFICATE });
    for (let i = 0; i < 3; i++) expect(await send()).toEqual({ tls: { caCerts: CERTIFICATE } });
    await http.fetch(URL_TEXT);
    expect(latestSettings(gateway)).toEqual({ tls: { caCerts: CERTIFICATE } });
    const [session] = gateway.sessions.all;
    expect(declarations(session!)).toEqual([
      expect.objectContaining({ type: 'context', id: 1, maxsize: 2, block: true }),
      { type: 'settings', id: 2, context: 1, maxsize: 2, block: true, tls: { caCerts: CERTIFICATE } },
    ]);
    expect(declarations(session!)[0]).not.toHaveProperty('tls');
  });

  it('are those it was made with, whatever becomes of the object', async () => {
    const gateway = await ScriptedGateway.start(ANSWERING);
    const options = { gateway: gateway.url, serverHostname: 'a.test' };
    const http = new PoolManager(options);
    onTestFinished(() => http.close());
    options.serverHostname = 'b.test';
    await http.request('GET', URL_TEXT);
    expect(latestSettings(gateway)).toEqual({ tls: { serverHostname: 'a.test' } });
  });

  it('that are none leave the context as it is', async () => {
    const { gateway, http } = await connected(ANSWERING);
    await http.request('GET', URL_TEXT);
    await http.request('GET', URL_TEXT, { caCerts: undefined, proxy: null });
    const [session] = gateway.sessions.all;
    expect(declarations(session!)).toHaveLength(1);
    expect(session!.exchanges.all.map((exchange) => exchange.contextId)).toEqual([1, 1]);
  });
});

describe("a request's options", () => {
  it("take the place of the manager's, are added to them or take them away", async () => {
    const { send } = await sendingWith({ caCerts: CERTIFICATE, serverHostname: 'a.test' });
    expect(await send({ serverHostname: 'b.test' })).toEqual({
      tls: { caCerts: CERTIFICATE, serverHostname: 'b.test' },
    });
    expect(await send({ assertHostname: false })).toEqual({
      tls: { caCerts: CERTIFICATE, serverHostname: 'a.test', assertHostname: false },
    });
    expect(await send({ caCerts: null, serverHostname: undefined })).toEqual({
      tls: { serverHostname: 'a.test' },
    });
    expect(await send({ caCerts: null, serverHostname: null })).toBeUndefined();
    expect(await send()).toEqual({ tls: { caCerts: CERTIFICATE, serverHostname: 'a.test' } });
  });

  it('that are equal are declared once', async () => {
    const { gateway, send } = await sendingWith({});
    const same: RequestInit[] = [
      { certFile: CERTIFICATE, keyFile: KEY, certReqs: 'REQUIRED' },
      { certReqs: 'CERT_REQUIRED', keyFile: bytesOf(KEY), certFile: new Blob([CERTIFICATE]) },
    ];
    for (const init of [...same, ...same]) await send(init);
    await Promise.all(same.map(send));
    await send({ certReqs: 'REQUIRED' });
    expect(settingsIn(gateway.sessions.all[0]!).map(({ id }) => id)).toEqual([2, 3]);
  });

  it('are those of the call, whatever becomes of the object', async () => {
    const { gateway, http } = await connected(ANSWERING);
    const init: { serverHostname: string | null } = { serverHostname: 'a.test' };
    const pending = http.request('GET', URL_TEXT, init);
    init.serverHostname = null;
    await pending;
    expect(latestSettings(gateway)).toEqual({ tls: { serverHostname: 'a.test' } });
  });

  it('make up for options of the manager that cannot be used', async () => {
    const { http, send } = await sendingWith({ caCerts: CANARY });
    const error = await rejection(http.request('GET', URL_TEXT));
    expect(error).toBeInstanceOf(SSLError);
    expect((error as Error).message).not.toContain(CANARY);
    expect(await send({ caCerts: null })).toBeUndefined();
  });

  it('that cannot be used reach no gateway', async () => {
    const { gateway, http } = await connected(ANSWERING);
    for (const [init, type] of [
      [{ certFile: './cert.pem' }, SSLError],
      [{ ciphers: 7 }, InvalidRequestError],
      [{ peerCertificates: 'yes' }, InvalidRequestError],
      [{ proxyHeaders: {} }, InvalidRequestError],
    ] as const) {
      expect(await rejection(http.request('GET', URL_TEXT, init as unknown as RequestInit))).toBeInstanceOf(
        type,
      );
    }
    expect(gateway.sessions.all).toHaveLength(0);
  });

  it('that are too long for a message end nothing but their request', async () => {
    const { gateway, http } = await connected(ANSWERING);
    const caCerts = CERTIFICATE.repeat(20_000);
    const error = (await rejection(http.request('GET', URL_TEXT, { caCerts }))) as Error;
    expect(error).toMatchObject({ name: 'SSLError', code: 'tls_configuration_error' });
    expect(error.message).toMatch(/must have at most 1047552 bytes in all, got \d{7}: give caCerts only/);
    const words = 'ü'.repeat(525_000);
    expect(await rejection(http.request('GET', URL_TEXT, { ciphers: words }))).toBeInstanceOf(SSLError);
    await http.request('GET', URL_TEXT, { caCerts: CERTIFICATE.repeat(10_000) });
    expect(gateway.sessions.all).toHaveLength(1);
  });

  it('wait for their content no longer than the signal', async () => {
    const { http } = await connected(ANSWERING);
    const content = new Latch<ArrayBuffer>();
    const slow = new Blob([CERTIFICATE]);
    slow.arrayBuffer = () => content.promise;
    const controller = new AbortController();
    const failed = rejection(http.request('GET', URL_TEXT, { caCerts: slow, signal: controller.signal }));
    await turns();
    controller.abort('enough');
    expect(await failed).toBe('enough');
    const late = rejection(
      http.request('GET', URL_TEXT, { caCerts: slow, signal: AbortSignal.abort('late') }),
    );
    expect(await late).toBe('late');
    content.open(bytesOf(CERTIFICATE).buffer);
  });
});

describe('content', () => {
  it('is read once', async () => {
    let reads = 0;
    const blob = new Blob([CERTIFICATE]);
    blob.arrayBuffer = () => {
      reads++;
      return Blob.prototype.arrayBuffer.call(blob);
    };
    const { http, send } = await sendingWith({ caCerts: blob });
    await Promise.all([send(), send(), send({ ciphers: 'a' })]);
    await http.connectionFromUrl(URL_TEXT, { maxsize: 2 }).request('GET', '/');
    expect(reads).toBe(1);
  });

  it('of a file is read once, and again after a read that failed', async () => {
    const path = join(folder(), 'ca.pem');
    const { http, send } = await sendingWith({ caCerts: pathToFileURL(path) });
    const text = pathToFileURL(path).href;
    for (const init of [{}, { caCerts: text }]) {
      expect(await rejection(http.request('GET', URL_TEXT, init))).toBeInstanceOf(SSLError);
    }
    writeFileSync(path, CERTIFICATE);
    expect(await send()).toEqual({ tls: { caCerts: CERTIFICATE } });
    expect(await send({ caCerts: text })).toEqual({ tls: { caCerts: CERTIFICATE } });
    writeFileSync(path, 'changed');
    expect(await send({ certReqs: 'REQUIRED' })).toEqual({
      tls: { certReqs: 'CERT_REQUIRED', caCerts: CERTIFICATE },
    });
    expect(await send({ caCerts: text })).toEqual({ tls: { caCerts: CERTIFICATE } });
  });

  it('of 64 files is kept', async () => {
    const place = folder();
    const files = Array.from({ length: 65 }, (_, index) => {
      const path = join(place, `${index}.pem`);
      writeFileSync(path, CERTIFICATE);
      return pathToFileURL(path).href;
    });
    const { http, send } = await sendingWith({});
    for (const caCerts of files) await send({ caCerts });
    rmSync(join(place, '0.pem'));
    rmSync(join(place, '1.pem'));
    await send({ caCerts: files[1]! });
    expect(await rejection(http.request('GET', URL_TEXT, { caCerts: files[0]! }))).toBeInstanceOf(SSLError);
  });

  it('is taken for what its option says', async () => {
    const { http, send } = await sendingWith({});
    const bytes = der(40);
    expect(await send({ caCerts: bytes })).toMatchObject({
      tls: { caCerts: expect.stringMatching(/^-----BEGIN/) },
    });
    expect(await send({ pfx: bytes })).toEqual({ tls: { pfx: Buffer.from(bytes).toString('base64') } });
    expect(await rejection(http.request('GET', URL_TEXT, { keyFile: bytes }))).toBeInstanceOf(SSLError);
  });
});

describe('settings', () => {
  const named = (index: number): RequestInit => ({ serverHostname: `${index}.test` });

  it('are declared again in another session', async () => {
    const { gateway, http, send } = await sendingWith({ caCerts: CERTIFICATE });
    await send();
    await send(named(1));
    gateway.sockets[0]!.terminate();
    await gateway.sessions.all[0]!.closed;
    await turns();
    await http.request('GET', URL_TEXT, named(1));
    const again = gateway.sessions.all[1]!;
    expect(declarations(again)).toEqual([
      expect.objectContaining({ type: 'context', id: 1 }),
      expect.objectContaining({ type: 'settings', id: 2, context: 1 }),
    ]);
    expect(settingsIn(again)[0]?.tls).toEqual({ caCerts: CERTIFICATE, serverHostname: '1.test' });
    expect(again.exchanges.all[0]!.contextId).toBe(2);
    await http.request('GET', URL_TEXT);
    expect(again.exchanges.all[1]!.contextId).toBe(3);
  });

  it('beyond 64 are released, the least recently used first, and never take a number again', async () => {
    const { gateway, send } = await sendingWith({});
    for (let index = 0; index < 64; index++) await send(named(index));
    const [session] = gateway.sessions.all;
    await send(named(0));
    expect(declarations(session!).filter(({ type }) => type === 'release')).toEqual([]);
    await send(named(64));
    await send(named(1));
    await turns();
    const numberOf = (index: number) =>
      settingsIn(session!).flatMap((message: SettingsMessage) =>
        message.tls?.serverHostname === `${index}.test` ? [message.id] : [],
      );
    expect(numberOf(0)).toEqual([2]);
    expect(numberOf(1)).toEqual([3, 67]);
    expect(declarations(session!).filter(({ type }) => type === 'release')).toEqual([
      { type: 'release', id: 3 },
      { type: 'release', id: 4 },
    ]);
  });

  it('of a manager that were released are declared again', async () => {
    const { gateway, send } = await sendingWith({ ciphers: 'a' });
    await send();
    for (let index = 0; index < 64; index++) await send(named(index));
    await send();
    const [session] = gateway.sessions.all;
    const own = settingsIn(session!).filter(({ tls }) => tls?.serverHostname === undefined);
    expect(own.map(({ id }) => id)).toEqual([2, 67]);
    expect(session!.exchanges.all.at(-1)!.contextId).toBe(67);
  });

  it('of requests that were not answered yet stay, however many', async () => {
    const { gateway, http } = await connected();
    const pending = Array.from({ length: 70 }, (_, index) =>
      http.request('GET', URL_TEXT, { ...named(index), retries: false }),
    );
    const session = await gateway.sessions.at(0);
    const exchanges = await session.exchanges.take(70);
    const released = () => declarations(session).filter(({ type }) => type === 'release');
    expect(settingsIn(session)).toHaveLength(70);
    expect(released()).toEqual([]);
    exchanges[3]!.answer();
    await pending[3];
    await turns();
    expect(released()).toEqual([{ type: 'release', id: exchanges[3]!.contextId }]);
    for (const exchange of exchanges) if (exchange !== exchanges[3]) exchange.fail('connection_refused');
    await Promise.allSettled(pending);
    await turns();
    expect(released()).toHaveLength(6);
  });

  it('of a response that is still being read are not needed', async () => {
    const { gateway, http } = await connected();
    const pending = http.request('GET', URL_TEXT, { ...named(-1), preloadContent: false });
    const first = await gateway.exchange();
    first.sendHead(200);
    const response = await pending;
    for (let index = 0; index < 64; index++) {
      const next = http.request('GET', URL_TEXT, named(index));
      (await gateway.exchange()).answer();
      await next;
    }
    await turns();
    expect(declarations(gateway.sessions.all[0]!).filter(({ type }) => type === 'release')).toEqual([
      { type: 'release', id: first.contextId },
    ]);
    first.sendContent('hello');
    first.end();
    expect(await response.text()).toBe('hello');
  });

  it('are also bounded by their length', async () => {
    const { gateway, send } = await sendingWith({});
    const long = 'x'.repeat(1_000_000);
    for (let index = 0; index < 5; index++) await send({ ciphers: `${index}${long}` });
    const [session] = gateway.sessions.all;
    const [release] = (await session!.messages.take(7)).slice(-1);
    expect(release).toEqual({ type: 'release', id: 2 });
  });

  it.each([
    ['a request', {}, { identity: 'billing' }],
    ['a manager', { identity: 'billing' }, {}],
  ])('of %s that the gateway did not take are declared again by the next', async (_, options, init) => {
    let accepts = false;
    const { gateway, http } = await connected(
      {
        exchange: (exchange) =>
          accepts ? exchange.answer() : exchange.fail('unsupported_option', 'identity'),
      },
      options,
    );
    for (let i = 0; i < 2; i++) {
      const error = await rejection(http.request('GET', URL_TEXT, init));
      expect(error).toMatchObject({ code: 'unsupported_option' });
    }
    accepts = true;
    for (let i = 0; i < 2; i++) await http.request('GET', URL_TEXT, init);
    await turns();
    const said = declarations(gateway.sessions.all[0]!).map(({ type, id }) => `${type} ${id}`);
    expect(said.slice(0, 6)).toEqual([
      'context 1',
      'settings 2',
      'release 2',
      'settings 3',
      'release 3',
      'settings 4',
    ]);
    expect(said).toHaveLength(6);
  });

  it('are not shared by managers', async () => {
    const gateway = await ScriptedGateway.start(ANSWERING);
    for (const http of [managerOf(gateway, { identity: 'a' }), managerOf(gateway, { identity: 'a' })]) {
      await http.request('GET', URL_TEXT);
    }
    expect(gateway.sessions.all.map((side) => settingsIn(side).length)).toEqual([1, 1]);
  });
});

describe('peerCertificates', () => {
  const certificates = Uint8Array.of(2, 0x30, 0, 3, 0x30, 1, 7);
  const answering: GatewayScript = {
    exchange: async (exchange) => {
      await exchange.head;
      exchange.answer(200, [], 'hello', {
        tlsVersion: 'TLSv1.3',
        tlsCipher: 'TLS_AES_128_GCM_SHA256',
        tlsVerified: true,
        tlsResumed: false,
        ...(exchange.options.peerCertificates ? { peerCertificates: certificates } : {}),
      });
    },
  };

  it('are asked for by a request, and do not separate pools', async () => {
    const { gateway, http } = await connected(answering);
    const response = await http.request('GET', URL_TEXT, { peerCertificates: true, retries: false });
    expect(response.tls).toEqual({
      version: 'TLSv1.3',
      cipher: 'TLS_AES_128_GCM_SHA256',
      verified: true,
      resumed: false,
      peerCertificates: [Uint8Array.of(0x30, 0), Uint8Array.of(0x30, 1, 7)],
    });
    expect((await http.request('GET', URL_TEXT)).tls?.peerCertificates).toBeUndefined();
    const [first, second] = gateway.sessions.all[0]!.exchanges.all;
    expect([first!.options, first!.contextId]).toEqual([{ peerCertificates: true }, 1]);
    expect([second!.options, second!.contextId]).toEqual([{}, 1]);
  });

  it('are asked for by a manager, but not by a request that says no', async () => {
    const { gateway, http } = await connected(answering, { peerCertificates: true });
    await http.request('GET', URL_TEXT, { timeout: 10 });
    for (const peerCertificates of [false, null]) await http.request('GET', URL_TEXT, { peerCertificates });
    expect(gateway.sessions.all[0]!.exchanges.all.map(({ options }) => options)).toEqual([
      { connectTimeoutMs: 10, readTimeoutMs: 10, peerCertificates: true },
      {},
      {},
    ]);
  });

  it('may be missing where there was no TLS', async () => {
    const { http } = await connected(ANSWERING, { peerCertificates: true });
    expect((await http.request('GET', 'http://origin.test/')).tls).toBeUndefined();
  });

  it('that are cut off are no answer', async () => {
    const { gateway, http } = await connected();
    const failed = rejection(http.request('GET', URL_TEXT, { peerCertificates: true, retries: false }));
    const exchange = await gateway.exchange();
    exchange.sendHead(200, [], { tlsVersion: 'TLSv1.3', peerCertificates: Uint8Array.of(9, 1) });
    const error = await failed;
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error).toMatchObject({ code: 'malformed_answer' });
    await exchange.stopped;
  });
});
