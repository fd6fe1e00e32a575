import type { CredentialSource } from '../tls-options.ts';
import { type CredentialKind, credentialContent } from './credential-content.ts';
import { LruMap } from './lru-map.ts';

/** Contents of `file:` URLs kept; those of other sources are kept as long as the sources are. */
const MAX_FILES = 64;

/** Reads the content of each credential once. A read that failed is not kept: the next request tries again. */
export class CredentialCache {
  readonly #files = new LruMap<string, Promise<string>>();
  readonly #objects = new WeakMap<object, Map<string, Promise<string>>>();

  /** As {@link credentialContent}. */
  read(name: string, source: CredentialSource, kind: CredentialKind): Promise<string> {
    const kept = this.#keptOf(source);
    // Under the name of its option, too: that is in its errors.
    const key = `${kind} ${name} ${typeof source === 'string' ? source : ''}`;
    const known = kept?.get(key);
    if (known !== undefined) return known;
    const content = credentialContent(name, source, kind);
    kept?.set(key, content);
    content.catch(() => kept?.delete(key));
    for (const [oldest] of this.#files) {
      if (this.#files.size <= MAX_FILES) break;
      this.#files.delete(oldest);
    }
    return content;
  }

  /** Where the content of a source is kept; text needs no reading, and what is no source is told by who reads it. */
  #keptOf(
    source: CredentialSource,
  ): Map<string, Promise<string>> | LruMap<string, Promise<string>> | undefined {
    if (typeof source === 'string') return source.startsWith('file:') ? this.#files : undefined;
    if (typeof source !== 'object' || source === null) return undefined;
    let kept = this.#objects.get(source);
    if (kept === undefined) {
      kept = new Map();
      this.#objects.set(source, kept);
    }
    return kept;
  }
}
