import { percentDecode } from './percent-encoding.ts';

/** The parts of a {@link Url}. */
export interface UrlParts {
  /** Without its colon. */
  readonly scheme?: string | undefined;
  /** User name and password, percent-encoded: `user:password`. */
  readonly auth?: string | undefined;
  /** Name or address; an IPv6 address stands in brackets. */
  readonly host?: string | undefined;
  /** TCP port. */
  readonly port?: number | undefined;
  /** Begins with a slash. */
  readonly path?: string | undefined;
  /** Without its question mark. */
  readonly query?: string | undefined;
  /** Without its `#`. */
  readonly fragment?: string | undefined;
}

/**
 * A URL in its parts, as urllib3's `Url`; {@link parseUrl} makes one of a text. A part that is not there is
 * `undefined`, which is not the same as empty. Immutable: `new Url({ ...url, query: 'page=2' })` is another one.
 */
export class Url implements UrlParts {
  /** {@link UrlParts.scheme}, in lower case. */
  readonly scheme: string | undefined;
  /** {@link UrlParts.auth}. */
  readonly auth: string | undefined;
  /** {@link UrlParts.host}. */
  readonly host: string | undefined;
  /** {@link UrlParts.port}. */
  readonly port: number | undefined;
  /** {@link UrlParts.path}. */
  readonly path: string | undefined;
  /** {@link UrlParts.query}. */
  readonly query: string | undefined;
  /** {@link UrlParts.fragment}. */
  readonly fragment: string | undefined;

  /** Takes the parts as they are, but for the scheme, which it lower-cases, and the slash a path begins with. */
  constructor(parts: UrlParts = {}) {
    const { scheme, auth, host, port, path, query, fragment } = parts;
    this.scheme = scheme?.toLowerCase();
    this.auth = auth;
    this.host = host;
    this.port = port;
    this.path = path && !path.startsWith('/') ? `/${path}` : path;
    this.query = query;
    this.fragment = fragment;
  }

  /** The same as {@link Url.host}. */
  get hostname(): string | undefined {
    return this.host;
  }

  /** What an HTTP request names: path and query. */
  get requestUri(): string {
    return (this.path || '/') + (this.query === undefined ? '' : `?${this.query}`);
  }

  /** Host and port. */
  get netloc(): string | undefined {
    if (this.host === undefined || this.port === undefined) return this.host;
    return `${this.host}:${this.port}`;
  }

  /** User information, host and port (RFC 3986 §3.2). */
  get authority(): string | undefined {
    const netloc = this.netloc;
    return netloc === undefined || this.auth === undefined ? netloc : `${this.auth}@${netloc}`;
  }

  /** User name and password without percent-encoding, either `undefined` where there is none. */
  get authDecoded(): readonly [username: string | undefined, password: string | undefined] {
    if (this.auth === undefined) return [undefined, undefined];
    const colon = this.auth.indexOf(':');
    if (colon < 0) return [percentDecode(this.auth), undefined];
    return [percentDecode(this.auth.slice(0, colon)), percentDecode(this.auth.slice(colon + 1))];
  }

  /** The same as `user:password`, for the `basicAuth` of {@link makeHeaders}. */
  get authDecodedJoined(): string | undefined {
    const [username, password = ''] = this.authDecoded;
    return username === undefined ? undefined : `${username}:${password}`;
  }

  /** The whole URL. */
  get url(): string {
    const { scheme, auth, host, port, path, query, fragment } = this;
    let url = '';
    if (scheme !== undefined) url += `${scheme}://`;
    if (auth !== undefined) url += `${auth}@`;
    if (host !== undefined) url += host;
    if (port !== undefined) url += `:${port}`;
    if (path !== undefined) url += path;
    if (query !== undefined) url += `?${query}`;
    if (fragment !== undefined) url += `#${fragment}`;
    return url;
  }

  /** The same as {@link Url.url}. */
  toString(): string {
    return this.url;
  }
}
