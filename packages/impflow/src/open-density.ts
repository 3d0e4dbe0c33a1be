import { FlowError, isFlowError, problemOf, assertBackend, type RefreshOptions } from '@impflow/core';
import type { FlowSpec, PluginSpec, Registries } from '@impflow/flows';
import {
  forEvaluation,
  isEstimated,
  recordFlow,
  rowsAsRecords,
  runContents,
  type RecordFlow,
  type RecordsSpec,
} from '@impflow/tables';
import { assertFiniteWeights, restoreBest, type Checkpoint } from '@impflow/training';
import { isImagesSpec, isRecordsSpec } from './checkpoint/spec-kind.ts';
import { disposeModel } from './train/dispose-model.ts';

/** Tolerance with which the operator norms of capped layers are computed before a density is evaluated. */
export const TIGHT: RefreshOptions = { tolerance: 1e-5 };

/** A density with the weights that had the lowest validation loss, ready to evaluate. */
export interface OpenDensity {
  /** The density. */
  readonly density: RecordFlow;
  /** Whether log-densities are estimates: see `isEstimated`. */
  readonly estimated: boolean;
}

/**
 * Builds the density of a checkpoint with the best weights, or with the last weights if the checkpoint stores no best
 * weights. The density uses the log-determinant estimator of `forEvaluation`, which may differ from the estimator of
 * the training. A flow of numeric rows, such as an imported flow, also counts as a density of a table.
 *
 * @param logdet Estimator of the log-determinants. Default: see `forEvaluation`.
 * @throws `checkpoint` for a spec that describes no density of rows, or for weights that do not fit the spec;
 * `registry` for a name that a plugin must provide.
 */
export const openDensity = (
  checkpoint: Checkpoint,
  registries: Registries,
  source: string,
  logdet?: PluginSpec,
): OpenDensity => {
  assertBackend('impflow/load');
  const own = tableSpecOf(checkpoint, source);
  const spec = { ...own, flow: forEvaluation(own.flow, logdet) };
  assertFiniteWeights(checkpoint, source);
  const density = building(source, () => recordFlow(spec, { registries }));
  try {
    restoreBest(density.flow, checkpoint, source);
    // An imported model keeps its published weights, even if the norms of its layers exceed their caps.
    if ((checkpoint.extra as { readonly options?: unknown } | undefined)?.options !== undefined)
      density.flow.refresh(TIGHT);
    return { density, estimated: isEstimated(spec.flow, registries) };
  } catch (error) {
    disposeModel(density.flow);
    throw error;
  }
};

/**
 * Returns the spec of a density of table rows from a checkpoint. A flow of numeric rows, such as an imported flow, also
 * counts as a density of table rows.
 *
 * @throws `checkpoint` for a model of another kind, such as a classifier.
 */
export const tableSpecOf = ({ spec, extra }: Pick<Checkpoint, 'spec' | 'extra'>, source: string): RecordsSpec => {
  if (isRecordsSpec(spec)) return spec;
  const { kind, dim, blocks } = (spec ?? {}) as Partial<FlowSpec> & { readonly kind?: unknown };
  if (kind === undefined && !isImagesSpec(spec) && Number.isSafeInteger(dim) && Array.isArray(blocks))
    return rowsAsRecords(spec as FlowSpec, runContents(extra, dim!, source));
  throw new FlowError('checkpoint', 'impflow/load', `${source} is a model of another kind`, {
    expected: 'a density of the rows of a table',
    got: kind === 'classifier' ? 'a classifier of images' : isImagesSpec(spec) ? 'a density of images' : 'another spec',
    hint: 'Load it with loadCheckpoint of @impflow/training.',
  });
};

/**
 * Calls `build`, which builds a model from the contents of a checkpoint. Wraps an error of `build` in an error that
 * names the checkpoint.
 *
 * @throws `checkpoint` for an invalid spec; `registry` for a name that a plugin must provide.
 */
export const building = <T>(source: string, build: () => T): T => {
  try {
    return build();
  } catch (cause) {
    if (isFlowError(cause, 'registry'))
      throw new FlowError(
        'registry',
        'impflow/load',
        `${source} needs a method that is not available: ${problemOf(cause)}`,
        { cause, hint: 'If a plugin provides it, set the option plugins.' },
      );
    if (isFlowError(cause) && cause.code !== 'plugin') {
      throw new FlowError('checkpoint', 'impflow/load', `${source}: its spec does not describe a model`, {
        cause,
        got: problemOf(cause),
        hint: 'Give a checkpoint that impflow wrote.',
      });
    }
    throw cause;
  }
};
