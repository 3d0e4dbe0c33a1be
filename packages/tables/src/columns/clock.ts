/**
 * How the times or durations of a column are written. `h:m`: hours and minutes, 14:05 or 37:30, read as minutes.
 * `h:m:s`: also with seconds and days, 14:05:59 or 5 days 08:19:00, read as seconds. `m:s`: minutes and seconds with a
 * fraction, 01:22.350, read as seconds. `h:m p`: 2:05 PM, read as minutes.
 */
export type Clock = 'h:m' | 'h:m:s' | 'm:s' | 'h:m p';

const CLOCKS: Readonly<Record<Clock, { readonly pattern: RegExp; readonly unit: 'minutes' | 'seconds' }>> = {
  'h:m': { pattern: /^(?<sign>-)?(?<hours>\d{1,3}):(?<minutes>[0-5]\d)$/, unit: 'minutes' },
  'h:m:s': {
    pattern:
      /^(?:(?<sign>-)|(?<days>-?\d{1,6}) days?,? \+?)?(?<hours>\d{1,3}):(?<minutes>[0-5]\d):(?<seconds>[0-5]\d(?:[.,]\d{1,9})?)$/,
    unit: 'seconds',
  },
  'm:s': { pattern: /^(?<sign>-)?(?<minutes>\d{1,3}):(?<seconds>[0-5]\d[.,]\d{1,9})$/, unit: 'seconds' },
  'h:m p': { pattern: /^(?<hours>0?[1-9]|1[0-2]):(?<minutes>[0-5]\d) ?(?<half>[AP]M)$/i, unit: 'minutes' },
};

/** All ways of writing times. */
export const CLOCK_NAMES = Object.keys(CLOCKS) as readonly Clock[];

/** Returns the unit of the numbers that the times of a column are read as. */
export const clockUnit = (clock: Clock): 'minutes' | 'seconds' => CLOCKS[clock].unit;

/** Returns the number of a time or duration in the unit of its clock, or NaN for a cell of another form. */
export const clockNumber = (cell: string, clock: Clock): number => {
  const { pattern, unit } = CLOCKS[clock];
  const found: Readonly<Record<string, string | undefined>> | undefined = pattern.exec(cell)?.groups;
  if (found === undefined) return NaN;
  const part = (name: string): number => Number((found[name] ?? '0').replace(',', '.'));
  const half = found['half'];
  const hours = half === undefined ? part('hours') : (part('hours') % 12) + (/p/i.test(half) ? 12 : 0);
  const seconds = 86_400 * part('days') + 3600 * hours + 60 * part('minutes') + part('seconds');
  // Sums of fractions have errors of rounding: 82.35 is 60 + 22.35.
  const size = Number((unit === 'minutes' ? seconds / 60 : seconds).toPrecision(15));
  return found['sign'] === undefined ? size : 0 - size;
};

/** Times or durations of a column, in one form. */
export interface FoundClock {
  readonly clock: Clock;
  /** Row of the first cell that does not have the form, or -1. */
  readonly row: number;
  /** Number of cells that have the form. */
  readonly cells: number;
  /** The longest of these cells. */
  readonly example: string;
}

/**
 * Finds the form of the times or durations of a column. Returns undefined if fewer than the share `least` of the cells
 * have one form.
 */
export const findClock = (texts: readonly (string | undefined)[], least: number): FoundClock | undefined => {
  const first = texts.findIndex((text) => text !== undefined);
  if (first < 0) return undefined;
  const present = texts.reduce((count, text) => count + (text === undefined ? 0 : 1), 0);
  for (const clock of CLOCK_NAMES) {
    let [cells, row, example] = [0, -1, ''];
    for (const [i, text] of texts.entries()) {
      if (text === undefined) continue;
      if (Number.isNaN(clockNumber(text, clock))) {
        if (row < 0) row = i;
        if (i - cells > 100 && cells === 0) break;
        continue;
      }
      cells++;
      if (text.length > example.length) example = text;
    }
    if (cells > 0 && cells >= least * present) return { clock, row, cells, example };
  }
  return undefined;
};
