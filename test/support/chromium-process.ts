import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findChromium } from '../../scripts/find-chromium.ts';

/**
 * Quiet, and nothing that a user's browser has not: no debugging port (DevTools' network instrumentation slows WebSockets, and
 * holds what they carry), no throttling of a window that nobody looks at. The sandbox is off because it cannot start as root;
 * the only page is ours, from loopback.
 */
export const CHROMIUM_FLAGS: readonly string[] = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-background-networking',
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows',
  '--disable-breakpad',
  '--disable-component-update',
  '--disable-extensions',
  '--disable-sync',
];

/** A Chromium that nobody debugs, with one page. */
export class ChromiumProcess {
  readonly #profile = mkdtempSync(join(tmpdir(), 'hip-chromium-'));
  readonly #child: ChildProcess;

  /** @throws Error where there is no Chromium. */
  constructor(url: string) {
    const path = findChromium();
    if (path === undefined)
      throw new Error('Chromium must be installed or named by HIP_CHROMIUM, found none');
    const flags = [...CHROMIUM_FLAGS, `--user-data-dir=${this.#profile}`, url];
    // A group of its own, so that all of its processes can be ended.
    this.#child = spawn(path, flags, { stdio: 'ignore', detached: true });
    process.on('exit', this.#kill);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async stop(): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#kill();
    await exited;
    process.off('exit', this.#kill);
    // Its processes end one after the other, and may still be writing: 10 tries take 5 s.
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
  readonly #kill = (): void => {
    process.kill(-this.pid, 'SIGKILL');
  };
}
