import { existsSync } from 'node:fs';
import { chromium } from 'playwright';

/** Where Debian, Google's packages and macOS put a Chromium. */
const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/opt/google/chrome/chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/**
 * Path of a Chromium on this machine: `HIP_CHROMIUM` from the environment, an installed one, or the one Playwright downloaded;
 * undefined when there is none.
 *
 * @throws Error when `HIP_CHROMIUM` names a file that does not exist.
 */
export function findChromium(): string | undefined {
  const named = process.env.HIP_CHROMIUM;
  if (named !== undefined && named !== '') {
    if (!existsSync(named)) throw new Error(`HIP_CHROMIUM must name an existing file, got ${named}`);
    return named;
  }
  return [...PLACES, chromium.executablePath()].find((place) => existsSync(place));
}
