import type { FlowSpec } from '@impflow/flows';
import type { CategoryTree } from '../tree/category-tree.ts';
import type { NumberFormat } from './number-format.ts';

/** A column of numbers, or of dates as numbers. */
export interface NumberColumn {
  /** The cells of the column are numbers or dates. */
  readonly kind: 'number';
  /** Name of the column. */
  readonly name: string;
  /** Whether the column is a condition: the density describes the targets, given the conditions. Default false. */
  readonly given?: boolean;
  /**
   * Unit of a column of dates, whose numbers count the time since 1970-01-01T00:00 UTC. Default: the cells are numbers,
   * not dates.
   */
  readonly date?: 'days' | 'seconds';
  /** Texts that mark missing cells of the column, such as -999: see `emptied`. Default: none. */
  readonly gaps?: readonly string[];
  /**
   * Whether the day comes first in dates such as 03/04/2020. Default: the column has no dates of the form 03/04/2020.
   */
  readonly dayFirst?: boolean;
  /** How the numbers are written. Default: as plain numbers. */
  readonly format?: NumberFormat;
  /** Unit of the numbers, as the format of the file defines it, such as `seconds`. Default: unknown. */
  readonly unit?: string;
  /**
   * Whether all numbers of the training rows are whole. Reading a number that is not whole then gives a remark. Default
   * false.
   */
  readonly whole?: true;
  /** Number that is subtracted from each value in float64, before the value is converted to float32. Default 0. */
  readonly offset?: number;
  /**
   * Width of the uniform noise that training adds to the values of a target whose values repeat. A score uses the
   * middle of the noise interval of a value. Default: no noise.
   */
  readonly resolution?: number;
  /**
   * Frequent values of a target whose other values rarely repeat, such as 0 among amounts of money, after the offset is
   * subtracted. Only these values get noise. Default: all values get noise, if the column has a resolution.
   */
  readonly spikes?: readonly number[];
  /**
   * Period of a column of angles or times. Values are moved into the range from `cut` to `cut + period`. A condition is
   * encoded as the cosine and sine of its angle. Default: not periodic.
   */
  readonly period?: number;
  /**
   * Smallest value of a periodic target after the offset is subtracted. The values of the target are in `[cut, cut +
   * period)`. Default 0.
   */
  readonly cut?: number;
  /**
   * Smallest value of a periodic target in cells that are written to a file, in the units of the file. Default: `cut`.
   */
  readonly start?: number;
  /**
   * Mean of a condition after the offset is subtracted. The encoding of a value is `(value - mean) / scale`. Default 0.
   */
  readonly mean?: number;
  /** Standard deviation of a condition, by which its values are divided. Default 1. */
  readonly scale?: number;
  /**
   * Smallest and largest value of a condition in the training rows, after the offset is subtracted. `sample` refuses
   * values far outside this range. Default: the condition is periodic, or may have any value.
   */
  readonly range?: readonly [low: number, high: number];
  /**
   * Value that replaces a missing cell of a condition: the median of the training rows, after the offset is subtracted.
   * The encoding then ends with a number that is 1 if the cell is missing and 0 otherwise. `fill` is defined if
   * training rows had missing cells in the condition. Default: a row in which the condition is missing has no density.
   */
  readonly fill?: number;
  /**
   * Edges of the bins of a condition in ascending order, after the offset is subtracted. The tree of categories groups
   * the values of the condition into these bins, and the number of the bin is the category of a value. Default: the
   * condition is not in the tree.
   */
  readonly bins?: readonly number[];
}

/** A column of categories. */
export interface CategoryColumn {
  /** The cells of the column are categories. */
  readonly kind: 'category';
  /** Name of the column. */
  readonly name: string;
  /** Whether the column is a condition of the density. Default false. */
  readonly given?: boolean;
  /**
   * The categories of the training rows, as they are written in the file. Code `k` means `levels[k]`. Code
   * `levels.length` means any category that is not in the list. The context encodes the code `levels.length` as zeros.
   */
  readonly levels: readonly string[];
  /**
   * The categories of the training rows that are too rare to be in `levels`, the most frequent first. They have the
   * code `levels.length`. Default: all categories of the training rows are in `levels`.
   */
  readonly rare?: readonly string[];
  /** Texts that mark missing cells of the column, such as -999: see `emptied`. Default: none. */
  readonly gaps?: readonly string[];
}

/** Description of a column of a density of records. */
export type ColumnSpec = NumberColumn | CategoryColumn;

/**
 * A density of records (rows of numbers and categories) as JSON: `p(c | given) p(y | c, given)`, with a tree for the
 * categories `c` and a conditional flow for the numbers `y`. A program that has the spec and the parameters of the flow
 * can score raw cells.
 */
export interface RecordsSpec {
  /** Name of this kind of spec, which distinguishes it from all other specs in checkpoints. */
  readonly kind: 'records';
  /** Version of the format of the spec. */
  readonly version: 1;
  /** Descriptions of the columns, in the order of the file. At least one target is a column of numbers. */
  readonly columns: readonly ColumnSpec[];
  /**
   * Joint probabilities of all categorical variables: the category columns, and the numeric conditions divided into
   * bins. The variables are in the order of `columns`. Undefined if no target is a category.
   */
  readonly tree?: CategoryTree;
  /**
   * Spec of the density of the target numbers, after their offsets are subtracted, in the order of `columns`. The
   * context of the flow is the encoding of the categories and conditions, in the order of `columns`. A category with
   * `k` levels is encoded as `k` entries, 1 at its level and 0 elsewhere. A numeric condition is encoded as one entry,
   * or as two entries if it is periodic. A condition that may be missing has one more entry.
   */
  readonly flow: FlowSpec;
}
