import type { ResponseInfo } from './response-info.ts';

/**
 * A response that tells nothing: "opaque filtered response" and "opaque-redirect filtered response" of the Fetch
 * standard.
 */
export class FilteredResponse extends Response {
  readonly #type: ResponseType;
  readonly #url: string;
  readonly #info: () => ResponseInfo;

  constructor(type: 'opaque' | 'opaqueredirect', url: string, info: () => ResponseInfo) {
    super(null);
    this.#type = type;
    this.#url = url;
    this.#info = info;
  }

  /** How it came, beyond what the standard tells. */
  get hip(): ResponseInfo {
    return this.#info();
  }

  override get type(): ResponseType {
    return this.#type;
  }

  override get url(): string {
    return this.#url;
  }

  override get status(): number {
    return 0;
  }

  override get ok(): boolean {
    return false;
  }

  override clone(): FilteredResponse {
    return new FilteredResponse(this.#type as 'opaque', this.#url, this.#info);
  }
}
