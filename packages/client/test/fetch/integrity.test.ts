import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { matchesIntegrity } from '../../src/fetch/integrity.ts';

const CONTENT = new TextEncoder().encode('content');

function hash(algorithm: string, content: Uint8Array = CONTENT): string {
  return `${algorithm}-${createHash(algorithm).update(content).digest('base64')}`;
}

const OTHER = new TextEncoder().encode('other');

describe('matchesIntegrity()', () => {
  it.each(['sha256', 'sha384', 'sha512'])(
    'takes %s, in either alphabet, padded or not',
    async (algorithm) => {
      const right = hash(algorithm);
      const spellings = [right, right.replace(/=+$/, ''), `${right}?ct=text/plain`, ` \t${right}\n`];
      const urlSafe = `${algorithm}-${createHash(algorithm).update(CONTENT).digest('base64url')}`;
      for (const integrity of [...spellings, urlSafe]) {
        expect(await matchesIntegrity(CONTENT, integrity)).toBe(true);
        expect(await matchesIntegrity(OTHER, integrity)).toBe(false);
      }
    },
  );

  it('goes by the strongest: a weaker one neither saves nor condemns', async () => {
    expect(await matchesIntegrity(CONTENT, `${hash('sha256')} ${hash('sha512', OTHER)}`)).toBe(false);
    expect(await matchesIntegrity(CONTENT, `${hash('sha256', OTHER)} ${hash('sha512')}`)).toBe(true);
    expect(await matchesIntegrity(CONTENT, `${hash('sha384', OTHER)} ${hash('sha384')}`)).toBe(true);
  });

  it.each(['', ' ', 'md5-AAAA', 'sha1-AAAA', 'sha256', 'sha256-', 'sha256-!'])(
    'has nothing to say about %j',
    async (integrity) => {
      expect(await matchesIntegrity(CONTENT, integrity)).toBe(true);
    },
  );
});
