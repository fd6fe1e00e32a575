import { writeStopSending } from '../../src/frame/stop-sending-frame.ts';
import { golden, goldenToRead } from '../support/golden.ts';

golden('a code', '05 08 4100', (writer) => writeStopSending(writer, 8, 0x100), ['stopSending', 8, 0x100]);
goldenToRead('longer forms', '05 4008 80000100', ['stopSending', 8, 0x100]);
