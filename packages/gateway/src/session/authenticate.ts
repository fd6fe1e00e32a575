import { createHash, timingSafeEqual } from 'node:crypto';
import type { EgressPolicy } from '../policy/egress-policy.ts';

/** Who a session belongs to. Nothing is ever shared between two subjects. */
export interface Subject {
  /** Name in logs and keys. Without NUL. */
  readonly name: string;

  /** Names of the operator's identities its requests may use. */
  readonly identities: readonly string[];

  /** Where its requests may go. */
  readonly policy: EgressPolicy;
}

/** Decides who presents `token`; `undefined` for nobody. */
export type Authenticator = (token: string | undefined) => Subject | undefined;

/** One token for each subject. Compared by digest, with every one, in a time that does not depend on where they differ. */
export function tokenAuthenticator(
  subjects: readonly (Subject & { readonly token: string })[],
): Authenticator {
  const known = subjects.map(({ token, ...subject }) => ({ subject, digest: digest(token) }));
  return (presented) => {
    if (presented === undefined) return undefined;
    const expected = digest(presented);
    let found: Subject | undefined;
    for (const one of known) if (timingSafeEqual(expected, one.digest)) found = one.subject;
    return found;
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
