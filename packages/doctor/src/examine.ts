import { capabilities, isFlowError, measureReadBack, type Backend, type BackendAdapter } from '@impflow/core';
import { engine } from '@tensorflow/tfjs-core';
import { checkGradient } from './gradient-check.ts';
import { missingKernels } from './needed-kernels.ts';
import { measureProducts } from './products.ts';
import type { BackendReport, GradientCheck } from './report.ts';
import { measureStep } from './training-step.ts';

export interface ExamineOptions {
  /** Milliseconds for each product, and four times as many for training steps; some take up to three times as long. Default 150. */
  readonly budgetMs?: number;
}

/**
 * Starts a backend, looks whether it has what flows need and computes their gradients right, measures how fast it is, and disposes it.
 * Nothing is thrown: an unavailable backend is a report that says why, and a part that fails stands under `failures`.
 *
 * @remarks Takes 1 to 6 seconds (plain JavaScript). Leaves no backend running.
 */
export const examine = async (adapter: BackendAdapter, { budgetMs = 150 }: ExamineOptions = {}): Promise<BackendReport> => {
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
    const { precision, device, threads, kernels, renderer, readBack, syncRead } = capabilities();
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
    const gradientCheck = await attempt('gradient', checkGradient) ?? NO_GRADIENT;
    const gflops = await attempt('products', () => measureProducts(budgetMs)) ?? [];
    const stepMs = await attempt('training step', () => measureStep(4 * budgetMs));
    const readBackMs = readBack?.readMs ?? (await attempt('read-back', () => measureReadBack(syncRead)))?.readMs ?? null;
    return {
      name: adapter.name, available: true, precision, device, threads, ...(kernels === undefined ? {} : { kernels }), ...(renderer === undefined ? {} : { renderer }),
      missingOps, gradientCheck, gflops, stepMs, readBackMs, memory: { tensorsLeft: failures.length > 0 ? null : engine().state.numTensors - before }, failures, seconds: seconds(),
    };
  } finally {
    backend.dispose();
  }
};

const NO_GRADIENT: GradientCheck = { ok: false, error: null, of: 'float64 reference' };

/** The report of a backend that does not start. */
export const unavailable = (name: string, reason: string, seconds: number): BackendReport => ({
  name, available: false, reason, precision: null, device: null, threads: null, missingOps: [], gradientCheck: NO_GRADIENT, gflops: [], stepMs: null,
  readBackMs: null, memory: { tensorsLeft: null }, failures: [], seconds,
});

/** What an error says. One that is none of this workspace says what it is besides. */
export const messageOf = (error: unknown): string => isFlowError(error) ? error.message : String(error);
