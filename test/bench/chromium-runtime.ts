import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findChromium } from '../../scripts/find-chromium.ts';
import { CHROMIUM_FLAGS } from '../support/chromium-process.ts';
import { Child } from './child-process.ts';
import type { ControlServer } from './control-server.ts';
import type { Measurement, Runtime } from './workload/measurement.ts';

/** Chromium's version line. Throws when there is none. */
export function chromiumVersion(): string {
  const version = execFileSync(chromiumPath(), ['--version'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return version.trim().split(' ').slice(0, 2).join(' ');
}

function chromiumPath(): string {
  const path = findChromium();
  if (path !== undefined) return path;
  throw new Error(
    'Chromium must be installed (Debian: apt-get install chromium) or named by HIP_CHROMIUM, found none',
  );
}

/** A page in a Chromium of its own, started when first used. */
export class ChromiumRuntime implements Runtime {
  readonly #control: ControlServer;
  readonly #pageUrl: () => Promise<string>;
  #profile: string | undefined;
  #child: Child | undefined;
  #started: Promise<void> | undefined;

  /** `pageUrl` answers where the page is; `control` is the server that it asks for work. */
  constructor(control: ControlServer, pageUrl: () => Promise<string>) {
    this.#control = control;
    this.#pageUrl = pageUrl;
    process.on('exit', () => this.#removeProfile());
  }

  async run(measurement: Measurement): Promise<number> {
    this.#started ??= this.#start();
    await this.#started;
    return Promise.race([this.#control.run(measurement), this.#ended()]);
  }

  async close(): Promise<void> {
    await this.#child?.stop();
    this.#removeProfile();
  }

  async #start(): Promise<void> {
    const url = await this.#pageUrl();
    this.#profile = mkdtempSync(join(tmpdir(), 'hip-bench-chromium-'));
    this.#child = new Child(chromiumPath(), [...CHROMIUM_FLAGS, `--user-data-dir=${this.#profile}`, url], {
      isGroup: true,
    });
    await Promise.race([this.#control.loaded(), this.#ended()]);
  }

  #ended(): Promise<never> {
    return this.#child?.failure() ?? Promise.reject(new Error('Chromium must be started before it is used'));
  }

  #removeProfile(): void {
    if (this.#profile === undefined) return;
    try {
      // Chromium may still be writing to it as its processes end one after the other: 10 tries take 5 s.
      rmSync(this.#profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    } catch (error) {
      console.error(`${this.#profile} could not be removed: ${String(error)}`);
    }
    this.#profile = undefined;
  }
}
