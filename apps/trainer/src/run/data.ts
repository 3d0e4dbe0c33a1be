import { FlowError, isFlowError } from '@impflow/core';
import { loadRunData, type RunData } from '../dataset/resolve.ts';
import { lacking, type RunRecord } from './load.ts';
import { sourceOf, type KnownNames } from './plugins.ts';
import { dataKey } from './purposes.ts';

/**
 * The data that a run was trained on, in the same split.
 *
 * @throws `option` for a model without data, `input` where the values are no longer those: its test rows would not be
 * held out any more.
 */
export const sameData = async (record: RunRecord, seed: number, { folder, names }: { readonly folder: string; readonly names: KnownNames }): Promise<RunData> => {
  const { data, provenance } = record;
  if (data === undefined) throw new FlowError('option', 'cli', `The model in ${folder} has no data of its own`, { hint: 'Name some with --data.' });
  const found = await loadRunData(sourceOf(names, data), dataKey(seed)).catch((cause: unknown) => {
    throw isFlowError(cause, 'registry') ? lacking(folder, record, cause) : cause;
  });
  const { hash } = (provenance ?? {}) as { readonly hash?: string };
  if (hash === found.hash) return found;
  throw new FlowError('input', 'cli', `${data.data} is not what ${folder} was trained on`, {
    expected: `values with SHA-256 ${hash?.slice(0, 12) ?? '(none)'}`, got: found.hash?.slice(0, 12) ?? '(none)', hint: 'Restore the file, or start a new run.',
  });
};
