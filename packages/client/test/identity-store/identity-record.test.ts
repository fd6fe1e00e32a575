import { describe, expect, it } from 'vitest';
import { IdentityError } from '../../src/identity-store/identity-error.ts';
import {
  checkRecord,
  type IdentityFacts,
  type IdentityRecord,
  identityOf,
  seal,
  unseal,
} from '../../src/identity-store/identity-record.ts';
import { rejection, thrown } from '../support/client.ts';
import { CANARY } from '../support/credentials.ts';

const PLACE = { database: 'hip-identities', name: 'alice' };
const SECRETS = { content: { certFile: 'certificate', keyFile: CANARY }, keyPassword: CANARY };
const DAY_MS = 86_400_000;
const FACTS: IdentityFacts = {
  format: 'pem',
  password: 'remembered',
  importedAtMs: 0,
  certificate: {
    subject: 'CN=alice',
    issuer: 'CN=root',
    serialNumber: '01',
    fingerprint: 'AB',
    notBeforeMs: DAY_MS,
    notAfterMs: 2 * DAY_MS,
  },
  unchecked: null,
};

/** As IndexedDB keeps it. */
async function stored(): Promise<IdentityRecord> {
  return structuredClone(await seal(PLACE, FACTS, SECRETS));
}

describe('a record', () => {
  it('gives back what was put in, after IndexedDB copied it', async () => {
    const record = checkRecord('alice', await stored());
    expect(await unseal(PLACE, record)).toEqual(SECRETS);
  });

  it('holds nothing of it in plain, under a key that cannot be had', async () => {
    const record = await stored();
    const bytes = Buffer.concat([new Uint8Array(record.sealed), record.iv, Buffer.from(record.facts)]);
    expect(bytes.includes(CANARY)).toBe(false);
    expect(record.key.extractable).toBe(false);
    for (const format of ['raw', 'jwk'] as const) {
      expect(await rejection(crypto.subtle.exportKey(format, record.key))).toMatchObject({
        name: 'InvalidAccessError',
      });
    }
  });

  it('two of the same content have nothing in common', async () => {
    const [one, other] = [await stored(), await stored()];
    expect(Buffer.from(one.iv).equals(other.iv)).toBe(false);
    expect(Buffer.from(one.sealed).equals(Buffer.from(other.sealed))).toBe(false);
    expect(await rejection(unseal(PLACE, { ...one, key: other.key }))).toBeInstanceOf(IdentityError);
  });

  it.each<[what: string, change: (record: IdentityRecord) => Partial<IdentityRecord>]>([
    ['its content', ({ sealed }) => ({ sealed: flipped(new Uint8Array(sealed)).buffer })],
    ['the end of its content', ({ sealed }) => ({ sealed: sealed.slice(0, -1) })],
    ['all of its content', () => ({ sealed: new ArrayBuffer(0) })],
    ['its initial vector', ({ iv }) => ({ iv: flipped(iv) })],
    ['what it shows', ({ facts }) => ({ facts: facts.replace('CN=alice', 'CN=mallory') })],
  ])('one of which somebody changed %s is none', async (_what, change) => {
    const record = await stored();
    const changed = { ...record, ...change(record) };
    const error = (await rejection(unseal(PLACE, changed))) as IdentityError;
    expect(error).toBeInstanceOf(IdentityError);
    expect(error.code).toBe('identity_damaged');
    expect(error.message).toMatch(/^identity "alice" cannot be used/);
  });

  it('one that lies under another name, or in another store, is none', async () => {
    const record = await stored();
    for (const place of [
      { ...PLACE, name: 'bob' },
      { ...PLACE, database: 'hip-identities:other' },
    ]) {
      expect(await rejection(unseal(place, record))).toMatchObject({ code: 'identity_damaged' });
    }
  });

  it.each<[what: string, value: (record: IdentityRecord) => unknown]>([
    ['nothing', () => null],
    ['a text', () => 'record'],
    ['another version', (record) => ({ ...record, version: 2 })],
    ['no key', (record) => ({ ...record, key: 'key' })],
    ['no content', ({ sealed: _sealed, ...record }) => record],
  ])('%s is refused', async (_what, value) => {
    const record = value(await stored());
    expect(thrown(() => checkRecord('alice', record))).toMatchObject({ code: 'identity_damaged' });
  });

  it('a newer version says so', async () => {
    const record = { ...(await stored()), version: 2 };
    expect((thrown(() => checkRecord('alice', record)) as Error).message).toContain('newer version');
  });
});

describe('what a record shows', () => {
  it.each([
    [0, 'not yet valid'],
    [DAY_MS, 'valid'],
    [2 * DAY_MS, 'valid'],
    [2 * DAY_MS + 1, 'expired'],
  ])('at %d ms: %s', async (nowMs, validity) => {
    expect(identityOf('alice', await stored(), nowMs)).toMatchObject({
      name: 'alice',
      validity,
      certificate: { subject: 'CN=alice', notBefore: new Date(DAY_MS), notAfter: new Date(2 * DAY_MS) },
    });
  });

  it('without a certificate nobody knows', async () => {
    const record = await seal(PLACE, { ...FACTS, certificate: null, unchecked: 'all' }, SECRETS);
    expect(identityOf('alice', record)).toMatchObject({
      certificate: undefined,
      validity: 'unknown',
      unchecked: 'all',
    });
  });

  it('what is no JSON is damaged', async () => {
    const record = { ...(await stored()), facts: '{' };
    expect(thrown(() => identityOf('alice', record))).toMatchObject({ code: 'identity_damaged' });
  });
});

function flipped(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const copy = bytes.slice();
  copy[0]! ^= 1;
  return copy;
}
