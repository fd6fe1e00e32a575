import { describe, expect, it } from 'vitest';
import {
  COUNT,
  checkShape,
  FLAG,
  type MemberType,
  OBJECT,
  optional,
  TEXT,
  TEXTS,
} from '../../src/control/message-shape.ts';
import * as TRANSPORT_ERRORS from '../../src/transport-error.ts';
import { wireError } from '../support/frames.ts';

const SECRET = 'hunter2';

describe.each<[string, MemberType, good: unknown[], bad: unknown[]]>([
  ['a text', TEXT, ['', 'a'], [undefined, null, 1, true, {}, []]],
  [
    'a count',
    COUNT,
    [0, 1, Number.MAX_SAFE_INTEGER],
    [undefined, null, -1, 0.5, 2 ** 53, Number.NaN, '1', true, {}, []],
  ],
  ['a flag', FLAG, [true, false], [undefined, null, 0, 'true', {}, []]],
  ['a list of texts', TEXTS, [[], ['a', 'b']], [undefined, null, 'a', {}, [1], ['a', 1]]],
  ['an object', OBJECT, [{}, { a: 1 }], [undefined, null, 'a', 1, true, []]],
  ['a text or nothing', optional(TEXT), [undefined, '', 'a'], [null, 1, true, {}, []]],
  ['a count or nothing', optional(COUNT), [undefined, 0, 1], [null, -1, 0.5, '1', {}, []]],
])('a member that is %s', (_, type, good, bad) => {
  it.each(good.map((value) => [value]))('may be %j', (member) => {
    expect(() => checkShape('subject', { member }, { member: type })).not.toThrow();
  });

  it.each(bad.map((value) => [value]))('may not be %j', (member) => {
    const error = wireError(() => checkShape('subject', { member }, { member: type }));
    expect(error.code).toBe(TRANSPORT_ERRORS.PROTOCOL_VIOLATION);
    expect(error.message).toMatch(/^subject\.member must be .+, got .+/);
  });
});

it.each([[SECRET], { [SECRET]: SECRET }])('tells the type of what came, never its value: %j', (member) => {
  const { message } = wireError(() => checkShape('subject', { member }, { member: TEXT }));
  expect(message).toBe('subject.member must be a string, got object');
});

it.each([null, undefined, 'text', 5, [], [{}]])('refuses %j, which is no object', (value) => {
  const error = wireError(() => checkShape('subject', value, {}));
  expect(error.message).toMatch(/^subject must be an object, got /);
});

it('leaves members alone that it does not know: a newer peer may say more', () => {
  expect(() => checkShape('subject', { a: 'a', b: {} }, { a: TEXT })).not.toThrow();
});
