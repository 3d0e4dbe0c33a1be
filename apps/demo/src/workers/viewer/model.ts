import type { RefreshOptions } from '@impflow/core';
import { readResolutions, type Resolutions } from '@impflow/data/tables';
import type { FlowSpec, NormalizingFlow, Registries } from '@impflow/flows';
import { dispose } from '@tensorflow/tfjs-core';
import { areNames, builtFrom, planarCheckpoint, restoreFrom } from '../from-checkpoint.ts';

/** A flow with the weights of a checkpoint. */
export interface Model {
  readonly flow: NormalizingFlow;
  readonly spec: FlowSpec;
  /** Training steps behind the weights. */
  readonly step: number;
  /** Names of the two columns, where the checkpoint says them. */
  readonly columns?: readonly string[];
  /** Those whose values repeat: `v` stands for `[v, v + resolution)`. */
  readonly dequantised: Resolutions;
}

/** What the command line tightens every cap to before figures that people rely on: with anything else the last digits would differ. */
const TIGHT: RefreshOptions = { tolerance: 1e-5 };

/**
 * The model of a checkpoint: its best weights where a finished run of the command line has some, else the last. The flow of `before` is used again where the checkpoint is of
 * the same spec; else a new one is built, and `before` stays the caller's to dispose. After an error `before` is as it was.
 *
 * @throws `checkpoint` for a file that is none or does not describe a density of two columns, `registry` for a name that a plugin has to bring.
 */
export const modelFrom = (bytes: Uint8Array, registries: Registries, before?: Model): Model => {
  const checkpoint = planarCheckpoint(bytes);
  const { spec } = checkpoint;
  const same = before !== undefined && JSON.stringify(before.spec) === JSON.stringify(spec);
  const flow = same ? before.flow : builtFrom(checkpoint, registries);
  try {
    restoreFrom(checkpoint, flow);
  } catch (error) {
    if (!same) disposeFlow(flow);
    throw error;
  }
  const { data, columns, dequantised } = (checkpoint.extra ?? {}) as { readonly data?: unknown; readonly columns?: unknown; readonly dequantised?: unknown };
  // As the command line does: an imported model, which has no data, stays what its author published.
  if (data !== undefined) flow.refresh(TIGHT);
  const named = areNames(columns) && columns.length === 2;
  return {
    flow, spec, step: checkpoint.training?.best?.step ?? checkpoint.step,
    ...(named ? { columns } : {}),
    dequantised: (named ? readResolutions(dequantised) : undefined) ?? {},
  };
};

/** Gives back all memory of a flow. */
export const disposeFlow = ({ parameters, buffers }: Pick<NormalizingFlow, 'parameters' | 'buffers'>): void => dispose([...Object.values(parameters), ...Object.values(buffers)]);
