/** How a client proves who it is: a token, or a function that gives a fresh one for every new session. */
export type TokenSource = string | (() => string | Promise<string>);

/** What may be sent as a body: what `fetch` takes, and any iterable of bytes. */
export type BodySource = BodyInit | AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** What headers may be given as; an `HTTPHeaderDict` is such an iterable. A name may come several times. */
export type HeadersSource =
  | Headers
  | Readonly<Record<string, string>>
  | Iterable<readonly [name: string, value: string]>;

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
