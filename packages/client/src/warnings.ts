import { CONSOLE, logger } from './logger.ts';

/**
 * Base of every warning, as in urllib3. Warnings are never thrown: in Node they go through `process.emitWarning()`, so
 * that `--no-warnings` and `--disable-warning=InsecureRequestWarning` hold; elsewhere to `console.warn()`.
 *
 * The setting `HIP_WARNINGS` (a variable of the environment, or of `globalThis` where there is none) silences them without
 * a change of code, as PYTHONWARNINGS does: `ignore` or `default`, for one class as in `ignore:InsecureRequestWarning`;
 * several are separated by commas, and the last one that matches holds.
 */
export class HTTPWarning extends Error {
  /** The name of the class, by which `HIP_WARNINGS` and `--disable-warning` know it. */
  override readonly name: string = 'HTTPWarning';
}

/** Something is less safe than it could be (urllib3). */
export class SecurityWarning extends HTTPWarning {
  override readonly name: string = 'SecurityWarning';
}

/**
 * A request goes to an `https:` URL whose certificate is not verified: `certReqs` is not `CERT_REQUIRED`, and there is no
 * `assertFingerprint` (urllib3). Where an `https:` proxy does TLS with the origin (`useForwardingForHttps`), it is the proxy's
 * certificate that counts. Raised before each such request is sent, each redirect that `fetch()` follows included.
 */
export class InsecureRequestWarning extends SecurityWarning {
  override readonly name = 'InsecureRequestWarning';
}

/**
 * What travels between here and the origins may be read on the way, whatever the requests ask for: the platform's fault, as
 * an old module for TLS is in urllib3. Raised once for each session with a gateway when it has been accepted, and either is
 * a plain `ws:` one to a host that is not this machine, or the gateway says which versions of TLS it can do and neither 1.2
 * nor 1.3 is among them.
 */
export class InsecurePlatformWarning extends SecurityWarning {
  override readonly name = 'InsecurePlatformWarning';
}

/**
 * A request goes to an `https:` URL with a named host, but `serverHostname` is an address, which cannot be sent in SNI
 * (RFC 6066 §3): the origin cannot know which of its certificates to present. Raised before each such request is sent, but
 * not where an `https:` proxy does TLS with the origin.
 */
export class SNIMissingWarning extends HTTPWarning {
  override readonly name = 'SNIMissingWarning';
}

/** A class of warnings: {@link HTTPWarning} or one derived from it. */
export type WarningCategory = new (message: string) => HTTPWarning;

const CATEGORIES: Readonly<Record<string, WarningCategory>> = {
  HTTPWarning,
  SecurityWarning,
  InsecureRequestWarning,
  InsecurePlatformWarning,
  SNIMissingWarning,
};

const disabled = new Set<WarningCategory>();
let captured = false;

/**
 * Silences warnings of a class and of those derived from it, as urllib3's `disable_warnings()`.
 *
 * @param category - all of them when left out.
 */
export function disableWarnings(category: WarningCategory = HTTPWarning): void {
  disabled.add(category);
}

/**
 * With `true` warnings go to the library's logger ({@link setLogger}, {@link addConsoleLogger}) at level `warn`, as with
 * Python's `logging.captureWarnings()`; with `false` to the platform again. Those that are silenced stay so.
 */
export function captureWarnings(capture: boolean): void {
  captured = capture;
}

/** Raises a warning, unless it is silenced. */
export function warn(warning: HTTPWarning): void {
  if (isSilenced(warning)) return;
  const { process } = globalThis as { process?: { emitWarning?: (warning: Error) => void } };
  if (captured) logger()?.warn(warning);
  else if (typeof process?.emitWarning === 'function') process.emitWarning(warning);
  else CONSOLE.warn(warning);
}

/** Raises {@link InsecurePlatformWarning} about a session, where there is reason to. */
export function warnOfPlatform(gateway: string, features: readonly string[]): void {
  const { protocol, hostname } = new URL(gateway);
  const versions = features.filter((feature) => feature.startsWith('tls'));
  if (versions.length > 0 && !versions.includes('tls1.2') && !versions.includes('tls1.3')) {
    warn(
      new InsecurePlatformWarning(
        `the gateway at ${hostname} can do neither TLS 1.2 nor 1.3: run it on a Node that can`,
      ),
    );
  } else if (protocol === 'ws:' && !LOOPBACK.test(hostname)) {
    warn(
      new InsecurePlatformWarning(
        `the session with the gateway at ${hostname} is not encrypted: give a wss: URL, ws: is for this machine`,
      ),
    );
  }
}

/** Hosts that are this machine, as URLs have them (RFC 6761 §6.3, RFC 1122 §3.2.1.3, RFC 4291 §2.5.3). */
const LOOPBACK = /^(?:(?:.+\.)?localhost\.?|127(?:\.\d+){3}|\[::1\])$/;

function isSilenced(warning: HTTPWarning): boolean {
  for (const category of disabled) if (warning instanceof category) return true;
  let silenced = false;
  for (const entry of setting().split(',')) {
    const [action, name = 'HTTPWarning'] = entry.trim().split(':');
    const category = Object.hasOwn(CATEGORIES, name) ? CATEGORIES[name] : undefined;
    if (category === undefined || !(warning instanceof category)) continue;
    if (action === 'ignore' || action === 'default') silenced = action === 'ignore';
  }
  return silenced;
}

/** `HIP_WARNINGS`, read at each warning: there are few, and it may be set after this module was loaded. */
function setting(): string {
  const { process, HIP_WARNINGS } = globalThis as {
    process?: { env?: Record<string, string | undefined> };
    HIP_WARNINGS?: unknown;
  };
  try {
    return process?.env?.['HIP_WARNINGS'] ?? String(HIP_WARNINGS ?? '');
  } catch {
    // A runtime may ask its user before it shows the environment.
    return String(HIP_WARNINGS ?? '');
  }
}
