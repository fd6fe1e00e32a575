import { type TransportParameters, writeTransportParameters } from '../../src/frame/transport-parameters.ts';
import type { Perspective } from '../../src/perspective.ts';
import { clientParameters, gatewayParameters } from '../../src/session/session-parameters.ts';
import { Endpoint, type EndpointOptions } from './endpoint.ts';
import { framesOf, record, type SeenFrame, type WriteFrame } from './frames.ts';

/** A session whose peer is a script of frames, which may break every rule. */
export class ScriptedPeer extends Endpoint {
  /** Greets a session of `perspective` with the usual parameters of its peer, changed by `peer`. */
  constructor(
    perspective: Perspective,
    options: EndpointOptions & { peer?: Partial<TransportParameters> } = {},
  ) {
    super(perspective, options);
    const usual = perspective === 'client' ? gatewayParameters() : clientParameters();
    this.feed((writer) => writeTransportParameters(writer, { ...usual, ...options.peer }));
    this.sent();
  }

  /** Gives the session one record of `frames`. */
  feed(...frames: WriteFrame[]): void {
    this.session.receive(record(...frames));
  }

  /** The frames the session has to send. */
  sent(): SeenFrame[] {
    return this.records().flatMap(framesOf);
  }

  /** The error the session closed itself with, if it did. */
  get fault(): number | undefined {
    const [close] = this.closes;
    if (close === undefined || close.initiator !== 'local' || close.application) return undefined;
    return close.code;
  }
}
