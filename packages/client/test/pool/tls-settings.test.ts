import { describe, expect, it } from 'vitest';
import { InvalidRequestError } from '../../src/errors.ts';
import { credentialContent } from '../../src/pool/credential-content.ts';
import { tlsSettings, verifies } from '../../src/pool/tls-settings.ts';
import type { TlsOptions } from '../../src/tls-options.ts';
import { rejection } from '../support/client.ts';
import { bytesOf, CANARY, CERTIFICATE, der, KEY } from '../support/credentials.ts';

const settingsOf = (options: object) => tlsSettings(options as TlsOptions, credentialContent);

describe('TLS options', () => {
  it('none of which are given are no settings', async () => {
    expect(await settingsOf({})).toBeUndefined();
    expect(await settingsOf({ maxsize: 3, peerCertificates: true, caCerts: undefined })).toBeUndefined();
  });

  it.each([
    ['certReqs', 'CERT_REQUIRED', 'CERT_REQUIRED'],
    ['certReqs', 'CERT_OPTIONAL', 'CERT_OPTIONAL'],
    ['certReqs', 'CERT_NONE', 'CERT_NONE'],
    ['certReqs', 'REQUIRED', 'CERT_REQUIRED'],
    ['certReqs', 'OPTIONAL', 'CERT_OPTIONAL'],
    ['certReqs', 'NONE', 'CERT_NONE'],
    ['caCerts', CERTIFICATE, CERTIFICATE],
    ['certFile', bytesOf(CERTIFICATE), CERTIFICATE],
    ['keyFile', new Blob([KEY]), KEY],
    ['keyPassword', 'a password', 'a password'],
    ['keyPassword', '', ''],
    ['pfx', der(20), Buffer.from(der(20)).toString('base64')],
    ['identity', 'billing', 'billing'],
    ['serverHostname', 'other.test', 'other.test'],
    ['assertHostname', 'other.test', 'other.test'],
    ['assertHostname', false, false],
    ['assertFingerprint', 'AA:bb', 'AA:bb'],
    ['sslMinimumVersion', 'TLSv1', 'TLSv1'],
    ['sslMinimumVersion', 'TLSv1.1', 'TLSv1.1'],
    ['sslMaximumVersion', 'TLSv1.2', 'TLSv1.2'],
    ['sslMaximumVersion', 'TLSv1.3', 'TLSv1.3'],
    ['ciphers', 'ECDHE+AESGCM', 'ECDHE+AESGCM'],
    ['alpnProtocols', ['http/1.1', 'h2'], ['http/1.1', 'h2']],
    ['alpnProtocols', [], []],
  ])('%s may be %o', async (name, value, sent) => {
    expect(await settingsOf({ [name]: value })).toEqual({ [name]: sent });
  });

  const empty = 'an empty text';
  it.each([
    ['certReqs', 'CERT_SOMETIMES', 'CERT_REQUIRED, CERT_OPTIONAL or CERT_NONE', 'another text'],
    ['certReqs', 'CERT_CERT_NONE', 'CERT_REQUIRED, CERT_OPTIONAL or CERT_NONE', 'another text'],
    ['certReqs', 'none', 'CERT_REQUIRED, CERT_OPTIONAL or CERT_NONE', 'another text'],
    ['certReqs', '', 'CERT_REQUIRED, CERT_OPTIONAL or CERT_NONE', empty],
    ['certReqs', false, 'CERT_REQUIRED, CERT_OPTIONAL or CERT_NONE', 'a boolean'],
    ['certReqs', ['NONE'], 'CERT_REQUIRED, CERT_OPTIONAL or CERT_NONE', 'an array'],
    ['keyPassword', 7, 'a text', 'a number'],
    ['keyPassword', bytesOf(CANARY), 'a text', 'an object'],
    ['identity', '', 'a text that is not empty', empty],
    ['identity', { name: CANARY }, 'a text that is not empty', 'an object'],
    ['serverHostname', '', 'a text that is not empty', empty],
    ['serverHostname', false, 'a text that is not empty', 'a boolean'],
    ['assertHostname', '', 'a text that is not empty or false', empty],
    ['assertHostname', true, 'a text that is not empty or false', 'a boolean'],
    ['assertFingerprint', '', 'a text that is not empty', empty],
    ['assertFingerprint', bytesOf(CANARY), 'a text that is not empty', 'an object'],
    ['sslMinimumVersion', 'TLSv1_2', 'one of TLSv1, TLSv1.1, TLSv1.2, TLSv1.3', 'another text'],
    ['sslMinimumVersion', 1.2, 'one of TLSv1, TLSv1.1, TLSv1.2, TLSv1.3', 'a number'],
    ['sslMaximumVersion', 'SSLv3', 'one of TLSv1, TLSv1.1, TLSv1.2, TLSv1.3', 'another text'],
    ['ciphers', '', 'a text that is not empty', empty],
    ['ciphers', [CANARY], 'a text that is not empty', 'an array'],
    ['alpnProtocols', 'h2', 'an array of texts that are not empty', 'another text'],
    ['alpnProtocols', ['h2', ''], 'an array of texts that are not empty', 'an array'],
    ['alpnProtocols', [7], 'an array of texts that are not empty', 'an array'],
  ])('%s may not be %o', async (name, value, wanted, got) => {
    const error = (await rejection(settingsOf({ [name]: value }))) as Error;
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect(error.message).toBe(`${name} must be ${wanted}, got ${got}`);
  });

  it.each(['caCerts', 'certFile', 'keyFile', 'pfx'])('%s is read as a credential', async (name) => {
    const error = (await rejection(settingsOf({ [name]: CANARY }))) as Error;
    expect(error).toMatchObject({ name: 'SSLError', code: 'tls_configuration_error' });
    expect(error.message).toMatch(new RegExp(`^${name} must be `));
  });

  it('stand in one order, whatever theirs was', async () => {
    const options = { ciphers: 'a', certReqs: 'NONE', keyFile: KEY, certFile: CERTIFICATE };
    const turned = Object.fromEntries(Object.entries(options).reverse());
    expect(JSON.stringify(await settingsOf(turned))).toBe(JSON.stringify(await settingsOf(options)));
  });

  it('are left as they are', async () => {
    const options = Object.freeze({ certReqs: 'NONE', alpnProtocols: Object.freeze(['h2']) });
    const settings = await settingsOf(options);
    expect(options).toEqual({ certReqs: 'NONE', alpnProtocols: ['h2'] });
    expect(settings?.alpnProtocols).not.toBe(options.alpnProtocols);
  });
});

describe('a peer', () => {
  it.each([
    [undefined, true],
    [{ certReqs: 'CERT_REQUIRED' }, true],
    [{ assertHostname: false } as const, true],
    [{ certReqs: 'CERT_OPTIONAL' }, false],
    [{ certReqs: 'CERT_NONE' }, false],
    [{ certReqs: 'CERT_NONE', assertHostname: 'a.test' }, false],
    [{ certReqs: 'CERT_NONE', assertFingerprint: 'aa' }, true],
  ])('is verified under %o: %s', (settings, expected) => {
    expect(verifies(settings)).toBe(expected);
  });
});
