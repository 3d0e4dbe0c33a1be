import { dot, frame, type Markish } from '@observablehq/plot';
import { acrossAxis, roomUp, sideOf, upAxis } from './axis.ts';
import type { Block, Columns } from './block.ts';
import { INK, ROLE } from './colors.ts';
import { isInside } from './domain.ts';
import { groupsOf } from './groups.ts';
import { intervalsPanel, levelsHeight } from './levels.ts';
import { EDGE, histograms } from './marginals.ts';
import { trainingOf, type LevelColumn, type Ranged } from './plot-column.ts';
import { label, panel, type Part } from './render.ts';
import { shownRows, type ShownRows } from './shown-rows.ts';

/** Smallest and largest side of a cell. */
const CELL = { least: 150, most: 300 } as const;
/** Tick labels of neighboring cells do not touch if they extend by at most this. */
const OVERHANG = 1;
const BOTTOM = 42;
/** Room for the words DATA and MODEL beside the matrix. */
const WORD = { left: 30, top: 22 } as const;

/** A {@link Block}, with the positions of the columns. */
interface MatrixBlock extends Block {
  readonly columns: Columns;
}

/**
 * Draws a matrix of columns: histograms on the diagonal, scatter plots of the data below the diagonal, and scatter plots
 * of as many draws of the model above. The colors of the points are categories. A line below the matrix shows the
 * columns by category. Cells grow to fill the width.
 *
 * @remarks The axis of the first row is at the right, because its first cell is a histogram, whose heights are shares.
 */
export const matrixBlock = (
  columns: readonly Ranged[],
  colors: LevelColumn | undefined,
  width: number,
): MatrixBlock => {
  const [first, ...lower] = columns.map(sideOf);
  const left = roomUp(lower, CELL.most);
  const right = roomUp([first!], CELL.most);
  const cell = Math.max(
    CELL.least,
    Math.min(CELL.most, Math.floor((width - WORD.left - left - right) / columns.length)),
  );
  const inner = cell - EDGE;
  const last = columns.length - 1;
  const shown = shownRows(columns[0]!.column);
  const cells = columns.flatMap((row, i) =>
    columns.map((column, j): Part => {
      const kind = i === j ? 'both' : i > j ? 'data' : 'samples';
      const atRight = i === 0 && j === last;
      const side = upAxis(sideOf(row), inner, 0);
      const element = panel({
        width: cell + left + (atRight ? right : 0),
        height: cell + BOTTOM,
        marginLeft: left,
        marginRight: EDGE + (atRight ? right : 0),
        marginTop: EDGE,
        marginBottom: BOTTOM,
        x: {
          ...acrossAxis(sideOf(column), inner, OVERHANG),
          ...(i === last && colors === undefined ? {} : { axis: null }),
        },
        y: {
          ...side,
          ...(atRight
            ? { axis: 'right' }
            : i === 0 && j === 0
              ? { label: 'share of rows', ticks: [] }
              : j === 0
                ? {}
                : { axis: null }),
        },
        marks: [
          ...(kind === 'both'
            ? histograms(column.column, column.domain, column.domain)
            : scatters(
                column,
                row,
                kind === 'data' ? { training: shown.training, data: shown.data } : { samples: shown.samples },
                colors,
              )),
          frame({ stroke: kind === 'both' ? '#999' : ROLE[kind === 'data' ? 'data' : 'model'] }),
        ],
      });
      return { element, x: WORD.left + j * cell, y: WORD.top + i * cell };
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
        x: WORD.left + j * cell,
        y: WORD.top + columns.length * cell,
      },
  );
  const middle = (last / 2 + 1) * cell;
  const words: readonly Part[] = [
    {
      element: label('DATA', { size: 15, bold: true, color: ROLE.data, anchor: 'middle', upward: true }),
      x: 19,
      y: WORD.top + middle,
    },
    {
      element: label('MODEL', { size: 15, bold: true, color: ROLE.model, anchor: 'middle' }),
      x: WORD.left + left + middle,
      y: WORD.top - 3,
    },
  ];
  return {
    columns: {
      left: WORD.left + left,
      pitch: cell,
      frame: inner,
      overhang: { start: EDGE, end: OVERHANG },
      count: columns.length,
    },
    width: WORD.left + left + columns.length * cell + right,
    height: WORD.top + columns.length * cell + (colors === undefined ? BOTTOM : levelsHeight(colors, BOTTOM)),
    parts: [...words, ...cells, ...below.filter((part) => part !== undefined)],
  };
};

/** Opacities of points. The training rows are below the data, and paler. */
const OPACITY = { training: 0.4, data: 0.8, samples: 0.7 } as const;

/** Returns the marks of the points of the given rows. All points have the same size. */
const scatters = (
  x: Ranged,
  y: Ranged,
  shown: Partial<ShownRows>,
  colors: LevelColumn | undefined,
): readonly Markish[] => {
  const groups = colors === undefined ? [] : groupsOf(colors);
  const count = Object.values(shown).reduce((sum, rows) => sum + rows.length, 0);
  return (['training', 'data', 'samples'] as const).flatMap((kind) => {
    const rows = shown[kind] ?? [];
    const [xs, ys] = [x, y].map(({ column }) => (kind === 'training' ? trainingOf(column) : column[kind]));
    const colorOf = new Map(groups.flatMap((group) => group[kind].map((row) => [row, group.color])));
    const inside = rows.filter((row) => isInside(xs![row]!, x.domain) && isInside(ys![row]!, y.domain));
    return inside.length === 0
      ? []
      : [
          dot(inside, {
            x: (row: number) => xs![row]!,
            y: (row: number) => ys![row]!,
            r: count > 300 ? 1.6 : 2,
            fill: (row: number) =>
              colors === undefined ? ROLE[kind === 'samples' ? 'model' : 'data'] : (colorOf.get(row) ?? INK.gray),
            fillOpacity: OPACITY[kind],
          }),
        ];
  });
};
