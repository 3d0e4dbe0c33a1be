/** Where a residual block hits the wall: one block of each kind, fitted by least squares to an increasing function with a steep middle. */
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
  /** What no residual block with these caps gets below. */
  readonly bound: number;
}

export interface WallWorker {
  /** Fits anew; ends what ran before. `report` gets a curve some ten times a second, and one at the end. */
  fit(request: WallRequest, report: (curve: WallCurve) => void): Promise<void>;
  stop(): void;
  ping(): number;
}
