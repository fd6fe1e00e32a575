import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../packages/gateway/src/config/load-config.ts';
import { variableName } from '../../packages/gateway/src/config/settings.ts';
import { TEST_CERTIFICATE, TEST_KEY } from '../../packages/gateway/test/support/tls-fixture.ts';
import { ROOT } from '../source-files.ts';
import type { Fault } from './fault.ts';
import { type Fence, readPages } from './markdown.ts';

const SHELLS = ['sh', 'bash', 'shell'];

/**
 * What shell blocks name exists: flags of `hip-gateway`, scripts of package.json, files under `scripts/`. So do the `HIP_GATEWAY_…`
 * variables of every page, and blocks marked `<!-- docs: gateway configuration -->` are configurations that the gateway takes.
 */
export function checkShellBlocks(): Fault[] {
  const flags = gatewayFlags();
  const pages = readPages();
  const fences = pages.flatMap((page) => page.fences);
  return [
    ...fences
      .filter(({ language }) => SHELLS.includes(language))
      .flatMap((fence) => commandFaults(fence, flags)),
    ...pages.flatMap(({ path, prose }) => prose.flatMap((line) => variableFaults(path, line, flags))),
    ...fences.filter(({ mark }) => mark === 'gateway configuration').flatMap(configurationFaults),
  ];
}

/** Flags in the text of `hip-gateway --help`, without their dashes. */
function gatewayFlags(): ReadonlySet<string> {
  const cli = join(ROOT, 'packages', 'gateway', 'dist', 'cli.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, '--help'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`hip-gateway --help failed: run npm run build first\n${stderr}`);
  return new Set([...stdout.matchAll(/^ {2}(?:-\w, )?--([a-z-]+)/gm)].map(([, flag = '']) => flag));
}

function commandFaults({ page, line, code }: Fence, flags: ReadonlySet<string>): Fault[] {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const faults: Fault[] = [];
  let command = '';
  for (const [index, text] of code.split('\n').entries()) {
    // A line that ends with a backslash goes on in the next.
    command = command.endsWith('\\') ? `${command} ${text}` : text;
    const fault = (problem: string): void => {
      faults.push({ file: page, line: line + index, problem });
    };
    const words = text.replace(/#.*$/, '');
    if (/\bhip-gateway\b/.test(command)) {
      for (const [, flag = ''] of words.matchAll(/(?<!\S)--([\w-]+)/g)) {
        if (!flags.has(flag)) fault(`hip-gateway has no --${flag}: hip-gateway --help names those there are`);
      }
    }
    faults.push(...variableFaults(page, { line: line + index, text: words }, flags));
    for (const [, name = ''] of words.matchAll(/\bnpm (?:run )?(start|test|(?<=run )[\w:]+)/g)) {
      if (scripts[name] === undefined)
        fault(`package.json has no script ${name}: it has ${Object.keys(scripts).join(', ')}`);
    }
    for (const [path] of words.matchAll(/(?<!\S)(?:scripts|packages|test)\/[\w./-]+/g)) {
      if (!existsSync(join(ROOT, path))) fault(`there is no ${path}: name a file of the repository`);
    }
  }
  return faults;
}

function variableFaults(
  page: string,
  { line, text }: { line: number; text: string },
  flags: ReadonlySet<string>,
): Fault[] {
  const known = new Set([...flags].map(variableName));
  return [...text.matchAll(/HIP_GATEWAY_[A-Z_]*[A-Z]/g)]
    .filter(([name]) => !known.has(name))
    .map(([name]) => ({ file: page, line, problem: `${name} is no variable of hip-gateway: mend its name` }));
}

function configurationFaults({ page, line, code }: Fence): Fault[] {
  try {
    const readFile = (path: string): Uint8Array => Buffer.from(path === 'hip.json' ? code : contentOf(path));
    loadConfig({ argv: ['--config', 'hip.json'], env: {}, readFile });
    return [];
  } catch (error) {
    return [
      { file: page, line, problem: `the gateway refuses this configuration: ${(error as Error).message}` },
    ];
  }
}

/** Something good for each file that a configuration names. */
function contentOf(path: string): string {
  return path.endsWith('.pem') ? TEST_CERTIFICATE : path.endsWith('.key') ? TEST_KEY : path;
}
