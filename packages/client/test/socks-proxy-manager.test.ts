import { describe, expect, it, onTestFinished } from 'vitest';
import { InvalidRequestError, ProxySchemeUnknown } from '../src/errors.ts';
import { SOCKSProxyManager, type SOCKSProxyManagerOptions } from '../src/socks-proxy-manager.ts';
import { rejection, thrown } from './support/client.ts';
import { CANARY, CERTIFICATE } from './support/credentials.ts';
import { ScriptedGateway } from './support/scripted-gateway.ts';
import { ANSWERING, latestSettings } from './support/settings-on-wire.ts';

const gateway = 'ws://gateway.test/session';

async function proxyOf(url: string, options: SOCKSProxyManagerOptions = {}) {
  const scripted = await ScriptedGateway.start(ANSWERING);
  const http = new SOCKSProxyManager(url, { gateway: scripted.url, ...options });
  onTestFinished(() => http.close());
  await http.request('GET', 'http://origin.test/');
  return latestSettings(scripted);
}

describe('SOCKSProxyManager', () => {
  it.each(['socks4', 'socks4a', 'socks5', 'socks5h'])('goes to a proxy of %s', async (scheme) => {
    expect(await proxyOf(`${scheme}://proxy.test`)).toEqual({
      proxy: { scheme, host: 'proxy.test', port: 1080 },
    });
    expect(await proxyOf(`${scheme}://[::1]:99`)).toEqual({ proxy: { scheme, host: '::1', port: 99 } });
  });

  it('never hands its TLS options to the proxy', async () => {
    expect(await proxyOf('socks5h://proxy.test', { caCerts: CERTIFICATE })).toEqual({
      tls: { caCerts: CERTIFICATE },
      proxy: { scheme: 'socks5h', host: 'proxy.test', port: 1080 },
    });
  });

  it.each([
    ['socks5://us%40er:p%3Aw@proxy.test', {}, { username: 'us@er', password: 'p:w' }],
    ['socks5://user@proxy.test', {}, { username: 'user' }],
    ['socks4://user@proxy.test', {}, { username: 'user' }],
    [
      'socks5://proxy.test',
      { username: 'us@er', password: 'p:/w%41ü' },
      { username: 'us@er', password: 'p:/w%41ü' },
    ],
    ['socks5://proxy.test', { username: 'user' }, { username: 'user' }],
    ['socks4://proxy.test', { username: 'user' }, { username: 'user' }],
    ['socks5://a:b@proxy.test', { username: 'c', password: 'd' }, { username: 'c', password: 'd' }],
    ['socks5://a@proxy.test', { username: 'c' }, { username: 'c' }],
    ['socks5://proxy.test', { username: '', password: '' }, {}],
  ])('of %s and %o asks as', async (url, options, credentials) => {
    const { scheme, host, port, ...asked } = (await proxyOf(url, options))?.proxy ?? {};
    expect({ scheme, host, port }).toEqual({ scheme: url.slice(0, 6), host: 'proxy.test', port: 1080 });
    expect(asked).toEqual(credentials);
  });

  it.each([
    ['http://proxy.test', {}, ProxySchemeUnknown, /^Unable to determine SOCKS version from http,/],
    [
      `socks5://a:${CANARY}@proxy.test`,
      { username: 'c' },
      InvalidRequestError,
      /^password must be given with username/,
    ],
    [
      `socks5://a:${CANARY}@proxy.test`,
      { password: 'c' },
      InvalidRequestError,
      /^password .* must come with a username/,
    ],
    [
      'socks5://a@proxy.test',
      { password: CANARY },
      InvalidRequestError,
      /^password .* must come with a username/,
    ],
    [
      'socks4a://proxy.test',
      { username: 'c', password: CANARY },
      InvalidRequestError,
      /^password must be left out/,
    ],
    ['socks5://proxy.test', { username: 7 }, InvalidRequestError, /^username must be a text, got number/],
    [
      'socks5://proxy.test',
      { password: [CANARY] },
      InvalidRequestError,
      /^password must be a text, got object/,
    ],
    ['socks5://proxy.test', { usrname: 'a' }, InvalidRequestError, /has no option "usrname"/],
  ])('refuses %s with %o at once', (url, options, type, message) => {
    const all = { gateway, ...options } as unknown as SOCKSProxyManagerOptions;
    const error = thrown(() => new SOCKSProxyManager(url, all)) as Error;
    expect(error).toBeInstanceOf(type);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain(CANARY);
  });

  it('refuses what an HTTP proxy has', async () => {
    const options = { gateway, proxyHeaders: {} } as SOCKSProxyManagerOptions;
    const http = new SOCKSProxyManager('socks5://proxy.test', options);
    const error = await rejection(http.request('GET', 'http://origin.test/'));
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect((error as Error).message).toBe('proxyHeaders needs an http: or https: proxy');
  });
});
