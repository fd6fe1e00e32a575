import { describe, expect, it } from 'vitest';
import { CONNECTION_OPTIONS, TLS_OPTIONS } from '../../src/connection-options.ts';
import { foreignOptions } from '../../src/pool/foreign-options.ts';

describe('toward another origin', () => {
  it.each([
    ['caCerts', 'PEM'],
    ['certReqs', 'CERT_REQUIRED'],
    ['certReqs', 'REQUIRED'],
    ['sslMinimumVersion', 'TLSv1.3'],
    ['certFile', null],
    ['keyFile', null],
    ['keyPassword', null],
    ['pfx', null],
    ['identity', null],
    ['serverHostname', null],
    ['assertHostname', null],
    ['certReqs', null],
    ['proxy', 'http://proxy.test'],
    ['proxy', null],
    ['proxyTls', { certFile: 'PEM' }],
    ['proxyHeaders', { a: 'b' }],
    ['peerCertificates', true],
    ['maxsize', 7],
    ['block', true],
  ])('%s %j goes', (name, value) => {
    expect(foreignOptions({ [name]: value })).toEqual({ [name]: value });
  });

  it.each([
    ['certFile', 'PEM'],
    ['keyFile', 'PEM'],
    ['keyPassword', ''],
    ['pfx', new Uint8Array(1)],
    ['identity', 'alice'],
    ['serverHostname', 'a.test'],
    ['assertHostname', 'a.test'],
    ['assertHostname', false],
    ['assertFingerprint', 'AB:CD'],
    // What is taken away from the manager's options for one origin is there for another.
    ['assertFingerprint', null],
    ['caCerts', null],
    ['sslMinimumVersion', null],
    ['sslMaximumVersion', null],
    ['ciphers', null],
    // What may be less safe than what the manager has.
    ['certReqs', 'CERT_NONE'],
    ['certReqs', 'OPTIONAL'],
    ['sslMinimumVersion', 'TLSv1.2'],
    ['sslMaximumVersion', 'TLSv1.3'],
    ['ciphers', 'ALL'],
    ['alpnProtocols', ['http/1.1']],
  ])('%s %j stays behind', (name, value) => {
    const given = { [name]: value, proxy: 'http://proxy.test' };
    expect(foreignOptions(given)).toEqual({ proxy: 'http://proxy.test' });
    expect(given).toHaveProperty(name);
  });

  it('every option that is not told here stays behind', () => {
    const values = Object.fromEntries(CONNECTION_OPTIONS.map((name) => [name, 'unheard of']));
    const gone = CONNECTION_OPTIONS.filter((name) => !(name in foreignOptions(values)));
    expect(gone).toEqual(TLS_OPTIONS.filter((name) => name !== 'caCerts'));
  });
});
