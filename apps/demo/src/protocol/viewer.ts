import type { DataRequest, DataView, Region, TableChoice, TableRows } from './data.ts';

/** Index of one of the two models on the page. */
export type Slot = 0 | 1;

/**
 * A quantity that a map shows over the plane. `density` is the probability density p. `logDet` is log |det J|, where J
 * is the Jacobian of the map from data to base. `steps` is the number of solver steps of all blocks from data to base.
 * For residual and coupling flows `steps` is 0, because these flows solve no equation in the direction from data to
 * base.
 */
export type Quantity = 'density' | 'logDet' | 'steps';

export interface MapRequest {
  readonly quantity: Quantity;
  readonly region: Region;
  /** Number of pixels along each side of the map. */
  readonly side: number;
}

export interface MapImage extends MapRequest {
  /** Values as `[side, side]`, row-major. The first row is the top row, where the second coordinate is largest. */
  readonly values: Float32Array;
  /** RGBA bytes, `4 * side * side`, for `putImageData`. */
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
  /** Values of the first and of the last color of the color scale. */
  readonly low: number;
  readonly high: number;
  readonly step: number;
}

/**
 * A grid that is mapped through the blocks of a model. The lines are stored for every stage: before the first block,
 * after each block, and in base space. The first half of the lines are horizontal in data space, the second half
 * vertical.
 */
export interface Warp {
  /** Points of the lines at each stage, `[2 * lines * pointsPerLine, 2]`. */
  readonly stages: readonly Float32Array[];
  readonly pointsPerLine: number;
  /** The first rows of `DataView.points`, mapped to every stage, `[n, 2]`. */
  readonly dots: readonly Float32Array[];
  /**
   * Draws from the base distribution, mapped back to every stage, `[n, 2]`. The entry of the first stage contains the
   * samples in data space. Empty if no samples were requested.
   */
  readonly samples: readonly Float32Array[];
  /** Name of each stage that the page shows: `data`, `implicit block 1`, ..., `base`. */
  readonly labels: readonly string[];
  readonly step: number;
}

/** The path of a data point through all blocks to the base space, and back. */
export interface PathView {
  readonly point: readonly [number, number];
  /** Positions of the point at each stage on the way from data to base, `[stages, 2]`. */
  readonly forward: Float32Array;
  /** Positions of the point at each stage on the way back, from base to data. */
  readonly back: Float32Array;
  /** Round-trip error: distance between the point and the result of mapping the point to the base and back. */
  readonly error: number;
  readonly logProb: number;
  readonly labels: readonly string[];
}

/**
 * Residuals of the equations that one block solves from data to base. After each solver step, `median` is the median of
 * the residuals of all rows, and `largest` is their maximum.
 */
export interface SolveCurve {
  readonly label: string;
  readonly median: readonly number[];
  readonly largest: readonly number[];
  readonly solver: string;
  readonly unconverged: number;
  /**
   * The solver's tolerance, as the maximum over the rows. If all rows have converged, the largest residual is below
   * this number.
   */
  readonly tolerance?: number;
}

export interface LayerNorm {
  /** Path of the layer in the model, such as `blocks.0.gx.layers.2`. */
  readonly path: string;
  readonly norm: number;
  readonly cap: number;
}

/**
 * Output of a neural network at a point, and the largest factor by which the network stretches distances near that
 * point.
 */
export interface SlopedNet {
  readonly value: readonly [number, number];
  readonly slope: number;
}

/** How one block maps a point. */
export interface BlockView {
  /** The point in data space, before the first block. */
  readonly point: readonly [number, number];
  /** `which` is the index of the block. `count` is the number of blocks of the model. */
  readonly which: number;
  readonly count: number;
  readonly kind: 'implicit' | 'residual' | 'monotone';
  readonly label: string;
  /** `x` is the input of the block for this point. `z` is the output of the block. */
  readonly x: readonly [number, number];
  readonly z: readonly [number, number];
  /**
   * The network that is applied to `x`. A residual block has only this network. A monotone block has one network, which
   * is applied to `w`.
   */
  readonly gx: SlopedNet;
  /** The network that is applied to `z`. Present only in an implicit block. */
  readonly gz?: SlopedNet;
  /** Largest factor by which the block as a whole stretches distances near the point. */
  readonly slope: number;
  readonly solver?: string;
  /**
   * Residuals of the block's equation: the residual of the solver's initial value, then the residual after each solver
   * step.
   */
  readonly residuals?: readonly number[];
  readonly step: number;
}

export interface Loaded {
  /** Number of training steps that the loaded weights have been trained for. */
  readonly step: number;
}

export interface HeldOut {
  readonly nats: number;
  readonly standardError: number;
  readonly step: number;
  /** `-log p` of each row, in nats. In a history of held-out results, only the last result has this field. */
  readonly losses?: Float32Array;
}

/** Names of the solvers, estimators and activations that the library and the loaded plugins have registered. */
export type RegistryNames = Readonly<Record<'solver' | 'logDet' | 'activation', readonly string[]>>;

/**
 * The interface of the viewer's worker, which comlink exposes. The viewer loads copies of the trainers' weights into
 * its own models, so training continues while pictures are computed.
 */
export interface ViewerWorker {
  /** Starts the backend. @throws if a plugin cannot be loaded. */
  open(plugins: readonly string[]): Promise<RegistryNames>;
  data(request: DataRequest): Promise<DataView>;
  /** Returns the chosen columns of a table. @throws for a column that cannot be used. */
  readTable(name: string, bytes: Uint8Array, choice: TableChoice): Promise<TableRows>;
  /**
   * Loads the weights of a checkpoint, and recomputes more accurately the norms of the layers that have a cap on their
   * norm. If the checkpoint is from a finished run of the command line, the best weights of the run are loaded.
   *
   * @throws if the file is not a checkpoint, or if its model does not have two columns.
   */
  load(slot: Slot, checkpoint: Uint8Array): Promise<Loaded>;
  map(slot: Slot, request: MapRequest): Promise<MapImage>;
  samples(slot: Slot, count: number, seed: number): Promise<Float32Array>;
  /**
   * Returns samples as a CSV file with the names of the columns. If a column of the data has whole numbers, the samples
   * also have whole numbers.
   */
  samplesAsCsv(slot: Slot, count: number, seed: number): Promise<string>;
  /**
   * Maps a grid and data rows through the blocks, and maps `samples` draws from the base distribution back through the
   * blocks.
   */
  warp(slot: Slot, region: Region, lines: number, pointsPerLine: number, samples: number): Promise<Warp>;
  path(slot: Slot, point: readonly [number, number]): Promise<PathView>;
  /** Returns the loss of the model on the first `rows` held-out rows. */
  heldOut(slot: Slot, rows: number): Promise<HeldOut>;
  solves(slot: Slot): Promise<readonly SolveCurve[]>;
  norms(slot: Slot): Promise<readonly LayerNorm[]>;
  /**
   * Describes how a block maps a point. Resolves with undefined for a model that has no residual and no implicit
   * blocks.
   */
  block(slot: Slot, which: number, point: readonly [number, number]): Promise<BlockView | undefined>;
  /** Returns `log p` of rows `[n, 2]`, equal to the output of `impflow score`. */
  logProb(slot: Slot, rows: Float32Array): Promise<Float32Array>;
  ping(): number;
}
