import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../scripts/source-files.ts';

/** One Markdown page of the site. */
export interface SitePage {
  /** Path from the repository's root. */
  readonly file: string;

  /** Its first heading. */
  readonly title: string;

  /** Where it stands in the navigation. */
  readonly chapter: 'Guide' | 'Project';
}

/** Chapters of the navigation, in the order in which a reader needs them. */
export const CHAPTERS = ['Guide', 'API', 'Project'];

/** Guides that are to be read in this order; others follow by name. */
const GUIDES = ['user-guide', 'advanced-usage', 'tls', 'proxies', 'reliability'];

/** The guide that is looked things up in, not read. */
const LAST_GUIDE = 'differences';

const PROJECT = [
  'CHANGELOG.md',
  'SECURITY.md',
  'ARCHITECTURE.md',
  'PROTOCOL.md',
  'CONTRIBUTING.md',
  'test/bench/README.md',
];

/** The pages beside the README and the API: `docs` first, then what is about the project itself. */
export function sitePages(): SitePage[] {
  const names = globSync('docs/*.md', { cwd: ROOT }).map((file) => file.replace(/^docs.|\.md$/g, ''));
  const rank = (name: string): number =>
    name === LAST_GUIDE ? Infinity : GUIDES.includes(name) ? GUIDES.indexOf(name) : GUIDES.length;
  const guides = names
    .sort((one, other) => rank(one) - rank(other) || one.localeCompare(other))
    .map((name) => pageOf(`docs/${name}.md`, 'Guide'));
  return [...guides, ...PROJECT.map((file) => pageOf(file, 'Project'))];
}

function pageOf(file: string, chapter: SitePage['chapter']): SitePage {
  const title = /^# (.+)$/m.exec(readFileSync(join(ROOT, file), 'utf8'))?.[1];
  if (title === undefined) throw new Error(`${file} must have a heading: it is its name on the site`);
  return { file, title, chapter };
}
