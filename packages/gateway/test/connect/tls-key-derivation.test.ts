import { expect, test } from 'vitest';
import { derivePkcs12, digestName, EncryptionError, PURPOSE } from '../../src/connect/tls-key-derivation.ts';
import { INTERNALS } from '../../src/defaults.ts';

// What is derived is tested with stores of other programs, in tls-pkcs12.test.ts.

const INPUT = { password: Buffer.from('\0s\0\0'), salt: Buffer.from('salt'), length: 32 };

test('others have their turns during a long derivation', async () => {
  let turns = 0;
  let isDone = false;
  const count = (): void => {
    turns += 1;
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  await derivePkcs12('sha256', PURPOSE.mac, { ...INPUT, iterations: 20_000 });
  isDone = true;
  expect(turns).toBeGreaterThan(10);
});

test('an endless one is not begun', async () => {
  const derived = derivePkcs12('sha256', PURPOSE.mac, {
    ...INPUT,
    iterations: INTERNALS.maxKeyIterations + 1,
  });
  await expect(derived).rejects.toThrow(EncryptionError);
});

test('digests have names', () => {
  expect(digestName('2.16.840.1.101.3.4.2.1')).toBe('sha256');
  expect(() => digestName('1.2.3')).toThrow('it uses a digest that is not known (1.2.3)');
});
