import { optimizers } from '@impflow/training';
import type { Command } from 'commander';
import { MISSING } from '../dataset/record-options.ts';
import { images } from '../kinds/images/kind.ts';
import { rows } from '../kinds/rows/kind.ts';
import { LIMITS } from '../settings/limits.ts';
import { DEFAULTS, FITTED, MEMORY, NETS, PRESETS, SCALINGS, SCHEDULES, TASKS } from '../settings/settings.ts';
import { integer, names, numberOption, oneOf, plugin, widths, workers } from './parse.ts';
import { known } from './shared-options.ts';

const WITH_OPTIONS =
  "Options of an activation, a solver, an estimator, a base density or a plugin's block follow its name: " +
  `--solver anderson:memory=8,damping=0.9, or as JSON: --solver 'anderson:{"memory": 8}'.`;

/** Adds the options of `train`. */
export const trainOptions = (command: Command): Command =>
  command
    .addHelpText('after', `\n${WITH_OPTIONS}`)
    .option(
      '--data <source>',
      'a bundled data set (see: impflow data list), a .csv, .tsv, .npy or .parquet file, ' +
        'or images: a folder of PNG or JPEG files, or of one folder per class, an IDX file, or CIFAR',
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
    .option('--given <names>', 'condition columns: train the density of the others, given these', names)
    .option('--categorical <names>', 'columns that are categories although their cells are numbers', names)
    .option('--leave-out <names>', 'columns to leave out, such as identifiers', names)
    .option('--weights <name>', 'column of the weight of each row, in training and evaluation')
    .option(
      '--missing <name>',
      `training rows with empty cells: ${MISSING.join(', ')}: leave them out; fill cells by the median of their column, or its most frequent category; fill them by draws given the rest of the row (default: drop, if at most a fifth of the rows has some)`,
      oneOf('--missing', MISSING),
    )
    .option(
      '--transform <maps>',
      'auto, none, or maps of columns such as log:price,logit:share:0:1,none:age (default: auto)',
      names,
    )
    .option('--periodic <columns>', 'periods of angles and times, such as angle:360; of dates, in days', names)
    .option(
      '--day-first <yes|no>',
      'order of day and month in dates such as 03/04/2020',
      oneOf('--day-first', ['yes', 'no']),
    )
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
      `transformation of the columns of a table: ${SCALINGS.join(', ')}: mean 0 and standard deviation 1; ` +
        'also uncorrelated, by a shrunken covariance; each column nearly normal, by its quantiles (default: standard)',
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
      'cap on the norm of each layer, or bound of each sandwich net ' +
        '(default: 0.99 with --preset toy and tabular, 0.97 with its spectral nets, 0.9 with image and classifier)',
      numberOption('--coeff', 0, 1),
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
      numberOption('--seconds', 0),
    )
    .option(
      '--epochs <n>',
      'passes over the training rows or images, instead of --steps',
      integer('--epochs', { least: 1 }),
    )
    .option(
      '--until <n>',
      'pause after this many of the --steps, without an evaluation on the test data; --resume goes on, to the same bits as without the pause',
      integer('--until', { least: 1 }),
    )
    .option(
      '--batch <n>',
      `rows or images per step (default: ${rows.batch} rows, ${images.batch} images, or all if there are fewer)`,
      integer('--batch', { least: 1, most: LIMITS.batch }),
    )
    .option('--lr <rate>', `learning rate (default: ${DEFAULTS.lr})`, numberOption('--lr', 0))
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
    .option('--clip <norm>', 'clip the norm of the gradient', numberOption('--clip', 0))
    .option('--ema <decay>', 'average the weights, and evaluate the average', numberOption('--ema', 0, 1))
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
      'threads that share each step; auto: one per core, with at least 200 numbers each; mpi or mpi:<n>: the ranks that mpirun has started, with n threads each (default: auto)',
      workers,
    )
    .option('--out <folder>', 'run folder (default: the next free runs/<data>-<n>)')
    .option(
      '--resume',
      'continue the run in --out with its own options; --steps, --epochs, --patience, --backend, --workers and --memory may change',
    )
    .option('--force', 'replace the run in --out');
