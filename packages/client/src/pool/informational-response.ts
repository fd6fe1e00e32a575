import type { HTTPHeaderDict } from './http-header-dict.ts';

/** A response that came before the final one, such as 103 (RFC 9110 §15.2). */
export interface InformationalResponse {
  /** Status code, from 100 to 199. */
  readonly status: number;

  /** Header fields, names in lower case. */
  readonly headers: HTTPHeaderDict;
}
