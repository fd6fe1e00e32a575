import { describe, expect, it } from 'vitest';
import { FAILURES, type FailureSpec, failureName } from '../src/failure.ts';
import { FAILURE_MEANINGS } from '../src/failure-meaning.ts';

const ROWS = Object.entries(FAILURES) as [keyof typeof FAILURES, FailureSpec][];

it('gives no two failures the same code', () => {
  expect(new Set(ROWS.map(([, row]) => row.code)).size).toBe(ROWS.length);
});

describe.each(ROWS)('%s', (name, row) => {
  it('is found by its code', () => {
    expect(failureName(row.code)).toBe(name);
  });

  it('has a code above those of the transport and in the range of where it happened', () => {
    expect(row.code).toBeGreaterThanOrEqual(0x100);
    expect(row.code).toBeLessThan(0x800);
  });
});

describe('sent', () => {
  // Before a connection is there, no byte of the request can have left.
  it.each(ROWS.filter(([, { code }]) => (code >= 0x200 && code < 0x500) || code >= 0x700))(
    '%s came before the request',
    (_, row) => {
      expect(row.sent).toBe('never');
    },
  );

  it.each(ROWS.filter(([name]) => FAILURE_MEANINGS[name].proxyError.startsWith('http_response_')))(
    '%s came after the origin had answered',
    (_, row) => {
      expect(row.sent).toBe('always');
    },
  );

  it('is never for what the gateway refuses before it has looked for a connection', () => {
    for (const name of ['unauthenticated', 'unknown_context', 'unsupported_option', 'draining'] as const) {
      expect(FAILURES[name].sent).toBe('never');
    }
  });

  it('is maybe for what can happen at any time', () => {
    for (const name of ['cancelled', 'internal_error', 'session_lost', 'connection_terminated'] as const) {
      expect(FAILURES[name].sent).toBe('maybe');
    }
  });
});

it('reads the code of a newer peer as a failure of the gateway that may have sent the request', () => {
  expect(failureName(0x7777)).toBe('internal_error');
  expect(FAILURES[failureName(0x7777)].sent).toBe('maybe');
});
