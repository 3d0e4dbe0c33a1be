/**
 * Input of the experiment that shows the limit of residual blocks. The experiment fits one residual and one implicit
 * block by least squares to an increasing function with a steep middle.
 */
export interface WallRequest {
  /** Largest slope of the function, at 0. */
  readonly slope: number;
  /** Width of the interval on which the function is steep. */
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
  /** Lower bound on the largest error of a residual block whose layers have norms of at most `coeff`. */
  readonly bound: number;
}

export interface WallWorker {
  /**
   * Ends the current fit and starts a new fit. `report` receives the fitted curves about ten times a second, and once
   * more at the end of the fit.
   */
  fit(request: WallRequest, report: (curve: WallCurve) => void): Promise<void>;
  stop(): void;
  ping(): number;
}
