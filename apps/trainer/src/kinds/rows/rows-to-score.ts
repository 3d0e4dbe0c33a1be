import { isFlowError } from '@impflow/core';
import { type Frame, type Table, rowsAsRecords, valuesOf, type Values } from '@impflow/tables';
import type { LoadedRun } from '../../checkpoint/load-run.ts';
import { readRecords } from '../../dataset/load-records.ts';
import { isPath, readingOf } from '../../dataset/source.ts';
import type { FlowModel } from '../../model/model.ts';
import { withNamesOf } from '../cells-of.ts';
import type { ScoreOptions } from '../run-commands.ts';
import { modelColumns } from './data.ts';

/**
 * The rows of a file to score, in the columns of the model, less its offsets. Cells may be missing: NaN.
 *
 * @throws the errors of `modelColumns` but for gaps.
 */
export const rowsToScore = async (
  run: Pick<LoadedRun<FlowModel>, 'model' | 'record' | 'registries'>,
  file: string,
  options: ScoreOptions,
): Promise<Values> => {
  try {
    return rowsOfTable(await modelColumns(file, run, options));
  } catch (error) {
    const open = isFlowError(error, 'input') ? await rowsWithGaps(run, file, options) : undefined;
    if (open === undefined) throw error;
    return open;
  }
};

const rowsOfTable = ({ rows, columns, values, remarks = [] }: Table): Values => {
  const width = columns.length;
  return {
    rows,
    columns: columns.map((_, j) => Float64Array.from({ length: rows }, (__, row) => values[row * width + j]!)),
    remarks,
  };
};

/** The rows of a file of numbers and gaps; undefined for another file. */
const rowsWithGaps = async (
  { model, record }: Pick<LoadedRun<FlowModel>, 'model' | 'record'>,
  file: string,
  options: ScoreOptions,
): Promise<Values | undefined> => {
  if (!isPath(file)) return undefined;
  const read = await readRecords({ data: file, ...readingOf(options) }).catch(() => undefined);
  if (read === undefined) return undefined;
  const frame = withNamesOf(read, record.columns);
  const { columns } = rowsAsRecords(model.spec, record);
  if (!hasNumbersAndGaps(frame, record.columns)) return undefined;
  const values = valuesOf(frame, columns);
  return { ...values, remarks: [...(read.remarks ?? []), ...values.remarks] };
};

const hasNumbersAndGaps = (frame: Frame, names: readonly string[]): boolean => {
  const own = names.map((name) => frame.columns.find((column) => column.name === name));
  return (
    own.every((column) => column !== undefined && column.texts === undefined) &&
    own.some((column) => column!.numbers.some(Number.isNaN))
  );
};
