import { expect, it } from 'vitest';
import { WireError } from '../src/errors.ts';
import * as TRANSPORT_ERRORS from '../src/transport-error.ts';

it('gives no two errors the same code', () => {
  const codes = Object.values(TRANSPORT_ERRORS);
  expect(new Set(codes).size).toBe(codes.length);
});

it('carries how the session is to be closed', () => {
  const error = new WireError(TRANSPORT_ERRORS.FLOW_CONTROL_ERROR, 'stream 4 must stay within its credit');
  expect(error).toMatchObject({ name: 'WireError', code: 0x03 });
  expect(error).toBeInstanceOf(Error);
});
