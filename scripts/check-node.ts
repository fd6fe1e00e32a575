/**
 * Ends the process when it runs on a Node that is too old for the repository's tools. Every script imports this first.
 */
const NEEDED = { major: 22, minor: 19 }; // undici 8, the gateway's HTTP engine: engines.node >= 22.19

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < NEEDED.major || (major === NEEDED.major && minor < NEEDED.minor)) {
  console.error(
    `Node ${process.versions.node} is too old: hip needs Node ${NEEDED.major}.${NEEDED.minor} or newer. ` +
      'On Linux `npm ci` brings one (start scripts with `npm run`, not by hand); elsewhere install it from https://nodejs.org',
  );
  process.exit(1);
}

export {};
