import { ABSENT_PARAMETERS, type TransportParameters } from '../frame/transport-parameters.ts';
import * as WIRE_LIMITS from '../limits.ts';
import type { Perspective } from '../perspective.ts';

/** Transport parameters of one end: only clients open streams, and only bidirectional ones. */
export function defaultParameters(
  perspective: Perspective,
  maxStreams: number = WIRE_LIMITS.maxStreams,
): TransportParameters {
  return {
    ...ABSENT_PARAMETERS,
    initialMaxData: maxStreams * WIRE_LIMITS.streamWindowBytes + WIRE_LIMITS.windowGrowthBytes,
    initialMaxStreamDataBidiLocal: perspective === 'client' ? WIRE_LIMITS.streamWindowBytes : 0,
    initialMaxStreamDataBidiRemote: perspective === 'gateway' ? WIRE_LIMITS.streamWindowBytes : 0,
    initialMaxStreamsBidi: perspective === 'gateway' ? maxStreams : 0,
    maxRecordSize: WIRE_LIMITS.maxRecordBytes,
  };
}

/**
 * What the credit of a session leaves for windows to grow after every stream that may be open has its first one, in
 * bytes. Growth never comes out of another stream's first window: an unread stream takes nothing from the others.
 */
export function growthBudget(perspective: Perspective, parameters: TransportParameters): number {
  const first =
    perspective === 'client'
      ? WIRE_LIMITS.maxStreams * parameters.initialMaxStreamDataBidiLocal
      : parameters.initialMaxStreamsBidi * parameters.initialMaxStreamDataBidiRemote;
  return Math.max(0, parameters.initialMaxData - first);
}
