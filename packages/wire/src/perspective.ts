/**
 * Which end of a session this is. One core serves both; this value is the only difference. The client opens the
 * transport, and with it the even stream identifiers (RFC 9000 §2.1).
 */
export type Perspective = 'client' | 'gateway';
