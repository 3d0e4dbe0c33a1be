import { TRAIN_OPTIONS } from '@impflow/jobs';
import { readableExtensions } from '@impflow/tables';
import type { Command } from 'commander';
import { flagOf } from '../terminal/flags.ts';
import { optionsOf, withOptions } from './option-flags.ts';
import { integer, workers } from './parse.ts';

const WITH_OPTIONS =
  'Elements of a <list> are separated by commas.\n' +
  "Options of an activation, a solver, an estimator, a base density or a plugin's block follow its name: " +
  `--solver anderson:memory=8,damping=0.9, or as JSON: --solver 'anderson:{"memory": 8}'.`;

/** Flags of the options that may change when a run is resumed. */
const RESUMABLE = Object.entries(TRAIN_OPTIONS).flatMap(([name, { resumable }]) =>
  resumable === true ? [flagOf(name)] : [],
);

const listed = (words: readonly string[], last = 'and'): string =>
  `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)!}`;

const FORMATS = readableExtensions.filter((extension) => !extension.endsWith('.gz'));
const GROUPS = ['columns', 'reading', 'flow', 'training', 'images'] as const;

/** Adds the options of `train`. */
export const trainOptions = (command: Command): Command => {
  command
    .addHelpText('after', `\n${WITH_OPTIONS}`)
    .option(
      '--data <source>',
      `a bundled data set (see: impflow data list), a ${listed(FORMATS, 'or')} file (text also packed, as .csv.gz), ` +
        'or images: a folder of PNG or JPEG files, or of one folder per class, an IDX file, or CIFAR',
    )
    .option(
      '--validation <file>',
      'rows to validate on, with the columns of --data (default: a random tenth of its rows, at most 4,000)',
    )
    .option(
      '--test <file>',
      'rows to evaluate the run on, with the columns of --data (default: a random tenth of its rows, at most 10,000)',
    )
    .option(
      '--until <n>',
      'pause after this many of the --steps, without an evaluation on the test data; --resume then gives the same bits as a run without the pause',
      integer('--until', { least: 1 }),
    )
    .option(
      '--workers <n>',
      'threads that share each step; auto: one per core, with at least 200 values (rows times columns) each; mpi or mpi:<n>: the ranks that mpirun has started, with n threads each (default: auto)',
      workers,
    )
    .option('--out <folder>', 'run folder (default: the next free runs/<data>-<n>)')
    .option(
      '--resume',
      `continue the run in --out with its stored options; ${listed([...RESUMABLE, '--backend', '--workers'])} may change`,
    )
    .option('--force', 'replace the run in --out');
  return GROUPS.reduce((all, group) => withOptions(all, optionsOf(group)), command);
};
