import type { FlowSpec } from '@impflow/flows';
import type { DataRequest, DataView, Region, TablePreview } from './data.ts';

/** Which of two models. */
export type Slot = 0 | 1;

/**
 * A quantity over the plane: `density` is p, `logDet` is log |det J|, `steps` is solver steps of all blocks together on the way from data to base: 0 where nothing is
 * solved for in that direction, as in residual and coupling flows.
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
  /** Coloured, `4 * side * side`, for putImageData. */
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
  /** Of the colour scale. */
  readonly low: number;
  readonly high: number;
  readonly step: number;
}

/** Lines of a grid at every stage: before the first block, after each, in base space last. Horizontal lines come first, then as many vertical ones. */
export interface Warp {
  /** `[2 * lines * pointsPerLine, 2]` for each stage. */
  readonly stages: readonly Float32Array[];
  readonly pointsPerLine: number;
  /** Of each stage, for people: `data`, `implicit block 1`, ..., `base`. */
  readonly labels: readonly string[];
  readonly step: number;
}

/** A point's way to the base and back. */
export interface PathView {
  readonly point: readonly [number, number];
  /** Positions from data to base, `[stages, 2]`. */
  readonly forward: Float32Array;
  /** From base back to data, in the order visited. */
  readonly back: Float32Array;
  /** Distance between the point and where it came back to. */
  readonly error: number;
  readonly logProb: number;
  readonly labels: readonly string[];
}

/** How the residuals of one block's forward solve fall: median and largest over the rows, at each solver step. */
export interface SolveCurve {
  readonly label: string;
  readonly median: readonly number[];
  readonly largest: readonly number[];
  readonly solver: string;
  readonly unconverged: number;
  /** What a row's residual has to fall to, of the median row. */
  readonly tolerance?: number;
}

export interface LayerNorm {
  /** Such as `blocks.0.gx.layers.2`. */
  readonly path: string;
  readonly norm: number;
  readonly cap: number;
}

export interface Loaded {
  /** Behind the weights that are shown. */
  readonly step: number;
  readonly parameters: number;
  readonly spec: FlowSpec;
  /** From a checkpoint that says so. */
  readonly columns?: readonly string[];
}

export interface HeldOut {
  readonly nats: number;
  readonly standardError: number;
  readonly step: number;
}

/** What plugins and the library offer, by kind. */
export type RegistryNames = Readonly<Record<'solver' | 'logDet' | 'activation', readonly string[]>>;

/** The viewer's worker, behind comlink: it has models of its own, loaded from the trainers' weights, so that looking never holds training up. */
export interface ViewerWorker {
  /** Starts the backend. @throws where a plugin cannot be had. */
  open(plugins: readonly string[]): Promise<RegistryNames>;
  data(request: DataRequest): Promise<DataView>;
  /** Reads a file that was dropped or pasted. @throws for one that is no table. */
  previewTable(name: string, bytes: Uint8Array): Promise<TablePreview>;
  /** Two columns of it, `[rows, 2]`. @throws for cells that are no numbers, naming the line. */
  readTable(name: string, bytes: Uint8Array, columns: readonly [string, string]): Promise<Float32Array>;
  /** The weights of a checkpoint, tightly capped; of a finished run of the command line its best ones. @throws for a file that is none, or not of two columns. */
  load(slot: Slot, checkpoint: Uint8Array): Promise<Loaded>;
  map(slot: Slot, request: MapRequest): Promise<MapImage>;
  samples(slot: Slot, count: number, seed: number): Promise<Float32Array>;
  /** Samples as a CSV file, under the names of the columns; whole numbers again where the column holds such. */
  samplesAsCsv(slot: Slot, count: number, seed: number): Promise<string>;
  warp(slot: Slot, region: Region, lines: number, pointsPerLine: number): Promise<Warp>;
  path(slot: Slot, point: readonly [number, number]): Promise<PathView>;
  heldOut(slot: Slot): Promise<HeldOut>;
  solves(slot: Slot): Promise<readonly SolveCurve[]>;
  norms(slot: Slot): Promise<readonly LayerNorm[]>;
  /** `log p` of rows `[n, 2]`, as `impflow score` gives it. */
  logProb(slot: Slot, rows: Float32Array): Promise<Float32Array>;
  ping(): number;
}
