import { invalidOption } from '../errors.ts';
import { checkFlag } from '../pool/check-options.ts';
import type { PoolManagerOptions } from '../pool/pool-options.ts';

/** Says which requests go through the gateway. */
export type RouteChoice = readonly string[] | ((url: URL, request: Request) => boolean);

/**
 * Options of {@link routeThroughHip}, those of the {@link PoolManager} that it makes among them. `headers` are added to
 * each routed request that has none of the name; `retries` are off unless given; redirects are the browser's to follow.
 */
export interface RouteOptions extends PoolManagerOptions {
  /**
   * Which requests go through the gateway: exact origins, such as `https://api.internal`, or a function that says it of
   * each URL. A page, and every script in it, may read whatever these answer, CORS or not. All other requests are left to
   * the browser.
   */
  origins: RouteChoice;

  /**
   * Further options of the manager, which hold over the others: asked for when the worker needs a manager, that is once in
   * each of its lives, and again after a failure.
   *
   * @defaultValue none
   */
  more?: () => PoolManagerOptions | Promise<PoolManagerOptions>;

  /**
   * Whether navigations (of pages and frames) are routed, too, where the page's own origin is chosen.
   *
   * @defaultValue they are left to the browser
   */
  navigations?: boolean;

  /**
   * Whether an upload is taken whole, by the browser and on its disk where it is large, before it is sent: its length is
   * known then. Otherwise only a body that is here at once has a `content-length`; a large file or a stream is sent while
   * it is read, in chunks.
   *
   * @defaultValue it is not
   */
  bufferUploads?: boolean;
}

/** {@link RouteOptions}, checked and taken apart. */
export interface Route {
  /** Whether a request goes through the gateway. */
  readonly takes: (request: Request) => boolean;
  readonly bufferUploads: boolean;
  readonly managerOptions: PoolManagerOptions;
  readonly more: RouteOptions['more'];
}

/** @throws {@link InvalidRequestError} naming the option, what was expected and what came. */
export function checkRoute(options: RouteOptions): Route {
  const { origins, more, navigations, bufferUploads, ...managerOptions } = options;
  if (more !== undefined && typeof more !== 'function') {
    throw invalidOption(`more must be a function that gives options, got ${typeof more}`);
  }
  const chooses = choice(origins);
  const withNavigations = checkFlag('navigations', navigations, false);
  return {
    takes(request) {
      if (request.mode === 'navigate' && !withNavigations) return false;
      const url = new URL(request.url);
      return (url.protocol === 'http:' || url.protocol === 'https:') && chooses(url, request);
    },
    bufferUploads: checkFlag('bufferUploads', bufferUploads, false),
    managerOptions,
    more,
  };
}

function choice(origins: RouteChoice): (url: URL, request: Request) => boolean {
  if (typeof origins === 'function') return origins;
  if (!Array.isArray(origins) || origins.length === 0) {
    throw invalidOption(
      'origins must be an array of at least one origin, or a function that says it of a URL',
    );
  }
  const chosen = new Set<string>(origins.map(checkOrigin));
  return ({ origin }) => chosen.has(origin);
}

function checkOrigin(text: unknown): string {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && url.origin === text && /^https?:$/.test(url.protocol)) return text;
  const hint = url === undefined || url.origin === 'null' ? '' : `: did you mean ${url.origin}?`;
  throw invalidOption(`origins must be origins such as https://api.internal, without a path${hint}`);
}
