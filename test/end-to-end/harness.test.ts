import { expect, test } from 'vitest';
import { ContentCheck, contentBytes, contentStream, sha256 } from '../support/content.ts';
import { Origin } from '../support/control.ts';
import { eventually } from '../support/eventually.ts';

// The harness itself, with the runtime's own fetch and no gateway. `no-cors`: an origin sends no CORS fields, and
// what it has seen is asked of the control server.

test('an origin records a request that the runtime sends directly', async () => {
  const origin = await Origin.start();
  try {
    await fetch(origin.url('/upload'), { method: 'POST', body: contentBytes(100_000), mode: 'no-cors' });
    const record = await eventually(async () => {
      const found = await origin.request('/upload');
      expect(found.outcome).toBe('complete');
      return found;
    });
    expect(record).toMatchObject({ method: 'POST', receivedBytes: 100_000 });
    expect(record.receivedSha256).toBe(await sha256(contentBytes(100_000)));
    expect(await origin.counts()).toMatchObject({ connectionsOpened: 1, requestsOpen: 0 });
  } finally {
    await origin.stop();
  }
});

test('an origin holds an answer until its latch is released', async () => {
  const origin = await Origin.start();
  try {
    const answered = fetch(origin.url('/slow-start/go'), { mode: 'no-cors' });
    await eventually(async () =>
      expect(await origin.request('/slow-start')).toMatchObject({ outcome: 'open' }),
    );
    await origin.release('go');
    await answered;
    await eventually(async () =>
      expect(await origin.request('/slow-start')).toMatchObject({ outcome: 'complete' }),
    );
  } finally {
    await origin.stop();
  }
});

test('the content check accepts its own stream and names the first byte that differs', async () => {
  const check = new ContentCheck();
  const reader = contentStream(3_000_001).getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) check.push(next.value);
  expect(check.receivedBytes).toBe(3_000_001);
  const wrong = contentBytes(2_000_000);
  wrong[1_234_567] = (wrong[1_234_567] ?? 0) ^ 1;
  expect(() => new ContentCheck().push(wrong)).toThrow('offset 1234567');
});
