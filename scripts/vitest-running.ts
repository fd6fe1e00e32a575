import { rmSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';
import { ROOT } from './source-files.ts';

/**
 * Keeps a file with the names of the test files under way, so that a run that hangs can be told by name: the other
 * reporters speak of a file when it has ended.
 */
export default class RunningFiles implements Reporter {
  readonly #running = new Set<string>();

  onTestModuleStart(module: TestModule): void {
    this.#running.add(relative(ROOT, module.moduleId));
    this.#write();
  }

  onTestModuleEnd(module: TestModule): void {
    this.#running.delete(relative(ROOT, module.moduleId));
    this.#write();
  }

  #write(): void {
    const path = process.env.HIP_RUNNING_FILES;
    if (path === undefined) return;
    if (this.#running.size === 0) rmSync(path, { force: true });
    else writeFileSync(path, [...this.#running].join(', '));
  }
}
