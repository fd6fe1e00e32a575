import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  Application,
  DeclarationReflection,
  IndexEvent,
  JSX,
  PageEvent,
  ReferenceType,
  ReflectionKind,
  type Renderer,
  type TypeDocOptions,
} from 'typedoc';
import { entryPoints, ROOT } from '../../scripts/source-files.ts';
import { arrange } from './arrange.ts';
import { linkAcrossEntries } from './link-across-entries.ts';
import { CHAPTERS, sitePages } from './pages.ts';

/** Writes the site to `folder`: false where anything is wrong, which is told on stderr. */
export async function buildSite(folder: string): Promise<boolean> {
  const entries = (['client', 'gateway'] as const).flatMap(entryPoints);
  const options: TypeDocOptions = {
    name: 'hip',
    entryPoints: entries.map(({ file }) => join(ROOT, file)),
    tsconfig: join(import.meta.dirname, 'tsconfig.json'),
    readme: join(ROOT, 'README.md'),
    projectDocuments: sitePages().map(({ file }) => join(ROOT, file)),
    basePath: ROOT,
    out: folder,
    favicon: join(import.meta.dirname, 'favicon.svg'),
    customCss: join(import.meta.dirname, 'style.css'),
    logLevel: 'Warn',
    // The stage `types` has done that.
    skipErrorChecking: true,
    hideGenerator: true,
    customFooterHtml: `hip ${version()}, under the MIT licence`,
    disableGit: true,
    disableSources: true,
    excludeExternals: true,
    excludeInternal: true,
    excludeProtected: true,
    categorizeByGroup: false,
    categoryOrder: [...CHAPTERS, '*'],
    navigation: { includeCategories: true },
    headings: { readme: false, document: false },
    sluggerConfiguration: { lowercase: true },
    sort: ['source-order'],
    sortEntryPoints: false,
    useFirstParagraphOfCommentAsSummary: true,
    searchInDocuments: true,
    visibilityFilters: { inherited: true },
    packagesRequiringDocumentation: ['@hip/client', '@hip/gateway'],
    requiredToBeDocumented: [
      'Class',
      'Interface',
      'TypeAlias',
      'Function',
      'Variable',
      'Constructor',
      'Property',
      'Method',
      'Accessor',
    ],
    // Defaults are text, and link to their constants.
    jsDocCompatibility: { defaultTag: false },
    validation: {
      notExported: true,
      invalidLink: true,
      invalidPath: true,
      rewrittenLink: true,
      notDocumented: true,
    },
  };
  const app = await Application.bootstrap(options);
  arrange(app, entries);
  linkAcrossEntries(app);
  tidy(app.renderer);
  const project = await app.convert();
  if (project === undefined) return false;
  app.validate(project);
  await app.generateOutputs(project);
  return !app.logger.hasErrors() && !app.logger.hasWarnings();
}

/** What typedoc writes and a reader stumbles over. */
function tidy(renderer: Renderer): void {
  const script = readFileSync(join(import.meta.dirname, 'open-chapters.js'), 'utf8');
  renderer.hooks.on('head.end', () =>
    JSX.createElement('script', null, JSX.createElement(JSX.Raw, { html: script })),
  );
  renderer.on(PageEvent.END, (page: PageEvent) => {
    // A folder is a page only where a server says so; this site may be read from a disk.
    if (page.contents === undefined) return;
    page.contents = page.contents.replaceAll(/href="((?:\.\.\/)+)(?=[#"])/g, 'href="$1index.html');
    if (page.model instanceof DeclarationReflection && !isInTree(page.model)) {
      page.contents = page.contents.replace(/ \(<a href="[^"]*hierarchy\.html#[^"]*">[^<]*<\/a>\)/, '');
    }
  });
  renderer.on(IndexEvent.PREPARE_INDEX, (index: IndexEvent) => {
    // Types without a name have no place of their own.
    for (let at = index.searchResults.length - 1; at >= 0; at -= 1) {
      if (index.searchResults[at]?.name === '__type') index.removeResult(at);
    }
  });
}

/** The page of all hierarchies begins at classes and interfaces: what extends nothing but an alias of a type is missing there. */
function isInTree({ extendedTypes = [], implementedTypes = [] }: DeclarationReflection): boolean {
  const parents = [...extendedTypes, ...implementedTypes].flatMap((type) =>
    type instanceof ReferenceType && type.reflection instanceof DeclarationReflection
      ? [type.reflection]
      : [],
  );
  if (parents.length === 0) return true;
  return parents.some((parent) => parent.kindOf(ReflectionKind.ClassOrInterface) && isInTree(parent));
}

function version(): string {
  return (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version;
}
