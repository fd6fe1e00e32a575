import { ABSENT_PARAMETERS, type TransportParameters } from '../frame/transport-parameters.ts';
import * as WIRE_LIMITS from '../limits.ts';

/** Transport parameters of a client. It opens streams, bidirectional ones only, and grants none. */
export function clientParameters(): TransportParameters {
  return {
    ...commonParameters(WIRE_LIMITS.maxStreams),
    initialMaxStreamDataBidiLocal: WIRE_LIMITS.streamWindowBytes,
  };
}

/** Transport parameters of a gateway that lets a client open `maxStreams` bidirectional streams. It opens none itself. */
export function gatewayParameters(maxStreams: number = WIRE_LIMITS.maxStreams): TransportParameters {
  return {
    ...commonParameters(maxStreams),
    initialMaxStreamDataBidiRemote: WIRE_LIMITS.streamWindowBytes,
    initialMaxStreamsBidi: maxStreams,
  };
}

function commonParameters(maxStreams: number): TransportParameters {
  return {
    ...ABSENT_PARAMETERS,
    initialMaxData: maxStreams * WIRE_LIMITS.streamWindowBytes + WIRE_LIMITS.windowGrowthBytes,
    maxRecordSize: WIRE_LIMITS.maxRecordBytes,
  };
}

/**
 * What the credit of a session leaves for windows to grow after every stream that may be open has its first one, in
 * bytes. Growth never comes out of another stream's first window: an unread stream takes nothing from the others.
 */
export function growthBudget(parameters: TransportParameters): number {
  const own = WIRE_LIMITS.maxStreams * parameters.initialMaxStreamDataBidiLocal;
  const peers = parameters.initialMaxStreamsBidi * parameters.initialMaxStreamDataBidiRemote;
  return Math.max(0, parameters.initialMaxData - own - peers);
}
