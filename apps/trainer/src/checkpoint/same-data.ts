import { FlowError, isFlowError } from '@impflow/core';
import { runKey } from '@impflow/training';
import { loadRunData, type RunData } from '../dataset/run-data.ts';
import { sourceOf, type AllRegistries } from '../plugins/registries.ts';
import { missingPlugin } from './building-from.ts';
import type { RunRecord } from './record.ts';

/**
 * The data of a run, with the same split and noise.
 *
 * @throws `option` for a model without data; `input` if the values have changed, because then its test rows might not
 * be held out.
 */
export const sameData = async (
  record: RunRecord,
  seed: number,
  { folder, registries }: { readonly folder: string; readonly registries: AllRegistries },
): Promise<RunData> => {
  const { data, provenance } = record;
  if (data === undefined)
    throw new FlowError('option', 'cli', `The model in ${folder} has no data of its own`, {
      hint: 'Name some with --data.',
    });
  const found = await loadRunData(
    sourceOf(registries, {
      ...data,
      dequantised: record.dequantised,
      offsets: record.offsets ?? {},
      distinct: record.distinct ?? false,
    }),
    runKey(seed, 'data'),
  ).catch((cause: unknown) => {
    throw isFlowError(cause, 'registry') ? missingPlugin(folder, record, cause) : cause;
  });
  const { hash, partHashes = {} } = provenance ?? {};
  const parts = found.kind === 'images' ? {} : (found.partHashes ?? {});
  assertSame(data.data, { before: hash, now: found.hash, folder });
  for (const part of ['validation', 'test'] as const)
    assertSame(data[part] ?? data.data, { before: partHashes[part], now: parts[part], folder });
  return found;
};

const assertSame = (
  file: string,
  {
    before,
    now,
    folder,
  }: { readonly before: string | undefined; readonly now: string | undefined; readonly folder: string },
): void => {
  if (before === now) return;
  throw new FlowError('input', 'cli', `${file} is not what ${folder} was trained on`, {
    expected: `values with SHA-256 ${before?.slice(0, 12) ?? '(none)'}`,
    got: now?.slice(0, 12) ?? '(none)',
    hint: 'Restore the file, or start a new run.',
  });
};
