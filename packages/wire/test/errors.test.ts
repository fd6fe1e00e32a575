import { expect, it } from 'vitest';
import { TRANSPORT_ERRORS, transportErrorName, WireError } from '../src/errors.ts';

it('names every code of its table, and shows others in hexadecimal', () => {
  for (const [name, code] of Object.entries(TRANSPORT_ERRORS)) expect(transportErrorName(code)).toBe(name);
  expect(transportErrorName(0x1ff)).toBe('0x1ff');
});

it('gives no two errors the same code', () => {
  const codes = Object.values(TRANSPORT_ERRORS);
  expect(new Set(codes).size).toBe(codes.length);
});

it('carries how the session is to be closed', () => {
  const error = new WireError('FLOW_CONTROL_ERROR', 'stream 4 must stay within its credit');
  expect(error).toMatchObject({ name: 'WireError', code: 'FLOW_CONTROL_ERROR' });
  expect(error).toBeInstanceOf(Error);
});
