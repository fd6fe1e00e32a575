import { writeDataBlocked } from '../../src/frame/data-blocked-frame.ts';
import { golden, goldenToRead } from '../support/golden.ts';

golden('a limit', '14 4400', (writer) => writeDataBlocked(writer, 1_024), ['dataBlocked', 1_024]);
goldenToRead('a limit in a longer form', '14 80000400', ['dataBlocked', 1_024]);
