import { cellOf, type ColumnSpec } from '@impflow/tables';
import { ticksOf, type Tick } from '../../axes.ts';
import type { PairAxis, PairPicture } from '../../protocol/table.ts';
import { blurred } from './blur.ts';

/** The values of one column: of the rows of the table, and of draws of the model. */
export interface PairColumn {
  readonly spec: ColumnSpec;
  readonly rows: ArrayLike<number>;
  readonly draws: ArrayLike<number>;
}

/** Number of cells of the grid along an axis of numbers. */
const CELLS = 72;
/** Largest number of categories on an axis. The last band holds all further categories. */
const MOST_BANDS = 10;
/** Share of the draws that is outside of an axis of numbers, on each side. */
const TAIL = 0.005;
/** Share of a picture that is darker than everything else: cells with fewer draws get the darkest color. */
const FAINTEST = 1 / 400;

/**
 * Returns the picture of two columns. The light is the share of draws in each cell of a grid, smoothed along axes of
 * numbers, because no formula gives the density of two of many columns.
 */
export const pairPicture = (across: PairColumn, up: PairColumn): PairPicture => {
  const [x, y] = [scaleOf(across), scaleOf(up)];
  const size = [x.bands ?? CELLS, y.bands ?? CELLS] as const;
  const draws = across.draws.length;
  const counts = new Float32Array(size[0] * size[1]);
  for (let i = 0; i < draws; i++) {
    const [column, row] = [x.cell(across.draws[i]!), y.cell(up.draws[i]!)];
    if (column >= 0 && row >= 0) counts[(size[1] - 1 - row) * size[0] + column]! += 1 / draws;
  }
  const smooth = blurred(counts, size, [x.bands === undefined, y.bands === undefined], draws);
  const most = smooth.reduce((largest, value) => Math.max(largest, value), 0);
  const rows = new Float32Array(2 * across.rows.length);
  for (let i = 0; i < across.rows.length; i++) {
    rows[2 * i] = x.place(across.rows[i]!, i);
    rows[2 * i + 1] = y.place(up.rows[i]!, i + across.rows.length);
  }
  return {
    across: x.axis,
    up: y.axis,
    rows,
    size,
    light: smooth.map((value) => Math.log10(Math.max(value / (most || 1), FAINTEST))),
    draws,
  };
};

interface Scale {
  readonly axis: PairAxis;
  readonly bands: number | undefined;
  /** Returns the cell of the grid that holds a value, or -1 for a value outside of the axis. */
  cell(value: number): number;
  /** Returns the position of a row from 0 to 1. A value beyond the axis is at the end of the axis. */
  place(value: number, row: number): number;
}

const scaleOf = ({ spec, rows, draws }: PairColumn): Scale =>
  spec.kind === 'category' ? ofCategories(spec) : ofNumbers(spec, rows, draws);

const ofCategories = (spec: Extract<ColumnSpec, { readonly kind: 'category' }>): Scale => {
  const { name, levels } = spec;
  const isWhole = levels.length <= MOST_BANDS;
  const bands = Math.max(1, isWhole ? levels.length + (spec.rare === undefined ? 0 : 1) : MOST_BANDS);
  const bandOf = (code: number): number => Math.min(code, bands - 1);
  const labels = Array.from({ length: bands }, (_, band) =>
    band < bands - 1 || (isWhole && band < levels.length) ? levels[band]! : 'others',
  );
  return {
    axis: { name, bands, ticks: labels.map((label, band) => ({ at: (band + 0.5) / bands, label })) },
    bands,
    cell: (code) => (Number.isNaN(code) ? -1 : bandOf(code)),
    // Rows of one category are spread over the band, always in the same way, so that they do not hide each other.
    place: (code, row) => (Number.isNaN(code) ? NaN : (bandOf(code) + 0.5 + 0.7 * (spread(row) - 0.5)) / bands),
  };
};

/** Returns a number from 0 to 1 for a row. Consecutive rows get distant numbers (golden ratio). */
const spread = (row: number): number => (row * 0.618033988749895) % 1;

const ofNumbers = (
  spec: Extract<ColumnSpec, { readonly kind: 'number' }>,
  rows: ArrayLike<number>,
  draws: ArrayLike<number>,
): Scale => {
  const [low, high] = limitsOf(draws, rows);
  const step = spec.resolution ?? 0;
  const at = (value: number): number => (value - low) / (high - low);
  return {
    axis: { name: spec.name, ticks: ticksFor(spec, low, high) },
    bands: undefined,
    cell: (value) => {
      const cell = Math.floor(CELLS * at(value));
      return cell >= 0 && cell < CELLS ? cell : -1;
    },
    // Equal numbers are spread over the width of their step for the same reason as categories.
    place: (value, row) =>
      Math.max(0, Math.min(1, at(value + (spec.spikes === undefined ? step * 0.8 * (spread(row) - 0.5) : 0)))),
  };
};

/**
 * Returns the ends of an axis: nearly all draws and, if they are not far away, all rows. A single wrong cell does not
 * squeeze all other rows into a corner; it is at the end of the axis.
 */
const limitsOf = (draws: ArrayLike<number>, rows: ArrayLike<number>): readonly [number, number] => {
  const sorted = Float64Array.from(draws).filter(Number.isFinite).sort();
  const [low = 0, high = 1] = [
    sorted[Math.floor(TAIL * sorted.length)],
    sorted[Math.ceil((1 - TAIL) * sorted.length) - 1],
  ];
  const span = high - low || 1;
  let [least, most] = [low, high];
  for (let i = 0; i < rows.length; i++) {
    const value = rows[i]!;
    if (value < least && value > low - span / 2) least = value;
    if (value > most && value < high + span / 2) most = value;
  }
  return [least - 0.04 * span, most + 0.04 * span];
};

const ticksFor = (
  spec: Extract<ColumnSpec, { readonly kind: 'number' }>,
  low: number,
  high: number,
): readonly Tick[] => {
  if (spec.date !== undefined)
    return [0.15, 0.5, 0.85].map((at) => ({ at, label: String(cellOf(low + at * (high - low), spec)).slice(0, 10) }));
  const offset = spec.offset ?? 0;
  return ticksOf(low + offset, high + offset, 5).map(({ at, label }) => ({
    at: (at - offset - low) / (high - low),
    label,
  }));
};
