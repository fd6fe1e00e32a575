import type { TestProject } from 'vitest/node';
import { ControlServer } from './control-server.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where tests reach the control server. */
    controlUrl: string;
    /** Length of the large upload: `HIP_UPLOAD_BYTES`, else what does not take too long. */
    uploadBytes: number;
    /** Requests of a test with restarts: `HIP_RESTART_REQUESTS`, or a few. */
    restartRequests: number;
  }
}

/** Runs once per project in the test runner's process; what it returns runs at the end. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const control = new ControlServer();
  project.provide('controlUrl', await control.start());
  project.provide('uploadBytes', Number(process.env['HIP_UPLOAD_BYTES'] ?? 268_435_456));
  project.provide('restartRequests', Number(process.env.HIP_RESTART_REQUESTS ?? 1_000));
  return () => control.stop();
}
