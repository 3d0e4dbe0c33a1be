/** Unit of the numbers of dates: the time since 1970-01-01T00:00 UTC in days or seconds. */
export type DateUnit = 'days' | 'seconds';

const [MINUTE, HOUR, DAY] = [60, 3600, 86_400];
/** Distances between ticks, in seconds. Weeks are counted from 1970-01-05, a Monday. */
const FIXED = [
  1,
  5,
  15,
  30,
  MINUTE,
  5 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  7 * DAY,
  14 * DAY,
];
/** Distances between ticks, in months. */
const MONTHS = [1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400, 6000];
/** More ticks than this never fit. */
const MOST = 60;
/** Largest distance, in seconds, of a JavaScript date from 1970. */
const LAST = 8.64e12;

/** A tick of an axis of dates. */
interface DateTick {
  readonly at: number;
  /** The date in ISO 8601 format. */
  readonly text: string;
  /** The part of the date that differs between neighboring ticks, such as `Mar`. */
  readonly short: string;
  /** The part of the date that is left out in `short`, such as a year. */
  readonly context: string;
}

/** Returns the ticks of an axis of dates for several distances between ticks. */
export const dateSteps = (domain: readonly [number, number], unit: DateUnit): readonly (readonly DateTick[])[] => {
  const scale = unit === 'days' ? DAY : 1;
  const [low, high] = domain.map((at) => Math.max(-LAST, Math.min(LAST, at * scale))) as [number, number];
  const fixed = FIXED.filter((step) => (high - low) / step <= MOST && (unit === 'seconds' || step >= DAY)).map(
    (step) => {
      const start = step % (7 * DAY) === 0 ? 4 * DAY : 0;
      const first = Math.ceil((low - start) / step);
      return ticks(low, high, (i) => start + (first + i) * step, step);
    },
  );
  const [from, to] = [low, high].map((at) => new Date(1000 * at).getUTCFullYear()) as [number, number];
  const byMonth = MONTHS.filter((step) => (12 * (to - from)) / step <= MOST).map((step) => {
    const first = Math.floor((12 * from) / step);
    return ticks(low, high, (i) => startOfMonth((first + i) * step), step * 28 * DAY);
  });
  return [...fixed, ...byMonth].map((each) => each.map((tick) => ({ ...tick, at: tick.at / scale })));
};

const ticks = (low: number, high: number, at: (i: number) => number, step: number): readonly DateTick[] =>
  Array.from({ length: MOST + 14 }, (_, i) => at(i))
    .filter((seconds) => seconds >= low && seconds <= high)
    .map((seconds) => ({ at: seconds, text: textOf(seconds, step), ...shortOf(seconds, step) }));

/** Returns the seconds at which a month begins. `month` counts from January of the year 0. */
const startOfMonth = (month: number): number =>
  new Date(0).setUTCFullYear(Math.floor(month / 12), month % 12, 1) / 1000;

/** Writes a date in ISO 8601 format, as exactly as the distance `step` of the ticks needs. */
const textOf = (seconds: number, step: number): string => {
  const iso = new Date(1000 * seconds).toISOString();
  const [day, time] = iso.split('T') as [string, string];
  if (step >= 330 * DAY) return day.slice(0, -6);
  if (step >= 28 * DAY) return day.slice(0, -3);
  if (step >= DAY) return day;
  if (step >= HOUR) return `${day.slice(-5)} ${time.slice(0, 5)}`;
  return time.slice(0, step >= MINUTE ? 5 : 8);
};

/** Names of months, which are shorter than a year and a month in ISO 8601 format. */
const NAMES = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Splits a date into the part that ticks at distance `step` need, and the rest. */
const shortOf = (seconds: number, step: number): Pick<DateTick, 'short' | 'context'> => {
  const iso = new Date(1000 * seconds).toISOString();
  const [day, time] = iso.split('T') as [string, string];
  if (step >= 330 * DAY) return { short: day.slice(0, -6), context: '' };
  if (step >= 28 * DAY) return { short: NAMES[Number(day.slice(-5, -3)) - 1]!, context: day.slice(0, -6) };
  if (step >= DAY) return { short: day.slice(-5), context: day.slice(0, -6) };
  if (step >= MINUTE) return { short: time.slice(0, 5), context: day.slice(-5) };
  return { short: time.slice(0, 8), context: day.slice(-5) };
};
