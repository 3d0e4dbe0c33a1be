import type { ColumnSpec } from '@impflow/tables';

/** A column as `GET /model` describes it. */
interface ColumnText {
  readonly name: string;
  readonly kind: 'number' | 'category' | 'date';
  /** Whether the density is given this column. */
  readonly condition: boolean;
  /** Whether training saw gaps in this condition. A gap in another column is summed out. */
  readonly mayBeMissing?: boolean;
  /** Categories that training saw. */
  readonly categories?: readonly string[];
  readonly period?: number;
}

/** A column for those who send rows. */
export const describeColumn = (column: ColumnSpec): ColumnText => {
  const { name, given = false } = column;
  if (column.kind === 'category') return { name, kind: 'category', condition: given, categories: column.levels };
  const { date, fill, period } = column;
  return {
    name,
    kind: date === undefined ? 'number' : 'date',
    condition: given,
    ...(given ? { mayBeMissing: fill !== undefined } : {}),
    ...(period === undefined ? {} : { period }),
  };
};
