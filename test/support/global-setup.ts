import type { TestProject } from 'vitest/node';
import { ControlServer } from './control-server.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where tests reach the control server. */
    controlUrl: string;
  }
}

/** Runs once per project in the test runner's process; what it returns runs at the end. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const control = new ControlServer();
  project.provide('controlUrl', await control.start());
  return () => control.stop();
}
