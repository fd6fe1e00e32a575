import { expect, it } from 'vitest';
import type { ConnectionOverrides } from '../../src/connection-options.ts';
import { optionsForOtherOrigin } from '../../src/pool/other-origin.ts';

const ALL = {
  certReqs: 'CERT_REQUIRED',
  caCerts: 'ca',
  certFile: 'cert',
  keyFile: 'key',
  keyPassword: 'password',
  pfx: 'file:///pfx',
  identity: 'name',
  serverHostname: 'a.test',
  assertHostname: 'b.test',
  assertFingerprint: 'ab',
  sslMinimumVersion: 'TLSv1.2',
  sslMaximumVersion: 'TLSv1.3',
  ciphers: 'x',
  alpnProtocols: ['http/1.1'],
  peerCertificates: true,
  proxy: 'http://proxy.test',
  proxyHeaders: { 'proxy-authorization': 'Basic x' },
  useForwardingForHttps: true,
  proxyAssertHostname: 'proxy.test',
  proxyAssertFingerprint: 'cd',
  proxyTls: { certFile: 'cert for the proxy' },
} as const satisfies ConnectionOverrides;

/** What is left, without what is not. */
function left(options: ConnectionOverrides): unknown {
  return JSON.parse(JSON.stringify(optionsForOtherOrigin(options)));
}

it('leaves behind what was meant for one origin', () => {
  const {
    certFile: _1,
    keyFile: _2,
    keyPassword: _3,
    pfx: _4,
    identity: _5,
    serverHostname: _6,
    assertHostname: _7,
    assertFingerprint: _8,
    ...others
  } = ALL;
  expect(left(ALL)).toEqual(others);
});

it('changes nothing of what it is given', () => {
  const given = { ...ALL };
  optionsForOtherOrigin(given);
  expect(given).toEqual(ALL);
});

it.each(['CERT_NONE', 'CERT_OPTIONAL', 'NONE', 'OPTIONAL'] as const)(
  'leaves %s behind, which may have relied on a pin',
  (certReqs) => expect(left({ certReqs, caCerts: 'ca' })).toEqual({ caCerts: 'ca' }),
);

it.each(['REQUIRED', 'CERT_REQUIRED', null] as const)('takes certReqs %s along', (certReqs) =>
  expect(left({ certReqs })).toEqual({ certReqs }),
);

it('does not bring back a certificate that was taken away', () => {
  const none = { certFile: null, keyFile: null, keyPassword: null, pfx: null, identity: null };
  expect(left({ ...none, serverHostname: null, assertHostname: false })).toEqual(none);
});
