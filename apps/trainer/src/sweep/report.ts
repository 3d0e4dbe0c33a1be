import { join } from 'node:path';
import {
  choiceText,
  trialOptions,
  valueText,
  type OptionValue,
  type Sweep,
  type SweepPlan,
  type TrialTest,
} from '@impflow/jobs';
import { number } from 'impflow/run';
import { flagOf } from '../terminal/flags.ts';
import { table, type Cell } from '../terminal/table.ts';

/** Returns the loss per row or image on test data as text, in nats. */
const lossOf = (test: TrialTest['test']): string => {
  const { nats, crossEntropy = nats, standardError } = test;
  if (typeof crossEntropy !== 'number') return '-';
  return withError(crossEntropy, typeof standardError === 'number' ? standardError : null);
};

const withError = (nats: number | null, standardError: number | null): string =>
  nats === null ? 'failed' : `${number(nats, 5)}${standardError === null ? '' : ` ± ${number(standardError, 2)}`}`;

/**
 * Returns the text of the report of a sweep: the trials in the order of their validation losses, the losses on test
 * data, and the commands that use the best trial.
 */
export const reportText = ({ folder, plan, trials, tests }: Sweep): string => {
  const names = plan.parameters.map(({ name }) => name);
  const best = trials[0]!;
  const failed = trials.filter(({ error }) => error !== undefined);
  const lines = table({
    head: ['rank', 'trial', ...names, 'steps', 'seconds', 'validation loss', ''],
    rows: trials.map(({ rank, name, trial, choice, steps, seconds, validation, standardError, state }): Cell[] => [
      validation === null ? '-' : rank,
      name,
      ...names.map((parameter) => (choice[parameter] === undefined ? '-' : valueText(choice[parameter]))),
      steps,
      Math.round(seconds),
      withError(validation, standardError),
      trial === 0 ? 'the defaults' : state === 'halved' ? 'not promoted' : '',
    ]),
  });
  const testLines = table({
    head: ['test data, not used for the choice', 'loss'],
    rows: tests.map(({ trial, test }) => [
      `${trial === best.trial ? 'best' : 'the defaults'}, ${trials.find((each) => each.trial === trial)!.name}`,
      lossOf(test),
    ]),
  });
  const run = join(folder, best.name);
  return `${lines}
${failed.map(({ name, error }) => `\n${name}: ${firstSentence(error!)}`).join('')}${failed.length === 0 ? '' : '\n'}
${testLines}

${
  best.trial === 0
    ? `No trial is better than the defaults on the validation data: ${best.name}.`
    : `The best is ${best.name}: ${choiceText(best.choice)}.`
} Losses are means of -log p, in nats: lower is better.
Use it:     impflow score ${run} DATA${pluginFlags(plan)}
Train again: impflow train ${trialFlags(plan, best.trial).join(' ')} --workers=1${pluginFlags(plan)}

Written to ${folder}: sweep.csv, sweep.png, sweep.json, results.jsonl, and a run folder for each trial`;
};

/** Returns the options with which `train` trains this trial again, over all steps. */
const trialFlags = (plan: SweepPlan, trial: number): readonly string[] => {
  const { place, backend, rungs } = plan;
  const options: Readonly<Record<string, OptionValue>> = {
    ...place,
    ...trialOptions(plan, trial),
    ...(backend === undefined ? {} : { backend }),
    steps: rungs.at(-1)!,
  };
  return Object.entries(options).map(([name, value]) =>
    value === true ? flagOf(name) : `${flagOf(name)}=${quoted(valueText(value))}`,
  );
};

/**
 * Returns the options that load the plugins of a sweep, each after a space, or an empty text if there are no plugins.
 */
export const pluginFlags = ({ plugins }: Pick<SweepPlan, 'plugins'>): string =>
  plugins.map((module) => ` --plugin=${quoted(module)}`).join('');

/** Returns the first sentence of an error, without its prefix `[package/function]` and its hint. */
const firstSentence = (error: string): string => error.replace(/^\[[^\]]*\] /, '').split(/\. (?=[A-Z/])/)[0]!;

/** Returns an argument, quoted for a shell if necessary. */
const quoted = (argument: string): string =>
  /^[\w./:=,+@%-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
