// The visitor's settings, as plain JSON. The address of the page stores most of them. This file imports no package at
// run time, because the main thread runs only the interface and leaves computation to workers.

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
/** Data sets of real positions that are bundled with the page. */
export const PLACES = ['earthquakes', 'zipcodes'] as const;
export const BACKENDS = ['wasm', 'webgl', 'webgpu', 'cpu'] as const;
export const KINDS = ['implicit', 'residual', 'coupling'] as const;

/**
 * How two models are trained against each other. `free`: both train as fast as they can. `steps`: both make the same
 * number of steps. `seconds`: they train alternately, so that both compute for the same time.
 */
export const RACES = ['free', 'steps', 'seconds'] as const;
export type Race = (typeof RACES)[number];

export type BackendName = (typeof BACKENDS)[number];
export type ModelKind = (typeof KINDS)[number];

/**
 * Source of the data rows. `noise`: standard deviation of Gaussian noise added to every row, held-out rows included.
 * For toys and drawn points it is in units of the plane; for places and tables, in standard deviations of each column.
 * `size`: number of training rows, held-out rows not included. 0 means all rows; for a toy, 0 means new rows at every
 * step.
 */
export interface DataChoice {
  readonly kind: 'toy' | 'place' | 'drawn' | 'table';
  /** Name of the toy, the place or the file; `drawn` for drawn points. */
  readonly name: string;
  readonly noise: number;
  readonly size: number;
}

/** The name and the options of a solver or an estimator, in the same form as in a flow spec. */
export interface PluginChoice {
  readonly name: string;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** Kinds of contractive nets. */
export const NETS = ['spectral', 'sandwich'] as const;
export type NetKind = (typeof NETS)[number];

export interface ModelChoice {
  readonly kind: ModelKind;
  /** Default: `spectral`. */
  readonly net?: NetKind;
  readonly blocks: number;
  readonly hidden: readonly number[];
  readonly activation: string;
  /** Lipschitz coefficient, below 1: of every layer of a spectral net, or of a sandwich net as a whole. */
  readonly coeff: number;
  /** Default: the solver that the library chooses in two dimensions. */
  readonly solver?: PluginChoice;
  readonly logDet?: PluginChoice;
}

export interface Config {
  readonly data: DataChoice;
  /** One model, or two models side by side. */
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
  readonly backend: BackendName;
  /**
   * Addresses of plugin modules on this site that the visitor typed and confirmed. The address of the page never
   * contains them.
   */
  readonly plugins: readonly string[];
  /** Whether training starts as soon as the page is loaded. */
  readonly play: boolean;
}

/** The model of the paper, which is the `toy` preset of the command line. */
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
  backend: 'wasm',
  plugins: [],
  play: false,
};
