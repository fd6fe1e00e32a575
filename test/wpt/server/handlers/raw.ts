import type { Handler } from '../message.ts';

/** Answers with bytes, whether they are HTTP or not, and closes. */
function raw(bytesOf: (query: Parameters<Handler>[0]['query']) => string): Handler {
  return ({ query }, response) => {
    response.write(bytesOf(query));
    response.end();
  };
}

/** Answers with the message it is given. */
export const message = raw((query) => query.get('message') ?? '');

/** Answers with the status line it is given, its lines ended by LF alone. */
export const statusCode = raw((query) => `HTTP/1.1 ${query.get('input') ?? ''}\nheader-parsing: is sad\n`);

/** Has the line `length` in its head. */
export const contentLength = raw(
  (query) =>
    `HTTP/1.1 200 OK\r\nContent-Type: text/plain;charset=UTF-8\r\nConnection: close\r\n${query.get('length')}\r\n\r\n` +
    'Fact: this is really forty-two bytes long.',
);

/** Has the content types it is given, in one line or several. */
export const contentType = raw((query) => {
  const values = query.all('value');
  const content = query.get('content') ?? '<b>hi</b>\n';
  const lines = (query.has('single_header') ? [values.join(',')] : values)
    .map((value) => `Content-Type: ${value}\r\n`)
    .join('');
  return (
    `HTTP/1.1 200 OK\r\nX-Content-Type-Options: nosniff\r\n${lines}` +
    `Content-Length: ${content.length}\r\nConnection: close\r\n\r\n${content}`
  );
});
