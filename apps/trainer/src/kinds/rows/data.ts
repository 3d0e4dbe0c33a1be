import { dequantise, type Table } from '@impflow/tables';
import { dataKey, runKey } from '@impflow/training';
import type { LoadedRun } from '../../checkpoint/load-run.ts';
import { sameData } from '../../checkpoint/same-data.ts';
import { matchingTable } from '../../dataset/matching-table.ts';
import { asTable } from '../../dataset/run-data.ts';
import { readingOf, type ReadingOptions } from '../../dataset/source.ts';
import { hashOf } from '../../dataset/split-table.ts';
import { sourceOf } from '../../plugins/registries.ts';
import { note } from '../../terminal/output.ts';
import type { EvaluateOptions } from '../run-commands.ts';

/**
 * The rows to evaluate on: the test rows of the run, or `data`. They have the columns and the noise of the training.
 */
export const rowsFor = async (
  {
    record,
    checkpoint,
    paths: { folder },
    registries,
  }: Pick<LoadedRun, 'record' | 'checkpoint' | 'paths' | 'registries'>,
  { data, ...options }: EvaluateOptions,
): Promise<Table> => {
  if (data === undefined) return asTable(await sameData(record, checkpoint.seed, { folder, registries })).test;
  const rows = await modelColumns(data, { record, registries }, options);
  const hash = record.provenance?.hash;
  if (hash !== undefined && hash === hashOf(rows))
    note(
      options,
      `${data} contains all rows of the run, including its training rows: leave --data out for the held-out ones.`,
    );
  for (const remark of rows.remarks ?? []) note(options, remark);
  return dequantise(rows, record.dequantised, dataKey(runKey(checkpoint.seed, 'data'), 'dequantise'));
};

/**
 * The columns of the model from a data source, less the offsets of the model. Other columns are dropped.
 *
 * @throws `input` if one is missing, or for images.
 */
export const modelColumns = (
  data: string,
  { record: { columns, offsets = {} }, registries }: Pick<LoadedRun, 'record' | 'registries'>,
  reading: ReadingOptions,
): Promise<Table> =>
  matchingTable(sourceOf(registries, { data, offsets, ...readingOf(reading) }), columns, 'the model');
