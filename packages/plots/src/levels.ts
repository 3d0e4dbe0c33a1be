import { barX, dot, frame, ruleX, text, type Markish } from '@observablehq/plot';
import { acrossAxis, sideOf, type Side } from './axis.ts';
import { INK, ROLE, TINT } from './colors.ts';
import { groupsOf, type Group } from './groups.ts';
import { EDGE, type PanelSize } from './marginals.ts';
import type { LevelColumn, Ranged } from './plot-column.ts';
import { quantile } from './quantile.ts';
import { panel } from './render.ts';
import { shareInterval } from './share-interval.ts';
import { abbreviated } from './text.ts';

/** Height of a category: its name, and its bars for the data and for the draws of the model. */
const LEVEL = 32;
const KINDS = ['data', 'samples'] as const;
/** Color and middle of the bars, from the upper edge of their category. */
const BARS = { data: { fill: ROLE.data, middle: 18 }, samples: { fill: ROLE.model, middle: 26 } } as const;
/** With fewer numbers than this, a category shows its numbers as points: quantiles would be due to chance. */
export const LEAST_NUMBERS = 10;

/** The bar of all rare categories is cut if it is this many times as long as the longest other bar. */
const MOST_REST = 2;

/** Size of a panel of categories, whose height follows from their number. */
type LevelsSize = Omit<PanelSize, 'height'>;

/** Returns the height of the panels of a column of categories. */
export const levelsHeight = (column: LevelColumn, bottom: number): number =>
  groupsOf(column).length * LEVEL + EDGE + bottom;

/** Shares of categories in percent, in the order of the groups. */
interface Shares {
  readonly data: readonly number[];
  readonly samples: readonly number[];
  /** Ends of the error bars of the data and of the draws. Not finite if there are no rows. */
  readonly errors: Readonly<Record<'data' | 'samples', readonly (readonly [low: number, high: number])[]>>;
}

const sharesOf = (groups: readonly Group[]): Shares => {
  const total = (kind: 'data' | 'samples'): number => groups.reduce((sum, group) => sum + group[kind].length, 0);
  const percent = (kind: 'data' | 'samples'): readonly number[] =>
    groups.map((group) => (100 * group[kind].length) / Math.max(1, total(kind)));
  const errors = (kind: 'data' | 'samples'): readonly (readonly [number, number])[] =>
    groups.map((group) => {
      const [low, high] = shareInterval(group[kind].length, total(kind));
      return [100 * low, 100 * high] as const;
    });
  return {
    data: percent('data'),
    samples: percent('samples'),
    errors: { data: errors('data'), samples: errors('samples') },
  };
};

/**
 * Returns the largest share that a panel shows, and whether the bars of all rare categories are cut. They are cut if they
 * are much longer than the others, which would otherwise be too short to compare.
 */
const extentOf = (
  groups: readonly Group[],
  { data, samples, errors }: Shares,
): { readonly highest: number; readonly isCut: boolean } => {
  const highestOf = (isRest: boolean): number =>
    Math.max(
      0,
      ...groups
        .flatMap((group, i) =>
          group.isRest === isRest ? [data[i]!, samples[i]!, ...errors.data[i]!, ...errors.samples[i]!] : [],
        )
        .filter(Number.isFinite),
    );
  const [own, rest] = [highestOf(false), highestOf(true)];
  return rest > MOST_REST * own && own > 0
    ? { highest: own, isCut: true }
    : { highest: Math.max(own, rest), isCut: false };
};

/** Whether a panel of shares cuts the bars of all rare categories. */
export const cutsRest = (column: LevelColumn): boolean => {
  const groups = groupsOf(column);
  return extentOf(groups, sharesOf(groups)).isCut;
};

/** Draws the share of each category in the data and in the draws of the model, with their standard errors. */
export const levelsPanel = (column: LevelColumn, size: LevelsSize): Element => {
  const groups = groupsOf(column);
  const shares = sharesOf(groups);
  const { highest, isCut } = extentOf(groups, shares);
  const rest = groups.findIndex(({ isRest }) => isRest);
  const end = 1.04 * highest || 1;
  const written = KINDS.map((kind) => `${Math.round(shares[kind][rest]!)} %`).join(', ');
  const named = isCut ? groups.with(rest, { ...groups[rest]!, name: `${groups[rest]!.name}: ${written}` }) : groups;
  return levelRows(named, { name: `${column.name} (% of rows)`, domain: [0, end] }, size, [
    ...KINDS.map((kind) =>
      bars(
        shares[kind].map((share, i) => ({ i, from: 0, to: Math.min(end, share) })),
        { ...BARS[kind], thickness: 6 },
      ),
    ),
    ...KINDS.map((kind) =>
      bars(
        shares.errors[kind].flatMap(([from, to], i) => (to <= end ? [{ i, from, to }] : [])),
        { fill: INK.black, middle: BARS[kind].middle, thickness: 1.4, opacity: 0.85 },
      ),
    ),
    ...(isCut ? [breakMark(rest)] : []),
    ruleX([0]),
  ]);
};

/** Returns a mark that interrupts the bars of a category near their right end. */
const breakMark = (i: number): Markish =>
  text([i], {
    y: (row: number) => row,
    frameAnchor: 'right',
    textAnchor: 'end',
    dx: -8,
    dy: (BARS.data.middle + BARS.samples.middle - LEVEL) / 2,
    text: () => '//',
    fontSize: 20,
    fontWeight: 'bold',
    fill: 'white',
  });

/**
 * Draws the central 90 % (thin) and 50 % (thick) of a column of numbers within each category, for the data and for the
 * draws of the model. A dot shows the median. A category with few numbers shows each number as a point.
 */
export const intervalsPanel = (categories: LevelColumn, { column, domain }: Ranged, size: LevelsSize): Element => {
  const groups = groupsOf(categories);
  const [low, high] = domain;
  const within = (value: number): number => Math.min(high, Math.max(low, value));
  const marks = KINDS.flatMap((kind): readonly Markish[] => {
    const { fill, middle } = BARS[kind];
    const rows = groups.map((group, i) => ({
      i,
      values: group[kind].map((row) => column[kind][row]!).filter(Number.isFinite),
    }));
    const many = rows.filter(({ values }) => values.length >= LEAST_NUMBERS);
    const between = (a: number, b: number) =>
      many.map(({ i, values }) => ({ i, from: within(quantile(values, a)), to: within(quantile(values, b)) }));
    const few = rows
      .filter(({ values }) => values.length < LEAST_NUMBERS)
      .flatMap(({ i, values }) => values.map((value) => ({ i, from: within(value) })));
    const at = { y: 'i', x: 'from', dy: middle - LEVEL / 2, fill };
    return [
      bars(between(0.05, 0.95), { fill, middle, thickness: 1.4 }),
      bars(between(0.25, 0.75), { fill, middle, thickness: 5 }),
      dot(between(0.5, 0.5), { ...at, r: 3, stroke: 'white', strokeWidth: 0.7 }),
      dot(few, { ...at, r: 1.8, fillOpacity: 0.8 }),
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

const bars = (
  rows: readonly Bar[],
  {
    fill,
    middle,
    thickness,
    opacity = TINT.data,
  }: { readonly fill: string; readonly middle: number; readonly thickness: number; readonly opacity?: number },
): Markish =>
  barX(rows, {
    y: 'i',
    x1: 'from',
    x2: 'to',
    insetTop: middle - thickness / 2,
    insetBottom: LEVEL - middle - thickness / 2,
    fill,
    fillOpacity: opacity,
  });

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
