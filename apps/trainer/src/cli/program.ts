import { registries } from '@impflow/flows';
import { optimizers } from '@impflow/training';
import { Command } from 'commander';
import { dataDescribe, dataList } from '../commands/data.ts';
import { doctor } from '../commands/doctor.ts';
import { exportRun } from '../commands/export.ts';
import { importRun } from '../commands/import.ts';
import { inspect } from '../commands/inspect.ts';
import { evaluate, plot, sample, score } from '../commands/on-run.ts';
import { train } from '../commands/train.ts';
import { images } from '../kinds/images/kind.ts';
import { rows } from '../kinds/rows/kind.ts';
import { backends } from '../run/backends.ts';
import { LIMITS } from '../run/limits.ts';
import { VERSION } from '../run/provenance.ts';
import { DEFAULTS, FITTED, MEMORY, NETS, PRESETS, SCALINGS, SCHEDULES, TASKS, type TrainOptions } from '../run/settings.ts';
import { imageShape, integer, integerOrAuto, names, number, oneOf, plugin, separator, widths } from './parse.ts';

interface ProgramOptions {
  /** Makes interruptions abort the returned signal from then on, instead of ending the process. */
  readonly interruptible: () => AbortSignal;
  /** Receives the exit code of the command. */
  readonly done: (exitCode: number) => void;
}

const gather = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** Parser of names separated by commas, for an option that may be repeated. Each name is kept once. */
const gatherNames = (
  option: string,
  known: readonly string[],
): ((text: string, before?: readonly string[]) => readonly string[]) => {
  const check = oneOf(option, known);
  return (text, before = []) => [...new Set([...before, ...names(text).map(check)])];
};

/** Options that every command has. */
const common = (command: Command): Command =>
  command
    .option('--json', 'one JSON object on the last line of standard output')
    .option('--quiet', 'no progress and no remarks');

const pluggable = (command: Command): Command =>
  command.option('--plugin <module>', 'a package or module with solvers, activations, data, …; repeatable', gather);

/** Options of the commands that read tables. */
const reading = (command: Command): Command =>
  command
    .option(
      '--header <yes|no>',
      'whether the first line of a .csv or .tsv file names its columns (default: yes if one of its cells is text)',
      oneOf('--header', ['yes', 'no']),
    )
    .option(
      '--separator <sign>',
      'sign between its cells: , ; | or tab (default: detected in the first line)',
      separator,
    )
    .option('--decimal <sign>', 'its decimal sign: . or , (default: .)', oneOf('--decimal', ['.', ',']));

/** Options of the commands that compute. */
const computing = (command: Command): Command =>
  pluggable(
    common(command).option(
      '--backend <name>',
      `backend: ${backends.names.join(', ')}, or auto: the fastest for this model, which train measures in some seconds and stores (default: ${DEFAULTS.backend}; see: impflow doctor)`,
    ),
  );

const WITH_OPTIONS = `Options of an activation, a solver, an estimator, a base density or a plugin's block follow its name: --solver anderson:memory=8,damping=0.9, or as JSON: --solver 'anderson:{"memory": 8}'.`;

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
  const known = (kind: keyof typeof registries): string => registries[kind].names.join(', ');
  const command = (spec: string, description: string): Command =>
    computing(root.command(spec).description(description));

  reading(command('train', 'train a flow, or a classifier of images, and write a run folder'))
    .addHelpText('after', `\n${WITH_OPTIONS}`)
    .option(
      '--data <source>',
      'a bundled data set (see: impflow data list), a .csv, .tsv, .npy or .parquet file, or images: a folder of PNG or JPEG files, or of one folder per class, an IDX file, or CIFAR',
    )
    .option(
      '--validation <file>',
      'rows to validate on, with the columns of --data (default: a random tenth of its rows)',
    )
    .option(
      '--test <file>',
      'rows to evaluate the run on, with the columns of --data (default: a random tenth of its rows)',
    )
    .option(
      '--task <name>',
      `task: ${TASKS.join(', ')} (images with labels) (default: ${TASKS[0]})`,
      oneOf('--task', TASKS),
    )
    .option('--columns <names>', 'columns to model, separated by commas (default: all)', names)
    .option(
      '--preset <name>',
      `sizes and caps to start from: ${PRESETS.join(', ')} (default: toy for toys, image for images, classifier with --task classify, else tabular)`,
      oneOf('--preset', PRESETS),
    )
    .option(
      '--model <name>',
      `kind of block: implicit, residual, coupling, or a plugin's; of a classifier implicit, residual, vanilla (default: ${DEFAULTS.model})`,
      plugin('--model'),
    )
    .option(
      '--blocks <n>',
      'number of blocks; for images, per scale (default: 6, for images 4)',
      integer('--blocks', { least: 1, most: LIMITS.blocks }),
    )
    .option(
      '--net <name>',
      `kind of contractive net on rows: ${NETS.join(', ')} (default: sandwich with --preset tabular, unless an activation is given; else spectral)`,
      oneOf('--net', NETS),
    )
    .option(
      '--scaling <name>',
      `transformation of the columns of a table: ${SCALINGS.join(', ')}: mean 0 and standard deviation 1; also uncorrelated, by a shrunken covariance; each column nearly normal, by its quantiles (default: standard)`,
      oneOf('--scaling', SCALINGS),
    )
    .option(
      '--hidden <widths>',
      'widths of the nets; for images, channels (default: 128,128 with --preset toy, 37,37 with tabular, or 64,64 with its spectral nets, 32,32 with image)',
      widths('--hidden'),
    )
    .option(
      '--activation <name>',
      `${known('activation')} (default: sin, for images lipSwish, for a classifier relu)`,
      plugin('--activation'),
    )
    .option(
      '--coeff <c>',
      'cap on the norm of each layer, or bound of each sandwich net (default: 0.99 with --preset toy and tabular, 0.97 with its spectral nets, 0.9 with image and classifier)',
      number('--coeff', 0, 1),
    )
    .option('--solver <name>', `${known('solver')} (default: by dimension)`, plugin('--solver'))
    .option(
      '--adjoint <name>',
      `solver of the linear system of the gradient: ${known('adjoint')} (default: by dimension)`,
      plugin('--adjoint'),
    )
    .option('--logdet <name>', `${known('logDet')} (default: by dimension)`, plugin('--logdet'))
    .option(
      '--base <name>',
      `base density: ${known('base')}; or ${FITTED}, for rows: the flow begins as a Gaussian mixture fitted to the training rows (default: normal)`,
      plugin('--base'),
    )
    .option(
      '--scales <n>',
      'images: how often their sides are halved (default: 2)',
      integer('--scales', { least: 1, most: LIMITS.scales }),
    )
    .option(
      '--kernels <sides>',
      'images: sides of the filters of a net, one more than --hidden has widths (default: 3, ones, 3)',
      widths('--kernels', LIMITS.kernel),
    )
    .option('--factor-out', 'images: send half of the channels to the base density after each scale except the last')
    .option(
      '--dense-blocks <n>',
      'images: blocks of dense nets at the end, which see the whole image (default: 2)',
      integer('--dense-blocks', { least: 0, most: LIMITS.blocks }),
    )
    .option('--dense-hidden <widths>', 'images: widths of those nets (default: 64,64)', widths('--dense-hidden'))
    .option(
      '--widths <channels>',
      'classifier: channels of the stages; where they grow, sides are halved (default: 16,16,32,32)',
      widths('--widths'),
    )
    .option('--flip', 'images: mirror each with probability 1/2, anew at every step')
    .option(
      '--crop <padding>',
      'images: add a border of this many black pixels and cut out a random part of the original size, anew at every step',
      integer('--crop', { least: 1, most: LIMITS.crop }),
    )
    .option(
      '--test-images <n>',
      'images: evaluate the run on the first n test images (default: all)',
      integer('--test-images', { least: 2 }),
    )
    .option(
      '--memory <name>',
      `memory of training a density: ${MEMORY.join(', ')}: budget stores only the inputs of a net and recomputes the rest (default: ${MEMORY[0]})`,
      oneOf('--memory', MEMORY),
    )
    .option(
      '--steps <n>',
      `gradient steps (default: ${DEFAULTS.steps}; for a table, as many as fit into --seconds)`,
      integer('--steps', { least: 1 }),
    )
    .option(
      '--seconds <n>',
      'wall time of the whole run, instead of --steps; for a table, validation then chooses --scaling and --base if they are not given (default for a table: 60)',
      number('--seconds', 0),
    )
    .option(
      '--epochs <n>',
      'passes over the training rows or images, instead of --steps',
      integer('--epochs', { least: 1 }),
    )
    .option(
      '--batch <n>',
      `rows or images per step (default: ${rows.batch} rows, ${images.batch} images, or all if there are fewer)`,
      integer('--batch', { least: 1, most: LIMITS.batch }),
    )
    .option('--lr <rate>', `learning rate (default: ${DEFAULTS.lr})`, number('--lr', 0))
    .option(
      '--optimizer <name>',
      `${optimizers.names.join(', ')} (default: ${DEFAULTS.optimizer})`,
      oneOf('--optimizer', optimizers.names),
    )
    .option(
      '--schedule <name>',
      `learning rate over the run: ${SCHEDULES.join(', ')} (default: ${DEFAULTS.schedule})`,
      oneOf('--schedule', SCHEDULES),
    )
    .option('--warmup <n>', `steps of linear warm-up (default: ${DEFAULTS.warmup})`, integer('--warmup', { least: 0 }))
    .option('--clip <norm>', 'clip the norm of the gradient', number('--clip', 0))
    .option('--ema <decay>', 'average the weights, and evaluate the average', number('--ema', 0, 1))
    .option(
      '--patience <n>',
      'stop after n validations without a new best (default for a table: 20)',
      integer('--patience', { least: 1 }),
    )
    .option(
      '--validate-every <n>',
      `steps between validations (default: ${DEFAULTS.validateEvery}; for a table an epoch, 5 to ${DEFAULTS.validateEvery})`,
      integer('--validate-every', { least: 1 }),
    )
    .option('--seed <n>', `seed of all random numbers (default: ${DEFAULTS.seed})`, integer('--seed', { least: 0 }))
    .option(
      '--workers <n>',
      'threads that share each step, or auto: one per core, with at least 200 numbers each (default: auto)',
      integerOrAuto('--workers', { least: 1, most: LIMITS.workers }),
    )
    .option('--out <folder>', 'run folder (default: the next free runs/<data>-<n>)')
    .option(
      '--resume',
      'continue the run in --out with its own options; --steps, --epochs, --patience, --backend, --workers and --memory may change',
    )
    .option('--force', 'replace the run in --out')
    .action(async (options: TrainOptions) => done(await train(options, interruptible())));

  reading(
    command(
      'evaluate <run>',
      'show the held-out log-likelihood, calibration, round trip, solver statistics; for a classifier, accuracy and confusion',
    ),
  )
    .option('--data <source>', 'other rows or images than the test data of the run')
    .option(
      '--logdet <name>',
      `estimator of the log-determinants: ${known('logDet')}; exact takes time and memory that grow with the square of the dimension (default: exact up to 256 columns or an image of 64 numbers, then roulette)`,
      plugin('--logdet'),
    )
    .action(async (run: string, options) => done(await evaluate(run, options)));

  reading(
    command(
      'score <run> <data>',
      'compute the log-density of every row or image and its percentile among held-out ones; for a classifier, the probability of each class',
    ),
  )
    .option('--out <file>', 'write all scores to a .csv, .npy or .parquet file')
    .option('--force', 'replace that file')
    .option(
      '--logdet <name>',
      `estimator of the log-determinants: ${known('logDet')}; exact takes time and memory that grow with the square of the dimension (default: exact up to 256 columns or an image of 64 numbers, then roulette)`,
      plugin('--logdet'),
    )
    .action(async (run: string, file: string, options) => done(await score(run, file, options)));

  command('sample <run>', 'draw rows or images')
    .option('-n <count>', 'number of rows or images (default: 1000 rows, 100 images)', integer('-n', { least: 1 }))
    .option('--seed <n>', 'seed of the samples', integer('--seed', { least: 0 }), 0)
    .option('--temperature <t>', 'scale of the base noise', number('--temperature', 0), 1)
    .option(
      '--out <file>',
      'a .csv, .npy or .parquet file (default: CSV to standard output); for images also a .png with all of them, or a folder',
    )
    .option('--force', 'replace that file')
    .action(async (run: string, options) => done(await sample(run, options)));

  reading(command('plot <run>', 'draw the pictures of a run into its folder'))
    .option('--data <source>', 'rows or images to draw beside the model (default: the test data of the run)')
    .action(async (run: string, options) => done(await plot(run, options)));

  command('inspect <run>', 'show the spec, parameters, Lipschitz bounds and provenance').action(
    async (run: string, options) => done(await inspect(run, options)),
  );

  command(
    'import <file>',
    'make a run folder from PyTorch weights: a .pth or safetensors file with published key names, or a file of export',
  )
    .option('--activation <name>', 'activation of its nets: sin, swish, … (default: as the file says)')
    .option('--coeff <c>', 'cap on the norm of each of its layers (default: as the file says)', number('--coeff', 0, 1))
    .option('--image <height,width,channels>', 'shape of the images of a flow on images', imageShape('--image'))
    .option(
      '--weights <key>',
      'which state dict of a .pth, such as ema (default: the whole file, else state_dict, else ema)',
    )
    .option('--out <folder>', 'run folder (default: the next free runs/imported-<n>)')
    .option('--force', 'replace the run in --out')
    .action(async (file: string, options) => done(await importRun(file, options)));

  command('export <run>', 'write its weights as safetensors with the published key names, for PyTorch')
    .requiredOption('--out <file>', 'a .safetensors file')
    .option('--force', 'replace that file')
    .action(async (run: string, options) => done(await exportRun(run, options)));

  common(root.command('doctor').description('check the backends of this machine and measure their speed'))
    .option(
      '--backend <names>',
      `only these of ${backends.names.join(', ')}, separated by commas; repeatable`,
      gatherNames('--backend', backends.names),
    )
    .action(async (options) => done(await doctor(options)));

  const data = root.command('data').description('the bundled data sets');
  const plugged = (command: Command): Command => pluggable(common(command));
  plugged(data.command('list').description('list the bundled data sets')).action(async (options) =>
    done(await dataList(options)),
  );
  reading(
    plugged(
      data
        .command('describe <name>')
        .description('describe the columns of a table, or the parts and classes of images'),
    ),
  ).action(async (name: string, options) => done(await dataDescribe(name, options)));
  return root;
};
