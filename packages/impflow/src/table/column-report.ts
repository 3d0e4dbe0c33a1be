import {
  dateText,
  isTargetNumber,
  layoutOf,
  describeColumns,
  type Atom,
  type ColumnPlan,
  type ColumnSpec,
  type FittedColumns,
  type Values,
} from '@impflow/tables';
import { number } from '../text/format.ts';

/** How a training uses one column. */
export interface ColumnReport {
  /** Name of the column. */
  readonly name: string;
  /** Kind of the column. */
  readonly is: 'number' | 'date' | 'category' | 'weights' | 'left out';
  /** Whether the column is a condition. The density is conditional on the values of such columns. */
  readonly given: boolean;
  /** Number of empty cells. */
  readonly gaps: number;
  /** Describes in words how the column is encoded, or why the column is left out. */
  readonly how: string;
  /** Whether the numbers of the column rise by one from row to row, as row numbers do. */
  readonly rising: boolean;
}

/** Facts about the cells of a table. */
export interface FoundInCells {
  /** Values that many rows share: see `atomsOf`. */
  readonly atoms: Readonly<Record<string, Atom>>;
  /** Names of the columns with cells that the option `gaps` marks. */
  readonly marked: ReadonlySet<string>;
  /** Names of the columns whose cells are no multiples of their resolution. */
  readonly offGrid: ReadonlySet<string>;
}

/**
 * Returns how a training uses each column, in the order of the table.
 *
 * @param gaps The number of empty cells of each column.
 */
export const columnReports = (
  plans: readonly ColumnPlan[],
  gaps: readonly number[],
  fitted: FittedColumns,
  { atoms, marked, offGrid }: FoundInCells,
): readonly ColumnReport[] =>
  plans.map((plan, i) => {
    const column = fitted.columns.find(({ name }) => name === plan.name);
    const atom = Object.hasOwn(atoms, plan.name) ? `; ${atomWords(atoms[plan.name]!)}` : '';
    return {
      name: plan.name,
      is: plan.kind === 'number' && plan.date !== undefined ? 'date' : plan.kind,
      given: (plan.kind === 'number' || plan.kind === 'category') && plan.given,
      gaps: gaps[i]!,
      how:
        column === undefined
          ? whyOf(plan)
          : `${describeColumn(column, mapOf(fitted, column), offGrid.has(plan.name))}${marked.has(plan.name) ? gapWords(column) : ''}${atom}`,
      rising: plan.kind === 'number' && plan.rising === true,
    };
  });

const gapWords = ({ gaps = [] }: ColumnSpec): string => (gaps.length === 0 ? '' : `; ${gaps.join(', ')} as gaps`);

const atomWords = ({ value, share }: Atom): string => `${number(100 * share, 2)} % are exactly ${number(value)}`;

/** The map (transformation) of one numeric target column. */
type Map = FittedColumns['maps'][number];

/** Returns the map of a numeric target column, and undefined for any other column. */
const mapOf = (fitted: FittedColumns, column: ColumnSpec): Map | undefined =>
  fitted.maps[layoutOf(fitted).numbers.indexOf(fitted.columns.indexOf(column))];

const whyOf = (plan: ColumnPlan): string => (plan.kind === 'left out' ? plan.why : 'how often a row counts');

/** Largest number of category names that a description quotes. */
const QUOTED = 3;

/**
 * Describes in words how a column is encoded.
 *
 * @param isOffGrid Whether the cells are no multiples of the resolution of the column: see `offGridIn`.
 */
export const describeColumn = (column: ColumnSpec, map: Map | undefined, isOffGrid = false): string => {
  if (column.kind === 'category') {
    const { levels } = column;
    return `${levels.length} ${levels.length === 1 ? 'category' : 'categories'}: ${levels.slice(0, QUOTED).join(', ')}${levels.length > QUOTED ? ', …' : ''}`;
  }
  const { date, format, offset, resolution, spikes, period, fill } = column;
  const unit = format?.unit ?? column.unit;
  const words = [
    ...(date === undefined ? [] : [`${date} since 1970, UTC`]),
    ...(unit === undefined ? [] : [`in ${unit}`]),
    ...(date !== undefined || offset === undefined ? [] : [`less ${offset}, in float64`]),
    ...(period === undefined ? [] : [`periodic, ${number(period)}`]),
    ...(period !== undefined || map === undefined ? [] : mapWords(map, offset ?? 0)),
    ...(spikes === undefined
      ? []
      : [
          spikeWords(
            spikes.map((spike) => spike + (offset ?? 0)),
            date,
          ),
        ]),
    ...(resolution === undefined || spikes !== undefined
      ? []
      : [`${isOffGrid ? 'values repeat, noise of width' : 'in steps of'} ${Number(resolution.toPrecision(4))}`]),
    ...(fill === undefined ? [] : ['gaps are marked']),
  ];
  return words.length === 0 ? (isTargetNumber(column) ? 'as it is' : 'standardized') : words.join('; ');
};

const spikeWords = (spikes: readonly number[], date: 'days' | 'seconds' | undefined): string => {
  const quoted = spikes.slice(0, QUOTED).map((spike) => (date === undefined ? number(spike) : dateText(spike, date)));
  return `${spikes.length === 1 ? 'a spike' : 'spikes'} at ${quoted.join(', ')}${spikes.length > QUOTED ? ', …' : ''}`;
};

const mapWords = (map: Map, offset: number): readonly string[] => {
  switch (map.map) {
    case 'identity':
      return [];
    case 'log':
      return [`logarithm, above ${number(map.lower + offset)}`];
    case 'logit':
      return [`logit, between ${number(map.lower + offset)} and ${number(map.upper + offset)}`];
    case 'asinh':
      return ['asinh, for heavy tails'];
  }
};

/** A value that occurs in a larger share of the rows than this dominates the log-density. */
const HALF = 0.5;

/**
 * Returns the values that many rows share, as a record with column names as keys. A value of a column is in the record
 * if it occurs in more than half of the rows, or if no other value of the column repeats. An example is zero among
 * amounts of money.
 *
 * @param cells Values of the cells, without noise.
 */
export const atomsOf = (columns: readonly ColumnSpec[], cells: Values): Readonly<Record<string, Atom>> =>
  Object.fromEntries(
    columns.flatMap((column, j) => {
      if (!isTargetNumber(column) || column.resolution === undefined) return [];
      const { name, offset = 0 } = column;
      const { atom, kind, distinct } = describeColumns([{ name, numbers: cells.columns[j]! }])[0]!;
      const isTold = atom !== undefined && (kind === 'atoms' || (atom.share > HALF && distinct > 2));
      return isTold ? [[name, { ...atom, value: atom.value + offset }] as const] : [];
    }),
  );

/** Smallest share of the cells that must be multiples of a step. */
const ON_GRID = 0.98;

/** Returns the names of the columns whose noise is not as wide as a step of which nearly all cells are multiples. */
export const offGridIn = (columns: readonly ColumnSpec[], { columns: cells }: Values): ReadonlySet<string> =>
  new Set(
    columns.flatMap((column, j) => {
      if (!isTargetNumber(column) || column.resolution === undefined || column.spikes !== undefined) return [];
      const { name, resolution } = column;
      const present = cells[j]!.filter((value) => !Number.isNaN(value));
      const onGrid = present.filter((value) => Math.abs(value / resolution - Math.round(value / resolution)) < 1e-3);
      return onGrid.length < ON_GRID * present.length ? [name] : [];
    }),
  );
