import type { FailureName } from '@hip/wire';
import { failureError, type HTTPError } from '../../src/errors.ts';
import { HTTPHeaderDict } from '../../src/pool/http-header-dict.ts';
import type { RepeatableResponse } from '../../src/pool/redirect-location.ts';

/** A failure as the gateway tells it. */
export function failure(name: FailureName): HTTPError {
  return failureError({ name, detail: `${name} happened` });
}

/** As much of a response as retries look at. */
export function answer(status: number, headers: Record<string, string> = {}): RepeatableResponse {
  return { status, headers: new HTTPHeaderDict(headers) };
}

/** A redirect. */
export function redirect(status = 302, location = '/next'): RepeatableResponse {
  return answer(status, { location });
}
