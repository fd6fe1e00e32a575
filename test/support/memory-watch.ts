import { readdirSync, readFileSync } from 'node:fs';

/** Time between two looks, in milliseconds. What comes and goes in between stays unseen; a body that is kept does not. */
const INTERVAL_MS = 50;

/** How much memory a process and those it has started take. Linux only (proc(5)): elsewhere it is nothing. */
export class MemoryWatch {
  readonly #pid: number;
  readonly #startBytes: number;
  readonly #timer: NodeJS.Timeout;
  #peakBytes: number;

  /** Begins to watch. */
  constructor(pid: number) {
    this.#pid = pid;
    this.#startBytes = this.#residentBytes();
    this.#peakBytes = this.#startBytes;
    this.#timer = setInterval(() => this.#look(), INTERVAL_MS);
  }

  /** Ends the watch. @returns how far the peak lay above the beginning, in bytes. */
  stop(): number {
    clearInterval(this.#timer);
    this.#look();
    return this.#peakBytes - this.#startBytes;
  }

  #look(): void {
    this.#peakBytes = Math.max(this.#peakBytes, this.#residentBytes());
  }

  /** Resident set of all, as `VmRSS` has it: what they share counts for each of them. */
  #residentBytes(): number {
    let bytes = numberIn(this.#pid, 'VmRSS') * 1024;
    for (const pid of descendants(this.#pid)) bytes += numberIn(pid, 'VmRSS') * 1024;
    return bytes;
  }
}

function descendants(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of fileNames('/proc')) {
    if (/^\d+$/.test(name)) parents.set(Number(name), numberIn(Number(name), 'PPid'));
  }
  const descends = (pid: number): boolean => {
    for (let at = parents.get(pid) ?? 0; at > 0; at = parents.get(at) ?? 0) if (at === root) return true;
    return false;
  };
  return [...parents.keys()].filter(descends);
}

function numberIn(pid: number, field: string): number {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0);
  } catch {
    return 0; // it has just ended
  }
}

function fileNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
