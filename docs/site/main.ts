/**
 * Builds the site: the guide, the API and the pages about the project. Ends with 1 where typedoc has a warning, such as a link to nothing
 * or something exported without a comment, and where a link of the pages it wrote is broken.
 */
import '../../scripts/check-node.ts';
import { join, relative } from 'node:path';
import { ROOT } from '../../scripts/source-files.ts';
import { buildSite } from './build-site.ts';
import { brokenLinks } from './links.ts';

const folder = join(ROOT, 'docs', 'dist');
const isSound = await buildSite(folder);
const faults = isSound ? brokenLinks(folder) : [];
for (const fault of faults) console.error(fault);
if (!isSound || faults.length > 0) process.exitCode = 1;
else console.log(relative(process.cwd(), join(folder, 'index.html')));
