import { expect, it } from 'vitest';
import { LruMap } from '../../src/pool/lru-map.ts';

it('an LruMap gives its entries in the order of their use', () => {
  const map = new LruMap<string, number>();
  for (const [index, key] of ['a', 'b', 'c', 'd'].entries()) map.set(key, index);
  expect(map.get('b')).toBe(1);
  map.set('a', 9);
  map.delete('c');
  expect(map.get('c')).toBeUndefined();
  expect([...map]).toEqual([
    ['d', 3],
    ['b', 1],
    ['a', 9],
  ]);
  expect(map.size).toBe(3);
  for (const [key] of map) map.delete(key);
  expect(map.size).toBe(0);
});
