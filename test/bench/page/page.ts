/**
 * The page's side of the bench: asks the control server for a measurement, carries it out, reports, asks again.
 * Nothing else is under way while it measures.
 */
import { openNative } from '../workload/client.ts';
import { openHip } from '../workload/hip-client.ts';
import { LocalRuntime } from '../workload/local-runtime.ts';
import type { Measurement } from '../workload/measurement.ts';
import { openEpoxy } from './epoxy-client.ts';

const control = new URL(import.meta.url).searchParams.get('control');
const runtime = new LocalRuntime({ native: openNative, hip: openHip, epoxy: openEpoxy });

async function report(measurement: Measurement): Promise<void> {
  let body: string;
  try {
    body = JSON.stringify({ value: await runtime.run(measurement) });
  } catch (error) {
    body = JSON.stringify({ error: error instanceof Error ? describe(error) : String(error) });
  }
  await fetch(`${control}/result`, { method: 'POST', body });
}

function describe(error: Error): string {
  const cause = error.cause instanceof Error ? `; cause: ${describe(error.cause)}` : '';
  return `${error.name}: ${error.message}${cause}`;
}

try {
  for (;;) {
    const next = await fetch(`${control}/next`, { cache: 'no-store' });
    await report((await next.json()) as Measurement);
  }
} finally {
  close(); // the bench is gone, and with its last window so is this Chromium
}
