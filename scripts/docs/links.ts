import { existsSync } from 'node:fs';
import { posix } from 'node:path';
import { ROOT } from '../source-files.ts';
import type { Fault } from './fault.ts';
import { type Page, readPages } from './markdown.ts';

/** Every relative link leads to a file that exists, and every anchor to a heading of its page. */
export function checkLinks(): Fault[] {
  const pages = readPages();
  const anchors = new Map(pages.map((page) => [page.path, anchorsOf(page)]));
  return pages.flatMap(({ path, prose }) =>
    prose.flatMap(({ line, text }) =>
      targetsIn(text).flatMap((target) => {
        const why = reasonAgainst(path, target, anchors);
        return why === undefined ? [] : [{ file: path, line, problem: `link to ${target}: ${why}` }];
      }),
    ),
  );
}

function targetsIn(text: string): string[] {
  const links = text.replace(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g);
  return [...links].map(([, target = '']) => target).filter((target) => !/^[a-z]+:/.test(target));
}

function reasonAgainst(
  from: string,
  target: string,
  anchors: ReadonlyMap<string, ReadonlySet<string>>,
): string | undefined {
  const [path = '', anchor] = target.split('#', 2);
  const page = path === '' ? from : posix.join(posix.dirname(from), path);
  if (page.startsWith('..') || !existsSync(posix.join(ROOT, page))) {
    return `there is no ${page}: name a file of the repository`;
  }
  if (anchor === undefined || anchors.get(page)?.has(anchor) !== false) return undefined;
  return `${page} has no heading for it: there are ${[...(anchors.get(page) ?? [])].map((name) => `#${name}`).join(', ')}`;
}

/** Anchors as GitHub makes them: lower case, without punctuation, spaces as dashes, a number behind the second of its kind. */
function anchorsOf({ prose }: Page): Set<string> {
  const anchors = new Set<string>();
  for (const { text } of prose) {
    const heading = /^#{1,6} +(.*?) *#*$/.exec(text)?.[1];
    if (heading === undefined) continue;
    const base = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M} _-]/gu, '')
      .replaceAll(' ', '-');
    let anchor = base;
    for (let number = 1; anchors.has(anchor); number += 1) anchor = `${base}-${number}`;
    anchors.add(anchor);
  }
  return anchors;
}
