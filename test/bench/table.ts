import type { RowResult, RowSpec, Target } from './rounds.ts';
import { isReached, medianOf, summarize } from './rounds.ts';

const HEADINGS = ['row', 'figure', 'spread', 'ours', 'theirs', 'target', ''] as const;

/** Whether a row is as it must be. `–`: it has no target. */
export function verdict(row: RowResult): 'ok' | 'MISSED' | 'ERROR' | '–' {
  if (row.errors.length > 0) return 'ERROR';
  if (row.spec.target === undefined) return '–';
  return isReached(row.spec.target, summarize(row).median) ? 'ok' : 'MISSED';
}

/** The table, then what could not be measured and why. */
export function renderTable(rows: readonly RowResult[]): string {
  const cells = [HEADINGS, ...rows.map(renderRow)];
  const widths = HEADINGS.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  const lines = cells.map((line) =>
    line
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  '),
  );
  lines.splice(1, 0, widths.map((width) => '─'.repeat(width)).join('  '));
  const errors = rows.flatMap((row) => row.errors.map((error) => `ERROR ${row.spec.name}: ${error}`));
  return [...lines, ...errors].join('\n');
}

function renderRow(row: RowResult): string[] {
  const { spec, samples } = row;
  const isMeasured = row.errors.length === 0;
  const figure = isMeasured ? summarize(row) : undefined;
  return [
    spec.name,
    figure === undefined ? '' : withUnit(figure.median, spec.figureUnit),
    figure === undefined || samples.length < 2 ? '' : `${round(figure.least)}–${round(figure.most)}`,
    withUnit(medianOf(samples, spec.ours), spec.unit),
    spec.theirs === undefined
      ? alsoOf(row)
      : withUnit(medianOf(samples, spec.theirs), spec.unit) + alsoOf(row),
    spec.target === undefined ? '' : renderTarget(spec.target, spec),
    verdict(row),
  ];
}

function alsoOf({ spec, samples }: RowResult): string {
  const parts = (spec.also ?? []).map((name) => `${name} ${withUnit(medianOf(samples, name), spec.unit)}`);
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

function renderTarget(target: Target, spec: RowSpec): string {
  return 'atLeast' in target
    ? `≥ ${withUnit(target.atLeast, spec.figureUnit)}`
    : `≤ ${withUnit(target.atMost, spec.figureUnit)}`;
}

function withUnit(value: number | undefined, unit: string): string {
  if (value === undefined) return '–';
  return unit.startsWith('/') || unit === '×' ? `${round(value)}${unit}` : `${round(value)} ${unit}`;
}

/** Three digits that count, and all of those before the point. */
function round(value: number): string {
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.max(Math.abs(value), 0.001))));
  const text = value.toFixed(Math.min(digits, 3));
  const shown = text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  return Number(shown).toLocaleString('en', { maximumFractionDigits: 3 });
}

/** A row with every round, for a program to read. */
export function toJson(row: RowResult): Record<string, unknown> {
  const { name, ours, theirs, unit, figureUnit, target } = row.spec;
  const isMeasured = row.errors.length === 0;
  return {
    name,
    verdict: verdict(row),
    figure: isMeasured ? { ...summarize(row), unit: figureUnit, target } : undefined,
    figures: isMeasured ? row.samples.map((sample) => row.spec.figure(sample)) : undefined,
    ours,
    theirs,
    unit,
    samples: row.samples,
    errors: row.errors,
  };
}
