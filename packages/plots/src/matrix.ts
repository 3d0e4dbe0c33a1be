import { dot, frame, type Markish } from '@observablehq/plot';
import { acrossAxis, roomUp, sideOf, upAxis } from './axis.ts';
import { INK } from './colors.ts';
import { isInside } from './domain.ts';
import { groupsOf } from './groups.ts';
import { intervalsPanel, levelsHeight } from './levels.ts';
import { EDGE, histograms } from './marginals.ts';
import type { LevelColumn, Ranged } from './plot-column.ts';
import { panel, type Part } from './render.ts';
import { thinned } from './statistics.ts';

/** Drawings below each other. The coordinates of the parts begin at the top left corner of the block. */
export interface Block {
  readonly width: number;
  readonly height: number;
  readonly parts: readonly Part[];
}

const MOST_POINTS = 600;
/** Smallest and largest side of a cell. */
const CELL = { least: 150, most: 300 } as const;
/** Tick labels of neighboring cells do not touch if they extend by at most this. */
const OVERHANG = 1;
const BOTTOM = 42;

/**
 * Draws a matrix of columns: histograms on the diagonal, scatter plots of the data below the diagonal, and scatter plots
 * of the drawn rows above. The colors of the points are categories. A line below the matrix shows the columns by
 * category. Cells grow to fill the width.
 */
export const matrixBlock = (columns: readonly Ranged[], colors: LevelColumn | undefined, width: number): Block => {
  const left = roomUp(columns.map(sideOf), CELL.most);
  const cell = Math.max(CELL.least, Math.min(CELL.most, Math.floor((width - left) / columns.length)));
  const inner = cell - EDGE;
  const size = { width: cell + left, height: cell + BOTTOM };
  const margins = { marginLeft: left, marginRight: EDGE, marginTop: EDGE, marginBottom: BOTTOM };
  const last = columns.length - 1;
  const cells = columns.flatMap((row, i) =>
    columns.map((column, j): Part => {
      const marks =
        i === j
          ? histograms(column.column, column.domain, column.domain)
          : [scatter(column, row, i > j ? 'data' : 'samples', colors)];
      const element = panel({
        ...size,
        ...margins,
        x: {
          ...acrossAxis(sideOf(column), inner, OVERHANG),
          ...(i === last && colors === undefined ? {} : { axis: null }),
        },
        y: { ...upAxis(sideOf(row), inner, 0), ...(j === 0 ? {} : { axis: null }) },
        marks: [...marks, frame({ stroke: '#999' })],
      });
      return { element, x: j * cell, y: i * cell };
    }),
  );
  const below = columns.map(
    ({ column, domain }, j): Part | undefined =>
      colors && {
        element: intervalsPanel(
          colors,
          { column, domain },
          { width: cell + left, left, bottom: BOTTOM, overhang: OVERHANG },
        ),
        x: j * cell,
        y: columns.length * cell,
      },
  );
  return {
    width: left + columns.length * cell,
    height: columns.length * cell + (colors === undefined ? BOTTOM : levelsHeight(colors, BOTTOM)),
    parts: [...cells, ...below.filter((part) => part !== undefined)],
  };
};

const scatter = (x: Ranged, y: Ranged, of: 'data' | 'samples', colors: LevelColumn | undefined): Markish => {
  const [xs, ys] = [x.column[of], y.column[of]];
  const colorOf = new Map(
    (colors === undefined ? [] : groupsOf(colors)).flatMap((group) => group[of].map((row) => [row, group.color])),
  );
  const rows = thinned(
    Array.from({ length: xs.length }, (_, row) => row).filter(
      (row) => isInside(xs[row]!, x.domain) && isInside(ys[row]!, y.domain),
    ),
    MOST_POINTS,
  );
  return dot(rows, {
    x: (row: number) => xs[row]!,
    y: (row: number) => ys[row]!,
    r: rows.length > 300 ? 1.6 : 2,
    fill: (row: number) =>
      colors === undefined ? INK[of === 'data' ? 'blue' : 'vermilion'] : (colorOf.get(row) ?? INK.gray),
    fillOpacity: 0.6,
  });
};
