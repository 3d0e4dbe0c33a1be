// What the visitor has chosen: plain JSON, and all that the address of the page remembers. Nothing here imports a package at run time: the main thread
// holds the interface alone, and everything that computes lives in workers.

/** Names of the toy densities of `@impflow/data`. */
export const TOYS = ['moons', 'swissroll', 'circles', 'rings', '2spirals', 'checkerboard', '8gaussians', 'pinwheel'] as const;
/** Real positions that the page brings along. */
export const PLACES = ['earthquakes', 'zipcodes'] as const;
export const BACKENDS = ['wasm', 'webgl', 'webgpu', 'cpu'] as const;
export const KINDS = ['implicit', 'residual', 'coupling'] as const;

export type BackendName = (typeof BACKENDS)[number];
export type ModelKind = (typeof KINDS)[number];

/**
 * Where the rows come from. `noise`: standard deviation of Gaussian noise added to every row, held-out ones too: of toys and drawn points in the units of their plane; of places and
 * tables, whose columns have units of their own, in standard deviations of each column. `size`: rows to train on, the held-out ones apart; 0 for all, and for a toy: drawn afresh at every step.
 */
export interface DataChoice {
  readonly kind: 'toy' | 'place' | 'drawn' | 'table';
  /** A toy, a place, or the name of the file; of drawn points `drawn`. */
  readonly name: string;
  readonly noise: number;
  readonly size: number;
}

/** A plugin by name with its options, as in a flow spec. */
export interface PluginChoice {
  readonly name: string;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** Kinds of contractive nets. */
export const NETS = ['spectral', 'sandwich'] as const;
export type NetKind = (typeof NETS)[number];

export interface ModelChoice {
  readonly kind: ModelKind;
  /** Left out: `spectral`. */
  readonly net?: NetKind;
  readonly blocks: number;
  readonly hidden: readonly number[];
  readonly activation: string;
  /** Lipschitz coefficient of every layer, or of a whole sandwich net, below 1. */
  readonly coeff: number;
  /** Left out: what the library takes in two dimensions. */
  readonly solver?: PluginChoice;
  readonly logDet?: PluginChoice;
}

export interface Config {
  readonly data: DataChoice;
  /** One, or two side by side. */
  readonly models: readonly ModelChoice[];
  /** Keep the second model as large as the first. */
  readonly equalParameters: boolean;
  readonly seed: number;
  readonly learningRate: number;
  readonly batch: number;
  readonly backend: BackendName;
  /** Addresses of plugin modules on this site, which the visitor typed in and confirmed. Never in the address of the page. */
  readonly plugins: readonly string[];
  /** Begin to train as soon as the page is there. */
  readonly play: boolean;
}

/** The model of the command line's toy preset: the paper's. */
export const TOY_PRESET: ModelChoice = { kind: 'implicit', blocks: 6, hidden: [128, 128], activation: 'sin', coeff: 0.99 };
/** Quick enough to watch. */
export const SMALL_PRESET: ModelChoice = { kind: 'implicit', blocks: 4, hidden: [64, 64], activation: 'sin', coeff: 0.99 };

export const DEFAULTS: Config = {
  data: { kind: 'toy', name: 'moons', noise: 0, size: 0 },
  models: [SMALL_PRESET],
  equalParameters: true,
  seed: 0, learningRate: 5e-3, batch: 256, backend: 'wasm', plugins: [], play: false,
};
