/** What {@link examine} finds out about one backend. Plain JSON; what could not be measured is `null`. */
export interface BackendReport {
  readonly name: string;
  readonly available: boolean;
  /** Where not available: what its `start` says, and what to do. */
  readonly reason?: string;
  /** Bits of a float. */
  readonly precision: 16 | 32 | null;
  readonly device: 'cpu' | 'gpu' | null;
  readonly threads: number | null;
  /** Which of its sets of kernels runs, where it has several. */
  readonly kernels?: string;
  /** What computes, as the device calls itself, where it does. */
  readonly renderer?: string;
  /** Kernels of TensorFlow.js that flows need and this backend has not. */
  readonly missingOps: readonly string[];
  readonly gradientCheck: GradientCheck;
  /** Billions of floating-point operations a second, by product; empty where none could be measured. */
  readonly gflops: readonly ProductSpeed[];
  /** Milliseconds of one gradient step of the toy preset with 2 of its 6 blocks, batches of 500. What a recommendation goes by. */
  readonly stepMs: number | null;
  /** Milliseconds until numbers that were just computed are on the host. */
  readonly readBackMs: number | null;
  /** Tensors that the examination left, which should be none; `null` where a part of it failed. */
  readonly memory: { readonly tensorsLeft: number | null };
  /** What failed on the way, in words. Empty for a sound backend. */
  readonly failures: readonly string[];
  /** Wall time of the examination. */
  readonly seconds: number;
}

export interface GradientCheck {
  readonly ok: boolean;
  /** Largest relative error; `null` where there was no gradient, or it was not finite. */
  readonly error: number | null;
  readonly of: 'float64 reference';
}

export interface ProductSpeed {
  /** Shapes, as in `[1000,128] x [128,128]^T`. */
  readonly product: string;
  readonly gflops: number;
}

/** Whether a backend is one to train on: single precision, every kernel, the right gradient, and steps that run. */
export const isFit = ({ available, precision, missingOps, gradientCheck, stepMs }: BackendReport): boolean =>
  available && precision === 32 && missingOps.length === 0 && gradientCheck.ok && stepMs !== null;
