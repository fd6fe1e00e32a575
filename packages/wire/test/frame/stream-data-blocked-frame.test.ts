import { writeStreamDataBlocked } from '../../src/frame/stream-data-blocked-frame.ts';
import { golden, goldenToRead } from '../support/golden.ts';

golden('a limit', '15 08 4400', (writer) => writeStreamDataBlocked(writer, 8, 1_024), [
  'streamDataBlocked',
  8,
  1_024,
]);
goldenToRead('a limit in longer forms', '15 4008 80000400', ['streamDataBlocked', 8, 1_024]);
