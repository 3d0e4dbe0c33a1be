import { GROUP_COLORS, INK } from './colors.ts';
import type { LevelColumn } from './plot-column.ts';

/** Rows of a category. */
export interface Group {
  readonly name: string;
  readonly color: string;
  /** Whether the group contains all rare categories. */
  readonly isRest: boolean;
  /** Rows of the data, and drawn rows. */
  readonly data: readonly number[];
  readonly samples: readonly number[];
}

/** Largest number of categories that have a group of their own. */
const MOST_GROUPS: number = GROUP_COLORS.length;

/**
 * Groups the rows by their category, the most frequent category first. If there are more than six
 * categories, the last group contains all others. Rows with gaps belong to no group.
 */
export const groupsOf = ({ levels, data, samples }: LevelColumn): readonly Group[] => {
  const rows = [data, samples].map((codes) => rowsBy(codes, levels.length));
  // Counts both shares: the categories that are most frequent in few rows of data are rarer in all other rows.
  const shareOf = (code: number): number =>
    rows[0]![code]!.length / Math.max(1, data.length) + rows[1]![code]!.length / Math.max(1, samples.length);
  const order = [...levels.keys()].toSorted((a, b) => shareOf(b) - shareOf(a));
  const own = order.slice(0, levels.length > MOST_GROUPS ? MOST_GROUPS - 1 : MOST_GROUPS);
  const others = [...order.slice(own.length), levels.length];
  const of = (part: number, codes: readonly number[]): readonly number[] => codes.flatMap((code) => rows[part]![code]!);
  const rest: Group = {
    name: others.length === 1 ? 'other' : `${others.length - 1} others`,
    color: INK.gray,
    isRest: true,
    data: of(0, others),
    samples: of(1, others),
  };
  return [
    ...own.map((code, i) => ({
      name: levels[code]!,
      color: GROUP_COLORS[i]!,
      isRest: false,
      data: of(0, [code]),
      samples: of(1, [code]),
    })),
    ...(rest.data.length + rest.samples.length === 0 ? [] : [rest]),
  ];
};

/** Returns the rows of each code. The last list has the rows of larger codes. */
const rowsBy = (codes: ArrayLike<number>, count: number): readonly number[][] => {
  const rows = Array.from({ length: count + 1 }, (): number[] => []);
  for (let row = 0; row < codes.length; row++) if (codes[row]! >= 0) rows[Math.min(count, codes[row]!)]!.push(row);
  return rows;
};
