import { getKernel, registerKernel, unregisterKernel, type KernelConfig } from '@tensorflow/tfjs-core';
import { anderson } from './anderson.ts';
import { cap, capGradient } from './cap.ts';
import { eliminate } from './eliminate.ts';
import { logDet } from './log-det.ts';
import { progress } from './progress.ts';
import { quasiNewton } from './quasi-newton.ts';
import { sampleNorm } from './sample-norm.ts';
import { squaredNorm } from './squared-norm.ts';
import { transposedSolve } from './transposed-solve.ts';

/**
 * Kernels that are faster than the TensorFlow operations that they replace. They were measured on two cores, with
 * inputs in TensorFlow's memory and batches of 500 and 5000. The kernels take 1/20 to 1/3 of the operations' time for
 * systems of dimension 2, 1/7 to 2/3 for dimensions 6 and 16, 1/10 to 2/3 for norms and progress, at most 1/2 for
 * weights of 128 x 128, and at most 1/7 for weights of 128 x 2. With about 200 000 numbers most kernels take as long as
 * the operations. With a million numbers or more they may take two to three times as long. This costs little: a step
 * with so many numbers spends far more time in its matrix products. Unlike the operations, the kernels sum in float64.
 */
const hostKernels: readonly KernelConfig[] = [
  anderson,
  cap,
  capGradient,
  eliminate,
  logDet,
  progress,
  quasiNewton,
  sampleNorm,
  squaredNorm,
  transposedSolve,
];

/**
 * Registers or removes the host kernels. They are removed on a GPU, because each kernel would wait for the GPU to
 * compute its inputs. Idempotent.
 */
export const setHostKernels = (on: boolean): void => {
  for (const kernel of hostKernels) {
    const present = getKernel(kernel.kernelName, kernel.backendName) !== undefined;
    if (on && !present) registerKernel(kernel);
    if (!on && present) unregisterKernel(kernel.kernelName, kernel.backendName);
  }
};
