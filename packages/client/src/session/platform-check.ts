/** Matches the names of abilities where there are versions of TLS among them, but no modern one. */
const NO_MODERN_TLS = /^(?!.*tls1\.[23]).*tls/;

/** Raises {@link InsecurePlatformWarning} about a session the gateway has accepted, where there is reason to. */
export function checkPlatform(gateway: string, features: readonly string[]): void {
  if (!gateway.startsWith('ws:') && !NO_MODERN_TLS.test(String(features))) return;
  // Nobody waits for it: a warning that cannot be loaded must not fail what it is about.
  import('../warnings.ts').then(
    (warnings) => warnings.warnOfPlatform(gateway, features),
    () => {},
  );
}
