import { dateText, type ColumnPlan, type Frame } from '@impflow/tables';
import { number } from '../text/format.ts';
import { numbersOf, type NumberPlan } from './far-cells.ts';

/** A column with fewer cells is too short for these remarks. */
const FEWEST = 20;
/** Largest number of different values of a column that may be codes. */
const FEW_VALUES = 12;
/** Largest number of values that a remark quotes. */
const QUOTED = 6;

/** A column of numbers that are plain or have a format, and its numbers without gaps. */
interface Column {
  readonly plan: NumberPlan;
  readonly numbers: Float64Array;
}

/**
 * Returns sentences about columns whose numbers may mean something else: times since 1970, codes, and directions. The
 * numbers are read as they are, and the sentences say what to do if this is wrong.
 */
export const valueRemarks = (plans: readonly ColumnPlan[], frame: Frame): readonly string[] => {
  const columns = plans.flatMap((plan): readonly Column[] => {
    if (plan.kind !== 'number' || plan.date !== undefined || plan.period !== undefined) return [];
    const numbers = numbersOf(frame, plan).filter((value) => !Number.isNaN(value));
    return numbers.length < FEWEST ? [] : [{ plan, numbers }];
  });
  return [
    ...columns.flatMap(epochRemark),
    ...codesRemark(columns),
    ...columns.flatMap(circleRemark),
    ...columns.flatMap(midnightRemark),
  ];
};

/** The years 1990 to 2040, in seconds since 1970. */
const YEARS = [631_152_000, 2_240_611_200] as const;
/** Units of times since 1970, and their number in a second. */
const UNITS = [
  ['seconds', 1],
  ['milliseconds', 1e3],
  ['microseconds', 1e6],
  ['nanoseconds', 1e9],
] as const;

const epochRemark = ({ plan: { name, format }, numbers }: Column): readonly string[] => {
  if (format?.unit !== undefined) return [];
  const found = UNITS.find(([, scale]) =>
    numbers.every((value) => Number.isInteger(value) && value >= YEARS[0] * scale && value < YEARS[1] * scale),
  );
  if (found === undefined || new Set(numbers).size < FEWEST) return [];
  const text = dateText(numbers[0]! / found[1], 'seconds');
  return [
    `${name}: the numbers look like ${found[0]} since 1970: ${numbers[0]!} would be ${text}. They are read as numbers. To read dates, write them as in ${text}.`,
  ];
};

/** Returns the different numbers in ascending order, or undefined if there are more than {@link FEW_VALUES}. */
const fewValues = (numbers: Float64Array): Float64Array | undefined => {
  const found = new Set<number>();
  for (const value of numbers) if (found.add(value).size > FEW_VALUES) return undefined;
  return Float64Array.from(found).sort();
};

/** Returns one sentence for all columns with few values that are not equally far apart, such as 200, 404 and 500. */
const codesRemark = (columns: readonly Column[]): readonly string[] => {
  const found = columns.flatMap(({ plan: { name }, numbers }) => {
    const values = fewValues(numbers);
    if (values === undefined) return [];
    const step = values[1]! - values[0]!;
    const isEven = values.every(
      (value, i) => i === 0 || Math.abs(value - values[i - 1]! - step) < 1e-9 * Math.abs(value),
    );
    if (values.length < 3 || values.length > numbers.length / 2 || isEven) return [];
    const quoted = Array.from(values.subarray(0, QUOTED), (value) => number(value));
    return [`"${name}" (${quoted.join(', ')}${values.length > QUOTED ? ', …' : ''})`];
  });
  if (found.length === 0) return [];
  const isOne = found.length === 1;
  return [
    `${isOne ? 'The column' : 'The columns'} ${found.join(', ')} ${isOne ? 'has' : 'have'} few values, which are read as numbers. If they are codes, name the ${isOne ? 'column' : 'columns'} in the option categorical.`,
  ];
};

/** Words in the names of columns of directions. */
const DIRECTION = /(^|[^a-z])(direction|dir|heading|bearing|azimuth|course|orientation|longitude|lon|lng)([^a-z]|$)/i;
/** A column fills a turn if it has values within this share of a turn from both ends. */
const NEAR_END = 1 / 24;

const circleRemark = ({ plan: { name, format }, numbers }: Column): readonly string[] => {
  if (!DIRECTION.test(name) && format?.unit !== '°' && format?.unit !== 'deg') return [];
  const [min, max] = numbers.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)] as const, [
    Infinity,
    -Infinity,
  ] as readonly [number, number]);
  const fills = [0, -180].some(
    (start) =>
      min >= start && min <= start + 360 * NEAR_END && max <= start + 360 && max >= start + 360 * (1 - NEAR_END),
  );
  return fills
    ? [
        `${name}: the numbers fill a turn from ${number(min)} to ${number(max)}, but they are not read as a circle. If they are directions in degrees, set the option periodic to ${name}:360.`,
      ]
    : [];
};

/** Times on both sides of midnight lie in the first and in the last part of this length of a day. */
const NEAR_MIDNIGHT = 1 / 4;

const midnightRemark = ({ plan: { name, format, unit = format?.unit }, numbers }: Column): readonly string[] => {
  const day = unit === 'minutes' ? 1440 : unit === 'seconds' ? 86_400 : undefined;
  if (day === undefined || !numbers.every((value) => value >= 0 && value < day)) return [];
  const isNear =
    numbers.some((value) => value < NEAR_MIDNIGHT * day) && numbers.some((value) => value > (1 - NEAR_MIDNIGHT) * day);
  return isNear
    ? [
        `${name}: the times lie on both sides of midnight, but they are not read as a circle. If they are times of day, set the option periodic to ${name}:${day}.`,
      ]
    : [];
};
