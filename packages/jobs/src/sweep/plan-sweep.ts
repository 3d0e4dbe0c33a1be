import { FlowError, isFlowError, shown, assertRecord } from '@impflow/core';
import { checkOptions, checkTogether, OPTIONS, type DataPlace, type PlainChoices } from 'impflow/run';
import { TRAIN_TASK_OPTIONS, type TrainTaskOptions } from '../tasks/train-options.ts';
import { choicesOf, choiceText, gridTrials, randomTrials, type Choice } from './draw-trials.ts';
import { rungsOf } from './halving.ts';
import { checkParameter, isList, type Parameter } from './parameter.ts';

/**
 * How the trials are chosen: `grid` tries all combinations of the listed values, and `random` draws values at random.
 */
export const SEARCHES = ['grid', 'random'] as const;

/** Options that all trials have in common. The number of steps is not an option, because the sweep sets it. */
export type TrialOptions = Omit<TrainTaskOptions, 'steps'>;

/** A request for a sweep, from which `planSweep` makes a plan. */
export interface SweepRequest {
  /** Paths or names of the data. Processes in other folders need absolute paths. */
  readonly place: DataPlace;
  /** The parameters to vary. */
  readonly parameters: readonly Parameter[];
  /** Options that all trials have. Default: none. */
  readonly options?: TrialOptions;
  /** Backend of all trials. Default: the backend of the processes. */
  readonly backend?: string;
  /** Plugins that the processes must have loaded. Default: none. */
  readonly plugins?: readonly string[];
  /**
   * Number of trials, not counting trial 0, which has the default options. Default: the number of all combinations of
   * the listed values, or 20 if a parameter is an interval.
   */
  readonly trials?: number;
  /**
   * How the trials are chosen. Default: `grid` if all parameters are lists and all combinations are tried, else
   * `random`.
   */
  readonly search?: (typeof SEARCHES)[number];
  /**
   * Successive halving: of every `halving` trials of a rung (a number of steps), the best 1 continues to the next rung.
   * False turns halving off. Default 3.
   */
  readonly halving?: number | false;
  /**
   * Whether a trial is promoted before all trials of its rung have ended. No worker waits, but the choice depends on
   * the order in which trials end.
   */
  readonly asynchronous?: boolean;
  /** Number of steps of a trial that is trained to the end. Default 1000. */
  readonly steps?: number;
  /**
   * Minimum number of steps that a trial is trained before it is compared with other trials. Default: `steps /
   * halving²`.
   */
  readonly minSteps?: number;
}

/** The plan of a sweep, which is stored in its folder. Plain JSON. */
export interface SweepPlan {
  /** Version of the format. */
  readonly version: 1;
  /** Paths or names of the data. */
  readonly place: DataPlace;
  /** The parameters that are varied. */
  readonly parameters: readonly Parameter[];
  /** Options that all trials have. */
  readonly options: TrialOptions;
  /** Backend of all trials. Default: the backend of the processes. */
  readonly backend?: string;
  /** Plugins that the processes must have loaded. */
  readonly plugins: readonly string[];
  /** How the trials are chosen. */
  readonly search: (typeof SEARCHES)[number];
  /** The best trial of every `halving` trials of a rung continues to the next rung. 0 turns halving off. */
  readonly halving: number;
  /** Whether a trial is promoted before all trials of its rung have ended. */
  readonly asynchronous: boolean;
  /** Number of steps of each rung. The last number is the length of a trial that is trained to the end. */
  readonly rungs: readonly number[];
  /**
   * Values of the parameters in the trials, which are numbered from 1. Trial 0 has the default options and is not in
   * the list.
   */
  readonly trials: readonly Choice[];
}

const TRIALS = 20;
const STEPS = 1000;
const ETA = 3;
/** Number of rungs of a sweep without the option `minSteps`. */
const RUNGS = 3;
/**
 * By default a training validates at least every hundred steps. If the first rung has fewer steps, it needs more
 * frequent validations.
 */
const SURE_VALIDATION = 100;
const VALIDATIONS_OF_FIRST_RUNG = 4;
/**
 * Minimum number of steps between two validations. A training on a table has the same minimum. More frequent
 * validations would stop trials early, because `patience` counts validations.
 */
const LEAST_BETWEEN = 5;

const wrong = (what: string, detail: ConstructorParameters<typeof FlowError>[3]): FlowError =>
  new FlowError('option', 'jobs/planSweep', what, detail);

/**
 * Returns the plan of a sweep.
 *
 * @param check Checks the options of a trial together. Default: the check for a table.
 * @throws `option` for parameters and options that contradict each other, and for every option that a training would
 * refuse without reading data.
 */
export const planSweep = (
  request: SweepRequest,
  check: (options: TrainTaskOptions) => void = (options) => checkTogether(options as PlainChoices),
): SweepPlan => {
  assertRecord('jobs/planSweep', 'request', request);
  const { place, parameters, backend, plugins = [], halving = ETA, asynchronous = false, steps = STEPS } = request;
  checkParameters(request);
  const minSteps = minStepsOf(request, steps);
  const rungs = halving === false ? [steps] : rungsOf(steps, halving, minSteps);
  const search = searchOf(request);
  const options = optionsOf(request, rungs[0]!);
  const count = request.trials ?? Math.min(TRIALS, choicesOf(parameters));
  const plan: SweepPlan = {
    version: 1,
    place,
    parameters,
    options,
    ...(backend === undefined ? {} : { backend }),
    plugins,
    search,
    halving: halving === false ? 0 : halving,
    asynchronous,
    rungs,
    trials:
      search === 'grid'
        ? gridTrials(parameters)
        : randomTrials(parameters, count, options.seed ?? OPTIONS.seed.default),
  };
  for (let trial = 0; trial <= plan.trials.length; trial++) checkTrial(plan, trial, check);
  return plan;
};

/** Returns the options of a trial, except its number of steps. Options with the value `false` are left out. */
export const trialOptions = ({ options, trials }: SweepPlan, trial: number): TrialOptions =>
  Object.fromEntries(
    Object.entries({ ...options, ...(trial === 0 ? {} : trials[trial - 1]!) }).filter(([, value]) => value !== false),
  );

const checkParameters = ({ parameters, options = {} }: SweepRequest): void => {
  if (parameters.length === 0)
    throw wrong('No parameters to vary', { expected: 'parameters, such as lr of 1e-3 and 3e-3', got: 'none' });
  parameters.forEach(checkParameter);
  const twice = parameters.find(({ name }, i) => parameters.findIndex((each) => each.name === name) < i);
  if (twice !== undefined)
    throw wrong(`The parameter ${twice.name} is given twice`, {
      hint: `Give all values of ${twice.name} in a single parameter.`,
    });
  const { steps: _steps, ...known } = TRAIN_TASK_OPTIONS;
  checkOptions(options, known);
  const both = parameters.find(({ name }) => options[name as keyof TrialOptions] !== undefined);
  if (both !== undefined)
    throw wrong(`${both.name} is a parameter and an option of all trials`, {
      hint: 'Leave out the parameter or the option.',
    });
};

const minStepsOf = ({ halving = ETA, asynchronous, minSteps }: SweepRequest, steps: number): number => {
  if (halving === false && (asynchronous === true || minSteps !== undefined))
    throw wrong(`The option ${asynchronous === true ? 'asynchronous' : 'minSteps'} has no effect without halving`, {
      hint: 'Leave it out.',
    });
  if (minSteps !== undefined && minSteps > steps)
    throw wrong('The option minSteps is larger than the option steps', {
      expected: `at most ${steps}`,
      got: shown(minSteps),
      hint: 'Lower the option minSteps, or raise the option steps.',
    });
  return minSteps ?? (halving === false ? steps : Math.ceil(steps / halving ** (RUNGS - 1)));
};

const searchOf = ({ parameters, search, trials }: SweepRequest): SweepPlan['search'] => {
  const count = choicesOf(parameters);
  const open = parameters.find((parameter) => !isList(parameter));
  if (search === 'grid' && open !== undefined)
    throw wrong('A grid search needs lists of values', {
      expected: `a list of values of ${open.name}`,
      got: 'an interval',
      hint: 'Give a list, or set the option search to random.',
    });
  if (trials !== undefined && trials > count)
    throw wrong('More trials than choices of the parameters', {
      expected: `the option trials of at most ${count}`,
      got: shown(trials),
      hint: 'Lower the option trials, or give more values.',
    });
  if (search === 'grid' && trials !== undefined && trials < count)
    throw wrong('A grid tries all choices', {
      expected: `${count} trials`,
      got: shown(trials),
      hint: 'Leave the option trials out, or set the option search to random.',
    });
  return search ?? (open === undefined && (trials ?? count) === count ? 'grid' : 'random');
};

/** Returns the options of all trials. `validateEvery` is set so that the first rung has several validations. */
const optionsOf = ({ options = {} }: SweepRequest, firstRung: number): TrialOptions => {
  const { validateEvery } = options;
  if (validateEvery !== undefined && validateEvery > firstRung)
    throw wrong('The first rung ends before its first validation', {
      expected: `the option validateEvery of at most ${firstRung}`,
      got: shown(validateEvery),
      hint: 'Lower the option validateEvery, or raise the option minSteps.',
    });
  if (validateEvery !== undefined || firstRung >= SURE_VALIDATION) return options;
  const often = Math.floor(firstRung / VALIDATIONS_OF_FIRST_RUNG);
  return { ...options, validateEvery: Math.min(firstRung, Math.max(LEAST_BETWEEN, often)) };
};

/** @throws `option` for options of a trial that a training would refuse. */
const checkTrial = (plan: SweepPlan, trial: number, check: (options: TrainTaskOptions) => void): void => {
  try {
    check({ ...trialOptions(plan, trial), steps: plan.rungs.at(-1)! });
  } catch (error) {
    if (!isFlowError(error, 'option') || trial === 0) throw error;
    const { what, expected, got, hint } = error;
    throw wrong(`Trial ${trial}, ${choiceText(plan.trials[trial - 1]!)}: ${what}`, {
      ...(expected === undefined ? {} : { expected }),
      ...(got === undefined ? {} : { got }),
      ...(hint === undefined ? {} : { hint }),
    });
  }
};
