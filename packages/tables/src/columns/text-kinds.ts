import type { FrameColumn } from '../frame/frame.ts';
import { HEXADECIMAL, numberParts, plainNumber } from './number-format.ts';
import { categoryText } from './values.ts';

/** The different cells of a column, with the number of cells of each. */
export type CellCounts = ReadonlyMap<string, number>;

/** Returns the different cells of a column, with the number of cells of each. */
export const cellCounts = ({ numbers, written }: FrameColumn): CellCounts => {
  const counts = new Map<string, number>();
  for (let row = 0; row < numbers.length; row++) {
    const own = categoryText(numbers[row]!, written?.[row]);
    if (own !== undefined) counts.set(own, (counts.get(own) ?? 0) + 1);
  }
  return counts;
};

/** Returns the number of cells that are not missing. */
export const presentIn = (counts: CellCounts): number => [...counts.values()].reduce((sum, count) => sum + count, 0);

/**
 * A column with fewer values than this number never counts as an identifier or as row numbers, because a few values may
 * all be different by chance.
 */
export const FEWEST = 20;
/** If the fraction of numbers or dates among the cells of a column is larger than this, another cell is a mistake. */
export const MOSTLY = 0.9;

/** A column of text in which most cells are numbers. */
export interface MostlyNumbers {
  /** Share of the cells that are numbers, or numbers after a sign such as `~`. */
  readonly share: number;
  /** The most frequent other cells, at most three. */
  readonly others: readonly string[];
  /** Signs before numbers, such as `~` and `<`. */
  readonly signs: readonly string[];
}

const SIGN = /^[~≈<>≤≥±]=?\s*/;
/** If at most this share of the cells are numbers, the column is one of text. */
const LEAST = 0.5;
const QUOTED = 3;

/** Describes a column of text in which more than half of the cells are numbers of one unit. Returns undefined for others. */
export const mostlyNumbers = (counts: CellCounts): MostlyNumbers | undefined => {
  let [total, found] = [0, 0];
  const byUnit = new Map<string, number>();
  const signs = new Set<string>();
  const others: (readonly [string, number])[] = [];
  for (const [text, count] of counts) {
    total += count;
    const bare = text.replace(SIGN, '');
    const unit = Number.isNaN(plainNumber(bare)) ? numberParts(bare)?.unit : '';
    if (unit === undefined || HEXADECIMAL.test(bare)) {
      others.push([text, count]);
      continue;
    }
    if (bare !== text) signs.add(text.slice(0, text.length - bare.length).trim());
    byUnit.set(unit, (byUnit.get(unit) ?? 0) + count);
    found += count;
  }
  const [unit = 0] = [...byUnit].flatMap(([own, count]) => (own === '' ? [] : [count])).toSorted((a, b) => b - a);
  // Numbers of several units, such as 1A and 2B, are codes.
  if (found <= LEAST * total || unit + (byUnit.get('') ?? 0) < found) return undefined;
  if (others.length === 0 && signs.size === 0) return undefined;
  return {
    share: found / total,
    others: others
      .toSorted(([, a], [, b]) => b - a)
      .slice(0, QUOTED)
      .map(([text]) => text),
    signs: [...signs],
  };
};

/** Kinds of cells that are not read, with the pattern of a cell and what to write in its place. */
const UNREAD: readonly { readonly kind: string; readonly pattern: RegExp; readonly repair: string }[] = [
  {
    kind: 'durations',
    pattern:
      /^-?(P(?=.*\d)[\dYMWDTHS.]+|(\d+([.,]\d+)? ?(d|days?|h|hrs?|hours?|m|mins?|minutes?|s|secs?|seconds?)\b,? ?){2,})$/i,
    repair: 'numbers of one unit, such as minutes',
  },
  {
    kind: 'times',
    pattern: /^\d{1,3}:\d\d(:\d\d)?([.,]\d+)?( ?[AP]\.?M\.?)?$/i,
    repair: 'numbers of one unit, or all in one form such as 14:05',
  },
  {
    kind: 'degrees',
    pattern:
      /^(?=.*[°NSEWO])[+-]?\d+([.,]\d+)? ?°? ?(\d+([.,]\d+)? ?['′’] ?(\d+([.,]\d+)? ?("|″|”|'')?)?)? ?[NSEWO]?$/i,
    repair: 'decimal numbers with a sign, such as -71.06',
  },
  {
    kind: 'feet and inches',
    pattern: /^\d+ ?['′] ?\d+([.,]\d+)? ?("|″|'')?$/,
    repair: 'numbers of one unit, such as inches',
  },
];
/** Cells of a kind that is not read. */
export interface UnreadCells {
  /** The kind in words, such as `durations`. */
  readonly kind: string;
  /** A cell of this kind. */
  readonly example: string;
  /** What to write in place of the cells. */
  readonly repair: string;
}

/** Returns the kind of the cells of a column, such as durations, if they are numbers that are not read. */
export const unreadCells = (counts: CellCounts): UnreadCells | undefined => {
  const total = presentIn(counts);
  const [example] = counts.keys();
  for (const { kind, pattern, repair } of UNREAD) {
    let own = 0;
    for (const [text, count] of counts) if (pattern.test(text)) own += count;
    if (own >= MOSTLY * total) return { kind, example: example!, repair };
  }
  return undefined;
};
