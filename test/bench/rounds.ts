import { median } from './median.ts';
import { spinMs } from './noise.ts';

/** What one round measured: a value by name, in the unit that the rows give it. */
export type Sample = Readonly<Record<string, number>>;

/** One side of a comparison. */
export interface Contender {
  /** The values it adds to a sample. */
  readonly yields: readonly string[];
  measure(): Promise<Sample>;
}

/** What a row must reach. */
export type Target = { readonly atLeast: number } | { readonly atMost: number };

/** One row of the table: a figure made of each round's sample. */
export interface RowSpec {
  readonly name: string;
  readonly ours: string;
  readonly theirs?: string;
  /** Unit of `ours` and `theirs`. */
  readonly unit: string;
  /** Other values that {@link RowSpec.figure} reads; their medians are printed too. */
  readonly also?: readonly string[];
  /** The row's figure for one round. */
  figure(sample: Sample): number;
  /** Unit of the figure. */
  readonly figureUnit: string;
  /** Absent: the row is there for comparison only. */
  readonly target?: Target;
}

/** Contenders that are measured side by side, and the rows that come out of them. */
export interface Group {
  readonly contenders: readonly Contender[];
  readonly rows: readonly RowSpec[];
  /** One measurement is exact, so neither warm-up nor further rounds. */
  readonly isExact?: boolean;
}

export interface RowResult {
  readonly spec: RowSpec;
  /** One sample per complete round. */
  readonly samples: readonly Sample[];
  /** Why the row has no figure: the contenders that failed. */
  readonly errors: readonly string[];
}

export interface GroupResult {
  readonly rows: readonly RowResult[];
  /** The fixed spin before each round, in milliseconds. */
  readonly spinsMs: readonly number[];
}

/** Round `round`'s order: every contender is first in turn, and each other round runs backwards. */
function inOrder<T>(contenders: readonly T[], round: number): T[] {
  const first = round % contenders.length;
  const rotated = [...contenders.slice(first), ...contenders.slice(0, first)];
  return round % 2 === 0 ? rotated : rotated.reverse();
}

/**
 * Measures a group: once to warm up, then `rounds` rounds in which all contenders take their turn. A contender that
 * fails once takes no further part; the rows that need it become errors and the others go on.
 */
export async function runGroup(
  group: Group,
  rounds: number,
  log: (text: string) => void,
): Promise<GroupResult> {
  const failed = new Map<Contender, string>();
  async function measureAll(contenders: readonly Contender[]): Promise<Sample> {
    const sample: Record<string, number> = {};
    for (const contender of contenders) {
      if (failed.has(contender)) continue;
      try {
        Object.assign(sample, await contender.measure());
      } catch (error) {
        failed.set(contender, `${contender.yields[0]}: ${describe(error)}`);
        log(`  failed: ${failed.get(contender)}`);
      }
    }
    return sample;
  }

  if (group.isExact !== true) await measureAll(group.contenders);
  const samples: Sample[] = [];
  const spinsMs: number[] = [];
  for (let round = 0; round < (group.isExact ? 1 : rounds); round += 1) {
    spinsMs.push(spinMs());
    const sample = await measureAll(inOrder(group.contenders, round));
    samples.push(sample);
    log(`  round ${round + 1}: ${describeSample(sample)}`);
  }
  return { rows: group.rows.map((spec) => rowResult(spec, group.contenders, samples, failed)), spinsMs };
}

function rowResult(
  spec: RowSpec,
  contenders: readonly Contender[],
  samples: readonly Sample[],
  failed: ReadonlyMap<Contender, string>,
): RowResult {
  const names = valuesOf(spec);
  const errors = contenders
    .filter((contender) => isNeeded(contender, [spec]))
    .flatMap((contender) => failed.get(contender) ?? []);
  for (const name of names) {
    const isMissing = samples.some((sample) => !Number.isFinite(sample[name]));
    if (isMissing && errors.length === 0) errors.push(`${name}: no value was measured`);
  }
  return { spec, samples, errors };
}

function valuesOf(spec: RowSpec): string[] {
  return [spec.ours, ...(spec.theirs === undefined ? [] : [spec.theirs]), ...(spec.also ?? [])];
}

/** Whether one of the rows reads a value that the contender gives. */
export function isNeeded(contender: Contender, rows: readonly RowSpec[]): boolean {
  return rows.some((spec) => valuesOf(spec).some((name) => contender.yields.includes(name)));
}

/** The row's figure over its rounds. */
export function summarize({ spec, samples }: RowResult): { median: number; least: number; most: number } {
  const figures = samples.map((sample) => spec.figure(sample));
  return { median: median(figures), least: Math.min(...figures), most: Math.max(...figures) };
}

/** Median of one value over the rounds that have it; undefined when none has. */
export function medianOf(samples: readonly Sample[], name: string): number | undefined {
  const values = samples.flatMap((sample) => sample[name] ?? []);
  return values.length === 0 ? undefined : median(values);
}

export function isReached(target: Target, figure: number): boolean {
  return 'atLeast' in target ? figure >= target.atLeast : figure <= target.atMost;
}

function describeSample(sample: Sample): string {
  return Object.entries(sample)
    .map(([name, value]) => `${name} ${value.toPrecision(4)}`)
    .join(', ');
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = (error as NodeJS.ErrnoException).code;
  const cause = error.cause === undefined ? '' : `; cause: ${describe(error.cause)}`;
  return `${error.message}${code === undefined ? '' : ` (${code})`}${cause}`;
}
