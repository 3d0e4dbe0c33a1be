import type { RecordFlow, Values } from '@impflow/tables';
import { pairsPlot } from '../../plots/pairs.ts';

/**
 * A PNG of the pairwise marginals of the numbers of records, data beside samples. Columns with an offset are drawn
 * without it, and their label says so.
 */
export const recordsPicture = (
  { spec, layout }: RecordFlow,
  data: Values,
  samples: Values,
  title: string,
): Uint8Array => {
  const columns = layout.numbers.map((j) => {
    const column = spec.columns[j]!;
    const offset = column.kind === 'number' ? (column.offset ?? 0) : 0;
    return offset === 0 ? column.name : `${column.name} − ${offset}`;
  });
  return pairsPlot({ columns, data: rowsOf(layout.numbers, data), samples: rowsOf(layout.numbers, samples), title });
};

const rowsOf = (numbers: readonly number[], { rows, columns }: Values): Float32Array =>
  Float32Array.from(
    { length: rows * numbers.length },
    (_, i) => columns[numbers[i % numbers.length]!]![Math.floor(i / numbers.length)]!,
  );
