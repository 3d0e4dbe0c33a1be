import type { DataRequest, DataView, Region, TableChoice, TablePreview, TableRows } from './data.ts';

/** Index of one of the two models. */
export type Slot = 0 | 1;

/**
 * A quantity over the plane. `density` is p. `logDet` is log |det J|. `steps` is the number of solver steps of all
 * blocks from data to base; it is 0 if that direction needs no solve, as in residual and coupling flows.
 */
export type Quantity = 'density' | 'logDet' | 'steps';

export interface MapRequest {
  readonly quantity: Quantity;
  readonly region: Region;
  /** Pixels along each side. */
  readonly side: number;
}

export interface MapImage extends MapRequest {
  /** `[side, side]`, row-major, the first row at the top (the largest second coordinate). */
  readonly values: Float32Array;
  /** `RGBA`, `4 * side * side`, for putImageData. */
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
  /** Limits of the color scale. */
  readonly low: number;
  readonly high: number;
  readonly step: number;
}

/**
 * Grid lines at every stage: before the first block, after each block, and in base space. Horizontal lines come first,
 * then as many vertical ones.
 */
export interface Warp {
  /** `[2 * lines * pointsPerLine, 2]` for each stage. */
  readonly stages: readonly Float32Array[];
  readonly pointsPerLine: number;
  /** Some rows of the data at every stage, `[n, 2]`: the first of `DataView.points`. */
  readonly dots: readonly Float32Array[];
  /**
   * Draws of the base at every stage, `[n, 2]`: the first stage holds the samples, in data space. Empty if no samples
   * are requested.
   */
  readonly samples: readonly Float32Array[];
  /** Name of each stage for people: `data`, `implicit block 1`, ..., `base`. */
  readonly labels: readonly string[];
  readonly step: number;
}

/** The path of a point to the base and back. */
export interface PathView {
  readonly point: readonly [number, number];
  /** Positions from data to base, `[stages, 2]`. */
  readonly forward: Float32Array;
  /** Positions from base back to data, in the order visited. */
  readonly back: Float32Array;
  /** Distance between the point and its round trip. */
  readonly error: number;
  readonly logProb: number;
  readonly labels: readonly string[];
}

/** Residuals of one block's forward solve: median and largest over the rows, at each solver step. */
export interface SolveCurve {
  readonly label: string;
  readonly median: readonly number[];
  readonly largest: readonly number[];
  readonly solver: string;
  readonly unconverged: number;
  /** Largest tolerance of a row: the worst row ends below it if all have converged. */
  readonly tolerance?: number;
}

export interface LayerNorm {
  /** Such as `blocks.0.gx.layers.2`. */
  readonly path: string;
  readonly norm: number;
  readonly cap: number;
}

/** Value of a net at a point, and the largest factor by which the net stretches distances near that point. */
export interface SlopedNet {
  readonly value: readonly [number, number];
  readonly slope: number;
}

/** What one block does to a point. */
export interface BlockView {
  /** The point in data space. */
  readonly point: readonly [number, number];
  /** Index among the blocks, and their number. */
  readonly which: number;
  readonly count: number;
  readonly kind: 'implicit' | 'residual';
  readonly label: string;
  /** Where the point enters the block, and where it leaves it. */
  readonly x: readonly [number, number];
  readonly z: readonly [number, number];
  /** The net of `x`; a residual block has no other net. */
  readonly gx: SlopedNet;
  /** The net of `z`, of an implicit block. */
  readonly gz?: SlopedNet;
  /** Largest factor by which the whole block stretches distances near the point. */
  readonly slope: number;
  readonly solver?: string;
  /** Residual at the start and after each step of the solver. */
  readonly residuals?: readonly number[];
  readonly step: number;
}

export interface Loaded {
  /** Number of training steps of the loaded weights. */
  readonly step: number;
}

export interface HeldOut {
  readonly nats: number;
  readonly standardError: number;
  readonly step: number;
  /** `-log p` of each row, nats. A history keeps the losses of its last result only. */
  readonly losses?: Float32Array;
}

/** Names that the library and the plugins registered, by kind. */
export type RegistryNames = Readonly<Record<'solver' | 'logDet' | 'activation', readonly string[]>>;

/**
 * The viewer's worker, behind comlink. It has its own models, loaded from the trainers' weights, so pictures never hold
 * up training.
 */
export interface ViewerWorker {
  /** Starts the backend. @throws if a plugin cannot be loaded. */
  open(plugins: readonly string[]): Promise<RegistryNames>;
  data(request: DataRequest): Promise<DataView>;
  /** Reads a file that was dropped or pasted. @throws if it is not a table. */
  previewTable(name: string, bytes: Uint8Array): Promise<TablePreview>;
  /** The chosen columns of a table. @throws for a column that cannot be used, and for gaps that are not skipped. */
  readTable(name: string, bytes: Uint8Array, choice: TableChoice): Promise<TableRows>;
  /**
   * Loads the weights of a checkpoint and recomputes the norms of its capped layers more accurately. For a finished run
   * of the command line these weights are the best of the run. @throws if the file is not a checkpoint, or not of two
   * columns.
   */
  load(slot: Slot, checkpoint: Uint8Array): Promise<Loaded>;
  map(slot: Slot, request: MapRequest): Promise<MapImage>;
  samples(slot: Slot, count: number, seed: number): Promise<Float32Array>;
  /** Samples as a CSV file with the names of the columns. Columns of whole numbers contain whole numbers again. */
  samplesAsCsv(slot: Slot, count: number, seed: number): Promise<string>;
  /** `samples`: number of draws of the base that go through the blocks backwards. */
  warp(slot: Slot, region: Region, lines: number, pointsPerLine: number, samples: number): Promise<Warp>;
  path(slot: Slot, point: readonly [number, number]): Promise<PathView>;
  /** Judges the model on the first `rows` held-out rows. */
  heldOut(slot: Slot, rows: number): Promise<HeldOut>;
  solves(slot: Slot): Promise<readonly SolveCurve[]>;
  norms(slot: Slot): Promise<readonly LayerNorm[]>;
  /** How a block maps a point; undefined for models without blocks that shift or solve. */
  block(slot: Slot, which: number, point: readonly [number, number]): Promise<BlockView | undefined>;
  /** `log p` of rows `[n, 2]`, as `impflow score` gives it. */
  logProb(slot: Slot, rows: Float32Array): Promise<Float32Array>;
  ping(): number;
}
