import type { PlainValuesOf, ValuesOf } from '@impflow/core';

/**
 * The options of a training on a table whose values are plain JSON. The groups are: columns, reading of text files, the
 * flow, the training. The options have these names in code, as flags of the command line (`--leave-out`), in
 * checkpoints and in sweeps.
 */
export const OPTIONS = {
  columns: { type: 'texts', group: 'columns', help: 'columns to model', otherwise: 'all' },
  given: {
    type: 'texts',
    group: 'columns',
    help: 'condition columns: the model is the density of the other columns given these',
  },
  categorical: {
    type: 'texts',
    group: 'columns',
    help: 'columns that are categories although their cells are numbers',
    otherwise: 'columns with texts',
  },
  leaveOut: {
    type: 'texts',
    group: 'columns',
    help: 'columns to leave out, such as identifiers',
    otherwise: 'columns with one value',
  },
  weights: { type: 'text', group: 'columns', help: 'column with the weight of each row in training and evaluation' },
  missing: {
    type: 'choice',
    group: 'columns',
    values: ['drop', 'median', 'impute'],
    meanings: {
      drop: 'leave these rows out',
      median:
        'fill each cell with the median of its column, or with its most frequent category; the equal cells make a peak in the density',
      impute: 'fill each cell with a draw given the other cells of the row',
    },
    help: 'what to do with training rows that have empty cells; empty cells of numeric conditions do not count',
    otherwise: '`drop` if at most a fifth of the training rows has empty cells, else an error',
  },
  transform: {
    type: 'texts',
    group: 'columns',
    help: '`auto`, `none`, or maps of columns such as `log:price`, `logit:share:0:1` and `none:age`',
    otherwise: '`auto`; with a time limit `none` or `auto`, chosen by validation, or `none` with `scaling` quantiles',
  },
  periodic: {
    type: 'texts',
    group: 'columns',
    help: 'periods of columns of angles or times, such as `angle:360`; the period of a date column is in days',
  },
  dayFirst: {
    type: 'choice',
    group: 'columns',
    values: ['yes', 'no'],
    help: 'whether the day precedes the month in dates such as 03/04/2020',
    otherwise: 'inferred from the other dates of the column',
  },
  header: {
    type: 'choice',
    group: 'reading',
    values: ['yes', 'no'],
    help: 'whether the first line of a .csv or .tsv file names its columns',
    otherwise: '`yes` if a cell of the first line is text',
  },
  separator: {
    type: 'choice',
    group: 'reading',
    values: [',', ';', '\t', '|'],
    help: 'sign between the cells of a .csv or .tsv file',
    otherwise: 'detected in the first line',
  },
  decimal: {
    type: 'choice',
    group: 'reading',
    values: ['.', ','],
    help: 'decimal sign of a .csv or .tsv file',
    otherwise: 'detected',
  },
  preset: {
    type: 'choice',
    group: 'flow',
    values: ['toy', 'tabular'],
    help: 'set of default sizes and norm caps',
    otherwise: '`toy` if rows are drawn from a known density, else `tabular`',
  },
  model: {
    type: 'method',
    group: 'flow',
    names: ['implicit', 'residual', 'monotone', 'coupling', 'auto'],
    meanings: {
      implicit: 'two nets in an equation, slopes far above 2',
      residual: '`x + g(x)`, slopes below 2, the fastest steps',
      monotone: 'one net in an equation, slopes far above 2',
      coupling: 'RealNVP, no equations',
      auto: 'implicit, residual or monotone, chosen by short trainings; needs a training with a time limit, of 45 seconds or more: a shorter one takes implicit',
    },
    default: 'implicit',
    help: 'kind of block',
  },
  blocks: { type: 'count', group: 'flow', least: 1, most: 10_000, help: 'number of blocks', otherwise: '6' },
  net: {
    type: 'choice',
    group: 'flow',
    values: ['spectral', 'sandwich'],
    meanings: {
      spectral: 'caps the norm of each layer',
      sandwich: 'bounds the Lipschitz constant of the whole net tightly',
    },
    help: 'kind of contractive net',
    otherwise:
      '`sandwich` with `preset` tabular or numeric conditions, unless `activation` is given or `model` is coupling; else `spectral`. Without `base`, conditions and categories, a training with a time limit has `spectral` nets for 1,000 to 20,000 training rows of at least 7 columns',
  },
  scaling: {
    type: 'choice',
    group: 'flow',
    values: ['standard', 'whitened', 'quantiles'],
    meanings: {
      standard: 'mean 0 and standard deviation 1',
      whitened: 'standardized and decorrelated, with a shrunken covariance',
      quantiles: 'each column mapped by its quantiles to a nearly normal distribution',
    },
    help: 'transformation of the columns',
    otherwise: '`standard`; with a time limit and without `weights`, chosen by validation',
  },
  hidden: {
    type: 'counts',
    group: 'flow',
    least: 1,
    most: 1_048_576,
    help: 'widths of the nets',
    otherwise: '128,128 with `preset` toy; 37,37 with `preset` tabular, or 64,64 with its spectral nets',
  },
  activation: {
    type: 'method',
    group: 'flow',
    registry: 'activation',
    help: 'activation of the nets',
    otherwise: '`sin`; `snake` in sandwich nets, or `tanh` with numeric conditions',
  },
  coeff: {
    type: 'real',
    group: 'flow',
    above: 0,
    below: 1,
    help: 'cap on the norm of each layer, or Lipschitz bound of each sandwich net',
    otherwise: '0.99, or 0.97 in the spectral nets of `preset` tabular',
  },
  solver: {
    images: true,
    type: 'method',
    group: 'flow',
    registry: 'solver',
    help: 'solver of the blocks',
    otherwise: 'by dimension',
  },
  adjoint: {
    images: true,
    type: 'method',
    group: 'flow',
    registry: 'adjoint',
    help: 'solver of the linear system of the gradient',
    otherwise: 'by dimension',
  },
  logdet: {
    images: true,
    type: 'method',
    group: 'flow',
    registry: 'logDet',
    help: 'estimator of the log-determinants in training',
    otherwise: 'by dimension',
  },
  base: {
    type: 'method',
    group: 'flow',
    registry: 'base',
    names: ['fitted'],
    meanings: { fitted: 'the flow begins as a Gaussian mixture that is fitted to the training rows' },
    help: 'base density',
    otherwise:
      '`fitted` with conditions or categories; else `normal`, or `fitted` if a training with a time limit does not improve on the mixture',
  },
  memory: {
    resumable: true,
    images: true,
    type: 'choice',
    group: 'flow',
    values: ['keep', 'budget'],
    meanings: {
      keep: 'stores the values that the gradient needs',
      budget: 'stores only the inputs of a net and recomputes the rest',
    },
    default: 'keep',
    help: 'what training keeps in memory',
  },
  seconds: {
    images: true,
    type: 'real',
    group: 'training',
    above: 0,
    help: 'wall time of the whole training in seconds, instead of `steps`; validation then chooses `scaling`, `transform` and `base` if they are not given, and the kind of block with `model` auto',
    otherwise: '60 for a table',
  },
  steps: {
    resumable: true,
    type: 'count',
    group: 'training',
    least: 1,
    help: 'gradient steps',
    otherwise: 'as many as fit into `seconds`; 1000 if rows are drawn from a known density',
  },
  epochs: {
    resumable: true,
    images: true,
    type: 'count',
    group: 'training',
    least: 1,
    help: 'passes over the training rows, instead of `steps`',
  },
  batch: {
    type: 'count',
    group: 'training',
    least: 1,
    most: 16_777_216,
    help: 'rows per step',
    otherwise: '500, or all training rows if there are fewer',
  },
  lr: {
    type: 'real',
    group: 'training',
    above: 0,
    help: 'learning rate',
    otherwise: '0.001; with a time limit, chosen by the number of rows, `net` and `base`',
  },
  optimizer: {
    images: true,
    type: 'method',
    group: 'training',
    registry: 'optimizer',
    closed: true,
    default: 'adam',
    help: 'optimizer',
    otherwise:
      '`adam`; with a time limit `adamW` with weight decay for the spectral nets of `preset` tabular and 1,000 to 20,000 training rows',
  },
  schedule: {
    images: true,
    type: 'choice',
    group: 'training',
    values: ['constant', 'cosine'],
    help: 'schedule of the learning rate',
    otherwise: '`cosine` with a time limit, else `constant`',
  },
  warmup: {
    images: true,
    type: 'count',
    group: 'training',
    least: 0,
    help: 'steps of linear warm-up',
    otherwise: '20 with a time limit, else 0',
  },
  clip: {
    images: true,
    type: 'real',
    group: 'training',
    above: 0,
    help: 'largest norm of the gradient; a larger gradient is scaled down',
  },
  ema: {
    images: true,
    type: 'real',
    group: 'training',
    above: 0,
    below: 1,
    help: 'decay of a moving average of the weights; the averaged weights are evaluated',
    otherwise: '0.99 for a table with a time limit, else no average',
  },
  patience: {
    resumable: true,
    images: true,
    type: 'count',
    group: 'training',
    least: 1,
    help: 'stop after this many validations without a new lowest loss',
    otherwise:
      '20 for a table if the length is given in steps; a training with a time limit stops if there is no new lowest loss for 30 % of the time that remains after its choices',
  },
  validateEvery: {
    type: 'count',
    group: 'training',
    least: 1,
    help: 'steps between validations; with a time limit, the smallest number of these steps',
    otherwise:
      'for a table the training rows divided by `batch`, rounded up, at least 5 and at most 100; otherwise 100',
  },
  seed: { images: true, type: 'count', group: 'training', least: 0, default: 0, help: 'seed of all random numbers' },
} as const;

/** Values of {@link OPTIONS}, by name. Each option may be left out. */
export type Choices = ValuesOf<typeof OPTIONS>;

/** Like {@link Choices}, but methods are strings: see `methodText`. */
export type PlainChoices = PlainValuesOf<typeof OPTIONS>;
