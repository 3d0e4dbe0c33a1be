import type { Decimal } from '../frame/simple-number.ts';
import type { Codes } from './codes.ts';
import type { DateFormat } from './dates.ts';
import type { FoundFormat } from './find-number-format.ts';
import type { RoundedWholes } from './rounded-wholes.ts';
import type { MostlyNumbers, UnreadCells } from './text-kinds.ts';

/**
 * Choices of the user for the columns of a table. If the user makes no choice for a column, its kind is found from its
 * cells.
 */
export interface PlanOptions {
  /**
   * Names of the columns that are conditions: the density describes all other columns, given these columns. Default: no
   * conditions.
   */
  readonly given?: readonly string[];
  /**
   * Names of the columns that are read as categories although their cells are numbers. Default: no column of numbers is
   * read as categories.
   */
  readonly categorical?: readonly string[];
  /** Names of the columns to leave out. Default: all columns are used. */
  readonly leaveOut?: readonly string[];
  /** Name of the column that contains the weights of the rows. Default: all rows have equal weight. */
  readonly weights?: string;
  /**
   * Periods of angles and times, by column name, in the unit of the column. For dates, with or without a time of day,
   * the unit is days. Default: no periodic columns.
   */
  readonly periodic?: Readonly<Record<string, number>>;
  /**
   * Order of day and month in dates such as 03/04/2020. A column whose dates show the other order is refused. Default:
   * the order is found from the dates of each column. If the order is ambiguous, an error is thrown.
   */
  readonly dayFirst?: boolean;
  /**
   * Decimal signs of columns of numbers, by column name. The other sign then separates thousands. Default: the sign is
   * found from the cells of the column.
   */
  readonly decimals?: Readonly<Record<string, Decimal>>;
}

/** Describes how a column is used. A plan is made before anything is fitted to the values of the column. */
export type ColumnPlan = { readonly name: string } & (
  | {
      readonly kind: 'number';
      readonly given: boolean;
      readonly date?: PlannedDates;
      /** How the numbers are written. Undefined if they are plain numbers. */
      readonly format?: FoundFormat;
      /** Unit of the numbers, as the format of the file defines it. */
      readonly unit?: string;
      /** A cell such as `1.234`, if the sign in the numbers may be a decimal sign or separate thousands. */
      readonly grouped?: string;
      /** Whole numbers that are rounded. Undefined if no number is rounded. */
      readonly rounded?: RoundedWholes;
      /**
       * Period of an angle or a time, in the unit of the numbers of the column. Undefined if the column is not
       * periodic.
       */
      readonly period?: number;
      /**
       * Whether the numbers are whole and rise by one from row to row, as row numbers do. A few rows may repeat earlier
       * numbers.
       */
      readonly rising?: true;
    }
  | {
      readonly kind: 'category';
      readonly given: boolean;
      /** Units of the cells, if all cells are numbers with units that differ, such as `500 g` and `3 kg`. */
      readonly units?: readonly string[];
      /** Why cells that are numbers are read as codes. Undefined if the cells are not numbers. */
      readonly codes?: Codes;
      /** Which cells are not numbers, if most cells are. */
      readonly mostly?: MostlyNumbers;
      /** The kind of the cells, if they are numbers in a form that is not read, such as durations. */
      readonly unread?: UnreadCells;
      /** Whether the writer of the file stored the column as categories. */
      readonly stored?: true;
    }
  | { readonly kind: 'weights' }
  | { readonly kind: 'left out'; readonly why: string }
);

/** The dates of a column, and its cells that are dates of zeros. */
export interface PlannedDates extends DateFormat {
  /** A cell such as `00.00.0000`, which counts as missing, and the number of such cells. Undefined if the column has no such cell. */
  readonly zeros?: { readonly cell: string; readonly cells: number };
}
