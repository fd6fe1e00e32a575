import { describe, expect, it } from 'vitest';
import { InvalidRequestError } from '../../src/errors.ts';
import { checkPassword, identityContent } from '../../src/identity-store/identity-content.ts';
import { IdentityError, type IdentityImport, IdentityStore } from '../../src/identity-store/index.ts';
import { rejection, thrown } from '../support/client.ts';
import { CANARY } from '../support/credentials.ts';
import { IDENTITIES } from '../support/identities.ts';

const { p256, password } = IDENTITIES;
const PAIR = { certFile: p256.certificate, keyFile: p256.key };

describe('where there is no IndexedDB', () => {
  it.each<[method: string, call: (store: IdentityStore) => Promise<unknown>]>([
    ['import', (store) => store.import('alice', PAIR)],
    ['import in place of another', (store) => store.import('alice', { ...PAIR, replace: true })],
    ['list', (store) => store.list()],
    ['has', (store) => store.has('alice')],
    ['get', (store) => store.get('alice')],
    ['delete', (store) => store.delete('alice')],
    ['clear', (store) => store.clear()],
  ])('%s() says so', async (_method, call) => {
    const error = (await rejection(call(new IdentityStore()))) as IdentityError;
    expect(error).toBeInstanceOf(IdentityError);
    expect(error).toMatchObject({
      name: 'IdentityError',
      code: 'identity_storage_unavailable',
      sent: 'never',
    });
    expect(error.message).toMatch(/^IdentityStore: there is no IndexedDB/);
  });
});

describe('names', () => {
  it.each(['', 'a'.repeat(65), 'a\nb', '\u0000', 7, undefined, null])('%j is none', async (name) => {
    const store = new IdentityStore();
    for (const call of [
      store.import(name as string, PAIR),
      store.has(name as string),
      store.get(name as string),
    ]) {
      const error = (await rejection(call)) as Error;
      expect(error).toBeInstanceOf(InvalidRequestError);
      expect(error.message).toMatch(/^name of an identity must be a text of 1 to 64 characters, got /);
    }
    if (name !== undefined) {
      expect(thrown(() => new IdentityStore({ name: name as string }))).toBeInstanceOf(InvalidRequestError);
    }
  });

  it('a key in the place of a name does not show', async () => {
    const error = (await rejection(new IdentityStore().get(p256.key))) as Error;
    expect(error.stack).not.toContain(p256.key.split('\n')[1]);
  });
});

describe('options', () => {
  it('that do not exist are refused', async () => {
    const store = new IdentityStore();
    const wrong = { ...PAIR, rememberPasword: true } as IdentityImport;
    expect(await rejection(store.import('alice', wrong))).toBeInstanceOf(InvalidRequestError);
    expect(await rejection(store.get('alice', { password } as object))).toBeInstanceOf(InvalidRequestError);
    expect(thrown(() => new IdentityStore({ database: 'x' } as object))).toBeInstanceOf(InvalidRequestError);
  });

  it.each<[what: string, options: unknown, why: RegExp]>([
    ['nothing', {}, /certFile \(and keyFile\), or pfx/],
    ['both', { ...PAIR, pfx: new Uint8Array(1) }, /certFile \(and keyFile\), or pfx/],
    ['a key beside a store', { pfx: new Uint8Array(1), keyFile: p256.key }, /^keyFile goes with certFile/],
    ['another type', { certFile: 7 }, /^certFile must be PEM text/],
    [
      'too much text',
      { certFile: `${p256.certificate}${' '.repeat(131_072)}` },
      /^certFile must have at most/,
    ],
    ['a Blob that is too large', { pfx: new Blob([new Uint8Array(131_073)]) }, /^pfx must have at most/],
    // Base64 is longer than what it stands for.
    ['bytes that become too large', { pfx: new Uint8Array(131_000).fill(0x30) }, /^pfx must have at most/],
  ])('%s is refused', async (_what, options, why) => {
    const error = (await rejection(identityContent(options as IdentityImport))) as Error;
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect(error.message).toMatch(why);
  });

  it('content that is none is unusable, and does not show', async () => {
    for (const options of [{ certFile: CANARY }, { ...PAIR, keyFile: CANARY }, { pfx: new Blob([CANARY]) }]) {
      const error = (await rejection(identityContent(options))) as IdentityError;
      expect(error.code).toBe('identity_unusable');
      expect(`${error.stack} ${String(error.cause)}`).not.toContain(CANARY);
    }
  });

  it.each([7, null, 'x'.repeat(1_025)])('password %# is refused, and does not show', (given) => {
    const error = thrown(() => checkPassword(given)) as Error;
    expect(error.message).toMatch(/^keyPassword must be a text of at most 1024 characters, got /);
    expect(error.message).not.toContain('xx');
  });

  it('an empty password is none', () => {
    expect(checkPassword('')).toBeUndefined();
  });
});
