import { FlowError } from '@impflow/core';
import type { BlockSpec, FlowSpec, PluginSpec, Registries } from '@impflow/flows';
import { isClassifierSpec, kindOfSpec, type ModelSpec } from './model.ts';
import { pluginSpec } from './plugin-spec.ts';

/**
 * Columns up to which the log-density of a row is exact in `score` and `evaluate`.
 *
 * @remarks On one core a row takes 12 ms at 100 columns and 50 ms at 200. Sixteen draws of an estimate cost as much and leave an error.
 */
const EXACT_COLUMNS = 256;

/**
 * The spec with the estimator that log-densities are judged by: the one that is named; else the spec's own; else the exact one for rows of up to 256 columns, and the default of
 * the blocks above. The exact one that is named takes as many dimensions as memory allows.
 *
 * @throws `option` where one is named for a classifier.
 */
export const withEstimator = (spec: ModelSpec, logdet: string | undefined): ModelSpec => {
  if (isClassifierSpec(spec)) {
    if (logdet === undefined) return spec;
    throw new FlowError('option', 'cli', '--logdet does not apply', { expected: 'a run of a density', got: 'a classifier', hint: 'Leave --logdet out.' });
  }
  const exactByDefault = kindOfSpec(spec) === 'rows' && spec.evaluationLogDet === undefined && spec.dim <= EXACT_COLUMNS;
  const named: PluginSpec | undefined = logdet !== undefined ? pluginSpec('--logdet', logdet) : exactByDefault ? { name: 'exact' } : undefined;
  if (named === undefined) return spec;
  return { ...spec, evaluationLogDet: named.name === 'exact' ? { name: 'exact', options: { maxDim: Number.MAX_SAFE_INTEGER, ...named.options } } : named };
};

/** Whether the log-densities of a model of {@link withEstimator} depend on random draws. */
export const isEstimated = ({ blocks, evaluationLogDet }: FlowSpec, { logDet }: Pick<Registries, 'logDet'>): boolean =>
  !blocks.every(isClosed) && (evaluationLogDet === undefined || logDet.create(evaluationLogDet).bias !== 'exact');

/** Whether the log-determinant of a block has a closed form. */
const isClosed = (block: BlockSpec): boolean => (block.kind === 'factorOut' ? block.blocks.every(isClosed) : CLOSED.includes(block.kind));

const CLOSED: readonly BlockSpec['kind'][] = ['coupling', 'actNorm', 'permutation', 'linear', 'standardise', 'whiten', 'quantileMap', 'logit', 'rescale', 'squeeze', 'flatten'];
