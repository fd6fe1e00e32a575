#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { helpText } from './commands/help.ts';
import { loadConfig } from './config/load-config.ts';
import { nearest } from './config/nearest.ts';
import { ConfigError } from './errors.ts';

/** As most command lines have it: the command was understood and failed, or was not understood. */
const EXIT = { failed: 1, misused: 2 } as const;

const COMMANDS = ['serve'];

async function main([command, ...argv]: readonly string[]): Promise<void> {
  if (command === '--help' || command === '-h') return print(helpText());
  if (command === '--version') return print(`${version()}\n`);
  if (command !== 'serve') throw new ConfigError([unknownCommand(command)]);

  const config = loadConfig({ argv, env: process.env, readFile: (path) => readFileSync(path) });
  if (config.action === 'help') return print(helpText());
  if (config.action === 'version') return print(`${version()}\n`);
  // Only now: help and mistakes are answered without the weight of a gateway.
  const { serve } = await import('./commands/serve.ts');
  await serve(config.options, {
    out: print,
    err: complain,
    stopped: untilStopped(),
    onFault: (listener) => process.on('uncaughtException', listener),
  });
}

function unknownCommand(command: string | undefined): string {
  if (command === undefined) return 'A command is missing. There is one: hip-gateway serve.';
  const suggestion = nearest(command, COMMANDS);
  return `"${command}" is not a command.${suggestion ? ` Did you mean ${suggestion}?` : ' There is one: serve.'}`;
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return (manifest as { version: string }).version;
}

/** A second signal, whichever it is, ends the process at once, as if nobody listened. */
function untilStopped(): Promise<void> {
  const signals = ['SIGINT', 'SIGTERM'] as const;
  return new Promise((resolve) => {
    const stop = (): void => {
      for (const signal of signals) process.off(signal, stop);
      resolve();
    };
    for (const signal of signals) process.on(signal, stop);
  });
}

function print(text: string): void {
  process.stdout.write(text);
}

function complain(text: string): void {
  process.stderr.write(text);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const isMisuse = error instanceof ConfigError;
  complain(
    `hip-gateway: ${error instanceof Error ? error.message.replaceAll('\n', '\nhip-gateway: ') : error}\n`,
  );
  if (isMisuse) complain('hip-gateway serve --help shows every option.\n');
  process.exitCode = isMisuse ? EXIT.misused : EXIT.failed;
}
