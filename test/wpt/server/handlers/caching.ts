import type { Handler, HeaderList } from '../message.ts';
import type { Stash } from '../stash.ts';

/** The same content with an entity tag each time, or nothing when the request knows the tag. */
export const conditional: Handler = (request, response) => {
  const tag = '"123abc"';
  if (request.header('if-none-match') === tag) {
    response.send([304, 'Not Modified'], [['X-HTTP-STATUS', '304']]);
    return;
  }
  response.send(
    [200, 'OK'],
    [
      ['ETag', tag],
      ['Content-Type', 'text/plain'],
    ],
    'lorem ipsum dolor sit amet',
  );
};

const SEEN = ['If-None-Match', 'If-Modified-Since', 'Pragma', 'Cache-Control'];

/** Content that may be cached as it is asked for, and a record of what caches asked. */
export function cacheable(stash: Stash): Handler {
  return (request, response) => {
    const { query, path } = request;
    const token = query.get('token') ?? '';
    const state = (stash.take(path, token) as Record<string, string>[] | undefined) ?? [];
    if (query.has('querystate')) {
      const told = state.length === 0 ? null : state;
      response.send(200, [['Content-Type', 'text/plain']], JSON.stringify(told));
      return;
    }
    const seen: Record<string, string> = {};
    for (const name of SEEN) {
      const value = request.header(name.toLowerCase());
      if (value !== undefined && !query.has('ignore')) seen[name] = value;
    }
    stash.put(path, token, [...state, seen]);
    const tag = query.has('tag') ? `"${query.get('tag')}"` : undefined;
    const date = query.get('date');
    const headers: HeaderList = [
      ['ETag', tag],
      ['Last-Modified', tag === undefined ? date : undefined],
      ['Expires', query.get('expires')],
      ['Vary', query.get('vary')],
      ['Cache-Control', query.get('cache_control')],
      ['Access-Control-Allow-Origin', '*'],
      ['Location', query.get('redirect')],
    ].filter((line): line is [string, string] => line[1] !== undefined);
    const isKnown =
      (tag !== undefined && request.header('if-none-match') === tag) ||
      (date !== undefined && request.header('if-modified-since') === date);
    if (query.has('redirect')) response.send([302, 'Redirect'], headers);
    else if (isKnown) response.send([304, 'Not Modified'], headers);
    else response.send([200, 'OK'], [...headers, ['Content-Type', 'text/plain']], query.get('content') ?? '');
  };
}
