/**
 * What both ends promise each other before anything is configured. Every number bounds something a hostile peer could
 * otherwise make grow.
 *
 * A module and not an object, which `WIRE_LIMITS` names as a whole: a bundler writes each number where it is used, and a
 * page loads no names.
 *
 * @module
 */

/**
 * Largest QMux record (one WebSocket message) we send or accept, in bytes: 64 KiB, what one read of a socket gives, and
 * its headers, so that it travels as one piece. Enough to amortise the cost of a message, and a small response still
 * slips in between two of them. Edge runtimes have refused messages of 1 MiB.
 */
export const maxRecordBytes = 66_048;

/** `max_record_size` when a peer names none, and the least it may name (draft-ietf-quic-qmux-02 §5.2), in bytes. */
export const defaultMaxRecordBytes = 16_382;

/**
 * Credit a new stream starts with, in bytes: four full records. It bounds what one unread body holds; a reader that keeps up gets more
 * when the round trip demands it ({@link maxStreamWindowBytes}).
 */
export const streamWindowBytes = 264_192;

/**
 * Shortest round trip from which a stream's credit may grow, in milliseconds. On a nearer path the first window carries
 * half a gigabit per second and more; what went beyond it would only queue up in front of everybody else's responses.
 */
export const minGrowthRoundTripMs = 4;

/**
 * Round trips measured before a stream's credit may grow. The first one is taken while both ends start, and is long
 * wherever they are.
 */
export const minRoundTripSamples = 4;

/** Most credit one stream can grow to, in bytes: 8 MiB fills 1 Gbit/s at 60 ms. */
export const maxStreamWindowBytes = 8_388_608;

/** Streams the gateway lets a client have open at once in one session. */
export const maxStreams = 256;

/**
 * Credit of a session beyond what all its streams hold when each is unread at its first window, in bytes: what windows
 * may grow in all. Eight long downloads over a long path at full speed.
 */
export const windowGrowthBytes = 67_108_864;

/** Bytes a stream queues before `write()` asks its caller to wait. */
export const sendQueueBytes = 131_072;

/** Room below which a record is sent as it is rather than filled with part of a larger piece, in bytes. */
export const minFrameRoomBytes = 4_096;

/** Most bytes one stream puts in a record while others wait. */
export const sendQuantumBytes = 16_384;

/** Control frames queued for a peer that does not read before the session is closed, in bytes. */
export const maxQueuedControlBytes = 262_144;

/** Longest reason phrase of a CONNECTION_CLOSE we send, in bytes. */
export const maxCloseReasonBytes = 256;

/** Longest QX_TRANSPORT_PARAMETERS accepted, in bytes. */
export const maxTransportParametersBytes = 4_096;

/** Longest message on the control stream, in bytes: room for a PEM bundle. */
export const maxControlMessageBytes = 1_048_576;

/** Longest section of request options, in bytes. */
export const maxOptionsBytes = 16_384;

/** Longest section of response metadata, in bytes: room for a chain of certificates. */
export const maxMetadataBytes = 65_536;

/** Most bytes of certificates in a response's metadata: what is left of a longer chain is not told. */
export const maxPeerCertificatesBytes = 60_000;

/** Longest detail of a failure, in bytes. */
export const maxFailureDetailBytes = 1_024;

/** Longest head of one message, control data and field lines as encoded, in bytes. */
export const maxHeadBytes = 65_536;
