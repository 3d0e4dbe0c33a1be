import { FlowError } from '@impflow/core';
import { forEvaluation } from '@impflow/tables';
import { pluginSpec } from '../plugins/plugin-spec.ts';
import { isClassifierSpec, isRecordsSpec, isRowsSpec, type ModelSpec } from './model.ts';

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
  const named = logdet === undefined ? undefined : pluginSpec('--logdet', logdet);
  if (isRecordsSpec(spec)) return { ...spec, flow: forEvaluation(spec.flow, named) };
  return isRowsSpec(spec) || named !== undefined ? forEvaluation(spec, named) : spec;
};
