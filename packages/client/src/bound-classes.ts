import { TunnelEventSource } from './eventsource/event-source.ts';
import type { EventSourceOptions } from './eventsource/event-source-init.ts';
import type { RequestSender } from './pool/request-sender.ts';
import { TunnelWebSocket } from './websocket/web-socket.ts';
import { TunnelWebSocketStream } from './websocket/web-socket-stream.ts';
import type { WebSocketInit, WebSocketStreamInit } from './websocket/websocket-init.ts';

/** A class that needs a sender, without that need. */
type Bound<Class, Given extends unknown[], Instance> = { readonly [Name in keyof Class]: Class[Name] } & {
  new (...given: Given): Instance;
};

/** `http.WebSocket`: may stand where the platform's is expected. */
export type WebSocketClass = Bound<
  typeof TunnelWebSocket,
  [url: string | URL, protocols?: string | string[] | WebSocketInit],
  TunnelWebSocket
>;

/** `http.WebSocketStream`. */
export type WebSocketStreamClass = Bound<
  typeof TunnelWebSocketStream,
  [url: string | URL, init?: WebSocketStreamInit],
  TunnelWebSocketStream
>;

/** `http.EventSource`: may stand where the platform's is expected. */
export type EventSourceClass = Bound<
  typeof TunnelEventSource,
  [url: string | URL, init?: EventSourceOptions],
  TunnelEventSource
>;

/** Classes whose objects go through the gateway of one manager. */
export interface BoundClasses {
  readonly WebSocket: WebSocketClass;
  readonly WebSocketStream: WebSocketStreamClass;
  readonly EventSource: EventSourceClass;
}

/** The classes of a manager. */
export function boundClasses(sender: RequestSender): BoundClasses {
  return {
    WebSocket: class extends TunnelWebSocket {
      constructor(...given: ConstructorParameters<WebSocketClass>) {
        super(sender, ...given);
      }
    },
    WebSocketStream: class extends TunnelWebSocketStream {
      constructor(...given: ConstructorParameters<WebSocketStreamClass>) {
        super(sender, ...given);
      }
    },
    EventSource: class extends TunnelEventSource {
      constructor(...given: ConstructorParameters<EventSourceClass>) {
        super(sender, ...given);
      }
    },
  };
}
