import { violation } from '../errors.ts';

/** What a member of a control message must be: in words, and the test of it. */
export interface MemberType {
  readonly words: string;
  readonly matches: (value: unknown) => boolean;
}

/** Members of a message, by name. */
export type MessageShape = Readonly<Record<string, MemberType>>;

type Json = Readonly<Record<string, unknown>>;

/** Any string. */
export const TEXT: MemberType = { words: 'a string', matches: (value) => typeof value === 'string' };

/** An integer that a number holds exactly, not negative. */
export const COUNT: MemberType = {
  words: 'an integer from 0',
  matches: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
};

/** A boolean. */
export const FLAG: MemberType = { words: 'true or false', matches: (value) => typeof value === 'boolean' };

/** Any number of strings. */
export const TEXTS: MemberType = {
  words: 'an array of strings',
  matches: (value) => Array.isArray(value) && value.every(TEXT.matches),
};

/** An object that is no array. */
export const OBJECT: MemberType = {
  words: 'an object',
  matches: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
};

/** Such a member, or none. */
export function optional(type: MemberType): MemberType {
  return {
    words: `${type.words} or absent`,
    matches: (value) => value === undefined || type.matches(value),
  };
}

/**
 * Checks that `value` is an object with the members of `shape`. Members that are not named are left alone: a newer peer
 * may say more.
 *
 * @throws {@link WireError} naming the member, what was expected and what came.
 */
export function checkShape(subject: string, value: unknown, shape: MessageShape): asserts value is Json {
  check(subject, value, OBJECT);
  for (const name in shape) check(`${subject}.${name}`, (value as Json)[name], shape[name] as MemberType);
}

function check(subject: string, value: unknown, type: MemberType): void {
  if (type.matches(value)) return;
  // The type of the value, never the value: it may be a secret.
  throw violation(`${subject} must be ${type.words}, got ${typeof value}`);
}

/**
 * Checks that `value` is one of `messages`, named by its member `type`.
 *
 * @throws {@link WireError} when it is none.
 */
export function checkMessage(value: unknown, messages: Readonly<Record<string, MessageShape>>): void {
  checkShape('control message', value, { type: TEXT });
  const type = value['type'] as string;
  if (!Object.hasOwn(messages, type)) {
    throw violation(`control message type must be one of ${Object.keys(messages).join(', ')}`);
  }
  checkShape(type, value, messages[type] as MessageShape);
}
