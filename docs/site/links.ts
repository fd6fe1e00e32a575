import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { inflateSync } from 'node:zlib';

/** Scripts that hold what the navigation, the search and the tree of classes lead to. */
const INDEXES = ['assets/navigation.js', 'assets/search.js', 'assets/hierarchy.js'];

/**
 * Every link of the site that stays on it leads to a file that is there, and every anchor to an element; what is wrong, a line each.
 * Addresses elsewhere are not asked for.
 */
export function brokenLinks(folder: string): string[] {
  const files = new Set(
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => file.replaceAll('\\', '/')),
  );
  const anchors = new Map<string, ReadonlySet<string>>();
  const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
  const anchorsOf = (file: string): ReadonlySet<string> => {
    const known = anchors.get(file) ?? new Set(valuesOf(read(file), 'id'));
    anchors.set(file, known);
    return known;
  };
  const reasonAgainst = (target: string, anchor: string | undefined): string | undefined => {
    if (target.endsWith('.md')) return 'the page is not on the site: name it in docs/site/pages.ts';
    if (!files.has(target)) return `there is no ${target}`;
    if (anchor === undefined || anchor === '' || anchorsOf(target).has(anchor)) return undefined;
    return `${target} has no element with this id`;
  };
  const faultsOf = (page: string, links: readonly string[]): string[] =>
    [...new Set(links)].flatMap((link) => {
      const [path = '', anchor] = decodeURI(link).split('#', 2);
      const target = path === '' ? page : posix.join(posix.dirname(page), path);
      const why = reasonAgainst(target, anchor);
      return why === undefined ? [] : [`${page}: link to ${link}: ${why}`];
    });
  const pages = [...files].filter((file) => file.endsWith('.html')).sort();
  return [
    ...pages.flatMap((page) => faultsOf(page, linksIn(read(page)))),
    // What they lead to is told from the site's root.
    ...INDEXES.flatMap((file) => faultsOf('index.html', pathsIn(read(file)))),
  ];
}

function linksIn(html: string): string[] {
  return [...valuesOf(html, 'href'), ...valuesOf(html, 'src')].filter(
    (link) => !/^(?:[a-z][a-z+.-]*:|\/\/)/i.test(link),
  );
}

function valuesOf(html: string, attribute: string): string[] {
  return [...html.matchAll(new RegExp(`\\s${attribute}="([^"]*)"`, 'g'))].map(([, value = '']) =>
    value.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>'),
  );
}

/** Every `path` and `url` of an index: JSON, deflated, in base64, in a script. */
function pathsIn(script: string): string[] {
  const data = /"([\w+/=]+)"/.exec(script)?.[1] ?? '';
  const json = inflateSync(Buffer.from(data, 'base64')).toString();
  return [...json.matchAll(/"(?:path|url)":("(?:[^"\\]|\\.)*")/g)].map(([, text = '']) => JSON.parse(text));
}
