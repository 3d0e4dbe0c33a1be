import { logDensitiesOf, type RecordFlow, type RecordsSpec } from '@impflow/tables';
import type { TrainingState } from '@impflow/training';
import { assertAllowed } from '../checkpoint/spec-schema.ts';
import { assertSpecSize } from '../checkpoint/spec-size.ts';
import type { OnEvent } from '../events.ts';
import { meanOf } from '../measure/mean.ts';
import { isBetter } from '../measure/paired-difference.ts';
import { FEW_ROWS, FITTED, type Settings } from '../options/settings.ts';
import { number } from '../text/format.ts';
import { atBest } from '../train/at-best.ts';
import { choosePreparation, startsOf, type Preparation, type Starts } from './choose-start.ts';
import type { Learner } from './learner.ts';
import { mixtureDensities, mixtureText, withMixture, type TableMixture } from './mixture.ts';
import { rowsOf, type Part } from './part.ts';
import type { TableParts } from './split.ts';

/** A training that may begin. */
export interface TablePlan {
  /** The density. */
  readonly spec: RecordsSpec;
  /** The complete options. */
  readonly settings: Settings;
  /** The mixture that the flow begins as. Absent with another base. */
  readonly start?: TableMixture;
}

/** How the trainings of a table begin. */
export interface TablePlans {
  /** The first training. */
  readonly first: TablePlan;
  /**
   * The training that begins as the mixture, if the best weights of the first are not better than the mixture on the
   * validation rows; otherwise undefined. It has what is left of the time.
   */
  second(trained: Learner, state: TrainingState): Promise<TablePlan | undefined>;
  /** The mixture of standardized columns that the flow is compared with. Costs some seconds at the first call. */
  rival(): TableMixture;
}

/**
 * Plans the trainings of a table. In a timed training the options scaling and base are chosen by held-out rows where they
 * are not given.
 *
 * @param train Training rows, with filled gaps.
 * @param mixtureRate Learning rate of a training that begins as the mixture.
 * @throws `option` for a model that is too large.
 */
export const planTable = (
  parts: TableParts,
  train: Part,
  settings: Settings,
  mixtureRate: number,
  onEvent: OnEvent,
): TablePlans => {
  const starts = startsOf(parts, train, settings);
  const isOpen = settings.seconds !== undefined && parts.sampler === undefined;
  const prepared: Preparation = isOpen ? choosePreparation(starts, parts, train, settings, onEvent) : settings;
  const { scaling, transform } = prepared;
  const own: Settings = {
    ...settings,
    ...(scaling === undefined ? {} : { scaling }),
    ...(transform === undefined ? {} : { transform }),
  };
  const first = planFor(starts, own, onEvent);
  return {
    first,
    second: async (trained, state) => {
      if (!isOpen || settings.base !== undefined) return undefined;
      const mixture = starts.mixture(own);
      if (await beatsMixture(trained, state, mixture, { train, validation: parts.validation, onEvent }))
        return undefined;
      return planFor(starts, { ...own, base: FITTED, lr: mixtureRate }, onEvent);
    },
    rival: () => starts.mixture(PLAIN),
  };
};

/** The preparation of a rival: what people use. */
const PLAIN: Preparation = { scaling: 'standard', transform: ['none'] };

const planFor = (starts: Starts, settings: Settings, onEvent: OnEvent): TablePlan => {
  const plain = starts.spec(settings);
  const start = settings.base === FITTED ? starts.mixture(settings) : undefined;
  const spec = start === undefined ? plain : withMixture(plain, start.choice.fit);
  assertAllowed(spec);
  assertSpecSize(spec);
  if (start !== undefined)
    onEvent({
      kind: 'remark',
      text: `Base: Gaussian mixture of ${mixtureText(start.choice.fit)}, chosen by ${start.choice.by === 'folds' ? 'five folds' : 'validation'}: held-out log-likelihood ${number(start.logLikelihood)} nats per row.`,
    });
  return { spec, settings, ...(start === undefined ? {} : { start }) };
};

/**
 * Whether the best weights of a flow are better on the validation rows than the mixture. With few rows the difference
 * must exceed its standard error: a flow that was validated often owes part of its best value to chance.
 */
const beatsMixture = async (
  { density, model }: Learner,
  state: TrainingState,
  { spec, choice }: TableMixture,
  { train, validation, onEvent }: { readonly train: Part; readonly validation: Part; readonly onEvent: OnEvent },
): Promise<boolean> => {
  const trained = await atBest(model, state, async () => densitiesOn(density, validation));
  const fitted = mixtureDensities(spec, choice.fit, validation.values);
  const beats = rowsOf(train) < FEW_ROWS ? isBetter(trained, fitted) : meanOf(trained) > meanOf(fitted);
  const figures = `${number(meanOf(trained), 5)} nats on the validation rows against ${number(meanOf(fitted), 5)} of the fitted mixture`;
  onEvent({
    kind: 'choice',
    of: 'base',
    candidate: FITTED,
    loss: -meanOf(fitted),
    taken: !beats,
    text: beats
      ? `The trained flow has ${figures}.`
      : `The trained flow has ${figures}: the training begins again as the mixture.`,
  });
  return beats;
};

const densitiesOn = (density: RecordFlow, { values }: Part): Float32Array =>
  logDensitiesOf(density, density.eventsOf(values), { estimated: false }).values;
