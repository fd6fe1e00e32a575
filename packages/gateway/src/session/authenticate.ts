import { createHash, timingSafeEqual } from 'node:crypto';

/** Who a session belongs to. Nothing is ever shared between two subjects. */
export interface Subject {
  /** Name in logs and keys. Without NUL. */
  readonly name: string;
}

/** Decides who presents `token`; `undefined` for nobody. */
export type Authenticator = (token: string | undefined) => Subject | undefined;

/** One token, one subject. Compared by digest, in a time that does not depend on where they differ. */
export function tokenAuthenticator(token: string): Authenticator {
  const expected = digest(token);
  return (presented) => {
    if (presented === undefined || !timingSafeEqual(digest(presented), expected)) return undefined;
    return { name: 'token' };
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
