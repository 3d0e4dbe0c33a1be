import type { Option as OptionRecord } from '@impflow/core';
import { TRAIN_OPTIONS } from '@impflow/jobs';
import { IMAGE_OPTIONS } from '@impflow/vision';
import { Command } from 'commander';
import { OPTIONS } from 'impflow';
import { describe, expect, it } from 'vitest';
import { optionFlag, withOptions } from '../../src/cli/option-flags.ts';
import { withComputingOptions } from '../../src/cli/shared-options.ts';
import { sweepOptions } from '../../src/cli/sweep-options.ts';
import { trainOptions } from '../../src/cli/train-options.ts';
import { withFlags } from '../../src/terminal/flags.ts';

/** Returns the options that the arguments of a command line give. */
const parsed = (...args: readonly string[]): Record<string, unknown> =>
  withOptions(new Command('train').exitOverride(), TRAIN_OPTIONS).parse(args, { from: 'user' }).opts();

const help = (name: keyof typeof TRAIN_OPTIONS): string => {
  const { flags, description } = optionFlag(name, TRAIN_OPTIONS[name]!);
  return `${flags}  ${description}`;
};

/** Returns the text of the error as the command line prints it. */
const refusal = (parse: () => unknown): string => {
  try {
    return `read ${String(parse())}`;
  } catch (error) {
    return withFlags((error as Error).message);
  }
};

describe('flags of options', () => {
  it('each option of a table or of images has a flag, which parses to the name of the option', () => {
    const { options } = trainOptions(new Command('train'));
    const names = options.map((option) => option.attributeName());
    for (const name of Object.keys({ ...OPTIONS, ...IMAGE_OPTIONS }))
      expect(names.filter((other) => other === name)).toEqual([name]);
  });

  // `sweep` drops a flag of `train` if `sweep` itself has a flag of this name. Such a flag would set only the option of
  // `sweep`.
  it('no flag of `sweep` itself has the name of a flag of `train`, except `--steps`', () => {
    // The help of `sweep` hides the flags of `train`.
    const own = sweepOptions(withComputingOptions(new Command('sweep'))).options.filter(({ hidden }) => !hidden);
    const names = own.map((option) => option.attributeName());
    expect(names).toEqual(expect.arrayContaining(['trials', 'minSteps', 'workers', 'json']));
    expect(names.filter((name) => Object.hasOwn(TRAIN_OPTIONS, name))).toEqual(['steps']);
  });

  it('flags parse values of each type', () => {
    const args =
      '--lr 1e-3 --blocks 4 --hidden 64,32 --weights w --leave-out id,name --net sandwich --separator tab --flip';
    expect(parsed(...args.split(' '))).toEqual({
      lr: 0.001,
      blocks: 4,
      hidden: [64, 32],
      weights: 'w',
      leaveOut: ['id', 'name'],
      net: 'sandwich',
      separator: '\t',
      flip: true,
    });
  });

  it('each form of writing the options of a method gives the same value', () => {
    const text = 'anderson:{"damping":0.9,"memory":8}';
    expect(parsed('--solver', 'anderson:memory=8, damping=0.9')).toEqual({ solver: text });
    expect(parsed('--solver', text)).toEqual({ solver: text });
  });

  it.each<readonly [name: string, value: string, message: string]>([
    ['lr', '0', 'Wrong value of --lr: expected a number above 0, got "0". See --help.'],
    ['coeff', '1', 'Wrong value of --coeff: expected a number between 0 and 1, got "1". See --help.'],
    ['ema', '', 'Wrong value of --ema: expected a number between 0 and 1, got "". See --help.'],
    ['steps', '1.5', 'Wrong value of --steps: expected a whole number of at least 1, got "1.5". See --help.'],
    ['blocks', '1e9', 'Wrong value of --blocks: expected a whole number from 1 to 10000, got "1e9". See --help.'],
    [
      'hidden',
      '64,,64',
      'Wrong value of --hidden: expected 1 to 1024 whole numbers from 1 to 1048576 separated by commas, such as 128,128, got "64,,64". See --help.',
    ],
    [
      'missing',
      'imput',
      'Unknown value of --missing: expected one of drop, median, impute, got "imput". Did you mean "impute"?',
    ],
    ['dayFirst', 'no!', 'Unknown value of --day-first: expected one of yes, no, got "no!". Did you mean "no"?'],
    [
      'solver',
      'anderson:8',
      'Wrong options in --solver: anderson:8: expected key=value, got "8". Write anderson:key=value,key=value or anderson:{"key": value}.',
    ],
  ])('the flag --%s refuses the value %s', (name, value, message) => {
    const text = refusal(() => optionFlag(name, TRAIN_OPTIONS[name]!).parseArg!(value, undefined));
    expect(text.replace(/^\[[^\]]+\] /, '')).toBe(message);
  });

  it('the help of a flag contains the text of the option record', () => {
    expect([help('leaveOut'), help('dayFirst'), help('separator'), help('scaling'), help('seconds'), help('optimizer')])
      .toMatchInlineSnapshot(`
        [
          "--leave-out <list>  columns to leave out, such as identifiers (default: columns with one value)",
          "--day-first <yes|no>  whether the day precedes the month in dates such as 03/04/2020 (default: inferred from the other dates of the column)",
          "--separator <sign>  sign between the cells of a .csv or .tsv file: , ; tab or | (default: detected in the first line)",
          "--scaling <name>  transformation of the columns: standard (mean 0 and standard deviation 1), whitened (standardized and decorrelated, with a shrunken covariance), quantiles (each column mapped by its quantiles to a nearly normal distribution) (default: standard; with a time limit and without --weights, chosen by validation)",
          "--seconds <number>  wall time of the whole training in seconds, instead of --steps; validation then chooses --scaling, --transform and --base if they are not given, and the kind of block with --model auto (default: 60 for a table)",
          "--optimizer <name>  optimizer: adam, adamW, adamax, sgd (default: adam; with a time limit adamW with weight decay for the spectral nets of --preset tabular and 1,000 to 20,000 training rows)",
        ]
      `);
  });

  it('the help of a flag names the values and defaults for tables and for images', () => {
    expect([help('preset'), help('model'), help('blocks'), help('flip')]).toMatchInlineSnapshot(`
      [
        "--preset <name>  set of default sizes and norm caps: toy, tabular, image, classifier (default: toy if rows are drawn from a known density, else tabular; for images image, or classifier with --task classify)",
        "--model <name>  kind of block: implicit (two nets in an equation, slopes far above 2), residual (x + g(x), slopes below 2, the fastest steps), monotone (one net in an equation, slopes far above 2, for densities), coupling (RealNVP, no equations, for densities), auto (implicit, residual or monotone, chosen by short trainings; needs a training with a time limit, of 45 seconds or more: a shorter one takes implicit), vanilla (a usual residual net, for classifiers), or a plugin's (default: implicit)",
        "--blocks <n>  number of blocks (default: 6; for images 4 per scale)",
        "--flip  mirror each image with probability 1/2, drawn again at every step",
      ]
    `);
  });

  it('descriptions of flags start in lower case, end without a full stop, and have no backticks', () => {
    for (const [name, option] of Object.entries<OptionRecord>(TRAIN_OPTIONS)) {
      const { description } = optionFlag(name, option);
      expect(description).toMatch(/^[a-z][^`]*[^.`]$/);
    }
  });
});

describe('option names in messages of the packages', () => {
  it.each([
    ['Set the option leaveOut.', 'Set --leave-out.'],
    ['The option batch is larger than the table', '--batch is larger than the table'],
    ['The options seconds and steps contradict each other', '--seconds and --steps contradict each other'],
    ['Lower the option hidden or blocks.', 'Lower --hidden or --blocks.'],
    ['set the option header to no', 'set --header to no'],
    ['with the option columns: a,b', 'with --columns: a,b'],
    ['Unknown value of the option validateEvery', 'Unknown value of --validate-every'],
    ['expected the option testImages of at most 3', 'expected --test-images of at most 3'],
    ['If a plugin provides it, set the option plugins.', 'If a plugin provides it, set --plugin.'],
    // The option names in the next messages belong to functions that the command line does not call.
    ['Name the column in the option texts.', 'Name the column in the option texts.'],
    ['the option tester', 'the option tester'],
  ])('the message has flags instead of option names: %s', (text, expected) => {
    expect(withFlags(text)).toBe(expected);
  });
});
