import type { FlowSpec } from '@impflow/flows';
import type { Resolutions } from '../columns/resolutions.ts';
import type { RecordsSpec } from '../columns/spec.ts';
import type { Offsets } from '../frame/table.ts';

/** What a run on a table of numbers stores of its columns. */
export interface NumberColumns {
  /** Names of the columns. */
  readonly columns: readonly string[];
  /** Width of the noise on columns whose values repeat. */
  readonly dequantised?: Resolutions;
  /** Values subtracted in float64. */
  readonly offsets?: Offsets;
}

/** A density of rows of numbers as one of records: each column is a number without a condition. */
export const rowsAsRecords = (
  flow: FlowSpec,
  { columns, dequantised = {}, offsets = {} }: NumberColumns,
): RecordsSpec => ({
  kind: 'records',
  version: 1,
  columns: columns.map((name) => ({
    kind: 'number',
    name,
    ...(Object.hasOwn(offsets, name) ? { offset: offsets[name]! } : {}),
    ...(Object.hasOwn(dequantised, name) ? { resolution: dequantised[name]! } : {}),
  })),
  flow,
});
