import type { RecordsSpec } from '@impflow/tables';
import type { TrainingState } from '@impflow/training';
import { assertAllowed } from '../checkpoint/spec-schema.ts';
import { assertSpecSize } from '../checkpoint/spec-size.ts';
import type { OnEvent } from '../events.ts';
import { meanOf } from '../measure/mean.ts';
import { leadOf } from '../measure/paired-difference.ts';
import { AUTO } from '../options/check-together.ts';
import { FEW_ROWS, FITTED, type Settings } from '../options/settings.ts';
import { number, withError } from '../text/format.ts';
import type { Learner } from './learner.ts';
import { lossOfMixture, mixtureDensities, withMixture, type TableMixture } from './mixture.ts';
import { mixtureName } from './model-name.ts';
import { rowCount, type Part } from './part.ts';
import { preparationToStart } from './preparation-to-start.ts';
import {
  choosePreparation,
  preparationsOf,
  whitenedInstead,
  wordsOf,
  type Preparation,
  type Preparations,
} from './preparation.ts';
import { lossOfShortTraining, type ShortTrainingOptions } from './short-training.ts';
import type { TableParts } from './split.ts';
import type { TablePlan } from './table-plan.ts';
import { figuresOf, singleDrawDensities } from './validation.ts';
import { atBest } from './widen-base.ts';

/** The plan of the first training on a table, and a function that returns the plan of a possible second training. */
export interface TablePlans {
  /** The plan of the first training. */
  readonly first: TablePlan;
  /**
   * Loss of the mixture on the validation rows. If the first training is not expected to reach this loss, the training
   * ends after a quarter or a half of its time. Absent if there is no second training.
   */
  readonly mixtureLoss?: number;
  /**
   * Compares the best weights of the first training with the mixture, on the validation rows. If the weights are not
   * better, returns the plan of a second training, which starts from the mixture and uses the remaining time. Returns
   * undefined if the weights are better, or if there is no mixture.
   */
  second(learner: Learner, state: TrainingState): Promise<TablePlan | undefined>;
  /**
   * Returns the Gaussian mixture of standardized columns with which the report compares the flow, on the test rows. The
   * first call may take a second, and some seconds with few rows.
   */
  baseline(): TableMixture;
  /** Returns the mixture from which a training with these settings started, or undefined if it started from none. */
  start(settings: Settings): TableMixture | undefined;
}

/** Options of {@link planTable}. */
export interface PlanTableOptions extends ShortTrainingOptions {
  /** Whether short trainings choose the kind of block: the option `model` is `auto`. */
  readonly choosesModel: boolean;
  /** Learning rate of a training that starts from the mixture. */
  readonly mixtureRate: number;
  /** Returns the remaining seconds of a training with a time limit. */
  readonly secondsLeft: () => number;
  /** Receives an event after each candidate of a choice. */
  readonly onEvent: OnEvent;
}

/**
 * Plans the trainings of a table. In a training with a time limit, absent options `scaling`, `transform` and `base`, and
 * the kind of block, are chosen by mixtures and by short trainings, on the validation rows or on cross-validation folds.
 * If `base` is to be chosen, this function also fits the mixture. The training has less time left.
 *
 * @param train Training rows, with filled gaps.
 * @throws `option` for a model that is too large.
 */
export const planTable = async (
  parts: TableParts,
  train: Part,
  settings: Settings,
  options: PlanTableOptions,
): Promise<TablePlans> => {
  const { mixtureRate, onEvent } = options;
  const preparations = preparationsOf(parts, train, settings);
  const isTimed = settings.seconds !== undefined;
  const first = isTimed
    ? await choosePlan(preparations, parts, train, settings, options)
    : planFor(preparations, settings);
  tellMixture(first, parts, onEvent);
  const isChosen =
    isTimed && parts.sampler === undefined && settings.base === undefined && options.signal?.aborted !== true;
  const mixture = isChosen ? preparations.mixture(first.settings) : undefined;
  return {
    first,
    ...(mixture === undefined ? {} : { mixtureLoss: lossOfMixture(mixture, parts.validation) }),
    second: async (learner, state) => {
      if (mixture === undefined) return undefined;
      if (await beatsMixture(learner, state, mixture, { train, validation: parts.validation, onEvent }))
        return undefined;
      const start =
        options.secondsLeft() < LEAST_TO_SEARCH * settings.seconds!
          ? first.settings
          : preparationToStart(first.settings, preparations, parts, train, settings, onEvent);
      const { scaling: _scaling, transform: _transform, ...others } = first.settings;
      const second = planFor(preparations, { ...others, ...start, base: FITTED, lr: mixtureRate });
      tellMixture(second, parts, onEvent);
      return second;
    },
    ...comparedOf(preparations),
  };
};

const comparedOf = (preparations: Preparations): Pick<TablePlans, 'baseline' | 'start'> => ({
  baseline: () => preparations.sketch(PLAIN),
  start: (settings) => (settings.base === FITTED ? preparations.mixture(settings) : undefined),
});

/**
 * A second mixture is searched for only if at least this share of the training's time is left. In a minute, the search
 * takes up to 10 seconds.
 */
const LEAST_TO_SEARCH = 0.25;
/** Share of the remaining time that a short training takes. */
const SHORT_SHARE = 0.12;
/** A training of fewer seconds is too short to compare plans: see docs/decisions/031-a-minute-well-spent.md. */
const LEAST_SHORT = 5;
/** The kinds of blocks that short trainings compare with the default kind, if the option `model` is `auto`. */
const OTHER_MODELS = ['residual', 'monotone'] as const;

/**
 * Returns the plan of the first training. Mixtures choose the preparation of the columns. If they chose standardized
 * columns, two short trainings then choose between standardized and whitened columns. Further short trainings choose
 * the kind of block, with the chosen preparation. All short trainings take the same time, so their losses can be
 * compared.
 */
const choosePlan = async (
  preparations: Preparations,
  parts: TableParts,
  train: Part,
  settings: Settings,
  options: PlanTableOptions,
): Promise<TablePlan> => {
  const { onEvent, secondsLeft, choosesModel } = options;
  const chosen =
    parts.sampler === undefined ? choosePreparation(preparations, parts, train, settings, onEvent) : undefined;
  const whitened = chosen && whitenedInstead(chosen, preparations, train, settings);
  const first = planFor(preparations, { ...settings, ...chosen });
  const seconds = SHORT_SHARE * secondsLeft();
  if (whitened === undefined && !choosesModel) return first;
  if (seconds < LEAST_SHORT) {
    if (choosesModel) onEvent({ kind: 'remark', text: tooShort(first.settings) });
    return first;
  }
  const trained = async (plan: TablePlan): Promise<Candidate | undefined> => {
    const loss = await lossOfShortTraining(seconds, parts, train, plan, options);
    return loss === undefined ? undefined : { plan, loss };
  };
  const told = (of: 'scaling' | 'model', { plan, loss }: Candidate, taken: boolean, end = ''): void => {
    const candidate = of === 'scaling' ? wordsOf(plan.settings, parts) : blocksOf(plan.settings);
    const figures =
      loss === Infinity
        ? 'no finite loss'
        : `loss ${number(loss, 5)} on ${number(rowCount(parts.validation))} validation rows`;
    const text = `Short training, ${candidate}: ${figures}.${end}`;
    onEvent({ kind: 'choice', of, candidate, loss, taken, text });
  };
  let best = await trained(first);
  if (best === undefined) return first;
  const changes: readonly (readonly ['scaling' | 'model', readonly Partial<Settings>[]])[] = [
    ['scaling', whitened === undefined ? [] : [whitened]],
    ['model', choosesModel ? OTHER_MODELS.map((model) => ({ model })) : []],
  ];
  for (const [of, others] of changes) {
    if (others.length > 0) told(of, best, true);
    for (const change of others) {
      const other = await trained(planFor(preparations, { ...best.plan.settings, ...change }));
      if (other === undefined) return best.plan;
      const taken = other.loss < best.loss;
      told(of, other, taken, taken ? ' Taken: the loss is lower.' : ' Not taken: the loss is not lower.');
      if (taken) best = other;
    }
  }
  return best.plan;
};

/** A plan and the lowest validation loss of its short training. */
interface Candidate {
  readonly plan: TablePlan;
  readonly loss: number;
}

const blocksOf = ({ model }: Settings): string => `${model} blocks`;

const tooShort = (settings: Settings): string =>
  `The option model ${AUTO} takes ${blocksOf(settings)}: the training is too short to compare kinds of blocks. With at least ${Math.ceil(LEAST_SHORT / SHORT_SHARE)} seconds left after reading and the search for a mixture, ${AUTO} compares them.`;

/**
 * Returns the plans of a resumed training, which keeps its spec and has no second training.
 *
 * @param train Training rows, with filled gaps.
 */
export const resumedPlans = (spec: RecordsSpec, parts: TableParts, train: Part, settings: Settings): TablePlans => ({
  first: { spec, settings },
  second: async () => undefined,
  ...comparedOf(preparationsOf(parts, train, settings)),
});

/**
 * Preparation of the columns for the Gaussian mixture that the report compares with the flow. As usual for mixtures,
 * columns are standardized and not mapped.
 */
const PLAIN: Preparation = { scaling: 'standard', transform: ['none'] };

const planFor = (preparations: Preparations, settings: Settings): TablePlan => {
  const plain = preparations.spec(settings);
  const mixture = settings.base === FITTED ? preparations.mixture(settings) : undefined;
  const spec = mixture === undefined ? plain : withMixture(plain, mixture.choice.mixture());
  assertAllowed(spec);
  assertSpecSize(spec);
  return { spec, settings, ...(mixture === undefined ? {} : { mixture }) };
};

/** Sends a remark that describes the mixture from which a training starts. */
const tellMixture = ({ mixture }: TablePlan, { validation }: TableParts, onEvent: OnEvent): void => {
  if (mixture === undefined) return;
  const { choice, spec } = mixture;
  const by = choice.by === 'folds' ? 'by five folds' : 'on the validation rows';
  const loss = number(lossOfMixture(mixture, validation), 5);
  onEvent({
    kind: 'remark',
    text: `The training starts from a ${mixtureName(spec, choice.mixture())}, chosen ${by}. Its loss on the validation rows is ${loss}.`,
  });
};

/**
 * Returns whether the best weights of a flow are better than the mixture, on the validation rows. With few rows, the
 * difference must exceed its standard error. The reason is that the best weights have the lowest of many validation
 * losses, and this loss is low partly by chance.
 */
const beatsMixture = async (
  { density, model }: Learner,
  state: TrainingState,
  { spec, choice }: TableMixture,
  { train, validation, onEvent }: { readonly train: Part; readonly validation: Part; readonly onEvent: OnEvent },
): Promise<boolean> => {
  const all = await atBest(model, state, async () => singleDrawDensities(density, density.eventsOf(validation.values)));
  // As in every validation, rows whose solves failed do not count, unless there are many of them.
  const isSolved = !Number.isNaN(figuresOf(all, validation.weights).nats);
  const solved = Uint32Array.from(all.keys()).filter((row) => !Number.isNaN(all[row]));
  const [trained, fitted, weights] = [
    all,
    mixtureDensities(spec, choice.mixture(), validation.values),
    validation.weights,
  ].map((values) => Float64Array.from(solved, (row) => values[row]!)) as [Float64Array, Float64Array, Float64Array];
  const [trainedMean, fittedMean] = [meanOf(trained, weights), meanOf(fitted, weights)];
  const { nats, standardError } = leadOf(trained, fitted, weights);
  const beats = isSolved && nats > (rowCount(train) < FEW_ROWS ? standardError : 0);
  const figures = `On the validation rows, the loss of the trained flow is ${number(-trainedMean, 5)}, ${nats > 0 ? 'lower' : 'higher'} by ${withError(Math.abs(nats), standardError)} than the loss of the ${mixtureName(spec, choice.mixture())}, ${number(-fittedMean, 5)}`;
  const why = !isSolved
    ? ', and many of its solves failed'
    : nats > 0
      ? '. With few rows, a difference of less than a standard error does not count'
      : '';
  onEvent({
    kind: 'choice',
    of: 'base',
    candidate: FITTED,
    loss: -fittedMean,
    taken: !beats,
    text: beats ? `${figures}.` : `${figures}${why}: the training starts again from the mixture.`,
  });
  return beats;
};
