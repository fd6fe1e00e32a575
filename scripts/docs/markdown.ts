import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../source-files.ts';

/** A fenced block of a page. */
export interface Fence {
  readonly page: string;

  /** Line of the first line of code, from 1. */
  readonly line: number;

  /** First word behind the opening fence, such as `ts`. */
  readonly language: string;

  /** What `<!-- docs: … -->` in the line above the fence says; empty where there is none. */
  readonly mark: string;
  readonly code: string;
}

/** One line of a page outside its fences. */
export interface ProseLine {
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

/** A page taken apart. */
export interface Page {
  readonly path: string;
  readonly prose: readonly ProseLine[];
  readonly fences: readonly Fence[];
}

let pages: readonly Page[] | undefined;

/** Every Markdown page of the repository. */
export function readPages(): readonly Page[] {
  pages ??= globSync('{*.md,docs/*.md,{packages,examples}/*/*.md,test/**/*.md}', {
    cwd: ROOT,
    exclude: (path) => path.includes('node_modules'),
  })
    .sort()
    .map((path) => takeApart(path, readFileSync(join(ROOT, path), 'utf8')));
  return pages;
}

function takeApart(path: string, text: string): Page {
  const prose: ProseLine[] = [];
  const fences: Fence[] = [];
  let open: { line: number; language: string; mark: string; code: string[] } | undefined;
  let before = '';
  for (const [index, line] of text.split('\n').entries()) {
    const fence = /^ *```(\w*)/.exec(line);
    if (open === undefined && fence !== null) {
      const mark = /^ *<!-- docs: (.*) -->$/.exec(before)?.[1] ?? '';
      open = { line: index + 2, language: fence[1] ?? '', mark, code: [] };
    } else if (open !== undefined && fence !== null) {
      const { code, ...rest } = open;
      fences.push({ page: path, ...rest, code: code.join('\n') });
      open = undefined;
    } else if (open === undefined) {
      prose.push({ line: index + 1, text: line });
    } else {
      open.code.push(line);
    }
    before = line;
  }
  return { path, prose, fences };
}
