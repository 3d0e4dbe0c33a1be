import { dateSteps, type DateUnit } from './date-ticks.ts';
import type { Domain } from './domain.ts';
import { textWidth } from './text.ts';

/** A tick of an axis, with its label. */
export interface Tick {
  readonly at: number;
  readonly text: string;
}

/** A length for both ends of an axis, or a length for each end. */
export type Overhang = number | { readonly start: number; readonly end: number };

/** Length and unit of an axis. */
export interface TickOptions {
  /** Length of the axis in units of the figure. */
  readonly length: number;
  /** How far labels may extend beyond the ends of the axis. */
  readonly overhang: Overhang;
  /** Whether the labels stand side by side, as below a horizontal axis. Labels of a vertical axis are stacked. */
  readonly across: boolean;
  /** Unit of dates, which count from 1970-01-01T00:00 UTC. Default: the axis has numbers. */
  readonly date?: DateUnit | undefined;
  /** Whether ticks are whole numbers. Default false. */
  readonly whole?: boolean;
}

/** Largest number of ticks of an axis, and the length of an axis for each further tick. */
const MOST = { ticks: 7, length: 40 } as const;
/** Least distance between two labels. */
const GAP = 7;
/** Font size of the labels. */
export const TICK_SIZE = 11;

/**
 * Returns the ticks of an axis, ascending: as many as fit without an overlap of labels. A tick whose label would extend
 * too far beyond the ends of the axis is left out, so that labels do not touch the labels of a neighboring axis.
 */
export const ticksOf = (domain: Domain, options: TickOptions): readonly Tick[] => {
  const { date, whole = false } = options;
  const most = (candidates: readonly (readonly Tick[])[]): readonly Tick[] => mostThatFit(candidates, domain, options);
  if (date !== undefined) return dateTicks(domain, date, options);
  const usual = most(numberSteps(domain, [1, 2, 5], whole));
  // Multiples of 2.5 are unusual, so they are used only if the other steps give few ticks.
  const unusual = usual.length < 3 ? most(numberSteps(domain, [2.5], whole)) : [];
  return unusual.length > usual.length ? unusual : usual;
};

/** With fewer dates than this in ISO 8601 format, a horizontal axis has short dates. */
const LEAST_DATES = 3;

/**
 * Returns the ticks of an axis of dates. Short dates, such as `Feb`, have the year or the day below them in a second
 * line, at the first tick and where it changes.
 */
const dateTicks = (domain: Domain, date: DateUnit, options: TickOptions): readonly Tick[] => {
  const steps = dateSteps(domain, date);
  const whole = mostThatFit(steps, domain, options);
  if (whole.length >= LEAST_DATES || !options.across) return whole;
  const contexts = new Map(steps.flat().map(({ at, short, context }) => [`${at} ${short}`, context]));
  const short = mostThatFit(
    steps.map((ticks) => ticks.map(({ at, short: text }) => ({ at, text }))),
    domain,
    options,
  );
  if (short.length <= whole.length) return whole;
  const contextOf = ({ at, text }: Tick): string => contexts.get(`${at} ${text}`) ?? '';
  return short.map((tick, i) =>
    contextOf(tick) === '' || (i > 0 && contextOf(short[i - 1]!) === contextOf(tick))
      ? tick
      : { at: tick.at, text: `${tick.text}\n${contextOf(tick)}` },
  );
};

const mostThatFit = (
  candidates: readonly (readonly Tick[])[],
  [low, high]: Domain,
  { length, overhang, across }: TickOptions,
): readonly Tick[] => {
  const place = (at: number): number => ((at - low) / (high - low)) * length;
  const sizeOf = (text: string): number => (across ? textWidth(text, TICK_SIZE) : TICK_SIZE);
  const over = typeof overhang === 'number' ? { start: overhang, end: overhang } : overhang;
  const most = Math.max(MOST.ticks, length / MOST.length);
  let best: readonly Tick[] = [];
  for (const ticks of candidates) {
    const inside = ticks.filter(({ at, text }) => {
      const half = sizeOf(text) / 2;
      return place(at) - half >= -over.start && place(at) + half <= length + over.end;
    });
    const fits = inside.every(({ at, text }, i) => {
      const before = inside[i - 1];
      return before === undefined || place(at) - place(before.at) >= (sizeOf(text) + sizeOf(before.text)) / 2 + GAP;
    });
    if (fits && inside.length <= most && inside.length > best.length) best = inside;
  }
  return best;
};

/** Returns the ticks of a number axis for several distances between ticks: multiples of powers of ten. */
const numberSteps = (
  [low, high]: Domain,
  mantissas: readonly number[],
  whole: boolean,
): readonly (readonly Tick[])[] => {
  const power = Math.floor(Math.log10(high - low));
  return [power - 1, power]
    .flatMap((each) => mantissas.map((mantissa) => scaled(mantissa, each)))
    .filter((step) => !whole || Number.isInteger(step))
    .map((step) => {
      const format = formatFor(step, Math.max(Math.abs(low), Math.abs(high)));
      return multiples(low, high, step).map((at) => ({ at, text: format(at) }));
    });
};

/** Returns `mantissa * 10 ** power`, rounded once. */
const scaled = (mantissa: number, power: number): number =>
  power < 0 ? mantissa / 10 ** -power : mantissa * 10 ** power;

/** Returns the multiples of `step` from `low` to `high`. */
const multiples = (low: number, high: number, step: number): readonly number[] => {
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.max(0, Math.floor(high / step + 1e-9) - first + 1);
  // Divides by the inverse of a step below 1, because 3 * 0.1 is not 0.3.
  const inverse = Math.round(1 / step);
  return Array.from({ length: count }, (_, i) =>
    step < 1 && inverse < 1e15 ? (first + i) / inverse : (first + i) * step,
  );
};

/** Returns the nearest number that is 1, 2 or 5 times a power of ten. */
export const roundStep = (length: number): number => {
  const power = Math.floor(Math.log10(length));
  const unit = 10 ** power;
  const [step] = [1, 2, 5, 10].toSorted((a, b) => Math.abs(a - length / unit) - Math.abs(b - length / unit));
  return scaled(step!, power);
};

/** Returns a function that writes multiples of `step` up to the size `most`, as short as their differences allow. */
const formatFor = (step: number, most: number): ((value: number) => string) => {
  const exponent = Math.floor(Math.log10(step) + 1e-9);
  // A multiple of 2.5 needs one more digit than a multiple of 1, 2 or 5.
  const power = Math.abs(step / scaled(2.5, exponent) - 1) < 1e-9 ? exponent - 1 : exponent;
  if (most >= 1e12 || most < 1e-3) {
    const digits = Math.max(0, Math.floor(Math.log10(most)) - power);
    return (value) =>
      value === 0 ? '0' : value.toExponential(Math.min(15, digits)).replace('e+', 'e').replaceAll('-', '−');
  }
  const [name, unit, shift] =
    most >= 1e9 && power >= 7
      ? ['B', 1e9, 9]
      : most >= 1e6 && power >= 4
        ? ['M', 1e6, 6]
        : most >= 1e5 && power >= 2
          ? ['k', 1e3, 3]
          : ['', 1, 0];
  const digits = Math.max(0, (shift as number) - power);
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return (value) =>
    value === 0 ? '0' : `${(value / (unit as number)).toLocaleString('en', options).replace('-', '−')}${name}`;
};
