import { WireError } from '../errors.ts';
import { PROTOCOL_VIOLATION } from '../transport-error.ts';

/** What a member of a control message must be. */
export type MemberType = 'string' | 'count' | 'boolean' | 'strings' | 'object' | 'string?' | 'count?';

/** Members of a message, by name. */
export type MessageShape = Readonly<Record<string, MemberType>>;

type Json = Readonly<Record<string, unknown>>;

/**
 * Checks that `value` is an object with the members of `shape`. Members that are not named are left alone: a newer peer
 * may say more.
 *
 * @throws {@link WireError} naming the member, what was expected and what came.
 */
export function checkShape(subject: string, value: unknown, shape: MessageShape): asserts value is Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new WireError(PROTOCOL_VIOLATION, `${subject} must be an object, got ${describe(value)}`);
  }
  for (const name in shape) {
    const type = shape[name] as MemberType;
    const member = (value as Json)[name];
    if (!matches(type, member)) {
      throw new WireError(
        PROTOCOL_VIOLATION,
        `${subject}.${name} must be ${WORDS[type]}, got ${describe(member)}`,
      );
    }
  }
}

const WORDS: Readonly<Record<MemberType, string>> = {
  string: 'a string',
  count: 'an integer from 0',
  boolean: 'true or false',
  strings: 'an array of strings',
  object: 'an object',
  'string?': 'a string or absent',
  'count?': 'an integer from 0 or absent',
};

function matches(type: MemberType, value: unknown): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string';
    case 'count':
      return Number.isSafeInteger(value) && (value as number) >= 0;
    case 'boolean':
      return typeof value === 'boolean';
    case 'strings':
      return Array.isArray(value) && value.every((item) => typeof item === 'string');
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'string?':
      return value === undefined || matches('string', value);
    case 'count?':
      return value === undefined || matches('count', value);
  }
}

/** The type of a value, never the value: it may be a secret. */
function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    return 'a number that is no integer below 2^53';
  if (typeof value === 'number') return value < 0 ? 'a negative number' : 'a number';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'undefined' ? 'nothing' : `a ${typeof value}`;
}
