import { Command } from 'commander';
import { backends, type ComputingOptions } from '../adapters/backends.ts';
import type { DataOptions } from '../commands/data.ts';
import type { DoctorOptions } from '../commands/doctor.ts';
import type { ExportOptions } from '../commands/export.ts';
import type { ImportOptions } from '../commands/import/import.ts';
import type { ServeOptions } from '../commands/serve.ts';
import type { SweepOptions } from '../commands/sweep.ts';
import type { WorkerOptions } from '../commands/worker.ts';
import type {
  DriftOptions,
  EvaluateOptions,
  ImputeOptions,
  PlotOptions,
  ProbabilityOptions,
  ReportOptions,
  SampleOptions,
  ScoreOptions,
} from '../kinds/answer.ts';
import { bytes } from '../serve/limits.ts';
import { LIMITS } from '../settings/limits.ts';
import type { TrainOptions } from '../settings/settings.ts';
import { VERSION } from '../version.ts';
import type { Interruptions } from './interruptions.ts';
import { imageShape, integer, numberOption } from './parse.ts';
import {
  withOutputOptions,
  withComputingOptions,
  gather,
  gatherNames,
  withDensityOptions,
  withPartsOptions,
  withPluginOption,
  withReadingOptions,
} from './shared-options.ts';
import { sweepOptions } from './sweep-options.ts';
import { requestOf, type TrialFlags } from './sweep-request.ts';
import { trainOptions } from './train-options.ts';

interface ProgramOptions {
  /**
   * After a call of this function, an interruption aborts the returned signal instead of ending the process: see
   * `Interruptions`.
   */
  readonly interruptible: Interruptions['start'];
  /** Receives the exit code of the command. */
  readonly done: (exitCode: number) => void;
}

/** Sentences that are printed if the user interrupts a command while it computes. */
const BUSY = {
  train:
    'Interrupted within a step: the run is saved at the end of this step. Interrupt again to end immediately; the last checkpoint stays.',
  parts: 'Interrupted. The running parts are dropped. Interrupt again to end immediately.',
  worker: 'Interrupted. The worker stops after the running tasks. Interrupt again to end immediately.',
  sweep: 'Interrupted: the trials are saved at the end of their steps. Interrupt again to end immediately.',
  serve:
    'Interrupted within a block of rows: the server stops after the requests in flight. Interrupt again to end immediately.',
} as const;

/** Makes the command line. Parsing the arguments loads the module of the given command and runs the command. */
export const program = ({ interruptible, done }: ProgramOptions): Command => {
  // Commander throws its errors instead of ending the process, and `main` converts the errors to a `FlowError`.
  const root = new Command('impflow')
    .description(
      'Implicit normalizing flows: densities of your rows or images, anomaly scores, and new rows or images.',
    )
    .version(VERSION, '--version')
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .showSuggestionAfterError();
  const command = (spec: string, description: string): Command =>
    withComputingOptions(root.command(spec).description(description));

  withComputingOptions(
    trainOptions(root.command('train').description('train a flow, or a classifier of images, and write a run folder')),
  ).action(async (options: TrainOptions) =>
    done(await (await import('../commands/train/train.ts')).train(options, interruptible(BUSY.train))),
  );

  sweepOptions(
    command('sweep [spec]', 'try different options of train, from --param or a JSON file, and name the best trial'),
  ).action(async (spec: string | undefined, options: SweepOptions & TrialFlags) =>
    done(
      await (
        await import('../commands/sweep.ts')
      ).sweep(await requestOf(spec, options), options, () => interruptible(BUSY.sweep)),
    ),
  );

  withDensityOptions(
    command(
      'evaluate <run>',
      'show the loss on test rows and the calibration of each column; for images, the loss and the reconstruction error; for a classifier, accuracy and confusion matrix',
    ),
  )
    .option('--data <source>', 'rows or images to evaluate on (default: the test data of the run)')
    .option('--solver', 'show solver statistics, round-trip errors and Lipschitz bounds too')
    .action(async (run: string, options: EvaluateOptions) =>
      done(await (await import('../commands/on-run.ts')).evaluate(run, options)),
    );

  withPartsOptions(
    withDensityOptions(
      command(
        'score <run> <data>',
        'compute the log-density of every row or image and its percentile among the held-out rows or images; for a classifier, the probability of each class. <data>: a file, a folder, a pattern such as "days/*.parquet", or an address',
      ),
    ),
  )
    .option(
      '--out <place>',
      'write all scores to a .csv, .npy or .parquet file, or to a folder: a file for each part of a large table, and a manifest',
    )
    .option(
      '--part-bytes <size>',
      'size of a part of a CSV, TSV or JSON lines file, such as 8mb (default: 2mb)',
      bytes('--part-bytes'),
    )
    .option(
      '--explain',
      'explain each row of a table: the cost of each column in nats, and its typical value; with --out also as a picture (all rows if that is fast, else the least likely)',
    )
    .option(
      '--repair',
      'for each row of a table whose p-value is at most the rate of --alarm (default: 0.05), show the cheapest change that lifts it: one wrong cell, if that is enough, and its likely value',
    )
    .option(
      '--alarm <rate>',
      'flag the rows of a table whose p-value is at most this rate of false alarms, such as 0.01',
      numberOption('--alarm', 0, 1),
    )
    .option('--given <event>', 'event that the rows are known to fulfil: the scores are log p(row | event)')
    .option('--force', 'replace the file or folder of --out, and the picture')
    .action(async (run: string, file: string, options: ScoreOptions) =>
      done(await (await import('../commands/on-run.ts')).score(run, file, options, () => interruptible(BUSY.parts))),
    );

  withDensityOptions(
    command('impute <run> <data>', 'fill the gaps of a table with draws given the known cells: multiple imputation'),
  )
    .option(
      '--draws <count>',
      'number of completions of each row. With 1, each row is written once; with more, all rows are written once for each draw, with the columns row and draw first',
      integer('--draws', { least: 1 }),
      20,
    )
    .option('--seed <n>', 'seed of the draws', integer('--seed', { least: 0 }), 0)
    .option('--given <event>', 'event that the filled rows fulfil, such as "price > 100 and kind = oak"')
    .option('--out <file>', 'a .csv or .parquet file (default: CSV to standard output)')
    .option('--force', 'replace that file')
    .action(async (run: string, file: string, options: ImputeOptions) =>
      done(await (await import('../commands/on-run.ts')).impute(run, file, options)),
    );

  command(
    'probability <run> <event>',
    'estimate the probability that a row fulfils an event, such as "price > 100 and kind in (oak, ash)"',
  )
    .option(
      '--given <event>',
      'the event that is given: the result is the probability among the rows that fulfil it; also the values of the conditions of the run, such as "species = Adelie and mass > 4000"',
    )
    .option(
      '--draws <count>',
      'number of draws of the estimate',
      integer('--draws', { least: 1000, most: 1e7 }),
      10_000,
    )
    .option('--seed <n>', 'seed of the draws', integer('--seed', { least: 0 }), 0)
    .action(async (run: string, event: string, options: ProbabilityOptions) =>
      done(await (await import('../commands/on-run.ts')).probability(run, event, options)),
    );

  withDensityOptions(
    command(
      'drift <run> <data>',
      'test whether the rows of a table have the distribution of the test rows of the run, since which row they differ, and in which columns',
    ),
  )
    .option(
      '--by <column>',
      'column of numbers or dates that gives the order of the rows (default: their order in the file)',
    )
    .option('--reference <data>', 'rows to compare with (default: the test rows of the run)')
    .option('--alarm <rate>', 'rate of false alarms', numberOption('--alarm', 0, 1), 0.01)
    .option('--seed <n>', 'seed of the samples and permutations', integer('--seed', { least: 0 }), 0)
    .option('--picture <file>', 'draw a .png file: evidence over the rows, log-densities, columns')
    .option('--force', 'replace that file')
    .action(async (run: string, file: string, options: DriftOptions) =>
      done(await (await import('../commands/on-run.ts')).drift(run, file, options)),
    );

  withPartsOptions(command('sample <run>', 'draw rows or images'))
    .option('-n <count>', 'number of rows or images (default: 1000 rows, 100 images)', integer('-n', { least: 1 }))
    .option(
      '--given <event>',
      'event that all rows fulfil, such as "price > 100 and kind = oak"; for a density that was trained with --given, also its conditions: a file of rows, or x1=3,x2=A',
    )
    .option('--seed <n>', 'seed of the samples', integer('--seed', { least: 0 }), 0)
    .option('--temperature <t>', 'scale of the base noise', numberOption('--temperature', 0), 1)
    .option(
      '--out <place>',
      'a .csv, .npy or .parquet file (default: CSV to standard output), or a folder for any number of rows; for images also a .png with all of them, or a folder',
    )
    .option('--force', 'replace the file or folder of --out')
    .action(async (run: string, options: SampleOptions) =>
      done(await (await import('../commands/on-run.ts')).sample(run, options, () => interruptible(BUSY.parts))),
    );

  command(
    'serve <run>',
    'serve a model of a table over HTTP: scores, explanations of scores, and samples; stop with Ctrl-C',
  )
    .option('--port <n>', 'port; 0 for any free one', integer('--port', { least: 0, most: 65_535 }), 8000)
    .option('--host <address>', 'address to listen at; there is no authentication', '127.0.0.1')
    .option(
      '--allow-host <name>',
      'a further name under which clients address the server, such as the name that a proxy passes on; repeatable (default: only localhost and --host)',
      gather,
    )
    .option(
      '--max-rows <n>',
      'maximum number of rows in a request',
      integer('--max-rows', { least: 1, most: LIMITS.servedRows }),
      10_000,
    )
    .option(
      '--max-body <size>',
      'maximum size of a request, such as 500kb',
      bytes('--max-body'),
      bytes('--max-body')('10mb'),
    )
    .option('--timeout <s>', 'seconds after which a request fails', numberOption('--timeout', 0, 86_400), 30)
    .action(async (run: string, options: ServeOptions) =>
      done(await (await import('../commands/serve.ts')).serve(run, options, () => interruptible(BUSY.serve))),
    );

  command('worker', 'take tasks of score, sample and sweep from a queue; stop it with Ctrl-C')
    .requiredOption('--queue <url>', 'address of Redis or Valkey, redis://host:port or rediss:// with TLS')
    .option(
      '--concurrency <n>',
      'number of tasks in parallel, each in its own process',
      integer('--concurrency', { least: 1, most: LIMITS.workers }),
      1,
    )
    .option(
      '--root <place>',
      'a folder that tasks may read and write, or the beginning of an address; repeatable (default: the working directory)',
      gather,
    )
    .option(
      '--grace <s>',
      'seconds that tasks may take to end after an interruption; after that time they are given back to the queue',
      numberOption('--grace', 0, 86_400),
      20,
    )
    .option(
      '--lock <s>',
      'seconds without a sign of life after which a worker counts as lost, and its tasks are given to other workers',
      numberOption('--lock', 0.5, 86_400),
      30,
    )
    .action(async (options: WorkerOptions) =>
      done(await (await import('../commands/worker.ts')).worker(options, () => interruptible(BUSY.worker))),
    );

  withReadingOptions(command('plot <run>', 'draw the pictures of a run into its folder'))
    .option('--data <source>', 'rows or images to draw beside the model (default: the test data of the run)')
    .action(async (run: string, options: PlotOptions) =>
      done(await (await import('../commands/on-run.ts')).plot(run, options)),
    );

  withReadingOptions(
    command(
      'report <run> [data]',
      'write one HTML page about a run: what was read and assumed, losses and calibration, rows beside draws, and the oddest rows of the test rows or of <data>, with reasons',
    ),
  )
    .option(
      '--synthetic <source>',
      'synthetic rows: the page tells how well they resemble real rows, and whether they reveal training rows',
    )
    .option('--out <file>', 'the .html file (default: report.html in the run folder)')
    .option('--force', 'replace the file of --out')
    .action(async (run: string, rows: string | undefined, options: ReportOptions) =>
      done(await (await import('../commands/on-run.ts')).report(run, rows, options)),
    );

  command('inspect <run>', 'show the spec, parameters, Lipschitz bounds and provenance').action(
    async (run: string, options: ComputingOptions) =>
      done(await (await import('../commands/inspect.ts')).inspect(run, options)),
  );

  command(
    'import <file>',
    'make a run folder from PyTorch weights: a .pth or safetensors file with published key names, or a file of export',
  )
    .option('--activation <name>', 'activation of the nets: sin, swish, … (default: as in the file)')
    .option('--coeff <c>', 'cap on the norm of each layer (default: as in the file)', numberOption('--coeff', 0, 1))
    .option('--image <height,width,channels>', 'shape of the images of a flow on images', imageShape('--image'))
    .option(
      '--weights <key>',
      'name of a state dict in a .pth file, such as ema (default: the whole file, else state_dict, else ema)',
    )
    .option('--out <folder>', 'run folder (default: the next free runs/imported-<n>)')
    .option('--force', 'replace the run in --out')
    .action(async (file: string, options: ImportOptions) =>
      done(await (await import('../commands/import/import.ts')).importRun(file, options)),
    );

  command('export <run>', 'write the weights of a run as safetensors with the published key names, for PyTorch')
    .requiredOption('--out <file>', 'a .safetensors file')
    .option('--force', 'replace that file')
    .action(async (run: string, options: ExportOptions) =>
      done(await (await import('../commands/export.ts')).exportRun(run, options)),
    );

  withOutputOptions(root.command('doctor').description('check the backends of this machine and measure their speed'))
    .option(
      '--backend <names>',
      `backends to check, separated by commas: some of ${backends.names.join(', ')}; repeatable`,
      gatherNames('--backend', backends.names),
    )
    .action(async (options: DoctorOptions) => done(await (await import('../commands/doctor.ts')).doctor(options)));

  const data = root.command('data').description('the bundled data sets');
  const plugged = (command: Command): Command => withPluginOption(withOutputOptions(command));
  plugged(data.command('list').description('list the bundled data sets')).action(async (options: DataOptions) =>
    done(await (await import('../commands/data.ts')).dataList(options)),
  );
  withReadingOptions(
    plugged(
      data
        .command('describe <name>')
        .description('describe the columns of a table, or the images of the training set and the test set by class'),
    ),
  ).action(async (name: string, options: DataOptions) =>
    done(await (await import('../commands/data.ts')).dataDescribe(name, options)),
  );
  return root;
};
