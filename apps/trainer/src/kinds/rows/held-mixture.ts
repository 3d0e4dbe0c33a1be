import { fold, drawPermutation } from '@impflow/core';
import { fitMixture, mixtureLogProbs } from '@impflow/flows';
import { fitScaling, pickRows, type Table } from '@impflow/tables';
import { runKey } from '@impflow/training';
import type { TableData } from '../../dataset/split-table.ts';
import { coordinatesOf } from '../../measure/constant-blocks.ts';
import { placedLogProbs } from '../../measure/mixture.ts';
import type { Settings } from '../../settings/settings.ts';
import { mixtureUnder, rowsSpec } from './plan.ts';

/** Parts of the rows in cross-validation. (`fold` derives random keys.) */
const FOLDS = 5;

/** Log-densities of rows that the mixture was not fitted to. */
export interface HeldLogProbs {
  readonly logProbs: Float64Array;
  /** How the rows were held out, as part of a sentence. */
  readonly by: 'validation rows' | 'rows by five folds';
}

/**
 * Log-densities under the mixture with the scaling of `settings`, on rows it was not fitted to. If `chooseMixture` used
 * folds, these are the training and validation rows: each fifth under a mixture of the same shape and a scaling, both
 * fitted to the other four fifths. A few validation rows cannot decide between scalings.
 */
export const heldLogProbs = (data: TableData, settings: Settings): HeldLogProbs => {
  const choice = mixtureUnder(data, settings);
  if (choice.by === 'validation') return { logProbs: placedLogProbs(choice, data.validation), by: 'validation rows' };
  const {
    fit: { components, covariance },
    shrinkage,
    pooling,
    ridge,
  } = choice;
  const key = fold(runKey(settings.seed, 'mixture'), 1);
  const dim = data.columns.length;
  const all = joined(data.train, data.validation);
  const order = drawPermutation(key, all.rows);
  const parts = Array.from({ length: FOLDS }, (_, f) => {
    const [train, validation] = [
      pickRows(
        all,
        order.filter((_, i) => i % FOLDS !== f),
      ),
      pickRows(
        all,
        order.filter((_, i) => i % FOLDS === f),
      ),
    ];
    const { blocks } = rowsSpec({ ...data, train, validation, scaling: fitScaling(train) }, settings);
    const held = coordinatesOf(validation, blocks);
    const fit = fitMixture(coordinatesOf(train, blocks).values, {
      dim,
      components,
      covariance,
      shrinkage,
      pooling,
      ridge,
      key: fold(key, f),
    });
    return mixtureLogProbs(fit, held.values).map((value, r) => value + held.logDet[r]!);
  });
  return { logProbs: Float64Array.from(parts.flatMap((part) => [...part])), by: 'rows by five folds' };
};

const joined = (a: Table, b: Table): Table => {
  const values = new Float32Array(a.values.length + b.values.length);
  values.set(a.values);
  values.set(b.values, a.values.length);
  return { ...a, rows: a.rows + b.rows, values };
};
