import { FlowError, shown, type MethodSpec, type Options, type PlainValuesOf, type ValuesOf } from '@impflow/core';
import { AUTO, checkKnown, checkWarmup } from './check-together.ts';
import { methodText } from './method.ts';
import { OPTIONS, type Choices, type PlainChoices } from './options.ts';

/** Value of the option `base` for a Gaussian mixture that is fitted to the training rows. */
export const FITTED = 'fitted';

/** Settings that every training has before its first step, whether on tables or on images. */
export interface TrainingSettings extends Pick<PlainChoices, 'seconds' | 'clip' | 'ema' | 'patience' | 'memory'> {
  /** Kind of the flow's blocks, such as `implicit`. */
  readonly model: string;
  /** Learning rate. */
  readonly lr: number;
  /** The optimizer, such as `adam`. */
  readonly optimizer: string;
  /** Schedule of the learning rate. */
  readonly schedule: 'constant' | 'cosine';
  /** Number of steps of the warm-up, in which the learning rate rises linearly. */
  readonly warmup: number;
  /** Number of steps between validations. */
  readonly validateEvery: number;
  /** Seed of all random numbers. */
  readonly seed: number;
  /** Number of rows or images of a step. */
  readonly batch: number;
  /** Number of steps. In a training with a time limit, the expected number. */
  readonly steps: number;
  /**
   * Number of steps for which the learning-rate schedule was planned. The number does not change if the training is
   * extended.
   */
  readonly horizon: number;
  /** Number of threads that share each step. */
  readonly workers: number;
}

/** The options of a training, including all defaults, as a checkpoint stores them. Plain JSON. */
export type Settings = PlainChoices & TrainingSettings;

/** Properties of a table on which default settings depend. */
export interface TableSize {
  /** Origin of the rows, for messages. */
  readonly source: string;
  /** Number of training rows; infinite for a sampler. */
  readonly rows: number;
  /** Number of numeric target columns. */
  readonly dim: number;
  /** Whether the table has condition columns or category columns. */
  readonly hasContext: boolean;
  /** Whether the table has numeric condition columns. */
  readonly seesNumbers: boolean;
}

/** Default number of rows per step. */
const BATCH = 500;
/** Default number of steps if the training rows come from a sampler. */
const STEPS = 1000;
/** Smallest and largest default number of steps between two validations. */
const VALIDATE_EVERY = { least: 5, most: 100 } as const;
/** Default settings of a training with a time limit. */
const TIMED = { seconds: 60, schedule: 'cosine', warmup: 20, ema: 0.99 } as const;
/**
 * If the length of a training on a table is given in steps, the training stops after this many validations without a
 * new lowest loss.
 */
const PATIENCE = 20;
/** Learning rate of a training whose length is given in steps. */
const RATE = 1e-3;
/**
 * Learning rates of a training with a time limit. The spectral nets of the preset tabular tolerate larger steps than
 * other nets. The narrow components of a fitted mixture need smaller steps.
 */
const RATES = { spectral: 3e-2, sandwich: 1e-2, other: 5e-3, fitted: 3e-3, fewRows: 1e-3 } as const;
/**
 * A training with a time limit has spectral nets if it has at least `FEW_ROWS` and fewer than `SPECTRAL.rows` training
 * rows, at least `SPECTRAL.dim` columns, no categories and no conditions, and if the option `base` is not given. On
 * tables of 8 to 36 columns, spectral nets overfit later than sandwich nets and reach a lower loss. With more rows, and
 * on a table of two columns, sandwich nets reach a lower loss: see docs/decisions/031-a-minute-well-spent.md.
 */
const SPECTRAL = { rows: 20_000, dim: 7 } as const;
/**
 * Weight decay of these spectral nets, against overfitting. `most` is for tables with fewer than `rows` training rows,
 * and `usual` for tables with more.
 */
const DECAY = { rows: 2000, most: 1, usual: 0.3 } as const;
/**
 * With fewer training rows than this, a flow overfits within a few steps. The learning rate is then smaller, so that
 * one of the validations is close to the best weights. A table of this size also has few validation rows, so small
 * differences between losses are due to chance.
 */
export const FEW_ROWS = 1000;

/**
 * Returns the settings of a new training. The kind of block `auto` becomes the default kind.
 *
 * @throws `option` for options that do not fit the table, such as a batch larger than the table, epochs with a sampler,
 * a warm-up longer than the training, or the model `auto` without a time limit.
 */
export const completeSettings = (given: PlainChoices, size: TableSize): Omit<Settings, 'workers'> => {
  const { rows } = size;
  const isTable = rows < Infinity;
  const batch = given.batch ?? Math.min(BATCH, rows);
  if (batch > rows)
    throw wrong('The option batch is larger than the table', {
      expected: `at most ${rows}, the number of training rows in ${size.source}`,
      got: shown(batch),
      hint: 'Lower the option batch.',
    });
  if (given.scaling !== undefined && !isTable)
    throw wrong('The option scaling does not apply to rows that are drawn from a density', {
      expected: 'a table',
      got: size.source,
      hint: 'Leave it out.',
    });
  const counted = stepsOf(given, batch, size);
  const steps = counted ?? STEPS;
  const seconds = given.seconds ?? (counted === undefined && isTable ? TIMED.seconds : undefined);
  const base = given.base ?? (size.hasContext ? FITTED : undefined);
  const net = given.net ?? (seconds !== undefined && base === undefined ? netOf(given, size) : undefined);
  // A sampler's flow has the nets of the preset toy: see `specOf`.
  const preset = given.preset ?? (isTable ? undefined : 'toy');
  const timed: PlainChoices = { ...given, ...defined({ base, net, preset }) };
  if (seconds === undefined) {
    checkWarmup(steps, given.warmup);
    checkKnown(given);
  }
  const { epochs: _epochs, ...choices } = given;
  return {
    model: OPTIONS.model.default,
    lr: seconds === undefined ? RATE : rateOf(timed, size),
    optimizer: seconds === undefined ? OPTIONS.optimizer.default : optimizerOf(timed, size),
    schedule: seconds === undefined ? 'constant' : TIMED.schedule,
    warmup: seconds === undefined ? 0 : TIMED.warmup,
    validateEvery: isTable
      ? Math.min(VALIDATE_EVERY.most, Math.max(VALIDATE_EVERY.least, Math.ceil(rows / batch)))
      : VALIDATE_EVERY.most,
    seed: OPTIONS.seed.default,
    ...(isTable && seconds === undefined ? { patience: PATIENCE } : {}),
    ...(isTable && seconds !== undefined ? { ema: TIMED.ema } : {}),
    ...choices,
    // `planTable` chooses the kind of block. The choice begins with the default.
    ...(given.model === AUTO ? { model: OPTIONS.model.default } : {}),
    ...defined({ base, net, seconds }),
    batch,
    steps,
    horizon: steps,
  };
};

/**
 * Returns the total number of steps, or undefined if neither `steps` nor `epochs` is given.
 *
 * @throws `option` for epochs with a sampler.
 */
export const stepsOf = (
  { steps, epochs }: Pick<Choices, 'steps' | 'epochs'>,
  batch: number,
  { rows, source }: Pick<TableSize, 'rows' | 'source'>,
): number | undefined => {
  if (epochs === undefined) return steps;
  if (rows === Infinity)
    throw wrong(`${source} has no epochs, because each step draws new rows`, { hint: 'Set the option steps.' });
  return Math.min(Number.MAX_SAFE_INTEGER, epochs * Math.floor(rows / batch));
};

/**
 * Returns the total number of steps of a resumed training. `at` is the name of the calling function in messages.
 *
 * @param step Number of steps that the training has made.
 * @throws `option` if the training has already made more steps; the errors of {@link stepsOf}.
 */
export const resumedSteps = (
  at: string,
  given: Pick<Choices, 'steps' | 'epochs'>,
  before: { readonly batch: number; readonly steps: number },
  { step, ...size }: Pick<TableSize, 'rows' | 'source'> & { readonly step: number },
): number => {
  const steps = stepsOf(given, before.batch, size) ?? before.steps;
  if (steps >= step) return steps;
  throw new FlowError('option', at, 'The training already has more steps', {
    expected: `at least ${step} steps`,
    got: shown(steps),
    hint: 'Steps count from the start of the training.',
  });
};

/**
 * Returns the learning rate of a training with a time limit. A fitted base lowers the learning rate only if the table
 * has no numeric conditions. With numeric conditions, the result depends on the nets that read the conditions, so the
 * nets determine the rate.
 */
const rateOf = (given: PlainChoices, size: TableSize): number => {
  const { rows, seesNumbers } = size;
  if (rows < FEW_ROWS) return RATES.fewRows;
  if (given.base === FITTED && !seesNumbers) return RATES.fitted;
  if (hasSpectralNets(given, size)) return RATES.spectral;
  return hasSandwichNets(given, seesNumbers) ? RATES.sandwich : RATES.other;
};

/** Returns the optimizer of a training with a time limit. */
const optimizerOf = (given: PlainChoices, size: TableSize): string => {
  const { rows } = size;
  if (rows < FEW_ROWS || rows >= SPECTRAL.rows || !hasSpectralNets(given, size)) return OPTIONS.optimizer.default;
  return methodText({
    name: 'adamW',
    options: { weightDecay: rows < DECAY.rows ? DECAY.most : DECAY.usual, decaysVectors: false },
  });
};

/** Returns the kind of nets of a training with a time limit, or undefined if the preset chooses them. */
const netOf = (given: PlainChoices, { rows, dim }: TableSize): Settings['net'] =>
  takesTabularNets(given) && rows >= FEW_ROWS && rows < SPECTRAL.rows && dim >= SPECTRAL.dim ? 'spectral' : undefined;

/** Returns whether the nets are the spectral nets of the preset tabular, with its activation. */
const hasSpectralNets = (given: PlainChoices, { seesNumbers }: TableSize): boolean =>
  given.net === 'spectral' && takesTabularNets(given) && !seesNumbers;

/** Returns whether the nets are nets of the preset tabular, with its activation. */
const takesTabularNets = ({ activation, model, preset = 'tabular' }: PlainChoices): boolean =>
  preset === 'tabular' && activation === undefined && model !== 'coupling';

/** Returns the fields of an object that are not undefined. */
const defined = <T extends object>(fields: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Name in keyof T]?: Exclude<T[Name], undefined>;
  };

/**
 * Returns whether the nets of the flow are sandwich nets. With numeric conditions, `recordsSpec` chooses sandwich nets
 * in any preset.
 */
const hasSandwichNets = ({ net, activation, model, preset = 'tabular' }: PlainChoices, seesNumbers: boolean): boolean =>
  net === 'sandwich' ||
  (net === undefined && activation === undefined && model !== 'coupling' && (preset === 'tabular' || seesNumbers));

/** Returns the given values of the options in `options`, without undefined values. Methods are converted to strings. */
export const plainChoices = <All extends Options>(given: ValuesOf<All>, options: All): PlainValuesOf<All> =>
  Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) =>
      value === undefined || !Object.hasOwn(options, name)
        ? []
        : [
            [
              name,
              options[name]!.type === 'method' && typeof value === 'object' ? methodText(value as MethodSpec) : value,
            ],
          ],
    ),
  ) as PlainValuesOf<All>;

/** Returns the given values of the options that may change when a training is resumed: see `resumable`. */
export const resumableChoices = <All extends Options>(given: ValuesOf<All>, options: All): PlainValuesOf<All> =>
  plainChoices(
    Object.fromEntries(Object.entries(given).filter(([name]) => options[name]?.resumable === true)) as ValuesOf<All>,
    options,
  );

const wrong = (what: string, detail: ConstructorParameters<typeof FlowError>[3]): FlowError =>
  new FlowError('option', 'impflow/fit', what, detail);
