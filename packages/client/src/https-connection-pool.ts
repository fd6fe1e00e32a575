import { HTTPConnectionPool } from './http-connection-pool.ts';

/**
 * The connections to one `https:` origin, as urllib3's `HTTPSConnectionPool`: a {@link HTTPConnectionPool} with TLS, on
 * port 443 when none is given.
 */
export class HTTPSConnectionPool extends HTTPConnectionPool {
  /** `https`. */
  override get scheme(): 'https' {
    return 'https';
  }
}
