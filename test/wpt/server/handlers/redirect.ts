import { setTimeout as sleep } from 'node:timers/promises';
import type { Handler } from '../message.ts';
import type { Stash } from '../stash.ts';

interface Redirects {
  count: number;
  preflight: string;
}

/** Redirects to `location`, and counts how often under `token`. */
export function redirect(stash: Stash): Handler {
  return async (request, response) => {
    const { query, path } = request;
    const origin = request.header('origin');
    const headers: [string, string][] = [
      ['Content-Type', 'text/plain'],
      ['Cache-Control', 'no-cache'],
      ['Pragma', 'no-cache'],
      ['Access-Control-Allow-Origin', origin ?? '*'],
    ];
    if (origin !== undefined) headers.push(['Access-Control-Allow-Credentials', 'true']);
    const token = query.get('token');
    const taken = token === undefined ? undefined : stash.take(path, token);
    const state: Redirects = (taken as Redirects | undefined) ?? { count: 0, preflight: '0' };
    const keep = (): void => {
      if (token !== undefined) stash.put(path, token, state);
    };
    if (request.method === 'OPTIONS') {
      const allowed = query.get('allow_headers');
      if (allowed !== undefined) headers.push(['Access-Control-Allow-Headers', allowed]);
      state.preflight = '1';
      if (!query.has('redirect_preflight')) {
        keep();
        response.send(200, headers);
        return;
      }
    }
    const status = query.get('redirect_status') ?? (await formField(request, 'redirect_status')) ?? '302';
    state.count++;
    const location = query.get('location');
    if (location !== undefined) headers.push(['Location', nextLocation(location, request, state.count)]);
    const policy = query.get('redirect_referrerpolicy');
    if (policy !== undefined) headers.push(['Referrer-Policy', policy]);
    await sleep(query.number('delay', 0));
    keep();
    if (query.has('max_count') && state.count > query.number('max_count', 0)) {
      response.send(200, [], String(state.count - 1));
      return;
    }
    response.send(Number(status), headers);
  };
}

/** The location, with the parameters of this request and another count each time, unless it is to stay as it is. */
function nextLocation(location: string, { query }: Parameters<Handler>[0], count: number): string {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(location)?.[1]?.toLowerCase() ?? '';
  if (query.has('simple') || !['', 'http', 'https'].includes(scheme)) return location;
  const parameters = new URLSearchParams();
  for (const [name, value] of query.entries) if (!parameters.has(name)) parameters.set(name, value);
  return `${location}${location.includes('?') ? '&' : '?'}${parameters}&count=${count}`;
}

async function formField(request: Parameters<Handler>[0], name: string): Promise<string | undefined> {
  if (request.header('content-type')?.startsWith('application/x-www-form-urlencoded') !== true)
    return undefined;
  return new URLSearchParams((await request.body()).toString('latin1')).get(name) ?? undefined;
}

/** Redirects with a location that is empty. */
export const redirectEmptyLocation: Handler = (_, response) => {
  response.send(302, [['Location', '']]);
};

/** Redirects to `location` as it is given. */
export const redirectHere: Handler = ({ query }, response) => {
  const location = query.get('location');
  response.send(
    query.number('redirect_status', query.number('status', 302)),
    location === undefined ? [] : [['Location', location]],
  );
};
