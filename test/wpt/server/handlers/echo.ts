import type { Handler, HeaderList } from '../message.ts';

/** Says which of the fields asked for a request had. */
export const inspectHeaders: Handler = (request, response) => {
  const names = request.query.get('headers')?.split('|') ?? [];
  const headers: [string, string][] = names.flatMap((name) => {
    const value = request.header(name.toLowerCase());
    return value === undefined ? [] : [[`x-request-${name}`, value] as [string, string]];
  });
  if (request.query.has('cors')) {
    headers.push(
      ['Access-Control-Allow-Origin', request.header('origin') ?? '*'],
      ['Access-Control-Allow-Credentials', 'true'],
      ['Access-Control-Allow-Methods', 'GET, POST, HEAD'],
      ['Access-Control-Expose-Headers', names.map((name) => `x-request-${name}`).join(', ')],
      ['Access-Control-Allow-Headers', request.query.get('allow_headers') ?? namesOf(request.rawHeaders)],
    );
  }
  response.send(200, [...headers, ['content-type', 'text/plain']]);
};

function namesOf(rawHeaders: readonly string[]): string {
  return rawHeaders.filter((_, at) => at % 2 === 0).join(', ');
}

/** Says with which method and fields of its body a request came, and gives the body back. */
export const method: Handler = async (request, response) => {
  const cors: HeaderList = [
    ['Access-Control-Allow-Origin', '*'],
    ['Access-Control-Allow-Credentials', 'true'],
    ['Access-Control-Allow-Methods', 'GET, POST, PUT, FOO'],
    ['Access-Control-Allow-Headers', 'x-test, x-foo'],
    ['Access-Control-Expose-Headers', 'x-request-method'],
  ];
  const told = ['type', 'length', 'encoding', 'language', 'location'].map((part): [string, string] => [
    `x-request-content-${part}`,
    request.header(`content-${part}`) ?? 'NO',
  ]);
  const headers: HeaderList = [
    ...(request.query.has('cors') ? cors : []),
    ['x-request-method', request.method],
    ...told,
  ];
  response.send(200, headers, await request.body());
};

/** Gives the body back. */
export const echoContent: Handler = async (request, response) => {
  const headers: HeaderList = [
    ['X-Request-Method', request.method],
    ['X-Request-Content-Length', request.header('content-length') ?? 'NO'],
    ['X-Request-Content-Type', request.header('content-type') ?? 'NO'],
    ['Content-Type', 'text/plain'],
  ];
  response.send(200, headers, await request.body());
};

/** Gives the fields back, with the case their names came in. */
export const echoHeaders: Handler = (request, response) => {
  const lines: string[] = [];
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    lines.push(`${request.rawHeaders[i]}: ${request.rawHeaders[i + 1]}\n`);
  }
  response.send(200, [['Content-Type', 'text/plain']], lines.join(''));
};

/** Answers with the status that is asked for. */
export const status: Handler = ({ query, method: given }, response) => {
  response.send(
    [query.number('code', 200), query.get('text') ?? 'OMG'],
    [
      ['Content-Type', query.get('type') ?? ''],
      ['X-Request-Method', given],
    ],
    query.get('content') ?? '',
  );
};

/** Wants `user` and `password`. */
export const authentication: Handler = (request, response) => {
  const [scheme, credentials = ''] = (request.header('authorization') ?? '').split(' ');
  if (scheme === 'Basic' && Buffer.from(credentials, 'base64').toString() === 'user:password') {
    response.send(200, [], 'Authentication done');
    return;
  }
  const realm = request.query.get('realm') ?? 'test';
  response.send([401, 'Unauthorized'], [['WWW-Authenticate', `Basic realm="${realm}"`]], 'Please log in');
};

/** Gives the credentials back that a request came with. */
export const dumpAuthorization: Handler = (request, response) => {
  const origin = request.header('origin');
  const headers: [string, string][] = [
    ['Content-Type', 'text/html'],
    ['Cache-Control', 'no-cache'],
    ['Access-Control-Allow-Origin', origin ?? '*'],
    ['Access-Control-Allow-Headers', 'Authorization'],
  ];
  if (origin !== undefined) headers.push(['Access-Control-Allow-Credentials', 'true']);
  response.send(200, headers, request.header('authorization') ?? 'none');
};

/** A script, with the type that is asked for. */
export const scriptWithHeader: Handler = ({ query }, response) => {
  const content = query.get('content') === 'empty' ? '' : "console.log('Script loaded')";
  response.send(200, [['Content-type', query.get('mime') ?? '']], content);
};

/** Has the field that is asked for. */
export const parseHeaders: Handler = ({ query }, response) => {
  const value = query.get('my-custom-header');
  response.send(200, value === undefined ? [] : [['My-Custom-Header', value]]);
};

/** Says gzip, and is none. */
export const badGzipBody: Handler = (_, response) => {
  response.send(200, [['Content-Encoding', 'gzip']], 'not actually gzip');
};
