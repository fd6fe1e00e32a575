import { WireError } from '../errors.ts';

/** What a member of a control message must be. */
export type MemberType = keyof typeof WORDS;

/** Members of a message, by name. */
export type MessageShape = Readonly<Record<string, MemberType>>;

type Json = Readonly<Record<string, unknown>>;

/**
 * Checks that `value` is an object with the members of `shape`. Members that are not named are left alone, because a
 * newer peer may say more, unless `exact`.
 *
 * @throws {@link WireError} naming the member, what was expected and what came.
 */
export function checkShape(
  subject: string,
  value: unknown,
  shape: MessageShape,
  exact = false,
): asserts value is Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new WireError('PROTOCOL_VIOLATION', `${subject} must be an object, got ${describe(value)}`);
  }
  for (const name in shape) {
    const type = shape[name] as MemberType;
    const member = (value as Json)[name];
    if (!matches(type, member)) {
      throw new WireError(
        'PROTOCOL_VIOLATION',
        `${subject}.${name} must be ${WORDS[type]}, got ${describe(member)}`,
      );
    }
  }
  if (!exact) return;
  for (const name in value) {
    if (Object.hasOwn(shape, name)) continue;
    // A name that looks like none may be a secret in the wrong place.
    const shown = /^[A-Za-z]{1,40}$/.test(name) ? `, got ${name}` : '';
    throw new WireError(
      'PROTOCOL_VIOLATION',
      `${subject} must have no members but ${Object.keys(shape).join(', ')}${shown}`,
    );
  }
}

const WORDS = {
  string: 'a string',
  count: 'an integer from 0',
  boolean: 'true or false',
  strings: 'an array of strings',
  object: 'an object',
  'string?': 'a string or absent',
  'count?': 'an integer from 0 or absent',
  'boolean?': 'true or false or absent',
  'strings?': 'an array of strings or absent',
  'object?': 'an object or absent',
  'string or false?': 'a string, false or absent',
} as const;

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
    case 'string or false?':
      return value === false || value === undefined || matches('string', value);
    default:
      return value === undefined || matches(type.slice(0, -1) as MemberType, value);
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
