import { writeMaxData } from '../../src/frame/max-data-frame.ts';
import { golden, goldenToRead } from '../support/golden.ts';

golden('a limit', '10 4400', (writer) => writeMaxData(writer, 1_024), ['maxData', 1_024]);
goldenToRead('a limit in a longer form', '10 c000000000000400', ['maxData', 1_024]);
goldenToRead('a limit above 2^53 as the largest we count', '10 ffffffffffffffff', [
  'maxData',
  Number.MAX_SAFE_INTEGER,
]);
