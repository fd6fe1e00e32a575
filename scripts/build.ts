/**
 * Builds the packages with turbo. Output whose source is gone is removed first: it would be packed, and stale imports would still
 * resolve.
 */
import './check-node.ts';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { PACKAGES, ROOT, sourceFiles } from './source-files.ts';

for (const name of PACKAGES) {
  const dist = join(ROOT, 'packages', name, 'dist');
  if (!existsSync(dist)) continue;
  const sources = new Set(sourceFiles(name).map((file) => file.replace(/\.ts$/, '')));
  for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const module = relative(dist, path)
      .replaceAll('\\', '/')
      .replace(/(\.d\.ts|\.js)(\.map)?$/, '');
    if (entry.isFile() && entry.name !== '.tsbuildinfo' && !sources.has(module)) rmSync(path);
  }
}

const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1' };
const turbo = join(ROOT, 'node_modules', '.bin', 'turbo');
const { status } = spawnSync(turbo, ['run', 'build', '--output-logs=new-only'], {
  cwd: ROOT,
  env,
  stdio: 'inherit',
});
process.exit(status ?? 1);
