/** The part of wisp-js that the bench uses; the package ships no types. */
declare module '@mercuryworkshop/wisp-js/server' {
  import type { IncomingMessage } from 'node:http';
  import type { Duplex } from 'node:stream';

  export const server: {
    readonly options: { allow_loopback_ips: boolean };
    routeRequest(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  };
  export const logging: { readonly NONE: number; set_level(level: number): void };
}
