import { resolve } from 'node:path';
import { FlowError, isFlowError, writeAtomically } from '@impflow/core';
import { importPublished, type HostArray, type PublishedImport } from '@impflow/flows';
import { readSafetensors, saveCheckpoint } from '@impflow/training';
import { startBackend } from '../run/backends.ts';
import { findPlace, makeFolder } from '../run/folder.ts';
import { number } from '../terminal/table.ts';
import { report, type ComputingOptions } from './context.ts';

export interface ImportOptions extends ComputingOptions {
  readonly activation: string;
  readonly coeff: number;
  readonly out?: string;
  readonly force?: boolean;
}

/** Makes a run folder of a state dict with the published key names, stored as safetensors. */
export const importRun = async (file: string, options: ImportOptions): Promise<number> => {
  // Nothing is measured where nothing is trained.
  await startBackend(options.backend === 'auto' ? undefined : options.backend);
  const { tensors } = await readSafetensors(file);
  // Exports of test cases put parameters and buffers under these prefixes.
  const state = Object.fromEntries(Object.entries(tensors).map(([name, array]) => [name.replace(/^(?:param|buffer)\./, ''), { shape: array.shape, data: Float64Array.from(array.data as ArrayLike<number>) }]));
  const { spec, flow } = imported(state, file, options);
  const paths = await findPlace({ name: 'imported', ...options });
  await makeFolder(paths);
  const extra = { columns: Array.from({ length: spec.dim }, (_, i) => `x${i}`), dequantised: [], provenance: { source: resolve(file) } };
  await saveCheckpoint(paths.checkpoint, { spec, seed: 0, extra, model: flow });
  await writeAtomically(paths.config, new TextEncoder().encode(`${JSON.stringify({ ...extra, spec }, null, 2)}\n`));
  const parameters = Object.values(flow.parameters).reduce((sum, parameter) => sum + parameter.size, 0);
  report(options, { run: paths.folder, dim: spec.dim, blocks: spec.blocks.length, parameters }, () => `${spec.blocks.length} blocks, ${number(parameters)} parameters: ${paths.folder}`);
  return 0;
};

/** @throws what `importPublished` throws, with the name of the file. */
const imported = (state: Readonly<Record<string, HostArray>>, file: string, { activation, coeff }: ImportOptions): PublishedImport => {
  try {
    return importPublished(state, { activation, coeff });
  } catch (cause) {
    if (!isFlowError(cause)) throw cause;
    throw new FlowError(cause.code, cause.at, `${file}: ${cause.message.replace(/^\[[^\]]*\] /, '').replace(/\.$/, '')}`, { cause });
  }
};
