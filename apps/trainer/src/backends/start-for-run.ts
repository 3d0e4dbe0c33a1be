import { isFlowError, type Backend } from '@impflow/core';
import { readModel, type ModelSpec } from 'impflow/run';
import { DEFAULT_BACKEND, startBackend, type ComputingOptions } from '../adapters/backends.ts';
import type { AllRegistries } from '../plugins/registries.ts';
import { findRun } from '../run-folder/folder.ts';
import { note } from '../terminal/output.ts';
import { fastestKnown } from './fastest-known.ts';

/**
 * Starts the backend that the options name, for a command on a run. The name `auto` means the backend that was measured
 * as the fastest for a model of this shape. Without a measurement, `auto` means the default backend.
 */
export const startForRun = (
  run: string,
  options: ComputingOptions,
  registries: Pick<AllRegistries, 'backend'>,
): Promise<Backend> =>
  startForSpec(
    async () => (await readModel((await findRun(run)).checkpoint)).checkpoint.spec as ModelSpec,
    options,
    registries,
  );

/** Starts the backend as {@link startForRun} does, for the spec that `specOf` returns. */
export const startForSpec = async (
  specOf: () => Promise<ModelSpec> | ModelSpec,
  options: ComputingOptions,
  { backend: registered }: Pick<AllRegistries, 'backend'>,
): Promise<Backend> => {
  if (options.backend !== 'auto') return startBackend(options.backend, registered);
  const spec = await specOf();
  const known = await fastestKnown(spec, registered);
  if (known === undefined) {
    note(
      options,
      `Backend auto: ${DEFAULT_BACKEND}, the default. No measurement of a model of this shape is stored on this machine; train --backend auto makes one.`,
    );
    return startBackend();
  }
  try {
    const backend = await startBackend(known, registered);
    note(
      options,
      `Backend auto: ${known}, the fastest for a model of this shape when it was measured on this machine.`,
    );
    return backend;
  } catch (error) {
    if (!isFlowError(error, 'unsupported') && !isFlowError(error, 'registry')) throw error;
    note(options, `Backend auto: ${DEFAULT_BACKEND}, the default, because ${known} no longer starts: ${error.message}`);
    return startBackend();
  }
};
