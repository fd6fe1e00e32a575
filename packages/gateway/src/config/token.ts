import { randomBytes } from 'node:crypto';
import { INTERNALS } from '../defaults.ts';

/** What {@link isToken} accepts, in words for an error message. */
export const TOKEN_FORM = 'one line of visible ASCII characters';

/** Can this be a token? It has to fit into a JSON string and onto one line of a terminal. */
export function isToken(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}

/** A new token that nobody can guess. */
export function generateToken(): string {
  return randomBytes(INTERNALS.tokenBytes).toString('base64url');
}
