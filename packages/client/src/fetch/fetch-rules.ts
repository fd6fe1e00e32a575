import type { FieldLines } from '@hip/wire';
import type { FetchRequest } from './fetch-request.ts';
import type { FetchResponse } from './fetch-types.ts';
import type { ResponseFacts, TunnelResponse } from './tunnel-response.ts';

/** What the Fetch standard says beyond sending a message and following redirects. Most calls ask for none of it. */
export interface FetchRules {
  /**
   * The request as it is sent, each time: fields that the standard adds.
   *
   * @throws TypeError where it must not be sent.
   */
  outgoing(request: FetchRequest): FetchRequest;

  /**
   * Before a redirect is followed.
   *
   * @throws TypeError where it must not be.
   */
  redirected(from: FetchRequest, to: FetchRequest, fields: FieldLines): void;

  /** The response for the caller, made of the one that came. `response()` makes it as it would be without rules. */
  respond(
    request: FetchRequest,
    facts: ResponseFacts,
    response: (type: ResponseType) => TunnelResponse,
  ): FetchResponse | Promise<FetchResponse>;
}
