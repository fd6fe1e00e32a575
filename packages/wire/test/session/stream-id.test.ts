import { expect, it } from 'vitest';
import {
  bidirectionalStreamId,
  isBidirectional,
  streamIndex,
  streamInitiator,
} from '../../src/session/stream-id.ts';

// RFC 9000 §2.1, Table 1.
it.each([
  [0, 'client', true, 0],
  [1, 'gateway', true, 0],
  [2, 'client', false, 0],
  [3, 'gateway', false, 0],
  [4, 'client', true, 1],
  [1_021, 'gateway', true, 255],
  [2 ** 53 - 4, 'client', true, 2 ** 51 - 1],
] as const)('stream %d', (id, initiator, bidirectional, index) => {
  expect(streamInitiator(id)).toBe(initiator);
  expect(isBidirectional(id)).toBe(bidirectional);
  expect(streamIndex(id)).toBe(index);
  if (bidirectional) expect(bidirectionalStreamId(initiator, index)).toBe(id);
});
