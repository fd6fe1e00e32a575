import type { BodySource } from '../options.ts';

/**
 * What Web IDL makes of a body that is none of those it names: a text. An object that does not say how it reads as a text is
 * left to be refused: a platform sends `[object Object]`, which nobody wants.
 */
export function bodySource(source: unknown): BodySource {
  const isBody =
    typeof source === 'object' &&
    source !== null &&
    (Symbol.toStringTag in source ||
      Symbol.iterator in source ||
      Symbol.asyncIterator in source ||
      source.toString === Object.prototype.toString);
  return isBody ? (source as BodySource) : String(source);
}
