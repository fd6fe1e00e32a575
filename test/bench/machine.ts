import { cpus, loadavg, totalmem } from 'node:os';
import { chromiumVersion } from './chromium-runtime.ts';

/** Bytes in a gibibyte. */
const GIBIBYTE = 2 ** 30;

/** What the figures are measured on. The load is the one before. */
export function machine(): string {
  const models = new Set(cpus().map(({ model }) => model.trim()));
  const load = loadavg().map((value) => value.toFixed(1));
  return (
    `${cpus().length} × ${[...models].join(', ')}, ${Math.round(totalmem() / GIBIBYTE)} GiB, ` +
    `${process.platform} ${process.arch}, load before ${load.join(' ')}`
  );
}

/** The runtimes that the figures are of. */
export function versions(): string {
  let chromium: string;
  try {
    chromium = chromiumVersion();
  } catch (error) {
    chromium = `no Chromium (${error instanceof Error ? error.message : error})`;
  }
  return `Node ${process.versions.node}, ${chromium}`;
}
