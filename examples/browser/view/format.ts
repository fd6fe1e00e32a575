const MEGABYTE = 1_000_000;

/** `87 B`, `1.4 kB`, `62.9 MB`: three digits at most, powers of ten. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < MEGABYTE) return `${digits(bytes / 1_000)} kB`;
  return bytes < 1_000 * MEGABYTE
    ? `${digits(bytes / MEGABYTE)} MB`
    : `${(bytes / MEGABYTE / 1_000).toFixed(2)} GB`;
}

/** `0.8 ms`, `12 ms`, `2.01 s`. */
export function formatMs(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(2)} s`;
}

/** `118 MB/s`. */
export function formatSpeed(bytes: number, ms: number): string {
  return ms <= 0 ? '–' : `${formatBytes(Math.round((bytes / ms) * 1_000))}/s`;
}

function digits(value: number): string {
  return value.toFixed(value < 99.95 ? 1 : 0);
}
