import { key } from '@impflow/core';
import { drawValues, type RecordFlow, type Values } from '@impflow/tables';

/** Draws under the conditions of given rows, which are taken in turn. */
export const drawnLike = (records: RecordFlow, like: Values, count: number, seed: number): Values => {
  const conditions: Values = {
    rows: count,
    columns: like.columns.map((column) => Float64Array.from({ length: count }, (_, row) => column[row % like.rows]!)),
    remarks: [],
  };
  return drawValues(records, conditions, { key: key(seed) });
};
