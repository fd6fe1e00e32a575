import { randomUUID } from 'node:crypto';
import type { WptRequest } from './message.ts';

/** Names and ports the tests may speak of. */
export interface WptAddresses {
  readonly host: string;
  /** Another host, which leads to the same servers. */
  readonly otherHost: string;
  readonly http: readonly number[];
  readonly https: readonly number[];
  readonly h2: number;
}

/** Fills in what stands in `{{…}}`, as wptserve does for files with `.sub.` in their name. */
export function substitute(text: string, request: WptRequest, addresses: WptAddresses): string {
  const { host, otherHost, http, https, h2 } = addresses;
  const ports: Readonly<Record<string, readonly number[]>> = { http, https, h2: [h2] };
  const local = request.header('host') ?? host;
  const url = new URL(`${request.scheme}://${local}${request.target}`);
  return text.replace(/\{\{([^}]*)\}\}/g, (whole, expression: string) => {
    const [, name = '', indexes = ''] =
      /^([\w$:]+)((?:\[[^\]]*\])*)/.exec(expression.replace(/\(\)$/, '')) ?? [];
    const [first = '', second = ''] = [...indexes.matchAll(/\[([^\]]*)\]/g)].map(([, index]) => index);
    switch (name) {
      case 'host':
        return host;
      case 'ports':
        return String(ports[first]?.[Number(second)] ?? '');
      case 'domains':
        return first === '' ? host : `${first}.${host}`;
      case 'hosts':
        return first === 'alt' ? otherHost : host;
      case 'GET':
        return request.query.get(first) ?? '';
      case 'header_or_default':
        return request.header(first.toLowerCase()) ?? second;
      case 'headers':
        return request.header(first.toLowerCase()) ?? '';
      case 'uuid':
        return randomUUID();
      case 'location':
        return locationPart(url, first);
      default:
        return whole;
    }
  });
}

function locationPart(url: URL, part: string): string {
  if (part === 'server') return url.origin;
  if (part === 'path') return url.pathname;
  if (part === 'query') return url.search;
  return url[part as 'host'] ?? '';
}
