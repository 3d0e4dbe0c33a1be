import { FlowError } from '@impflow/core';
import { choleskyInPlace } from '@impflow/core';
import { fitMixture, type MixtureFit } from '@impflow/flows';
import { coordinatesOfRecords, layoutOf, type RecordsSpec } from '@impflow/tables';
import { runKey } from '@impflow/training';
import { heldOut } from '../measure/held-out.ts';
import type { Rival } from '../report.ts';
import { mixtureDensities, mixtureText, type TableMixture } from './mixture.ts';
import type { Part } from './part.ts';

/**
 * Checks that no target number follows from the others: their density would be infinite.
 *
 * @param spec A spec of the training rows with a normal base.
 * @throws `input` for such a column, and for fewer training rows than columns.
 */
export const assertIndependent = (spec: RecordsSpec, train: Part, source: string): void => {
  const names = layoutOf(spec).numbers.map((j) => spec.columns[j]!.name);
  const d = names.length;
  const { values } = coordinatesOfRecords(spec, train.values);
  const rows = values.length / d;
  if (rows <= d)
    throw new FlowError('input', 'impflow/fit', `Too few rows in ${source}`, {
      expected: `more than ${d} training rows for ${d} columns`,
      got: String(rows),
      hint: 'Give more rows, or choose fewer columns with the option columns.',
    });
  const dependent = choleskyInPlace(covarianceOf(values, d), d, 1e-12);
  if (dependent < 0) return;
  throw new FlowError(
    'input',
    'impflow/fit',
    `The column "${names[dependent]!}" of ${source} follows from the columns before it`,
    {
      expected: 'columns that are no linear combinations of each other',
      got: 'one that is',
      hint: `Leave it out with the option leaveOut: ${names[dependent]!}`,
    },
  );
};

/** Covariance `[d, d]` of rows `[rows, d]`. */
const covarianceOf = (values: Float64Array, d: number): Float64Array => {
  const rows = values.length / d;
  const mean = Array.from({ length: d }, (_, j) => {
    let sum = 0;
    for (let i = j; i < values.length; i += d) sum += values[i]!;
    return sum / rows;
  });
  const covariance = new Float64Array(d * d);
  for (let at = 0; at < values.length; at += d)
    for (let i = 0; i < d; i++)
      for (let j = 0; j <= i; j++)
        covariance[i * d + j]! += ((values[at + i]! - mean[i]!) * (values[at + j]! - mean[j]!)) / rows;
  return covariance;
};

/** Densities that a flow is compared with, on the test rows. */
export const rivalsOf = ({ spec, choice }: TableMixture, train: Part, test: Part, seed: number): readonly Rival[] => {
  const gaussian = fitMixture(coordinatesOfRecords(spec, train.values).values, {
    dim: spec.flow.dim,
    components: 1,
    covariance: 'full',
    ridge: 1e-9,
    key: runKey(seed, 'mixture'),
  });
  const sees = (spec.flow.context ?? 0) > 0;
  const figures = (fit: MixtureFit): Omit<Rival, 'name'> =>
    heldOut(mixtureDensities(spec, fit, test.values), test.weights);
  return [
    { name: sees ? 'linear regression, normal residuals' : 'full-covariance Gaussian', ...figures(gaussian) },
    {
      name: sees
        ? `linear regression, residuals of a Gaussian mixture: ${mixtureText(choice.fit)}`
        : `Gaussian mixture, ${mixtureText(choice.fit)}, chosen by ${choice.by === 'folds' ? 'cross-validation' : 'validation'}`,
      ...figures(choice.fit),
    },
  ];
};
