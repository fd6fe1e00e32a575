import { spawnSync } from 'node:child_process';
import { ROOT } from '../source-files.ts';
import type { Fault } from './fault.ts';

/** The tables of PROTOCOL.md are what the code says. */
export function checkProtocolTables(): Fault[] {
  const done = spawnSync(process.execPath, ['scripts/protocol-tables.ts', '--check'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return done.status === 0 ? [] : [{ file: 'PROTOCOL.md', line: 1, problem: done.stderr.trim() }];
}
