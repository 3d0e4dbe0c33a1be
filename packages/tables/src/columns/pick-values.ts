import type { Values } from './values.ts';

/** Concatenates the rows of several tables. The list must contain at least one table. */
export const joinedValues = (parts: readonly Values[]): Values => {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const columns = parts[0]!.columns.map((_, j) => {
    const out = new Float64Array(rows);
    let at = 0;
    for (const part of parts) {
      out.set(part.columns[j]!, at);
      at += part.rows;
    }
    return out;
  });
  return { rows, columns, remarks: [] };
};

/** Returns the rows with the given indices. */
export const pickValues = (values: Values, rows: Uint32Array): Values => ({
  ...values,
  rows: rows.length,
  columns: values.columns.map((column) => {
    // A loop is faster than `Float64Array.from` with a function.
    const picked = new Float64Array(rows.length);
    for (let i = 0; i < picked.length; i++) picked[i] = column[rows[i]!]!;
    return picked;
  }),
});
