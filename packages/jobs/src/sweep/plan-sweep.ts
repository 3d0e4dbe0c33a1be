import { FlowError, isFlowError } from '@impflow/core';
import { checkOptions, checkTogether, OPTIONS, type DataPlace, type PlainChoices } from 'impflow/run';
import { TRAIN_TASK_OPTIONS, type TrainTaskOptions } from '../tasks/train-options.ts';
import { choicesOf, choiceText, gridTrials, randomTrials, type Choice } from './draw-trials.ts';
import { rungsOf } from './halving.ts';
import { checkParameter, isList, type Parameter } from './parameter.ts';

/** How trials are chosen: all combinations of the listed values, or random choices. */
export const SEARCHES = ['grid', 'random'] as const;

/** Options of all trials. The sweep sets their number of steps. */
export type TrialOptions = Omit<TrainTaskOptions, 'steps'>;

/** The request for a sweep. */
export interface SweepRequest {
  /** Where the rows or the images are. Processes in other folders need absolute paths. */
  readonly place: DataPlace;
  /** The parameters to vary. */
  readonly parameters: readonly Parameter[];
  /** Options of all trials. Default: none. */
  readonly options?: TrialOptions;
  /** Backend of all trials. Default: the backend of the processes. */
  readonly backend?: string;
  /** Plugins that the processes must have loaded. Default: none. */
  readonly plugins?: readonly string[];
  /**
   * Number of trials besides trial 0, which has the default options. Default: the number of all combinations of the
   * listed values, or 20 if a parameter is an interval.
   */
  readonly trials?: number;
  /** Default: `grid` if all parameters are lists and all combinations are tried, else `random`. */
  readonly search?: (typeof SEARCHES)[number];
  /** `eta`: 1 of `eta` trials continues from a rung to the next. False turns halving off. Default 3. */
  readonly halving?: number | false;
  /**
   * Whether trials are promoted before all trials of a rung have ended: no worker waits, but the choice depends on the
   * order in which trials end.
   */
  readonly asynchronous?: boolean;
  /** Steps of a whole trial. Default 1000. */
  readonly steps?: number;
  /** Least number of steps before trials are compared. Default: `steps / eta²`. */
  readonly minSteps?: number;
}

/** A sweep, as its folder stores it. Plain JSON. */
export interface SweepPlan {
  /** Version of the format. */
  readonly version: 1;
  /** Where the rows or the images are. */
  readonly place: DataPlace;
  /** The parameters that are varied. */
  readonly parameters: readonly Parameter[];
  /** Options of all trials. */
  readonly options: TrialOptions;
  /** Backend of all trials. Default: the backend of the processes. */
  readonly backend?: string;
  /** Plugins that the processes must have loaded. */
  readonly plugins: readonly string[];
  /** How the parameters of the trials are chosen. */
  readonly search: (typeof SEARCHES)[number];
  /** `eta` of the halving; 0 if there is no halving. */
  readonly halving: number;
  /** Whether trials are promoted before all trials of a rung have ended. */
  readonly asynchronous: boolean;
  /** Steps of each rung; the last one is the length of a whole trial. */
  readonly rungs: readonly number[];
  /** Parameters of the trials, numbered from 1. Trial 0 has none. */
  readonly trials: readonly Choice[];
}

const TRIALS = 20;
const STEPS = 1000;
const ETA = 3;
/** Number of rungs of a sweep without `minSteps`. */
const RUNGS = 3;
/** A training validates at least every hundred steps. A shorter first rung needs more frequent validations. */
const SURE_VALIDATION = 100;
const VALIDATIONS_OF_FIRST_RUNG = 4;
/**
 * Least number of steps between two validations, as for a table. `patience` counts validations, so more frequent
 * validations would stop trials early.
 */
const LEAST_BETWEEN = 5;

const wrong = (what: string, detail: ConstructorParameters<typeof FlowError>[3]): FlowError =>
  new FlowError('option', 'jobs/planSweep', what, detail);

/**
 * Returns the plan of a sweep.
 *
 * @param check Checks the options of a trial together. Default: the check for a table.
 * @throws `option` for everything that a training would refuse without reading data, and for parameters and options
 * that do not go together.
 */
export const planSweep = (
  request: SweepRequest,
  check: (options: TrainTaskOptions) => void = (options) => checkTogether(options as PlainChoices),
): SweepPlan => {
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

/** Returns the options of a trial, without steps. An option that is `false` is left out. */
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
      hint: `Give all values of ${twice.name} in one parameter.`,
    });
  const { steps: _steps, ...known } = TRAIN_TASK_OPTIONS;
  checkOptions(options, known);
  const both = parameters.find(({ name }) => options[name as keyof TrialOptions] !== undefined);
  if (both !== undefined)
    throw wrong(`${both.name} is a parameter and an option of all trials`, { hint: 'Leave one of them out.' });
};

const minStepsOf = ({ halving = ETA, asynchronous, minSteps }: SweepRequest, steps: number): number => {
  if (halving === false && (asynchronous === true || minSteps !== undefined))
    throw wrong(`The option ${asynchronous === true ? 'asynchronous' : 'minSteps'} has no effect without halving`, {
      hint: 'Leave it out.',
    });
  if (minSteps !== undefined && minSteps > steps)
    throw wrong('The option minSteps is larger than the option steps', {
      expected: `at most ${steps}`,
      got: String(minSteps),
      hint: 'Lower it, or give more steps.',
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
      got: String(trials),
      hint: 'Lower it, or give more values.',
    });
  if (search === 'grid' && trials !== undefined && trials < count)
    throw wrong('A grid tries all choices', {
      expected: `${count} trials`,
      got: String(trials),
      hint: 'Leave the option trials out, or set the option search to random.',
    });
  return search ?? (open === undefined && (trials ?? count) === count ? 'grid' : 'random');
};

/** Returns the options of all trials, with a `validateEvery` that gives the first rung several validations. */
const optionsOf = ({ options = {} }: SweepRequest, firstRung: number): TrialOptions => {
  const { validateEvery } = options;
  if (validateEvery !== undefined && validateEvery > firstRung)
    throw wrong('The first rung ends before its first validation', {
      expected: `the option validateEvery of at most ${firstRung}`,
      got: String(validateEvery),
      hint: 'Lower it, or raise the option minSteps.',
    });
  if (validateEvery !== undefined || firstRung >= SURE_VALIDATION) return options;
  const often = Math.floor(firstRung / VALIDATIONS_OF_FIRST_RUNG);
  return { ...options, validateEvery: Math.min(firstRung, Math.max(LEAST_BETWEEN, often)) };
};

/** @throws `option` for a trial that a training would refuse. */
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
