/**
 * The experiment with the limit of residual blocks: one block of each kind, fitted by least squares to an increasing
 * function with a steep middle.
 */
export interface WallRequest {
  /** Largest slope of the function, at 0. */
  readonly slope: number;
  /** Width of the steep part. */
  readonly width: number;
  readonly coeff: number;
  readonly seed: number;
}

export interface WallCurve {
  readonly x: Float32Array;
  readonly target: Float32Array;
  readonly implicit: Float32Array;
  readonly residual: Float32Array;
  readonly step: number;
  readonly largestError: { readonly implicit: number; readonly residual: number };
  readonly parameters: { readonly implicit: number; readonly residual: number };
  /** Lower bound of the largest error of a residual block with these caps. */
  readonly bound: number;
}

export interface WallWorker {
  /** Starts a new fit and ends the previous one. `report` gets a curve some ten times a second, and one at the end. */
  fit(request: WallRequest, report: (curve: WallCurve) => void): Promise<void>;
  stop(): void;
  ping(): number;
}
