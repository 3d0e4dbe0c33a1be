import type { FlowSpec } from '@impflow/flows';
import type { CategoryTree } from '../tree/category-tree.ts';

/** A column of numbers, or of dates as numbers. */
export interface NumberColumn {
  /** Cells are numbers or dates. */
  readonly kind: 'number';
  /** Name of the column. */
  readonly name: string;
  /** Whether the column is a condition: the density describes the targets, given the conditions. Default false. */
  readonly given?: boolean;
  /**
   * Set if cells are dates: the unit in which a number counts the time since 1970-01-01T00:00 UTC. Default: cells are
   * numbers.
   */
  readonly date?: 'days' | 'seconds';
  /** Order of day and month in dates such as 03/04/2020. Default: no such dates. */
  readonly dayFirst?: boolean;
  /** Number that is subtracted from each value in float64, before the value becomes float32. Default 0. */
  readonly offset?: number;
  /**
   * Width of the uniform noise that training adds to the values of a column that repeat. A value is scored at the
   * middle of its noise. Targets only. Default: no noise.
   */
  readonly resolution?: number;
  /**
   * Period of an angle or of a time. Values are moved into the range from `cut` to `cut + period`. A condition is
   * encoded as the cosine and sine of its angle. Default: not periodic.
   */
  readonly period?: number;
  /**
   * Least value of a periodic target, minus the offset. The values of the target are in `[cut, cut + period)`. Default
   * 0.
   */
  readonly cut?: number;
  /** Least value of a periodic target in written cells, in the units of the file. Default: at the cut. */
  readonly start?: number;
  /** Mean of a condition, minus the offset. The encoding of a value is `(value - mean) / scale`. Default 0. */
  readonly mean?: number;
  /** Standard deviation of a condition. Default 1. */
  readonly scale?: number;
  /**
   * Value that encodes a gap of a condition, minus the offset: the median of the training rows. The encoding then ends
   * with a number that is 1 if the cell is missing and 0 otherwise. Set if training rows had gaps in the condition.
   * Default: a row with a gap in the condition has no density.
   */
  readonly fill?: number;
  /**
   * Edges of bins in ascending order, from which the offset is already subtracted. The tree of categories groups the
   * values of the condition into these bins, and the number of the bin is the category of a value. Default: the
   * condition is not in the tree.
   */
  readonly bins?: readonly number[];
}

/** A column of categories. */
export interface CategoryColumn {
  /** Cells are categories. */
  readonly kind: 'category';
  /** Name of the column. */
  readonly name: string;
  /** Whether the column is a condition. Default false. */
  readonly given?: boolean;
  /**
   * The categories of the training rows, as written. Code `k` means `levels[k]`. Code `levels.length` means any other
   * category, which the context encodes as zeros.
   */
  readonly levels: readonly string[];
}

/** Description of a column for the density. */
export type ColumnSpec = NumberColumn | CategoryColumn;

/**
 * A density of records as JSON: `p(c | given) p(y | c, given)`, with a tree for the categories `c` and a conditional
 * flow for the numbers `y`. A program that has the spec and the parameters of the flow can score raw cells.
 */
export interface RecordsSpec {
  /** Distinguishes the spec from the other kinds of specs in checkpoints. */
  readonly kind: 'records';
  /** Version of the format. */
  readonly version: 1;
  /** The columns, in the order of the file. At least one target is a number. */
  readonly columns: readonly ColumnSpec[];
  /**
   * Joint probabilities of the category columns and of the bins of numeric conditions, in the order of `columns`. Absent
   * if no target is a category.
   */
  readonly tree?: CategoryTree;
  /**
   * Spec of the density of the target numbers, less their offsets, in the order of `columns`. Its context is the
   * encoding of the categories and conditions, in the order of `columns`: a category of `k` levels takes `k` entries, 1
   * at its level and 0 elsewhere; a condition takes one number, two if it is periodic, and one more if it may be
   * missing.
   */
  readonly flow: FlowSpec;
}
