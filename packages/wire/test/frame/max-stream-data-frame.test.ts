import { writeMaxStreamData } from '../../src/frame/max-stream-data-frame.ts';
import { golden, goldenToRead } from '../support/golden.ts';

golden('a limit', '11 04 80040000', (writer) => writeMaxStreamData(writer, 4, 262_144), [
  'maxStreamData',
  4,
  262_144,
]);
goldenToRead('a limit in longer forms', '11 4004 c000000000040000', ['maxStreamData', 4, 262_144]);
goldenToRead('a limit above 2^53 as the largest we count', '11 04 ffffffffffffffff', [
  'maxStreamData',
  4,
  Number.MAX_SAFE_INTEGER,
]);
