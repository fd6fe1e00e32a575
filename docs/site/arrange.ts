import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  type Application,
  Comment,
  CommentTag,
  type Context,
  Converter,
  type DeclarationReflection,
  type DocumentReflection,
  MinimalSourceFile,
  type NormalizedPath,
  type ProjectReflection,
  ReflectionKind,
} from 'typedoc';
import { type EntryPoint, ROOT } from '../../scripts/source-files.ts';
import { CATEGORIES } from './categories.ts';
import { sitePages } from './pages.ts';

/** After typedoc has put everything into categories. */
const LATE = -10_000;

/**
 * What typedoc cannot be told by options: pages are called by their headings and stand in chapters, modules are called as they are
 * imported and hold what {@link CATEGORIES} says, and the README of a package is the page of its module.
 */
export function arrange(app: Application, entries: readonly EntryPoint[]): void {
  const pages = new Map(sitePages().map((page) => [join(ROOT, page.file), page]));
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, document: DocumentReflection) => {
    const page = pages.get(document.project.files.getReflectionPath(document) ?? '');
    if (page === undefined) return;
    document.name = page.title.replaceAll('`', '');
    document.frontmatter.category = page.chapter;
  });
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }: Context) => {
    for (const module of project.getChildrenByKind(ReflectionKind.Module)) {
      const entry = entries.find(({ file }) => join(ROOT, file) === project.files.getReflectionPath(module));
      if (entry === undefined) throw new Error(`${module.name} must be an entry point of a package`);
      module.name = entry.specifier;
      module.comment ??= new Comment();
      putInto('API', module);
      for (const child of module.children ?? []) {
        const category = placeOf(app, project, module, child)?.category;
        if (category !== undefined) putInto(category, child);
      }
      addReadme(app, project, module, entry);
    }
  });
  app.converter.on(
    Converter.EVENT_RESOLVE_END,
    ({ project }: Context) => {
      // In the order of `exports`: first what every page imports.
      const place = ({ name }: { name: string }): number =>
        entries.findIndex(({ specifier }) => specifier === name);
      const api = project.categories?.find(({ title }) => title === 'API');
      api?.children.sort((one, other) => place(one) - place(other));
      for (const module of project.getChildrenByKind(ReflectionKind.Module)) {
        const rank = (child: DeclarationReflection): number =>
          placeOf(app, project, module, child)?.rank ?? Infinity;
        const order = Object.keys(CATEGORIES[module.name] ?? {});
        module.categories?.sort((one, other) => order.indexOf(one.title) - order.indexOf(other.title));
        for (const { children } of module.categories ?? []) {
          const ranks = new Map(children.map((child) => [child, rank(child as DeclarationReflection)]));
          children.sort((one, other) => (ranks.get(one) ?? 0) - (ranks.get(other) ?? 0));
        }
      }
    },
    LATE,
  );
}

/** Category of something exported, and its place there; undefined where the module has no categories. */
function placeOf(
  app: Application,
  project: ProjectReflection,
  module: DeclarationReflection,
  child: DeclarationReflection,
): { category: string; rank: number } | undefined {
  const categories = CATEGORIES[module.name];
  const { fileName } = project.getSymbolIdFromReflection(child) ?? {};
  if (categories === undefined || fileName === undefined) return undefined;
  const file = /\/src\/(.*)$/.exec(fileName)?.[1] ?? fileName;
  for (const [category, files] of Object.entries(categories)) {
    const at = files.findIndex((name) => name === file || (name.endsWith('/') && file.startsWith(name)));
    if (at >= 0) return { category, rank: at + rankInFile(child, file) };
  }
  app.logger.warn(
    `${child.name} of ${module.name} needs a category: add ${file} to docs/site/categories.ts` as never,
  );
  return undefined;
}

/** From 0 to 1: what the file is named after comes first, then what can be called, then types. */
function rankInFile(child: DeclarationReflection, file: string): number {
  const named = file.replace(/^.*\/|\.ts$|-/g, '');
  if (child.name.toLowerCase() === named) return 0;
  return child.kindOf([ReflectionKind.Class, ReflectionKind.Function]) ? 0.1 : 0.2;
}

function putInto(category: string, reflection: DeclarationReflection): void {
  for (const { comment } of reflection.signatures ?? [reflection]) {
    comment?.blockTags.push(new CommentTag('@category', [{ kind: 'text', text: category }]));
  }
}

/** The README takes the place of the module's comment, which says the same in short to an editor. */
function addReadme(
  app: Application,
  project: ProjectReflection,
  module: DeclarationReflection,
  { file }: EntryPoint,
): void {
  const path = join(ROOT, dirname(dirname(file)), 'README.md') as NormalizedPath;
  if (!file.endsWith('/src/index.ts') || !existsSync(path)) return;
  const text = readFileSync(path, 'utf8').replace(/^# .*\n/, '');
  module.readme = app.converter.parseRawComment(new MinimalSourceFile(text, path), project.files).content;
  module.comment = new Comment(
    [],
    module.comment?.blockTags.filter(({ tag }) => tag === '@category'),
  );
  project.files.registerReflectionPath(path, module);
}
