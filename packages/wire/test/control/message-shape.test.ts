import { describe, expect, it } from 'vitest';
import { checkShape, type MemberType } from '../../src/control/message-shape.ts';
import * as TRANSPORT_ERRORS from '../../src/transport-error.ts';
import { wireError } from '../support/frames.ts';

const SECRET = 'hunter2';

describe.each<[MemberType, good: unknown[], bad: unknown[]]>([
  ['string', ['', 'a'], [undefined, null, 1, true, {}, []]],
  [
    'count',
    [0, 1, Number.MAX_SAFE_INTEGER],
    [undefined, null, -1, 0.5, 2 ** 53, Number.NaN, '1', true, {}, []],
  ],
  ['boolean', [true, false], [undefined, null, 0, 'true', {}, []]],
  ['strings', [[], ['a', 'b']], [undefined, null, 'a', {}, [1], ['a', 1]]],
  ['object', [{}, { a: 1 }], [undefined, null, 'a', 1, true, []]],
  ['string?', [undefined, '', 'a'], [null, 1, true, {}, []]],
  ['count?', [undefined, 0, 1], [null, -1, 0.5, '1', {}, []]],
])('a member that is %s', (type, good, bad) => {
  it.each(good.map((value) => [value]))('may be %j', (member) => {
    expect(() => checkShape('subject', { member }, { member: type })).not.toThrow();
  });

  it.each(bad.map((value) => [value]))('may not be %j', (member) => {
    const error = wireError(() => checkShape('subject', { member }, { member: type }));
    expect(error.code).toBe(TRANSPORT_ERRORS.PROTOCOL_VIOLATION);
    expect(error.message).toMatch(/^subject\.member must be .+, got .+/);
  });
});

describe('what came', () => {
  it.each([
    [SECRET, 'a string'],
    [undefined, 'nothing'],
    [null, 'null'],
    [-5, 'a negative number'],
    [5, 'a number'],
    [0.5, 'a number that is no integer below 2^53'],
    [2 ** 60, 'a number that is no integer below 2^53'],
    [true, 'a boolean'],
    [[SECRET], 'an array'],
    [{ [SECRET]: SECRET }, 'an object'],
  ])('is told by its type, never by its value: %j', (member, words) => {
    const type: MemberType = typeof member === 'string' ? 'count' : 'string';
    const { message } = wireError(() => checkShape('subject', { member }, { member: type }));
    expect(message).toBe(
      `subject.member must be ${type === 'count' ? 'an integer from 0' : 'a string'}, got ${words}`,
    );
  });
});

it.each([null, undefined, 'text', 5, [], [{}]])('refuses %j, which is no object', (value) => {
  const error = wireError(() => checkShape('subject', value, {}));
  expect(error.message).toMatch(/^subject must be an object, got /);
});

it('leaves members alone that it does not know: a newer peer may say more', () => {
  expect(() => checkShape('subject', { a: 'a', b: {} }, { a: 'string' })).not.toThrow();
});
