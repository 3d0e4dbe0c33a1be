import { Command } from 'commander';
import { backends, type ComputingOptions } from '../backends/backends.ts';
import { dataDescribe, dataList, type DataOptions } from '../commands/data.ts';
import { doctor, type DoctorOptions } from '../commands/doctor.ts';
import { exportRun, type ExportOptions } from '../commands/export.ts';
import { importRun, type ImportOptions } from '../commands/import/import.ts';
import { inspect } from '../commands/inspect.ts';
import { evaluate, plot, sample, score } from '../commands/on-run.ts';
import { train } from '../commands/train/train.ts';
import type { EvaluateOptions, PlotOptions, SampleOptions, ScoreOptions } from '../kinds/run-commands.ts';
import type { TrainOptions } from '../settings/settings.ts';
import { VERSION } from '../version.ts';
import { imageShape, integer, numberOption } from './parse.ts';
import {
  withOutputOptions,
  withComputingOptions,
  gatherNames,
  withDensityOptions,
  withPluginOption,
  withReadingOptions,
} from './shared-options.ts';
import { trainOptions } from './train-options.ts';

interface ProgramOptions {
  /** Makes interruptions abort the returned signal from then on, instead of ending the process. */
  readonly interruptible: () => AbortSignal;
  /** Receives the exit code of the command. */
  readonly done: (exitCode: number) => void;
}

/** The command line. Parsing arguments with it runs one command. */
export const program = ({ interruptible, done }: ProgramOptions): Command => {
  // Commander throws its errors; `main` turns them into a `FlowError`.
  const root = new Command('impflow')
    .description(
      'Implicit normalizing flows: densities of your rows or images, anomaly scores, and new ones like them.',
    )
    .version(VERSION, '--version')
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .showSuggestionAfterError();
  const command = (spec: string, description: string): Command =>
    withComputingOptions(root.command(spec).description(description));

  trainOptions(
    withReadingOptions(command('train', 'train a flow, or a classifier of images, and write a run folder')),
  ).action(async (options: TrainOptions) => done(await train(options, interruptible())));

  withDensityOptions(
    command(
      'evaluate <run>',
      'show the held-out log-likelihood, calibration, round trip, solver statistics; for a classifier, accuracy and confusion',
    ),
  )
    .option('--data <source>', 'other rows or images than the test data of the run')
    .action(async (run: string, options: EvaluateOptions) => done(await evaluate(run, options)));

  withDensityOptions(
    command(
      'score <run> <data>',
      'compute the log-density of every row or image and its percentile among held-out ones; for a classifier, the probability of each class',
    ),
  )
    .option('--out <file>', 'write all scores to a .csv, .npy or .parquet file')
    .option('--force', 'replace that file')
    .action(async (run: string, file: string, options: ScoreOptions) => done(await score(run, file, options)));

  command('sample <run>', 'draw rows or images')
    .option('-n <count>', 'number of rows or images (default: 1000 rows, 100 images)', integer('-n', { least: 1 }))
    .option('--seed <n>', 'seed of the samples', integer('--seed', { least: 0 }), 0)
    .option('--temperature <t>', 'scale of the base noise', numberOption('--temperature', 0), 1)
    .option(
      '--out <file>',
      'a .csv, .npy or .parquet file (default: CSV to standard output); for images also a .png with all of them, or a folder',
    )
    .option('--force', 'replace that file')
    .action(async (run: string, options: SampleOptions) => done(await sample(run, options)));

  withReadingOptions(command('plot <run>', 'draw the pictures of a run into its folder'))
    .option('--data <source>', 'rows or images to draw beside the model (default: the test data of the run)')
    .action(async (run: string, options: PlotOptions) => done(await plot(run, options)));

  command('inspect <run>', 'show the spec, parameters, Lipschitz bounds and provenance').action(
    async (run: string, options: ComputingOptions) => done(await inspect(run, options)),
  );

  command(
    'import <file>',
    'make a run folder from PyTorch weights: a .pth or safetensors file with published key names, or a file of export',
  )
    .option('--activation <name>', 'activation of its nets: sin, swish, … (default: as the file says)')
    .option(
      '--coeff <c>',
      'cap on the norm of each of its layers (default: as the file says)',
      numberOption('--coeff', 0, 1),
    )
    .option('--image <height,width,channels>', 'shape of the images of a flow on images', imageShape('--image'))
    .option(
      '--weights <key>',
      'which state dict of a .pth, such as ema (default: the whole file, else state_dict, else ema)',
    )
    .option('--out <folder>', 'run folder (default: the next free runs/imported-<n>)')
    .option('--force', 'replace the run in --out')
    .action(async (file: string, options: ImportOptions) => done(await importRun(file, options)));

  command('export <run>', 'write its weights as safetensors with the published key names, for PyTorch')
    .requiredOption('--out <file>', 'a .safetensors file')
    .option('--force', 'replace that file')
    .action(async (run: string, options: ExportOptions) => done(await exportRun(run, options)));

  withOutputOptions(root.command('doctor').description('check the backends of this machine and measure their speed'))
    .option(
      '--backend <names>',
      `only these of ${backends.names.join(', ')}, separated by commas; repeatable`,
      gatherNames('--backend', backends.names),
    )
    .action(async (options: DoctorOptions) => done(await doctor(options)));

  const data = root.command('data').description('the bundled data sets');
  const plugged = (command: Command): Command => withPluginOption(withOutputOptions(command));
  plugged(data.command('list').description('list the bundled data sets')).action(async (options: DataOptions) =>
    done(await dataList(options)),
  );
  withReadingOptions(
    plugged(
      data
        .command('describe <name>')
        .description('describe the columns of a table, or the parts and classes of images'),
    ),
  ).action(async (name: string, options: DataOptions) => done(await dataDescribe(name, options)));
  return root;
};
