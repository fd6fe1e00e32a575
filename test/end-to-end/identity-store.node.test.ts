import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PoolManager, PoolManagerOptions } from '@hip/client';
import type {
  IdentityAccess,
  IdentityError,
  IdentityImport,
  IdentityStore,
} from '@hip/client/identity-store';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
import { IDENTITIES } from '../../packages/client/test/support/identities.ts';
import { findChromium } from '../../scripts/find-chromium.ts';
import { bytesOf } from '../support/base64.ts';
import type { Gateway } from '../support/control.ts';
import { describeWith, test as plainTest } from '../support/fixtures.ts';
import { bundled, PageSite } from '../support/page-site.ts';
import { Nginx } from '../support/peers/handles.ts';
import type { Pki } from '../support/peers/peer-api.ts';

// Stored credentials in a real browser, across reloads and restarts, used toward nginx.

const describeNginx = await describeWith('nginx', 'openssl');

const test = plainTest.extend('nginx', { scope: 'file' }, async ({}, { onCleanup }): Promise<Nginx> => {
  const nginx = await Nginx.start({ clientCertificates: 'required' });
  onCleanup(() => nginx.stop());
  return nginx;
});

/** What the page of this test has as globals. */
interface Globals {
  PoolManager: new (options: PoolManagerOptions) => PoolManager;
  IdentityStore: new (options?: { name?: string }) => IdentityStore;
  /** What came of a call: its value, or the code of its error. */
  outcome(call: Promise<unknown>): Promise<unknown>;
}

const PAGE_CODE = `
  export { PoolManager } from '@hip/client';
  import { PoolManager } from '@hip/client';
  import { IdentityStore } from '@hip/client/identity-store';
  const outcome = (call) => call.then((value) => value, ({ name, code, message, stack }) => ({ name, code, message, stack }));
  Object.assign(globalThis, { PoolManager, IdentityStore, outcome });
`;

/** Options that a page can be sent. */
type Sent = Omit<IdentityImport, 'certFile' | 'keyFile' | 'pfx'> & {
  certFile?: string;
  keyFile?: string;
  pfx?: string;
};

let site: PageSite;
let browser: Browser;

beforeAll(async () => {
  site = await PageSite.start({
    '/': '<!doctype html><title>stored credentials</title><input type="file"><script type="module" src="/page.js"></script>',
    '/page.js': await bundled(PAGE_CODE),
  });
  browser = await chromium.launch(chromiumOptions());
});

afterAll(async () => {
  await browser?.close();
  await site?.stop();
});

describeNginx('IdentityStore', () => {
  test('a pair in PEM and a store are imported once, and used by name after a reload', async ({
    gateway,
    nginx,
    pki,
  }) => {
    const page = await newPage();
    const { alice, carol } = pki.clients;
    await imported(page, 'alice', { certFile: alice.chain, keyFile: alice.key });
    await imported(page, 'carol', { pfx: carol.pfx, keyPassword: pki.password, rememberPassword: true });
    expect(await seen(page, 'alice', { gateway, nginx, pki })).toBe('CN=alice');
    await page.reload();
    expect(await seen(page, 'alice', { gateway, nginx, pki })).toBe('CN=alice');
    expect(await seen(page, 'carol', { gateway, nginx, pki })).toBe('CN=carol');
  });

  test('a .p12 file that a person has chosen', async ({ gateway, nginx, pki }) => {
    const page = await newPage();
    const buffer = Buffer.from(bytesOf(pki.clients.alice.pfx));
    await page
      .locator('input')
      .setInputFiles({ name: 'alice.p12', mimeType: 'application/x-pkcs12', buffer });
    const identity = await page.evaluate(async (keyPassword) => {
      const { IdentityStore, outcome } = globalThis as unknown as Globals;
      const [pfx] = document.querySelector('input')?.files ?? [];
      return outcome(new IdentityStore().import('alice', { pfx: pfx as File, keyPassword }));
    }, pki.password);
    expect(identity).toMatchObject({ format: 'pfx', password: 'asked', unchecked: undefined });
    await page.reload();
    const access = { keyPassword: pki.password };
    expect(await seen(page, 'alice', { gateway, nginx, pki, access })).toBe('CN=alice');
  });

  test('a password that is not remembered is asked for', async ({ gateway, nginx, pki }) => {
    const page = await newPage();
    const { alice } = pki.clients;
    const { password } = pki;
    for (const [name, content] of Object.entries({
      pem: { certFile: alice.chain, keyFile: alice.encryptedKey },
      pfx: { pfx: alice.pfx },
    })) {
      await imported(page, name, { ...content, keyPassword: password });
      expect(await codeOf(page, name)).toBe('identity_password_required');
      expect(await codeOf(page, name, { keyPassword: 'another' })).toBe('identity_password_wrong');
      expect(await seen(page, name, { gateway, nginx, pki, access: { keyPassword: password } })).toBe(
        'CN=alice',
      );
    }
    await imported(page, 'plain', { certFile: alice.chain, keyFile: alice.key, keyPassword: 'superfluous' });
    expect(await seen(page, 'plain', { gateway, nginx, pki })).toBe('CN=alice');
    expect((await list(page)).map(({ name, password }) => [name, password])).toEqual([
      ['pem', 'asked'],
      ['pfx', 'asked'],
      ['plain', 'none'],
    ]);
  });

  test('lists what there is to show, and takes away what it is told to', async ({ pki }) => {
    const page = await newPage();
    const { alice, bob, carol } = pki.clients;
    for (const [name, { chain, key }] of Object.entries({ bob, alice, carol })) {
      const shown = await imported(page, name, { certFile: chain, keyFile: key });
      const fingerprint = pki.clients[name as 'bob'].fingerprints.sha256
        .toUpperCase()
        .match(/../g)
        ?.join(':');
      expect(shown).toMatchObject({
        name,
        format: 'pem',
        password: 'none',
        validity: 'valid',
        unchecked: undefined,
        certificate: { subject: `CN=${name}`, fingerprint },
      });
    }
    await page.reload();
    expect((await list(page)).map(({ name }) => name)).toEqual(['alice', 'bob', 'carol']);
    await evaluate(page, (store) => store.delete('bob'));
    await evaluate(page, (store) => store.delete('nobody'));
    expect(await codeOf(page, 'bob')).toBe('identity_not_found');
    expect(await evaluate(page, async (store) => [await store.has('alice'), await store.has('bob')])).toEqual(
      [true, false],
    );
    expect((await list(page)).map(({ name }) => name)).toEqual(['alice', 'carol']);
    await evaluate(page, (store) => store.clear());
    expect(await list(page)).toEqual([]);
    expect(await rawRecords(page)).toEqual([]);
  });

  test('stores of two names have nothing to do with each other', async ({ pki }) => {
    const page = await newPage();
    const { alice } = pki.clients;
    await imported(page, 'alice', { certFile: alice.chain, keyFile: alice.key });
    const other = await page.evaluate(async () => {
      const { IdentityStore } = globalThis as unknown as Globals;
      return new IdentityStore({ name: 'other' }).list();
    });
    expect(other).toEqual([]);
  });

  test('a name that is taken is refused, unless it is to be replaced; of two tabs one is first', async ({
    pki,
  }) => {
    const page = await newPage();
    const tab = await page.context().newPage();
    await tab.goto(site.url('/'));
    const { alice, bob } = pki.clients;
    const asAlice = { certFile: alice.chain, keyFile: alice.key };
    const asBob = { certFile: bob.chain, keyFile: bob.key };
    const outcomes = await Promise.all([importing(page, 'me', asAlice), importing(tab, 'me', asBob)]);
    expect(outcomes.filter(({ code }) => code === 'identity_exists')).toHaveLength(1);
    const [first] = await list(tab);
    expect(outcomes).toContainEqual(first);
    expect(await importing(page, 'me', asBob)).toMatchObject({
      name: 'IdentityError',
      code: 'identity_exists',
    });
    await imported(page, 'me', { ...asBob, replace: true });
    expect((await list(tab))[0]?.certificate?.subject).toBe('CN=bob');
  });

  test('what cannot be used is refused, in words that hold no secret', async ({ pki }) => {
    const page = await newPage();
    const { alice, bob } = pki.clients;
    const { password } = pki;
    const cases: [code: string, options: Sent][] = [
      ['identity_key_mismatch', { certFile: alice.chain, keyFile: bob.key }],
      ['identity_password_required', { certFile: alice.chain, keyFile: alice.encryptedKey }],
      [
        'identity_password_wrong',
        { certFile: alice.chain, keyFile: alice.encryptedKey, keyPassword: 'canary-1' },
      ],
      ['identity_password_required', { pfx: alice.pfx }],
      ['identity_password_wrong', { pfx: alice.pfx, keyPassword: 'canary-2' }],
      ['identity_unusable', { certFile: alice.key, keyFile: alice.key }],
      ['identity_unusable', { certFile: alice.chain }],
      ['identity_unusable', { pfx: btoa('canary-3') }],
      ['invalid_option', { certFile: alice.chain, pfx: alice.pfx, keyPassword: password }],
    ];
    const told: string[] = [];
    for (const [code, options] of cases) {
      const error = await importing(page, 'alice', options);
      expect(error).toMatchObject({ code });
      told.push(JSON.stringify(error));
    }
    expect(secretsOf(pki).filter((secret) => told.join('\n').includes(secret))).toEqual([]);
    expect(told.join('\n')).not.toContain('canary');
    expect(await list(page)).toEqual([]);
  });

  test('a certificate that has expired is stored, and says so', async () => {
    const page = await newPage();
    const { p256 } = IDENTITIES;
    for (const [name, certFile, validity] of [
      ['late', p256.expired, 'expired'],
      ['early', p256.notYetValid, 'not yet valid'],
    ] as const) {
      const warned = page.waitForEvent('console', (message) => message.text().startsWith('SecurityWarning'));
      expect(await imported(page, name, { certFile, keyFile: p256.key })).toMatchObject({ validity });
      expect((await warned).text()).toContain(`the certificate of identity "${name}" `);
      const again = page.waitForEvent('console', (message) => message.text().startsWith('SecurityWarning'));
      expect(await codeOf(page, name)).toBeUndefined();
      expect((await again).type()).toBe('warning');
    }
  });

  test('keys lie nowhere as they are, and the keys that encrypt them cannot be had', async ({ pki }) => {
    const page = await newPage();
    await importEverything(page, pki);
    await page.reload();
    const records = await rawRecords(page);
    expect(records).toHaveLength(3);
    const bytes = records.map(({ text }) => text).join('\n');
    expect(secretsOf(pki).filter((secret) => bytes.includes(secret))).toEqual([]);
    expect(bytes).not.toContain('PRIVATE KEY');
    expect(records.map(({ exported }) => exported)).toEqual(Array(3).fill('InvalidAccessError'));
    const elsewhere = await page.evaluate(() => [
      localStorage.length,
      sessionStorage.length,
      document.cookie,
    ]);
    expect(elsewhere).toEqual([0, 0, '']);
  });

  test('a record that somebody has changed is damaged', async ({ pki }) => {
    const page = await newPage();
    await importEverything(page, pki);
    const changes = ['sealed', 'iv', 'facts'] as const;
    for (const member of changes) {
      await changeRecord(page, 'plain', member);
      expect(await codeOf(page, 'plain')).toBe('identity_damaged');
      await changeRecord(page, 'plain', member);
      expect(await codeOf(page, 'plain')).toBeUndefined();
    }
    await moveRecord(page, 'remembered', 'plain');
    expect(await codeOf(page, 'plain')).toBe('identity_damaged');
  });

  test('they are there when the browser is opened again, and its files hold no key in plain', async ({
    gateway,
    nginx,
    pki,
  }) => {
    const profile = await mkdtemp(join(tmpdir(), 'hip-profile-'));
    onTestFinished(() => rm(profile, { recursive: true, force: true }));
    const first = await open(profile);
    await importEverything(await visit(first), pki);
    await first.close();
    const files = filesIn(profile);
    // Facts are no secret: that they are found shows that the search finds what lies there.
    expect(files).toContain(pki.clients.alice.fingerprints.sha256.slice(0, 2).toUpperCase());
    expect(files).toContain('CN=alice');
    expect(secretsOf(pki).filter((secret) => files.includes(secret))).toEqual([]);
    const second = await open(profile);
    const page = await visit(second);
    expect(await seen(page, 'remembered', { gateway, nginx, pki })).toBe('CN=alice');
    await second.close();
  });
});

function chromiumOptions(): { executablePath?: string } {
  const executablePath = findChromium();
  return executablePath === undefined ? {} : { executablePath };
}

/** A page with a storage of its own. */
async function newPage(): Promise<Page> {
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  return visit(context);
}

async function open(profile: string): Promise<BrowserContext> {
  const context = await chromium.launchPersistentContext(profile, chromiumOptions());
  onTestFinished(() => context.close());
  return context;
}

async function visit(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await page.goto(site.url('/'));
  return page;
}

/** A pair whose key is not encrypted, one whose password is remembered, and one whose password is not. */
async function importEverything(page: Page, pki: Pki): Promise<void> {
  const { alice } = pki.clients;
  const keyPassword = pki.password;
  await imported(page, 'plain', { certFile: alice.chain, keyFile: alice.key });
  await imported(page, 'remembered', { pfx: alice.pfx, keyPassword, rememberPassword: true });
  await imported(page, 'asked', { certFile: alice.chain, keyFile: alice.encryptedKey, keyPassword });
}

type Shown = Awaited<ReturnType<IdentityStore['list']>>[number];

async function imported(page: Page, name: string, options: Sent): Promise<Shown> {
  const outcome = await importing(page, name, options);
  expect(outcome).not.toHaveProperty('code');
  return outcome;
}

/** The identity, or the error, as far as it can be sent out of the page. */
function importing(page: Page, name: string, options: Sent): Promise<Shown & Partial<IdentityError>> {
  return page.evaluate(
    async ([name, { pfx, ...options }]) => {
      const { IdentityStore, outcome } = globalThis as unknown as Globals;
      const store = pfx === undefined ? {} : { pfx: Uint8Array.from(atob(pfx), (c) => c.charCodeAt(0)) };
      return outcome(new IdentityStore().import(name, { ...options, ...store })) as never;
    },
    [name, options] as const,
  );
}

function list(page: Page): Promise<Shown[]> {
  return evaluate(page, (store) => store.list());
}

async function evaluate<Value>(page: Page, use: (store: IdentityStore) => Promise<Value>): Promise<Value> {
  return page.evaluate(`(${String(use)})(new IdentityStore())`) as Promise<Value>;
}

/** The code of the error that `get()` fails with. */
function codeOf(page: Page, name: string, access?: IdentityAccess): Promise<unknown> {
  return page.evaluate(
    async ([name, access]) => {
      const { IdentityStore, outcome } = globalThis as unknown as Globals;
      return ((await outcome(new IdentityStore().get(name, access))) as { code?: string }).code;
    },
    [name, access] as const,
  );
}

interface Place {
  gateway: Gateway;
  nginx: Nginx;
  pki: Pki;
  access?: IdentityAccess;
}

/** Whom nginx has seen when the page sent a request as this identity. */
function seen(page: Page, name: string, { gateway, nginx, pki, access }: Place): Promise<unknown> {
  const { url, token } = gateway;
  const options = { gateway: url, token, caCerts: pki.root.certificate };
  return page.evaluate(
    async ([name, access, options, target]) => {
      const { IdentityStore, PoolManager } = globalThis as unknown as Globals;
      const http = new PoolManager({ ...options, ...(await new IdentityStore().get(name, access)) });
      const response = await http.fetch(target);
      const { clientSubject } = (await response.json()) as { clientSubject: string };
      await http.close();
      return clientSubject;
    },
    [name, access, options, nginx.url()] as const,
  );
}

/** Everything in the store's database: bytes as latin-1 and in Base64, and how exporting the key ended. */
function rawRecords(page: Page): Promise<{ text: string; exported: string }[]> {
  return page.evaluate(async () => {
    const request = indexedDB.open('hip-identities');
    await new Promise((resolve) => request.addEventListener('success', resolve));
    const all = request.result.transaction('identities').objectStore('identities').getAll();
    await new Promise((resolve) => all.addEventListener('success', resolve));
    request.result.close();
    const latin1 = (bytes: Uint8Array): string =>
      Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
    const values = all.result as { key: CryptoKey; [member: string]: unknown }[];
    return Promise.all(
      values.map(async ({ key, ...members }) => {
        const texts = Object.values(members).map((value) => {
          if (!(value instanceof ArrayBuffer) && !(value instanceof Uint8Array)) return String(value);
          const text = latin1(new Uint8Array(value));
          return `${text}\n${btoa(text)}`;
        });
        const exported = await crypto.subtle.exportKey('raw', key).then(
          () => 'exported',
          ({ name }: Error) => name,
        );
        return { text: texts.join('\n'), exported };
      }),
    );
  });
}

/** Changes one bit, or changes it back. */
function changeRecord(page: Page, name: string, member: 'sealed' | 'iv' | 'facts'): Promise<void> {
  return page.evaluate(
    async ([name, member]) => {
      const request = indexedDB.open('hip-identities');
      await new Promise((resolve) => request.addEventListener('success', resolve));
      const store = request.result.transaction('identities', 'readwrite').objectStore('identities');
      const found = store.get(name);
      await new Promise((resolve) => found.addEventListener('success', resolve));
      const record = found.result as { sealed: ArrayBuffer; iv: Uint8Array<ArrayBuffer>; facts: string };
      if (member === 'facts') {
        const [from, to] = record.facts.includes('"pem"') ? ['"pem"', '"pfx"'] : ['"pfx"', '"pem"'];
        record.facts = record.facts.replace(from as string, to as string);
      } else {
        const bytes = new Uint8Array(member === 'iv' ? record.iv.buffer : record.sealed);
        bytes.set([(bytes[0] as number) ^ 1]);
      }
      const put = store.put(record, name);
      await new Promise((resolve) => put.addEventListener('success', resolve));
      request.result.close();
    },
    [name, member] as const,
  );
}

function moveRecord(page: Page, from: string, to: string): Promise<void> {
  return page.evaluate(
    async ([from, to]) => {
      const request = indexedDB.open('hip-identities');
      await new Promise((resolve) => request.addEventListener('success', resolve));
      const store = request.result.transaction('identities', 'readwrite').objectStore('identities');
      const found = store.get(from);
      await new Promise((resolve) => found.addEventListener('success', resolve));
      const put = store.put(found.result, to);
      await new Promise((resolve) => put.addEventListener('success', resolve));
      request.result.close();
    },
    [from, to] as const,
  );
}

/** All files of a browser's profile that pages can have written to, as latin-1. */
function filesIn(profile: string): string {
  const folder = join(profile, 'Default', 'IndexedDB');
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');
}

/** Passwords and keys: each line of PEM, and the bytes that it stands for. */
function secretsOf({ clients, password }: Pki): string[] {
  const { alice, bob } = clients;
  const lines = [alice.key, alice.encryptedKey, alice.traditionalKey, bob.key]
    .flatMap((text) => text.split('\n'))
    .filter((line) => /^[A-Za-z0-9+/=]{16,}$/.test(line));
  const stores = alice.pfx.match(/.{40}/g) ?? [];
  const bytes = [...lines, ...stores].map((line) => Buffer.from(line, 'base64').toString('latin1'));
  return [password, ...lines, ...stores, ...bytes];
}
