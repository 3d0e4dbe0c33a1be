import type { Key } from '@impflow/core';
import { chooseMixture, mixtureLogProbs, type BlockSpec, type MixtureChoice } from '@impflow/flows';
import type { Table } from '@impflow/tables';
import type { TableData } from '../dataset/split-table.ts';
import { coordinatesOf } from './constant-blocks.ts';

/** A mixture in the coordinates after the constant blocks of a spec. */
export interface PlacedMixture extends MixtureChoice {
  /** The blocks of the spec. */
  readonly blocks: readonly BlockSpec[];
  /** Mean held-out `-log p` that decided the choice, in nats per row in the units of the data. */
  readonly nats: number;
}

/**
 * The Gaussian mixture that describes held-out rows best, fitted to the training rows. `seconds` is the budget of
 * `chooseMixture`. For a toy, `train` holds some drawn rows.
 */
export const placedMixture = (
  { train, validation }: Pick<TableData, 'train' | 'validation'>,
  blocks: readonly BlockSpec[],
  { key, seconds }: { readonly key: Key; readonly seconds: number },
): PlacedMixture => {
  const [own, held] = [coordinatesOf(train, blocks), coordinatesOf(validation, blocks)];
  const choice = chooseMixture(own.values, held.values, { dim: train.columns.length, key, seconds });
  const judged = choice.by === 'folds' ? [...own.logDet, ...held.logDet] : [...held.logDet];
  return {
    ...choice,
    blocks,
    nats: -choice.logLikelihood - judged.reduce((sum, each) => sum + each, 0) / judged.length,
  };
};

/** Log-densities of rows under the mixture, `[rows]`, in the units of the data, in float64. */
export const placedLogProbs = ({ fit, blocks }: Pick<PlacedMixture, 'fit' | 'blocks'>, rows: Table): Float64Array => {
  const { values, logDet } = coordinatesOf(rows, blocks);
  return mixtureLogProbs(fit, values).map((value, r) => value + logDet[r]!);
};

/** The components in words, such as "5 full components". */
export const mixtureText = ({ fit: { components, covariance } }: Pick<MixtureChoice, 'fit'>): string =>
  components === 1
    ? `1 ${covariance === 'diagonal' ? 'diagonal' : 'full'} component`
    : `${components} ${covariance} components`;
