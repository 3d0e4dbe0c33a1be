import { resolve } from 'node:path';
import { FlowError, isFlowError, unknownName } from '@impflow/core';
import { isPath } from '../dataset/source.ts';
import { pluginSource } from '../plugins/registries.ts';
import { checkTogether } from '../settings/check-together.ts';
import { DEFAULTS, type TrainOptions } from '../settings/settings.ts';
import { TRAIN_TASK_OPTIONS, type TrainTask } from '../tasks/train-task.ts';
import { choicesOf, choiceText, gridTrials, randomTrials, type Choice } from './draw-trials.ts';
import { rungsOf } from './halving.ts';
import { canonical, type KnownOption } from './known-option.ts';
import { isList, type Parameter } from './parameter.ts';

/** Values of `--search`. */
export const SEARCHES = ['grid', 'random'] as const;

/** What is asked of a sweep. Missing values have defaults. */
export interface SweepRequest {
  readonly parameters: readonly Parameter[];
  /** Options of all trials, by their long names; true for one without a value. */
  readonly options: Readonly<Record<string, string | true>>;
  readonly plugin: readonly string[];
  readonly trials?: number | undefined;
  readonly search?: (typeof SEARCHES)[number] | undefined;
  /** `eta` of the halving; false for none. */
  readonly halving?: number | false | undefined;
  readonly asynchronous?: boolean | undefined;
  readonly steps?: number | undefined;
  readonly minSteps?: number | undefined;
}

/** A sweep, as its folder stores it. Plain JSON. */
export interface SweepPlan {
  readonly version: 1;
  readonly parameters: readonly Parameter[];
  /** Options of all trials, without steps. Paths are absolute. */
  readonly options: Readonly<Record<string, string | true>>;
  readonly plugin: readonly string[];
  readonly search: (typeof SEARCHES)[number];
  /** `eta` of the halving; 0 for none. */
  readonly halving: number;
  readonly asynchronous: boolean;
  /** Steps of each rung; the last one is the length of a whole trial. */
  readonly rungs: readonly number[];
  /** Parameters of the trials, numbered from 1. Trial 0 has none. */
  readonly trials: readonly Choice[];
}

const TRIALS = 20;
const ETA = 3;
/** Rungs of a sweep without `--min-steps`. */
const RUNGS = 3;
/** `train` validates at least every hundred steps. Shorter first rungs need more. */
const SURE_VALIDATION = 100;
const VALIDATIONS_OF_FIRST_RUNG = 4;
/** As in a run on a table: the patience of `train` counts validations, so more would stop trials early. */
const LEAST_BETWEEN = 5;

const wrong = (what: string, detail: ConstructorParameters<typeof FlowError>[3]): FlowError =>
  new FlowError('option', 'cli', what, detail);

/**
 * The plan of a sweep.
 *
 * @throws `option` for everything that `train` would refuse without reading data, and for parameters and options that do
 *   not go together.
 */
export const sweepPlan = (request: SweepRequest, known: readonly KnownOption[]): SweepPlan => {
  const { parameters, halving = ETA, asynchronous = false, steps = DEFAULTS.steps } = request;
  const twice = parameters.find(({ name }, i) => parameters.findIndex((each) => each.name === name) < i);
  if (twice !== undefined)
    throw wrong(`Two parameters ${twice.name}`, { hint: `Give all its values in one --param ${twice.name}=…` });
  if (parameters.length === 0)
    throw wrong('Nothing to try', {
      expected: 'parameters, such as --param lr=1e-3,3e-3',
      got: 'none',
      hint: 'Give --param, or a file with them.',
    });
  if (halving === false && (asynchronous || request.minSteps !== undefined))
    throw wrong(`--no-halving has no use for ${asynchronous ? '--asynchronous' : '--min-steps'}`, {
      hint: 'Leave one of them out.',
    });
  const minSteps = request.minSteps ?? (halving === false ? steps : Math.ceil(steps / halving ** (RUNGS - 1)));
  if (minSteps > steps)
    throw wrong('--min-steps is larger than --steps', {
      expected: `at most ${steps}`,
      got: String(minSteps),
      hint: 'Lower it, or give more --steps.',
    });
  const rungs = halving === false ? [steps] : rungsOf(steps, halving, minSteps);
  const search = searchOf(request);
  const options = optionsOf(request, known, rungs[0]!);
  const plan: SweepPlan = {
    version: 1,
    parameters,
    options,
    plugin: request.plugin.map(pluginSource),
    search,
    halving: halving === false ? 0 : halving,
    asynchronous,
    rungs,
    trials:
      search === 'grid'
        ? gridTrials(parameters)
        : randomTrials(
            parameters,
            request.trials ?? Math.min(TRIALS, choicesOf(parameters)),
            Number(options['seed'] ?? DEFAULTS.seed),
          ),
  };
  [{}, ...plan.trials].forEach((choice, trial) => checkTrial(plan, trial, choice, known));
  return plan;
};

/** The options of `train` for a trial, without steps. */
export const trialOptions = ({ options, trials }: SweepPlan, trial: number): TrainTask['options'] => ({
  ...options,
  ...Object.fromEntries(
    Object.entries(trial === 0 ? {} : trials[trial - 1]!).map(([name, value]) => [
      name,
      value === 'true' ? true : value === 'false' ? false : value,
    ]),
  ),
});

const searchOf = ({ parameters, search, trials }: SweepRequest): SweepPlan['search'] => {
  const count = choicesOf(parameters);
  const open = parameters.find((parameter) => !isList(parameter));
  if (search === 'grid' && open !== undefined)
    throw wrong('A grid has no intervals', {
      expected: `a list, such as --param ${open.name}=1,2,3`,
      got: `an interval of ${open.name}`,
      hint: 'Give a list, or --search random.',
    });
  if (trials !== undefined && trials > count)
    throw wrong('More trials than choices of the parameters', {
      expected: `--trials of at most ${count}`,
      got: String(trials),
      hint: 'Lower it, or give more values.',
    });
  if (search === 'grid' && trials !== undefined && trials < count)
    throw wrong('A grid tries all choices', {
      expected: `${count} trials`,
      got: `--trials ${trials}`,
      hint: 'Leave --trials out, or give --search random.',
    });
  return search ?? (open === undefined && (trials ?? count) === count ? 'grid' : 'random');
};

/** The options of all trials, canonical. */
const optionsOf = (
  { options, parameters }: SweepRequest,
  known: readonly KnownOption[],
  firstRung: number,
): SweepPlan['options'] => {
  const found: Record<string, string | true> = {};
  for (const [name, text] of Object.entries(options)) {
    const option = known.find((each) => each.name === name);
    const allowed = TRAIN_TASK_OPTIONS.filter((each) => each !== 'steps' && each !== 'workers');
    if (option === undefined || !allowed.includes(name))
      throw unknownName('cli', 'option of all trials', name, allowed);
    if (parameters.some((parameter) => parameter.name === name))
      throw wrong(`${name} is a parameter and an option of all trials`, { hint: 'Leave one of them out.' });
    if (option.takesValue !== (typeof text === 'string'))
      throw wrong(`Wrong value of --${name}`, {
        expected: option.takesValue ? 'a value' : 'true',
        got: String(text),
        hint: 'See: impflow train --help.',
      });
    found[name] = text === true ? true : canonical(option, text);
  }
  for (const name of ['data', 'validation', 'test']) {
    const path = found[name];
    if (typeof path === 'string' && isPath(path)) found[name] = resolve(path);
  }
  const every = Number(found['validate-every'] ?? 0);
  if (every > firstRung)
    throw wrong('The first rung ends before its first validation', {
      expected: `--validate-every of at most ${firstRung}`,
      got: String(every),
      hint: 'Lower it, or give more --min-steps.',
    });
  if (every === 0 && firstRung < SURE_VALIDATION)
    found['validate-every'] = String(
      Math.min(firstRung, Math.max(LEAST_BETWEEN, Math.floor(firstRung / VALIDATIONS_OF_FIRST_RUNG))),
    );
  return found;
};

/** @throws `option` for a trial that `train` would refuse. */
const checkTrial = (plan: SweepPlan, trial: number, choice: Choice, known: readonly KnownOption[]): void => {
  const given: Record<string, unknown> = { steps: plan.rungs.at(-1)! };
  for (const [name, value] of Object.entries(trialOptions(plan, trial))) {
    const option = known.find((each) => each.name === name)!;
    if (value !== false) given[option.field] = option.takesValue ? option.parse(String(value)) : true;
  }
  try {
    checkTogether(given as TrainOptions);
  } catch (error) {
    if (!isFlowError(error, 'option') || trial === 0) throw error;
    const { what, expected, got, hint } = error;
    throw wrong(`Trial ${trial}, ${choiceText(choice)}: ${what}`, {
      ...(expected === undefined ? {} : { expected }),
      ...(got === undefined ? {} : { got }),
      ...(hint === undefined ? {} : { hint }),
    });
  }
};
