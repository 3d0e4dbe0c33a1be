import { FlowError, drawPermutation, fold, type Key } from '@impflow/core';
import {
  assignMixture,
  chooseMixture,
  fitMixture,
  mixtureLogProbs,
  tailLogProbs,
  type MixtureChoice,
  type MixtureFit,
} from '@impflow/flows';
import {
  coordinatesOfRecords,
  joinedValues,
  logCategoriesOf,
  pickValues,
  type RecordFlow,
  type RecordsSpec,
  type Values,
} from '@impflow/tables';
import { meanOf } from '../measure/mean.ts';
import { FEW_ROWS } from '../options/settings.ts';
import { pickPart, type Part } from './part.ts';
import { singleDrawDensities } from './validation.ts';

/**
 * A Gaussian mixture of the transformed and scaled columns of a table. A flow with this mixture as its base has the
 * density of the mixture before training.
 */
export interface TableMixture {
  /** The spec that defines the transformation of the columns. The base density of the spec is normal. */
  readonly spec: RecordsSpec;
  /** How the mixture was chosen. `choice.mixture()` fits the mixture at the first call, which may take seconds. */
  readonly choice: MixtureChoice;
  /**
   * Mean log-density under the mixture, in nats, for the original units of the columns. The mean is over the validation
   * rows or the cross-validation folds by which the mixture was chosen.
   */
  readonly logLikelihood: number;
}

/** In a training of at least this many seconds, mixtures have their full time budget. */
const WHOLE_BUDGET = 60;
/**
 * If the training and validation rows together are fewer than this, a mixture from which a flow may start is searched
 * for each candidate preparation, and not only a sketch.
 */
export const FEW_TO_SKETCH = 2000;
/**
 * Share of the time budget of a mixture with fewer than `FEW_TO_SKETCH` rows, because there are then several searches.
 * The share is larger for very few rows (fewer than `FEW_ROWS`), because the mixture is then usually better than a
 * flow.
 */
const FEW_SHARE = { veryFew: 0.6, few: 0.3 } as const;
/** Time budget in seconds of a mixture that only compares preparations (scalings and maps of columns). */
const SKETCH_BUDGET = 1;

/**
 * Returns the budget of `chooseMixture`, in nominal seconds. The budget of a mixture from which a flow may start grows
 * with the number of columns. In a training of less than a minute, the budget is reduced in proportion.
 */
const mixtureBudget = (rows: number, dim: number, isSketch: boolean, seconds: number = WHOLE_BUDGET): number =>
  (isSketch ? SKETCH_BUDGET : shareOf(rows) * Math.min(10, 8 + dim / 20)) * Math.min(1, seconds / WHOLE_BUDGET);

const shareOf = (rows: number): number =>
  rows < FEW_ROWS ? FEW_SHARE.veryFew : rows < FEW_TO_SKETCH ? FEW_SHARE.few : 1;

/** Options of {@link mixtureOf}. */
interface MixtureSearch {
  readonly key: Key;
  /** Whether the search is short, because the mixture only compares preparations or is a baseline in the report. */
  readonly isSketch: boolean;
  /** Seconds of the whole training. Default: the search has its full time budget. */
  readonly seconds?: number | undefined;
  /** Numbers of components to try. Default: the numbers of `chooseMixture`. */
  readonly components?: readonly number[];
}

/**
 * Fits Gaussian mixtures to the training rows. Returns the mixture with the highest log-likelihood on the validation
 * rows or on cross-validation folds. Each row counts in proportion to its weight.
 */
export const mixtureOf = (
  spec: RecordsSpec,
  train: Part,
  validation: Part,
  { key, isSketch, seconds, components }: MixtureSearch,
): TableMixture => {
  const [own, held] = [train.values, validation.values].map((rows) => coordinatesOfRecords(spec, rows));
  const choice = chooseMixture(own!.values, held!.values, {
    dim: spec.flow.dim,
    key,
    seconds: mixtureBudget(train.values.rows + validation.values.rows, spec.flow.dim, isSketch, seconds),
    weights: { train: train.weights, validation: validation.weights },
    ...(components === undefined ? {} : { components }),
    ...(spec.flow.tail === undefined ? {} : { tail: spec.flow.tail }),
  });
  const byFolds = choice.by === 'folds';
  const logDets = byFolds ? [...own!.logDet, ...held!.logDet] : held!.logDet;
  const judged = byFolds ? joined(train, validation) : validation;
  const units = logCategoriesOf(spec, judged.values).map((categories, row) => categories + logDets[row]!);
  return { spec, choice, logLikelihood: choice.logLikelihood + meanOf(units, judged.weights) };
};

/**
 * Computes the log-densities `[rows]` of rows without gaps under a mixture, in nats and in float64. The spec defines
 * the transformation of the columns. If `tail` is defined, the density includes this broad tail, as the flow does.
 */
export const mixtureDensities = (
  spec: RecordsSpec,
  fit: MixtureFit,
  rows: Values,
  { tail }: Pick<RecordsSpec['flow'], 'tail'> = spec.flow,
): Float64Array => {
  const { values, logDet } = coordinatesOfRecords(spec, rows);
  const categories = logCategoriesOf(spec, rows);
  return mixtureLogProbs(fit, values, tail).map((value, row) => value + logDet[row]! + categories[row]!);
};

/** Returns the loss of a mixture on the rows of a part, in nats per row. The first call fits the mixture. */
export const lossOfMixture = ({ spec, choice }: TableMixture, { values, weights }: Part): number =>
  -meanOf(mixtureDensities(spec, choice.mixture(), values), weights);

/** Number of folds of the cross-validation. */
const FOLDS = 5;

/** Log-densities of rows that a mixture was not fitted to. */
interface CrossValidatedDensities {
  readonly logDensities: Float64Array;
  /** Weight of each of these rows. */
  readonly weights: Float64Array;
  /** How the rows were held out, as words for a sentence. */
  readonly by: 'validation rows' | 'rows by five folds';
}

/**
 * Computes log-densities of rows that the mixture was not fitted to. If `chooseMixture` used the validation rows, the
 * validation rows are scored. If `chooseMixture` used folds, all training and validation rows are scored, because a few
 * validation rows cannot decide between scalings. With folds, each fifth of the rows is scored by a mixture and a spec
 * that are fitted to the other four fifths. The mixtures of all folds have the number of components and the kind of
 * covariance of `choice`.
 *
 * @param specOf Fits a spec to the given rows, with the scaling and the column maps of the candidate.
 */
export const crossValidatedDensities = (
  { spec, choice }: TableMixture,
  specOf: (train: Part) => RecordsSpec,
  { train, validation }: { readonly train: Part; readonly validation: Part },
  key: Key,
): CrossValidatedDensities => {
  if (choice.by === 'validation')
    return {
      logDensities: mixtureDensities(spec, choice.searched, validation.values),
      weights: validation.weights,
      by: 'validation rows',
    };
  const {
    searched: { components, covariance },
    shrinkage,
    pooling,
    ridge,
  } = choice;
  const all = joined(train, validation);
  const order = drawPermutation(key, all.values.rows);
  const parts = Array.from({ length: FOLDS }, (_, fold_) => {
    const own = pickPart(
      all,
      order.filter((__, i) => i % FOLDS !== fold_),
    );
    const held = pickPart(
      all,
      order.filter((__, i) => i % FOLDS === fold_),
    );
    const foldSpec = specOf(own);
    const { dim, tail } = foldSpec.flow;
    const { values } = coordinatesOfRecords(foldSpec, own.values);
    const fit = fitMixture(values, {
      dim,
      ...(tail === undefined ? {} : { floor: tailLogProbs(values, dim, tail) }),
      components,
      covariance,
      shrinkage,
      pooling,
      ridge,
      key: fold(key, fold_),
      weights: own.weights,
    });
    return { logDensities: mixtureDensities(foldSpec, fit, held.values), weights: held.weights };
  });
  const gathered = (name: 'logDensities' | 'weights'): Float64Array =>
    Float64Array.from(parts.flatMap((part) => [...part[name]]));
  return { logDensities: gathered('logDensities'), weights: gathered('weights'), by: 'rows by five folds' };
};

const joined = (a: Part, b: Part): Part => ({
  cells: joinedValues([a.cells, b.cells]),
  values: joinedValues([a.values, b.values]),
  weights: Float64Array.from([...a.weights, ...b.weights]),
});

/** Returns the spec with the mixture as its base density. */
export const withMixture = ({ flow, ...spec }: RecordsSpec, { components, covariance }: MixtureFit): RecordsSpec => ({
  ...spec,
  flow: { ...flow, base: { name: 'mixture', options: { components, covariance } } },
});

/** Largest number of rows on which the density of a new flow is checked. */
const CHECKED = 64;

/**
 * Writes the parameters of the mixture into the base of a new flow. The density of the flow then equals the density of
 * the mixture. All layers of the flow must be initialized before the call.
 *
 * @throws `option` if the densities of flow and mixture differ, because a block of the new flow is not the identity.
 */
export const startAsMixture = (density: RecordFlow, { spec, choice }: TableMixture, validation: Values): void => {
  assignMixture(density.flow.base, choice.mixture());
  const some = pickValues(
    validation,
    Uint32Array.from({ length: Math.min(CHECKED, validation.rows) }, (_, i) => i),
  );
  const wanted = mixtureDensities(spec, choice.mixture(), some);
  const found = singleDrawDensities(density, density.eventsOf(some));
  const worst = found.reduce(
    (most, value, i) => Math.max(most, Math.abs(value - wanted[i]!) / (1 + Math.abs(wanted[i]!))),
    0,
  );
  if (worst < 0.01) return;
  throw new FlowError('option', 'impflow/fit', 'The base "fitted" does not work with this model', {
    expected: 'blocks that are the identity before training',
    got: 'log-densities that differ from the mixture',
    hint: 'Set the option model to implicit, residual, monotone or coupling, or choose another base.',
  });
};

/** Number and kind of the components of a Gaussian mixture. */
export type MixtureShape = Pick<MixtureFit, 'components' | 'covariance'>;

/** Describes the components of a mixture in words, such as "5 full components". */
export const mixtureText = ({ components, covariance }: MixtureShape): string =>
  components === 1
    ? `1 ${covariance === 'diagonal' ? 'diagonal' : 'full'} component`
    : `${components} ${covariance} components`;
