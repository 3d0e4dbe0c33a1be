import { Command } from 'commander';
import { registries } from '@impflow/flows';
import { optimizers } from '@impflow/training';
import { dataDescribe, dataList } from '../commands/data.ts';
import { doctor } from '../commands/doctor.ts';
import { evaluate } from '../commands/evaluate.ts';
import { exportRun } from '../commands/export.ts';
import { importRun } from '../commands/import.ts';
import { inspect } from '../commands/inspect.ts';
import { plot } from '../commands/plot.ts';
import { sample } from '../commands/sample.ts';
import { score } from '../commands/score.ts';
import { train } from '../commands/train.ts';
import { backends } from '../run/backends.ts';
import { FITTED, TASKS } from '../run/kind.ts';
import { LIMITS } from '../run/limits.ts';
import { VERSION } from '../run/provenance.ts';
import { BATCH, DEFAULTS, MEMORY, NETS, PRESETS, SCALINGS, SCHEDULES, type TrainOptions } from '../run/settings.ts';
import { imageShape, integer, integerOrAuto, names, number, oneOf, plugin, separator, widths } from './parse.ts';

interface ProgramOptions {
  /** From this call on an interruption aborts the signal instead of ending the process. */
  readonly interruptible: () => AbortSignal;
  readonly done: (exitCode: number) => void;
}

const gather = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** Names separated by commas, of an option that may be repeated. Each once. */
const gatherNames = (option: string, known: readonly string[]): ((text: string, before?: readonly string[]) => readonly string[]) => {
  const check = oneOf(option, known);
  return (text, before = []) => [...new Set([...before, ...names(text).map(check)])];
};

/** Options that every command has. */
const common = (command: Command): Command => command
  .option('--json', 'one JSON object on the last line of standard output')
  .option('--quiet', 'no progress and no remarks');

const pluggable = (command: Command): Command => command.option('--plugin <module>', 'a package or module that brings solvers, activations, data, …; repeatable', gather);

/** Options of the commands that read tables. */
const reading = (command: Command): Command => command
  .option('--header <yes|no>', 'whether the first line of a .csv or .tsv file names its columns (default: where a cell of it is text)', oneOf('--header', ['yes', 'no']))
  .option('--separator <sign>', 'what stands between its cells: , ; | or tab (default: as the first line shows)', separator)
  .option('--decimal <sign>', 'its decimal sign: . or , (default: .)', oneOf('--decimal', ['.', ',']));

/** Options of the commands that compute. */
const computing = (command: Command): Command => pluggable(common(command)
  .option('--backend <name>', `where to compute: ${backends.names.join(', ')}, or auto: the fastest for this model, as train measures in some seconds and remembers (default: ${DEFAULTS.backend}; see: impflow doctor)`));

const WITH_OPTIONS = `Options of an activation, a solver, an estimator, a base density or a plugin's block follow its name: --solver anderson:memory=8,damping=0.9, or as JSON: --solver 'anderson:{"memory": 8}'.`;

/** The command line as a value: parsing it runs one command. */
export const program = ({ interruptible, done }: ProgramOptions): Command => {
  // Commander throws its complaints; `main` puts them in the words of this workspace.
  const root = new Command('impflow')
    .description('Implicit normalizing flows: densities of your rows or images, anomaly scores, and new ones like them.')
    .version(VERSION, '--version')
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .showSuggestionAfterError();
  const known = (kind: keyof typeof registries): string => registries[kind].names.join(', ');
  const command = (spec: string, description: string): Command => computing(root.command(spec).description(description));

  reading(command('train', 'train a flow, or a classifier of images, and write a run folder'))
    .addHelpText('after', `\n${WITH_OPTIONS}`)
    .option('--data <source>', 'a bundled data set (see: impflow data list), a .csv, .tsv, .npy or .parquet file, or images: a folder of PNG or JPEG files or of a folder for each class, an IDX file, CIFAR')
    .option('--validation <file>', 'rows to validate on, with the columns of --data (default: a random tenth of its rows)')
    .option('--test <file>', 'rows to judge the run by, with the columns of --data (default: a random tenth of its rows)')
    .option('--task <name>', `what for: ${TASKS.join(', ')} (images with labels) (default: ${TASKS[0]})`, oneOf('--task', TASKS))
    .option('--columns <names>', 'columns to model, separated by commas (default: all)', names)
    .option('--preset <name>', `sizes and caps to start from: ${PRESETS.join(', ')} (default: toy for toys, image for images, classifier to classify, else tabular)`, oneOf('--preset', PRESETS))
    .option('--model <name>', `kind of block: implicit, residual, coupling, or a plugin's; to classify implicit, residual, vanilla (default: ${DEFAULTS.model})`, plugin('--model'))
    .option('--blocks <n>', 'number of blocks, of images at each scale (default: 6, of images 4)', integer('--blocks', { least: 1, most: LIMITS.blocks }))
    .option('--net <name>', `kind of contractive net on rows: ${NETS.join(', ')} (default: sandwich with --preset tabular, unless an activation is given; else spectral)`, oneOf('--net', NETS))
    .option('--scaling <name>', `what is done to the columns of a table first: ${SCALINGS.join(', ')}: mean 0 and deviation 1; uncorrelated too, by their shrunken covariance; each column nearly normal, by its quantiles (default: standard)`, oneOf('--scaling', SCALINGS))
    .option('--hidden <widths>', 'widths of the nets, of images their channels (default: 128,128 with --preset toy, 37,37 with tabular, or 64,64 with its spectral nets, 32,32 with image)', widths('--hidden'))
    .option('--activation <name>', `${known('activation')} (default: sin, of images lipSwish, of a classifier relu)`, plugin('--activation'))
    .option('--coeff <c>', 'cap on the norm of each layer, or bound of each sandwich net (default: 0.99 with --preset toy and tabular, 0.97 with its spectral nets, 0.9 with image and classifier)', number('--coeff', 0, 1))
    .option('--solver <name>', `${known('solver')} (default: by dimension)`, plugin('--solver'))
    .option('--adjoint <name>', `of the linear system of the gradient: ${known('adjoint')} (default: by dimension)`, plugin('--adjoint'))
    .option('--logdet <name>', `${known('logDet')} (default: by dimension)`, plugin('--logdet'))
    .option('--base <name>', `base density: ${known('base')}; or ${FITTED}, for rows: a Gaussian mixture fitted to the training rows, which the flow begins as (default: normal)`, plugin('--base'))
    .option('--scales <n>', 'images: how often their sides are halved (default: 2)', integer('--scales', { least: 1, most: LIMITS.scales }))
    .option('--kernels <sides>', 'images: sides of the filters of a net, one more than --hidden has widths (default: 3, ones, 3)', widths('--kernels', LIMITS.kernel))
    .option('--factor-out', 'images: half of the channels leave after each scale but the last')
    .option('--dense-blocks <n>', 'images: blocks of dense nets at the end, which see the whole image (default: 2)', integer('--dense-blocks', { least: 0, most: LIMITS.blocks }))
    .option('--dense-hidden <widths>', 'images: widths of those nets (default: 64,64)', widths('--dense-hidden'))
    .option('--widths <channels>', 'classifier: channels of the stages; where they grow, sides are halved (default: 16,16,32,32)', widths('--widths'))
    .option('--flip', 'images: mirror each with probability 1/2, at every step afresh')
    .option('--crop <padding>', 'images: add a border of this many black pixels and cut a random part of the old size out of it, anew at every step', integer('--crop', { least: 1, most: LIMITS.crop }))
    .option('--test-images <n>', 'images: judge the run on the first n test images (default: all)', integer('--test-images', { least: 2 }))
    .option('--memory <name>', `what training keeps of a net of a density: ${MEMORY.join(', ')}: budget keeps what goes in and computes the rest again (default: ${MEMORY[0]})`, oneOf('--memory', MEMORY))
    .option('--steps <n>', `gradient steps (default: ${DEFAULTS.steps}; of a table as many as --seconds leave)`, integer('--steps', { least: 1 }))
    .option('--seconds <n>', 'wall time of the whole run instead of --steps; of a table, validation chooses --scaling and --base where they are left open (default for a table: 60)', number('--seconds', 0))
    .option('--epochs <n>', 'passes over the training rows or images, instead of --steps', integer('--epochs', { least: 1 }))
    .option('--batch <n>', `rows or images of a step (default: ${BATCH.rows} rows, ${BATCH.images} images, or all where there are fewer)`, integer('--batch', { least: 1, most: LIMITS.batch }))
    .option('--lr <rate>', `learning rate (default: ${DEFAULTS.lr})`, number('--lr', 0))
    .option('--optimizer <name>', `${optimizers.names.join(', ')} (default: ${DEFAULTS.optimizer})`, oneOf('--optimizer', optimizers.names))
    .option('--schedule <name>', `learning rate over the run: ${SCHEDULES.join(', ')} (default: ${DEFAULTS.schedule})`, oneOf('--schedule', SCHEDULES))
    .option('--warmup <n>', `steps of linear warm-up (default: ${DEFAULTS.warmup})`, integer('--warmup', { least: 0 }))
    .option('--clip <norm>', 'clip the norm of the gradient', number('--clip', 0))
    .option('--ema <decay>', 'average the weights, and judge by the average', number('--ema', 0, 1))
    .option('--patience <n>', 'stop after n validations without a new best (default of a table: 20)', integer('--patience', { least: 1 }))
    .option('--validate-every <n>', `steps between validations (default: ${DEFAULTS.validateEvery}; of a table an epoch, 5 to ${DEFAULTS.validateEvery})`, integer('--validate-every', { least: 1 }))
    .option('--seed <n>', `of everything random (default: ${DEFAULTS.seed})`, integer('--seed', { least: 0 }))
    .option('--workers <n>', 'threads that share each step, or auto: as many as the machine runs at once, of at least 200 numbers each (default: auto)', integerOrAuto('--workers', { least: 1, most: LIMITS.workers }))
    .option('--out <folder>', 'run folder (default: the next free runs/<data>-<n>)')
    .option('--resume', 'continue the run in --out with the options it has; --steps, --epochs, --patience, --backend, --workers and --memory may change')
    .option('--force', 'replace the run in --out')
    .action(async (options: TrainOptions) => done(await train(options, interruptible())));

  reading(command('evaluate <run>', 'held-out log-likelihood, calibration, round trip, solver statistics; of a classifier accuracy and confusion'))
    .option('--data <source>', 'other rows or images than the test data of the run')
    .option('--logdet <name>', `estimator of the log-determinants: ${known('logDet')}; exact takes time and memory that grow with the square of the dimension (default: exact up to 256 columns or an image of 64 numbers, then roulette)`, plugin('--logdet'))
    .action(async (run: string, options) => done(await evaluate(run, options)));

  reading(command('score <run> <data>', 'log-density of every row or image and its percentile among held-out ones; of a classifier the probabilities of the classes'))
    .option('--out <file>', 'write all of them to a .csv, .npy or .parquet file')
    .option('--force', 'replace that file')
    .option('--logdet <name>', `estimator of the log-determinants: ${known('logDet')}; exact takes time and memory that grow with the square of the dimension (default: exact up to 256 columns or an image of 64 numbers, then roulette)`, plugin('--logdet'))
    .action(async (run: string, file: string, options) => done(await score(run, file, options)));

  command('sample <run>', 'new rows or images')
    .option('-n <count>', 'how many (default: 1000 rows, 100 images)', integer('-n', { least: 1 }))
    .option('--seed <n>', 'of the draw', integer('--seed', { least: 0 }), 0)
    .option('--temperature <t>', 'scale of the base noise', number('--temperature', 0), 1)
    .option('--out <file>', 'a .csv, .npy or .parquet file (default: CSV to standard output); for images also a .png with all of them, or a folder')
    .option('--force', 'replace that file')
    .action(async (run: string, options) => done(await sample(run, options)));

  reading(command('plot <run>', 'draw density.png, the pictures of images or of mistakes, and curves.png into the run folder'))
    .option('--data <source>', 'rows or images to draw beside the model (default: the test data of the run)')
    .action(async (run: string, options) => done(await plot(run, options)));

  command('inspect <run>', 'spec, parameters, Lipschitz bounds, provenance')
    .action(async (run: string, options) => done(await inspect(run, options)));

  command('import <file>', 'a run folder from weights of PyTorch: a .pth or safetensors file with published key names, or what export wrote')
    .option('--activation <name>', 'activation of its nets: sin, swish, … (default: as the file says)')
    .option('--coeff <c>', 'cap on the norm of each of its layers (default: as the file says)', number('--coeff', 0, 1))
    .option('--image <height,width,channels>', 'shape of the images of a flow on images', imageShape('--image'))
    .option('--weights <key>', 'which state dict of a .pth, such as ema (default: the whole file, else state_dict, else ema)')
    .option('--out <folder>', 'run folder (default: the next free runs/imported-<n>)')
    .option('--force', 'replace the run in --out')
    .action(async (file: string, options) => done(await importRun(file, options)));

  command('export <run>', 'its weights as safetensors under the published key names, for PyTorch')
    .requiredOption('--out <file>', 'a .safetensors file')
    .option('--force', 'replace that file')
    .action(async (run: string, options) => done(await exportRun(run, options)));

  common(root.command('doctor').description('what the backends of this machine can do, whether they compute right, and which is fastest'))
    .option('--backend <names>', `only these of ${backends.names.join(', ')}, separated by commas; repeatable`, gatherNames('--backend', backends.names))
    .action(async (options) => done(await doctor(options)));

  const data = root.command('data').description('the bundled data sets');
  const plugged = (command: Command): Command => pluggable(common(command));
  plugged(data.command('list').description('what there is')).action(async (options) => done(await dataList(options)));
  reading(plugged(data.command('describe <name>').description('columns of a table, or the parts and classes of images'))).action(async (name: string, options) => done(await dataDescribe(name, options)));
  return root;
};
