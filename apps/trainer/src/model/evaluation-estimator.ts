import { FlowError } from '@impflow/core';
import type { BlockSpec, FlowSpec, PluginSpec, Registries } from '@impflow/flows';
import { pluginSpec } from '../plugins/plugin-spec.ts';
import { isClassifierSpec, isRowsSpec, type ModelSpec } from './model.ts';

/**
 * Most columns for which the log-density of a row is exact in `score` and `evaluate`.
 *
 * @remarks On one core a row takes 12 ms at 100 columns and 50 ms at 200. The eight draws of an estimate take half
 * of it and leave an error.
 */
const EXACT_COLUMNS = 256;

/**
 * The spec with the estimator for evaluation: `logdet` if given; otherwise that of the spec; otherwise `exact` for rows
 * of at most 256 columns, and the default of the blocks above. An `exact` set here has no limit of dimensions but
 * memory.
 *
 * @throws `option` for `logdet` with a classifier.
 */
export const withEstimator = (spec: ModelSpec, logdet: string | undefined): ModelSpec => {
  if (isClassifierSpec(spec)) {
    if (logdet === undefined) return spec;
    throw new FlowError('option', 'cli', '--logdet does not apply', {
      expected: 'a run of a density',
      got: 'a classifier',
      hint: 'Leave --logdet out.',
    });
  }
  const exactByDefault = isRowsSpec(spec) && spec.evaluationLogDet === undefined && spec.dim <= EXACT_COLUMNS;
  const named: PluginSpec | undefined =
    logdet !== undefined ? pluginSpec('--logdet', logdet) : exactByDefault ? { name: 'exact' } : undefined;
  if (named === undefined) return spec;
  return {
    ...spec,
    evaluationLogDet:
      named.name === 'exact'
        ? { name: 'exact', options: { maxDim: Number.MAX_SAFE_INTEGER, ...named.options } }
        : named,
  };
};

/** Whether log-densities under a spec of {@link withEstimator} depend on random draws. */
export const isEstimated = ({ blocks, evaluationLogDet }: FlowSpec, { logDet }: Pick<Registries, 'logDet'>): boolean =>
  !blocks.every(isClosed) && (evaluationLogDet === undefined || logDet.create(evaluationLogDet).bias !== 'exact');

/** Whether the log-determinant of a block has a closed form. */
const isClosed = (block: BlockSpec): boolean =>
  block.kind === 'factorOut' ? block.blocks.every(isClosed) : CLOSED.includes(block.kind);

const CLOSED: readonly BlockSpec['kind'][] = [
  'coupling',
  'actNorm',
  'permutation',
  'linear',
  'standardise',
  'whiten',
  'quantileMap',
  'logit',
  'rescale',
  'squeeze',
  'flatten',
];
