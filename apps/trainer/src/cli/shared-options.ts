import { FORMATS, MOST_PART_ROWS } from '@impflow/jobs';
import type { Command } from 'commander';
import { OPTIONS } from 'impflow';
import { backends } from '../adapters/backends.ts';
import { LIMITS } from '../settings/limits.ts';
import { names } from '../settings/names.ts';
import { DEFAULTS } from '../settings/settings.ts';
import { optionsOf, withOptions } from './option-flags.ts';
import { integer, integerOrAuto, oneOf, share } from './parse.ts';

// Options that several commands have.

/** Collects the values of an option that may be repeated. */
export const gather = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** Returns a parser of names separated by commas, for an option that may be repeated. Each name is kept once. */
export const gatherNames = (
  option: string,
  known: readonly string[],
): ((text: string, before?: readonly string[]) => readonly string[]) => {
  const check = oneOf(option, known);
  return (text, before = []) => [...new Set([...before, ...names(text).map(check)])];
};

/** Adds the options that every command has. */
export const withOutputOptions = (command: Command): Command =>
  command
    .option('--json', 'one JSON object on the last line of standard output')
    .option('--quiet', 'no progress and no remarks');

/** Adds the option of the commands that load plugins. */
export const withPluginOption = (command: Command): Command =>
  command.option('--plugin <module>', 'a package or module with solvers, activations, data, …; repeatable', gather);

/** Adds the options of the commands that read tables. */
export const withReadingOptions = (command: Command): Command => withOptions(command, optionsOf('reading'));

/** Adds the options of the commands that use a backend. */
export const withComputingOptions = (command: Command): Command =>
  withPluginOption(
    withOutputOptions(command).option(
      '--backend <name>',
      `backend: ${backends.names.join(', ')}, or auto: the fastest for this model, ` +
        'which train measures in some seconds and stores ' +
        `(default: ${DEFAULTS.backend}; see: impflow doctor)`,
    ),
  );

/** Adds the options of the commands that compute log-densities of data. */
export const withDensityOptions = (command: Command): Command =>
  withOptions(withReadingOptions(command), {
    logdet: {
      ...OPTIONS.logdet,
      help: 'estimator of the log-determinants; exact takes time and memory that grow with the square of the dimension',
      otherwise: 'exact up to 256 columns or an image of 64 numbers, then roulette',
    },
  });

/** Adds the options of the commands that compute rows in parts. */
export const withPartsOptions = (command: Command): Command =>
  command
    .option(
      '--workers <n>',
      'processes that compute the parts of a large table, or auto: one per core (default: auto)',
      integerOrAuto('--workers', { least: 1, most: LIMITS.workers }),
    )
    .option(
      '--queue <url>',
      'address of Redis or Valkey, redis://host:port or rediss:// with TLS: workers elsewhere compute the parts (see: impflow worker)',
    )
    .option(
      '--part-rows <n>',
      'maximum number of rows in a part: smaller parts need less memory (default: 262,144); text files have --part-bytes instead',
      integer('--part-rows', { least: 1, most: MOST_PART_ROWS }),
    )
    .option(
      '--share <i/n>',
      'compute only the parts of process i, if n processes write to one folder without a queue: 1/16 to 16/16, such as for the tasks of a Slurm array',
      share,
    )
    .option(
      '--format <name>',
      `format of the files of a folder: ${FORMATS.join(', ')} (default: parquet for samples and for scores of Parquet, else csv)`,
      oneOf('--format', FORMATS),
    );
