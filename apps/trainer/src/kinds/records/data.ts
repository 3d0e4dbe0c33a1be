import { FlowError } from '@impflow/core';
import { type Frame, completeRows, pickValues, rowWeights, valuesOf, withNoise, type Values } from '@impflow/tables';
import { dataKey, runKey } from '@impflow/training';
import type { LoadedRun } from '../../checkpoint/load-run.ts';
import { sameData } from '../../checkpoint/same-data.ts';
import { asRecords } from '../../dataset/run-data.ts';
import { readingOf } from '../../dataset/source.ts';
import type { RecordsModel } from '../../model/model.ts';
import { sourceOf } from '../../plugins/registries.ts';
import { number } from '../../terminal/format.ts';
import { note, type OutputOptions } from '../../terminal/output.ts';
import { cellsOf } from '../cells-of.ts';
import type { EvaluateOptions } from '../run-commands.ts';

/** Complete records with their weights. */
interface WeightedRecords {
  readonly values: Values;
  readonly weights?: Float64Array;
  readonly source: string;
}

/** The records to evaluate on: the test rows of the run, or those of `data` without gaps. */
export const recordsFor = async (
  run: LoadedRun<RecordsModel>,
  { data, ...options }: EvaluateOptions,
): Promise<WeightedRecords> => {
  const { record, checkpoint, paths, registries, model } = run;
  if (data === undefined) {
    const { test, source } = asRecords(await sameData(record, checkpoint.seed, { folder: paths.folder, registries }));
    return { values: test.values, weights: test.weights, source };
  }
  const { columns } = model.spec;
  const frame = await cellsOf(sourceOf(registries, { data, ...readingOf(options) }), options);
  const found = valuesOf(frame, columns);
  for (const remark of found.remarks) note(options, remark);
  // The noise of the file of `--test`, so that its figures are those of the run.
  const values = withNoise(found, columns, dataKey(runKey(checkpoint.seed, 'data'), 'dequantise'));
  const complete = completeRows(values, model.records.layout);
  if (complete.length === 0)
    throw new FlowError('input', 'cli', `No row of ${data} without gaps`, {
      expected: 'at least one, since a density of fewer cells does not compare',
      got: `${values.rows} rows with gaps`,
      hint: 'See: impflow score, which scores rows with gaps.',
    });
  if (complete.length < values.rows)
    note(options, `${number(values.rows - complete.length)} of ${number(values.rows)} rows have gaps: left out.`);
  const weights = weightsIn(frame, record.options?.weights, options);
  return {
    values: pickValues(values, complete),
    ...(weights === undefined ? {} : { weights: Float64Array.from(complete, (row) => weights[row]!) }),
    source: frame.source,
  };
};

/** The weights of the rows of a file. Without the run's column of weights there, all rows weigh the same. */
const weightsIn = (frame: Frame, name: string | undefined, options: OutputOptions): Float64Array | undefined => {
  if (name === undefined) return undefined;
  if (frame.columns.some((column) => column.name === name)) return rowWeights(frame, name, 'cli');
  note(options, `${frame.source} lacks the column of weights "${name}": all rows weigh the same.`);
  return undefined;
};
