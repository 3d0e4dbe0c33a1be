/** Report on one backend. Plain JSON; values that could not be measured are `null`. */
export interface BackendReport {
  /** Name of the adapter. */
  readonly name: string;
  /** Whether the backend started. */
  readonly available: boolean;
  /** Error message of `start`. Absent if the backend is available. */
  readonly reason?: string;
  /** Number of bits of a float on the backend. */
  readonly precision: 16 | 32 | null;
  /** Kind of processor that runs the kernels of the backend. */
  readonly device: 'cpu' | 'gpu' | null;
  /** Number of threads that compute one operation together. */
  readonly threads: number | null;
  /** Name of the set of kernels that runs, if the backend has several sets. */
  readonly kernels?: string;
  /** Reason why the backend uses no native kernels. Absent if the backend uses native kernels, or never has any. */
  readonly withoutNative?: string;
  /** Name of the device, if its driver reports one. */
  readonly renderer?: string;
  /** Kernels of TensorFlow.js that flows need and this backend lacks. */
  readonly missingOps: readonly string[];
  /** Comparison of a flow's gradient with float64 numbers. */
  readonly gradientCheck: GradientCheck;
  /** Speeds of four matrix products; empty if the measurement failed. */
  readonly gflops: readonly ProductSpeed[];
  /**
   * Time of one gradient step of the toy preset with 2 of its 6 blocks on 500 rows, in milliseconds. `diagnose`
   * recommends the backend with the shortest time.
   */
  readonly stepMs: number | null;
  /** Time to compute a few values and read them back to the host, in milliseconds. */
  readonly readBackMs: number | null;
  /** Number of tensors that the examination leaked, normally 0; `null` if a part of the examination failed. */
  readonly memory: { readonly tensorsLeft: number | null };
  /** Parts of the examination that failed, with their error messages. */
  readonly failures: readonly string[];
  /** Wall time of the examination, in seconds. */
  readonly seconds: number;
}

/** Comparison of the gradient of the reference flow with float64 numbers. */
export interface GradientCheck {
  /** Whether the largest relative error of the gradient is below 1e-3. */
  readonly ok: boolean;
  /** Largest relative error of the gradient; `null` if there was no gradient, or if the error was not finite. */
  readonly error: number | null;
  /** Source of the numbers that the gradient was compared with. */
  readonly of: 'float64 reference';
}

/** Speed of one matrix product. */
export interface ProductSpeed {
  /** Shapes of the product, as in `[1000,128] x [128,128]^T`. */
  readonly product: string;
  /** Speed of the product, in billions of floating-point operations per second. */
  readonly gflops: number;
}

/**
 * Returns whether a backend can train flows: single precision, no missing kernels, a correct gradient, and training
 * steps that run.
 */
export const isFit = ({ available, precision, missingOps, gradientCheck, stepMs }: BackendReport): boolean =>
  available && precision === 32 && missingOps.length === 0 && gradientCheck.ok && stepMs !== null;
