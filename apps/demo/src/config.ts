// The visitor's settings, as plain JSON. The address of the page stores most settings. This file imports no package at
// run time, because the main thread runs only the user interface, and workers do all computation.

/** Names of the toy densities of `@impflow/tables`. */
export const TOYS = [
  'moons',
  'swissroll',
  'circles',
  'rings',
  '2spirals',
  'checkerboard',
  '8gaussians',
  'pinwheel',
] as const;
/** Data sets of geographic positions that are bundled with the page. */
export const PLACES = ['earthquakes', 'zipcodes'] as const;
export const BACKENDS = ['wasm', 'webgl', 'webgpu', 'cpu'] as const;
export const KINDS = ['implicit', 'residual', 'monotone', 'coupling'] as const;
/** Kinds of models with pairs of blocks: each block has one net. */
export const PAIRED: readonly (typeof KINDS)[number][] = ['residual', 'monotone'];

/**
 * How the training of two models on the page is scheduled. `free`: both models train as fast as they can. `steps`: both
 * models make the same number of training steps. `seconds`: the models train alternately, so that both models get the
 * same computing time.
 */
export const RACES = ['free', 'steps', 'seconds'] as const;
export type Race = (typeof RACES)[number];

/** Seconds of computing of each model in a race by seconds. */
export const RACE_SECONDS = 30;

export type BackendName = (typeof BACKENDS)[number];
export type ModelKind = (typeof KINDS)[number];

/**
 * Source of the data rows. `noise` is the standard deviation of Gaussian noise that is added to every row, including
 * held-out rows. For toy densities and drawn points the unit of `noise` is the unit of the axes. For bundled geographic
 * data and tables the unit is the standard deviation of each column. `size` is the number of training rows, without
 * held-out rows. A `size` of 0 means all rows; for a toy density it means that every step draws new rows.
 */
export interface DataChoice {
  readonly kind: 'toy' | 'place' | 'drawn' | 'table';
  /** Name of the toy density, of the bundled geographic data set, or of the file; `drawn` for drawn points. */
  readonly name: string;
  readonly noise: number;
  readonly size: number;
}

/** The name and the options of a solver or an estimator. Flow specs store solvers and estimators in the same form. */
export interface PluginChoice {
  readonly name: string;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** Kinds of contractive neural networks inside a block. */
export const NETS = ['spectral', 'sandwich'] as const;
export type NetKind = (typeof NETS)[number];

export interface ModelChoice {
  readonly kind: ModelKind;
  /** Kind of the neural networks inside the blocks. Default: `spectral`. */
  readonly net?: NetKind;
  readonly blocks: number;
  readonly hidden: readonly number[];
  readonly activation: string;
  /**
   * Bound on the Lipschitz constant, below 1. In a spectral net the bound applies to every layer, in a sandwich net to
   * the net as a whole.
   */
  readonly coeff: number;
  /** Default: the solver that the library chooses in two dimensions. */
  readonly solver?: PluginChoice;
  readonly logDet?: PluginChoice;
}

export interface Config {
  readonly data: DataChoice;
  /** The settings of one model, or of two models side by side. */
  readonly models: readonly ModelChoice[];
  /**
   * Whether the widths of the second model are adapted so that both models have nearly the same number of parameters.
   */
  readonly equalParameters: boolean;
  /** How the steps of two models are scheduled. */
  readonly race: Race;
  readonly seed: number;
  readonly learningRate: number;
  readonly batch: number;
  /**
   * Number of training steps over which the learning rate falls and after which the training ends. 0 means that the
   * training has no end. In a race by seconds, each model computes for {@link RACE_SECONDS} instead.
   */
  readonly steps: number;
  readonly backend: BackendName;
  /**
   * Addresses of plugin modules on this site that the visitor has typed and confirmed. The address of the page never
   * contains addresses of plugins.
   */
  readonly plugins: readonly string[];
  /** Whether training starts as soon as the page is loaded. */
  readonly play: boolean;
}

/**
 * The model that the paper on implicit normalizing flows uses for toy data. On the command line this model is the
 * preset `toy`.
 */
export const TOY_PRESET: ModelChoice = {
  kind: 'implicit',
  blocks: 6,
  hidden: [128, 128],
  activation: 'sin',
  coeff: 0.99,
};
/** A small model that trains fast enough to watch. */
export const SMALL_PRESET: ModelChoice = {
  kind: 'implicit',
  blocks: 4,
  hidden: [64, 64],
  activation: 'sin',
  coeff: 0.99,
};

export const DEFAULTS: Config = {
  data: { kind: 'toy', name: 'moons', noise: 0, size: 0 },
  models: [SMALL_PRESET],
  equalParameters: true,
  race: 'free',
  seed: 0,
  learningRate: 5e-3,
  batch: 256,
  steps: 2000,
  backend: 'wasm',
  plugins: [],
  play: false,
};
