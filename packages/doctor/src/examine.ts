import { capabilities, isFlowError, measureReadBack, type Backend, type BackendAdapter } from '@impflow/core';
import { engine } from '@tensorflow/tfjs-core';
import { checkGradient } from './gradient-check.ts';
import { missingKernels } from './needed-kernels.ts';
import { measureProducts } from './products.ts';
import type { BackendReport, GradientCheck } from './report.ts';
import { measureStep } from './training-step.ts';

/** Options of {@link examine}. */
export interface ExamineOptions {
  /**
   * Budget to measure one matrix product, in milliseconds. The budget for training steps is four times as long. A
   * measurement may take up to three times its budget. Default 150.
   */
  readonly budgetMs?: number;
}

/**
 * Starts a backend, checks its kernels and gradients, measures its speed, and disposes it. This function never throws.
 * The report of an unavailable backend has the `reason`, and `failures` lists the parts of the examination that failed.
 *
 * @remarks An examination takes 1 to 6 seconds; the backend in plain JavaScript takes longest. No backend runs
 * afterwards.
 */
export const examine = async (
  adapter: BackendAdapter,
  { budgetMs = 150 }: ExamineOptions = {},
): Promise<BackendReport> => {
  const begun = performance.now();
  const seconds = (): number => (performance.now() - begun) / 1000;
  const before = engine().state.numTensors;
  let backend: Backend;
  try {
    backend = await adapter.start();
  } catch (error) {
    return unavailable(adapter.name, messageOf(error), seconds());
  }
  try {
    const { precision, device, threads, kernels, withoutNative, renderer, readBack, syncRead } = capabilities();
    const failures: string[] = [];
    const attempt = async <T>(what: string, body: () => Promise<T>): Promise<T | null> => {
      try {
        return await body();
      } catch (error) {
        failures.push(`${what}: ${messageOf(error)}`);
        return null;
      }
    };
    const missingOps = missingKernels();
    const gradientCheck = (await attempt('gradient', checkGradient)) ?? NO_GRADIENT;
    const gflops = (await attempt('products', () => measureProducts(budgetMs))) ?? [];
    const stepMs = await attempt('training step', () => measureStep(4 * budgetMs));
    const readBackMs =
      readBack?.readMs ?? (await attempt('read-back', () => measureReadBack(syncRead)))?.readMs ?? null;
    return {
      name: adapter.name,
      available: true,
      precision,
      device,
      threads,
      ...(kernels === undefined ? {} : { kernels }),
      ...(withoutNative === undefined ? {} : { withoutNative }),
      ...(renderer === undefined ? {} : { renderer }),
      missingOps,
      gradientCheck,
      gflops,
      stepMs,
      readBackMs,
      memory: { tensorsLeft: failures.length > 0 ? null : engine().state.numTensors - before },
      failures,
      seconds: seconds(),
    };
  } finally {
    backend.dispose();
  }
};

const NO_GRADIENT: GradientCheck = { ok: false, error: null, of: 'float64 reference' };

/** Returns the report of a backend that does not start. `seconds` is the wall time of the attempt. */
export const unavailable = (name: string, reason: string, seconds: number): BackendReport => ({
  name,
  available: false,
  reason,
  precision: null,
  device: null,
  threads: null,
  missingOps: [],
  gradientCheck: NO_GRADIENT,
  gflops: [],
  stepMs: null,
  readBackMs: null,
  memory: { tensorsLeft: null },
  failures: [],
  seconds,
});

/** Returns the message of an error. The messages of errors other than `FlowError` begin with the class name. */
export const messageOf = (error: unknown): string => (isFlowError(error) ? error.message : String(error));
