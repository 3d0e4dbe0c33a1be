import { GROUP_COLORS, INK } from './colors.ts';
import { trainingOf, type LevelColumn } from './plot-column.ts';

/** Rows of a category. */
export interface Group {
  readonly name: string;
  readonly color: string;
  /** Whether the group contains all rare categories. */
  readonly isRest: boolean;
  /** Rows of the data, training rows, and draws of the model. */
  readonly data: readonly number[];
  readonly training: readonly number[];
  readonly samples: readonly number[];
}

/** Largest number of categories that have a group of their own. */
const MOST_GROUPS: number = GROUP_COLORS.length;

/**
 * Groups the rows by their category, in the order of the column. If there are more than six categories, the last group
 * contains all others. Rows with gaps belong to no group.
 */
export const groupsOf = (column: LevelColumn): readonly Group[] => {
  const { levels } = column;
  const [data, training, samples] = [column.data, trainingOf(column), column.samples].map((codes) =>
    rowsBy(codes, levels.length),
  ) as [number[][], number[][], number[][]];
  const order = [...levels.keys()];
  const own = order.slice(0, levels.length > MOST_GROUPS ? MOST_GROUPS - 1 : MOST_GROUPS);
  const others = [...order.slice(own.length), levels.length];
  const rowsOf = (codes: readonly number[]): Pick<Group, 'data' | 'training' | 'samples'> => ({
    data: codes.flatMap((code) => data[code]!),
    training: codes.flatMap((code) => training[code]!),
    samples: codes.flatMap((code) => samples[code]!),
  });
  const rest: Group = {
    name: others.length === 1 ? 'other' : `${others.length - 1} others`,
    color: INK.gray,
    isRest: true,
    ...rowsOf(others),
  };
  return [
    ...own.map((code, i) => ({ name: levels[code]!, color: GROUP_COLORS[i]!, isRest: false, ...rowsOf([code]) })),
    ...(rest.data.length + rest.training.length + rest.samples.length === 0 ? [] : [rest]),
  ];
};

/** Returns the rows of each code. The last list has the rows of larger codes. */
const rowsBy = (codes: ArrayLike<number>, count: number): number[][] => {
  const rows = Array.from({ length: count + 1 }, (): number[] => []);
  for (let row = 0; row < codes.length; row++) if (codes[row]! >= 0) rows[Math.min(count, codes[row]!)]!.push(row);
  return rows;
};
