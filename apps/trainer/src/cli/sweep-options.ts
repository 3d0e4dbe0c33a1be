import { SEARCHES, SWEPT, TRAIN_TASK_OPTIONS, type Parameter } from '@impflow/jobs';
import { Command } from 'commander';
import { LIMITS } from '../settings/limits.ts';
import { DEFAULTS } from '../settings/settings.ts';
import { flagOf } from '../terminal/flags.ts';
import { parameterFlag } from './parameter-flag.ts';
import { integer, oneOf } from './parse.ts';
import { trainOptions } from './train-options.ts';

const parameters = (): string =>
  `Parameters: ${Object.keys(SWEPT)
    .map((name) => flagOf(name).slice(2))
    .join(', ')}. Every other option of train, such as --test or --columns, holds for all trials.`;

/** Flags of `train` that have no option record. In a sweep, the values of these flags apply to all trials. */
const OF_DATA: readonly string[] = ['--data', '--validation', '--test'];

/** Adds the options that only `sweep` has, and the options of `train` that apply to all trials. */
export const sweepOptions = (command: Command): Command => {
  command
    .addHelpText('after', `\n${parameters()}`)
    .option(
      '--param <name=values>',
      'an option of train and its values: a list such as lr=1e-3,3e-3 (with semicolons if values have commas, as hidden=37,37;64,64), or an interval such as lr=log:1e-4:1e-2, coeff=real:0.9:0.99, blocks=int:2:8; repeatable',
      (text: string, before: readonly Parameter[] = []) => [...before, parameterFlag(text)],
    )
    .option(
      '--trials <n>',
      'number of trials, not counting the trial with default options (default: one for each combination of the listed values; 20 if a --param is an interval)',
      integer('--trials', { least: 1, most: 100_000 }),
    )
    .option(
      '--search <name>',
      `${SEARCHES.join(', ')} (default: grid if all combinations of lists are tried, else random)`,
      oneOf('--search', SEARCHES),
    )
    .option(
      '--steps <n>',
      `gradient steps of a whole trial (default: ${DEFAULTS.steps})`,
      integer('--steps', { least: 1 }),
    )
    .option(
      '--halving <eta>',
      'train all trials for a part of the steps, continue the best 1 of eta trials, and repeat this (default: 3)',
      integer('--halving', { least: 2, most: 1000 }),
    )
    .option('--no-halving', 'train all trials over all steps')
    .option(
      '--min-steps <n>',
      'minimum number of steps before trials are compared (default: steps / eta²)',
      integer('--min-steps', { least: 1 }),
    )
    .option(
      '--asynchronous',
      'promote trials before all trials of a rung have ended (ASHA): no worker waits, but the choice depends on which trial ends first',
    )
    .option('--local', 'run the trials on this machine (the default)')
    .option(
      '--queue <url>',
      'address of Redis or Valkey, redis://host:port or rediss:// with TLS: workers elsewhere run the trials (see: impflow worker); they need the folder and the data at the same paths',
    )
    .option(
      '--workers <n>',
      'trials at a time, of one thread each (default: one per core, or 64 in a queue)',
      integer('--workers', { least: 1, most: LIMITS.workers }),
    )
    .requiredOption('--out <folder>', 'folder of the sweep; a sweep in this folder continues');
  const own = new Set(command.options.map(({ long }) => long));
  const all = [...Object.keys(TRAIN_TASK_OPTIONS).map(flagOf), ...OF_DATA];
  for (const option of trainOptions(new Command('train')).options) {
    if (own.has(option.long) || !all.includes(option.long!)) continue;
    command.addOption(option.long === '--data' ? option : option.hideHelp());
  }
  return command;
};
