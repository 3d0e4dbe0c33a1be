import type { FlowSpec } from '@impflow/flows';
import type { RecordsSpec } from '../columns/spec.ts';

/** One number for some of the columns, by the name of the column, as plain JSON. */
export type ColumnNumbers = Readonly<Record<string, number>>;

/** Description of the columns of a density of numbers, as it is stored in a checkpoint. */
export interface NumberColumns {
  /** Names of the columns of the density. */
  readonly columns: readonly string[];
  /**
   * Width of the uniform noise on columns whose values repeat. A value `v` stands for the interval `[v, v + width)`.
   */
  readonly dequantized?: ColumnNumbers;
  /** Offsets of columns, which are subtracted from the numbers in float64. */
  readonly offsets?: ColumnNumbers;
}

/**
 * Converts a density of rows of numbers to a density of records. Each column is a target number, and no column is a
 * condition.
 */
export const rowsAsRecords = (
  flow: FlowSpec,
  { columns, dequantized = {}, offsets = {} }: NumberColumns,
): RecordsSpec => ({
  kind: 'records',
  version: 1,
  columns: columns.map((name) => ({
    kind: 'number',
    name,
    ...(Object.hasOwn(offsets, name) ? { offset: offsets[name]! } : {}),
    ...(Object.hasOwn(dequantized, name) ? { resolution: dequantized[name]! } : {}),
  })),
  flow,
});

/**
 * Reads offsets of columns that were stored as JSON. Returns `undefined` if the value is not a record of finite
 * numbers.
 */
export const readOffsets = (value: unknown): ColumnNumbers | undefined => numbersIn(value, Number.isFinite);

/**
 * Reads widths of noise that were stored as JSON. Returns `undefined` if the value is not a record of positive numbers.
 */
export const readResolutions = (value: unknown): ColumnNumbers | undefined =>
  numbersIn(value, (width) => Number.isFinite(width) && (width as number) > 0);

const numbersIn = (value: unknown, isNumber: (value: unknown) => boolean): ColumnNumbers | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(isNumber)
    ? (value as ColumnNumbers)
    : undefined;
