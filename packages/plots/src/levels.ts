import { barX, dot, frame, ruleX, text, type Markish } from '@observablehq/plot';
import { acrossAxis, sideOf, type Side } from './axis.ts';
import { INK } from './colors.ts';
import { groupsOf, type Group } from './groups.ts';
import { EDGE, type PanelSize } from './marginals.ts';
import type { LevelColumn, Ranged } from './plot-column.ts';
import { quantile } from './quantile.ts';
import { panel } from './render.ts';
import { abbreviated } from './text.ts';

/** Height of a category: its name, and its bars for the data and for the drawn rows. */
const LEVEL = 32;
const KINDS = ['data', 'samples'] as const;
/** Color and middle of the bars, from the upper edge of their category. */
const BARS = { data: { fill: INK.blue, middle: 18 }, samples: { fill: INK.vermilion, middle: 26 } } as const;

/** Size of a panel of categories, whose height follows from their number. */
type LevelsSize = Omit<PanelSize, 'height'> & {
  /** How far tick labels may extend beyond the ends of the axis. Default: the margin at the right. */
  readonly overhang?: number;
};

/** Returns the height of the panels of a column of categories. */
export const levelsHeight = (column: LevelColumn, bottom: number): number =>
  groupsOf(column).length * LEVEL + EDGE + bottom;

/** Draws the share of each category in the data and in the drawn rows. */
export const levelsPanel = (column: LevelColumn, size: LevelsSize): Element => {
  const groups = groupsOf(column);
  const shareOf = (group: Group, kind: 'data' | 'samples'): number =>
    (100 * group[kind].length) /
    Math.max(
      1,
      groups.reduce((sum, each) => sum + each[kind].length, 0),
    );
  // All rare categories together would make the other bars short: their shares are written instead.
  const common = groups.filter(({ isRest }) => !isRest);
  const highest = Math.max(...common.flatMap((group) => KINDS.map((kind) => shareOf(group, kind))));
  const named = groups.map((group) =>
    group.isRest
      ? {
          ...group,
          name: `${group.name}: ${Math.round(shareOf(group, 'data'))} %, drawn ${Math.round(shareOf(group, 'samples'))} %`,
        }
      : group,
  );
  return levelRows(named, { name: `${column.name} (% of rows)`, domain: [0, 1.04 * highest || 1] }, size, [
    ...KINDS.map((kind) =>
      bars(
        common.map((group, i) => ({ i, from: 0, to: shareOf(group, kind) })),
        kind,
        6,
      ),
    ),
    ruleX([0]),
  ]);
};

/**
 * Draws the central 90 % (thin) and 50 % (thick) of a column of numbers within each category, for the data and for the
 * drawn rows. A dot shows the median.
 */
export const intervalsPanel = (categories: LevelColumn, { column, domain }: Ranged, size: LevelsSize): Element => {
  const groups = groupsOf(categories);
  const [low, high] = domain;
  const marks = KINDS.flatMap((kind): readonly Markish[] => {
    const rows = groups.flatMap((group, i) => {
      const values = group[kind].map((row) => column[kind][row]!).filter(Number.isFinite);
      const at = (q: number): number => Math.min(high, Math.max(low, quantile(values, q)));
      return values.length === 0 ? [] : [{ i, at }];
    });
    const between = (a: number, b: number) => rows.map(({ i, at }) => ({ i, from: at(a), to: at(b) }));
    const { fill, middle } = BARS[kind];
    return [
      bars(between(0.05, 0.95), kind, 1.4),
      bars(between(0.25, 0.75), kind, 5),
      dot(between(0.5, 0.5), {
        y: 'i',
        x: 'from',
        r: 3,
        dy: middle - LEVEL / 2,
        fill,
        stroke: 'white',
        strokeWidth: 0.7,
      }),
    ];
  });
  return levelRows(groups, sideOf({ column, domain }), size, marks);
};

interface Bar {
  /** Number of the category. */
  readonly i: number;
  readonly from: number;
  readonly to: number;
}

const bars = (rows: readonly Bar[], kind: 'data' | 'samples', thickness: number): Markish => {
  const { fill, middle } = BARS[kind];
  return barX(rows, {
    y: 'i',
    x1: 'from',
    x2: 'to',
    insetTop: middle - thickness / 2,
    insetBottom: LEVEL - middle - thickness / 2,
    fill,
    fillOpacity: 0.6,
  });
};

const levelRows = (
  groups: readonly Group[],
  side: Side,
  { width, left, bottom, overhang = EDGE }: LevelsSize,
  marks: readonly Markish[],
): Element =>
  panel({
    width,
    height: groups.length * LEVEL + EDGE + bottom,
    marginLeft: left,
    marginRight: EDGE,
    marginTop: EDGE,
    marginBottom: bottom,
    x: acrossAxis(side, width - left - EDGE, overhang),
    y: { type: 'band', axis: null, domain: groups.map((_, i) => i), padding: 0, round: false },
    marks: [
      ...marks,
      text(groups, {
        y: (_: Group, i: number) => i,
        frameAnchor: 'left',
        textAnchor: 'start',
        dx: 5,
        dy: 8 - LEVEL / 2,
        text: ({ name }: Group) => abbreviated(name, width - left - EDGE - 10),
      }),
      frame({ stroke: '#999' }),
    ],
  });
