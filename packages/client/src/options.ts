/** How a client proves who it is: a token, or a function that gives a fresh one for every new session. */
export type TokenSource = string | (() => string | Promise<string>);

/** What may be sent as a body: what `fetch` takes, and any iterable of bytes. */
export type BodySource = BodyInit | AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** What headers may be given as; an `HTTPHeaderDict` is such an iterable. A name may come several times. */
export type HeadersSource =
  | Headers
  | Readonly<Record<string, string>>
  | Iterable<readonly [name: string, value: string]>;

/** What a jar is told of the request that cookies are for. */
export interface CookieContext {
  /**
   * How much the sites that redirected there have to do with it: `strict` when nobody else did, otherwise `lax`, and
   * `none` for a method that changes something.
   */
  readonly sameSiteContext: 'strict' | 'lax' | 'none';
}

/** Keeps cookies: a `CookieJar` of `@hip/client/cookies`, one of tough-cookie, or anything that looks like these. */
export interface CookieJarLike {
  /** The `cookie` header of a request to a URL; empty when there is none. */
  getCookieString(url: string, context: CookieContext): Promise<string> | string;

  /** Keeps the cookie of a `set-cookie` line that came from a URL; with `ignoreError` never throws for a bad one. */
  setCookie(line: string, url: string, options: { ignoreError: true }): unknown;

  /** In place of {@link CookieJarLike.setCookie} for all lines of a response, where there is such a method. */
  setCookies?(lines: readonly string[], url: string): unknown;
}

/** Where the gateway is and how to prove who asks. */
export interface GatewayOptions {
  /**
   * URL of the gateway's session endpoint, as `hip-gateway serve` prints it: `ws://127.0.0.1:8787/session`. `http:` and
   * `https:` mean `ws:` and `wss:`.
   *
   * @defaultValue what {@link configure} was given
   */
  gateway?: string | URL;

  /**
   * What the gateway knows you by: a token, or a function that gives one, called for every new session. It travels
   * inside the session, never in a URL.
   *
   * @defaultValue what {@link configure} was given; none
   */
  token?: TokenSource;
}
