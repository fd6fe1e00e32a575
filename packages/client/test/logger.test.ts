import { expect, it, onTestFinished, vi } from 'vitest';
import { type Logger, type LogLevel, logger } from '../src/logger.ts';
import { addConsoleLogger, setLogger } from '../src/set-logger.ts';

const LEVELS: LogLevel[] = ['debug', 'info', 'warn', 'error'];

it('there is no logger until one is set', () => {
  expect(logger()).toBeUndefined();
  const mine: Logger = console;
  setLogger(mine);
  expect(logger()).toBe(mine);
  setLogger(undefined);
  expect(logger()).toBeUndefined();
});

it.each([
  [undefined, LEVELS],
  ['debug', LEVELS],
  ['info', ['info', 'warn', 'error']],
  ['warn', ['warn', 'error']],
  ['error', ['error']],
] as const)('addConsoleLogger(%j) shows %o', (level, shown) => {
  const written: [LogLevel, unknown][] = [];
  for (const at of LEVELS) {
    const spy = vi.spyOn(console, at).mockImplementation((message) => {
      written.push([at, message]);
    });
    onTestFinished(() => {
      spy.mockRestore();
    });
  }
  addConsoleLogger(level);
  onTestFinished(() => setLogger(undefined));
  for (const at of LEVELS) logger()?.[at](`a ${at}`);
  expect(written).toEqual(shown.map((at) => [at, `a ${at}`]));
});
