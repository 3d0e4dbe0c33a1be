import { fold } from '@impflow/core';
import { dequantise, type Table } from '@impflow/data';
import { note } from '../../commands/context.ts';
import { matchingTable } from '../../dataset/matching.ts';
import { asTable } from '../../dataset/resolve.ts';
import { readingOf, type ReadingOptions } from '../../dataset/source.ts';
import { hashOf } from '../../dataset/tables.ts';
import { sameData } from '../../run/data.ts';
import type { LoadedRun } from '../../run/load.ts';
import { sourceOf } from '../../run/plugins.ts';
import { dataKey } from '../../run/purposes.ts';
import type { EvaluateOptions } from '../view.ts';

/** The rows to evaluate on, with the columns and the noise that the model was trained with. */
export const rowsFor = async ({ record, checkpoint, paths: { folder }, names }: Pick<LoadedRun, 'record' | 'checkpoint' | 'paths' | 'names'>, { data, ...options }: EvaluateOptions): Promise<Table> => {
  if (data === undefined) return asTable(await sameData(record, checkpoint.seed, { folder, names })).test;
  const rows = await modelColumns(data, { record, names }, options);
  const { hash } = (record.provenance ?? {}) as { readonly hash?: string };
  if (hash !== undefined && hash === hashOf(rows)) note(options, `${data} holds the rows of the run, those that it was trained on too: leave --data out for the held-out ones.`);
  for (const remark of rows.remarks ?? []) note(options, remark);
  return dequantise(rows, record.dequantised, fold(dataKey(checkpoint.seed), 4));
};

/** The columns of the model from a data source, whatever others it has, less the offsets of the model. @throws `input` where one is missing, or for images. */
export const modelColumns = (data: string, { record: { columns, offsets = {} }, names }: Pick<LoadedRun, 'record' | 'names'>, reading: ReadingOptions): Promise<Table> =>
  matchingTable(sourceOf(names, { data, offsets, ...readingOf(reading) }), columns, 'the model');
