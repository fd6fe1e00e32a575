import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { type Handler, type HeaderList, Query, type WptRequest, type WptResponse } from './message.ts';

/** Lets handlers answer HTTP/2, and HTTP/1.1 on the same port. */
export function h2Listener(
  handler: Handler,
): (request: Http2ServerRequest, response: Http2ServerResponse) => void {
  return (request, response) => {
    const answer = async (): Promise<void> => handler(requestOf(request), responseOf(response));
    // A test that aborts its request leaves a body that never ends.
    answer().then(
      () => response.end(),
      () => response.stream.close(),
    );
  };
}

function requestOf(request: Http2ServerRequest): WptRequest {
  const [path = '', query = ''] = request.url.split(/\?(.*)/s);
  let body: Promise<Buffer> | undefined;
  return {
    method: request.method,
    scheme: 'https',
    target: request.url,
    path,
    query: new Query(query),
    rawHeaders: request.rawHeaders.filter((_, at) => !request.rawHeaders[at - (at % 2)]?.startsWith(':')),
    socket: request.socket,
    header: (name) => {
      const value = request.headers[name === 'host' ? ':authority' : name] ?? request.headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
    body: () => {
      body ??= request.toArray().then((pieces) => Buffer.concat(pieces as Buffer[]));
      return body;
    },
  };
}

function responseOf(response: Http2ServerResponse): WptResponse {
  const head = (status: number | readonly [number, string], headers: HeaderList): void => {
    for (const [name, value] of headers) response.appendHeader(name, value);
    response.writeHead(typeof status === 'number' ? status : status[0]);
  };
  const write = (bytes: string | Uint8Array): boolean => {
    if (response.destroyed) return false;
    response.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    return true;
  };
  return {
    send: (status, headers, body = '') => {
      head(status, headers);
      if (body.length > 0) write(body);
    },
    start: head,
    write,
    end: () => {},
  };
}
