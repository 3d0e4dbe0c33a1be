import { FlowError, isFlowError, problemOf, type RefreshOptions } from '@impflow/core';
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

/** Tolerance of the capped operator norms, for reported results. */
export const TIGHT: RefreshOptions = { tolerance: 1e-5 };

/** A density with its best weights, ready to evaluate. */
export interface OpenDensity {
  /** The density. */
  readonly density: RecordFlow;
  /** Whether log-densities are estimates: see `isEstimated`. */
  readonly estimated: boolean;
}

/**
 * Builds the density of a checkpoint with its best weights, or with its last weights if it stores no best weights. The
 * density is evaluated with the estimator of `forEvaluation`, which may differ from the estimator of the training. A
 * flow of rows of numbers, such as an imported flow, counts as a density of a table.
 *
 * @param logdet Estimator of the log-determinants. Default: see `forEvaluation`.
 * @throws `checkpoint` for a spec that describes no density of rows, or for weights that do not fit; `registry` for a
 * name that a plugin must provide.
 */
export const openDensity = (
  checkpoint: Checkpoint,
  registries: Registries,
  source: string,
  logdet?: PluginSpec,
): OpenDensity => {
  const own = tableSpecOf(checkpoint, source);
  const spec = { ...own, flow: forEvaluation(own.flow, logdet) };
  const density = building(source, () => recordFlow(spec, { registries }));
  restoreBest(density.flow, checkpoint, source);
  assertFiniteWeights(checkpoint, source);
  // An imported model keeps its published weights, even if norms exceed its caps.
  if ((checkpoint.extra as { readonly options?: unknown } | undefined)?.options !== undefined)
    density.flow.refresh(TIGHT);
  return { density, estimated: isEstimated(spec.flow, registries) };
};

/**
 * Returns the spec of a density of rows in a checkpoint. A flow of rows of numbers, such as an imported flow, counts as
 * a density of rows.
 *
 * @throws `checkpoint` for another model.
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
 * Calls `build`, which builds something from the contents of a checkpoint, and explains its errors.
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
        `${source} needs a part that is not available: ${problemOf(cause)}`,
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
