import { installFetch } from '../install-fetch.ts';
import type { TunnelSetup } from '../node/node-runtime.ts';

/** Filled in by the bundler. */
declare const TUNNEL: TunnelSetup;

installFetch(TUNNEL);
