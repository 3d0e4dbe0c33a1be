import { getKernel, registerKernel, unregisterKernel, type KernelConfig } from '@tensorflow/tfjs-core';
import { adam } from './adam.ts';
import { anderson } from './anderson.ts';
import { broyden } from './broyden.ts';
import { cap, capGradient } from './cap.ts';
import { eliminate } from './eliminate.ts';
import { logDet } from './log-det.ts';
import { proceed } from './proceed.ts';
import { sampleNorm } from './sample-norm.ts';
import { squaredNorm } from './squared-norm.ts';
import { transposedSolve } from './transposed-solve.ts';

/**
 * Those that take less time than the operations in their place, measured on two cores with inputs in TensorFlow's memory. Batches of 500 and 5000: systems of
 * dimension 2 take a third to a twentieth, of 6 and 16 two thirds to a seventh; norms and progress two thirds to a tenth. Weights of 128 x 128 take half or less,
 * of 128 x 2 a seventh or less. At some 200 000 numbers most are on a par; from a million on they may take twice to three times as long, beside products of
 * matrices that take far longer: sums in float64 are worth that.
 */
const hostKernels: readonly KernelConfig[] = [adam, anderson, broyden, cap, capGradient, eliminate, logDet, proceed, sampleNorm, squaredNorm, transposedSolve];

/** Makes the kernels on the host those of TensorFlow's backend, or no longer: on another device each would wait for its inputs. Idempotent. */
export const setHostKernels = (on: boolean): void => {
  for (const kernel of hostKernels) {
    const present = getKernel(kernel.kernelName, kernel.backendName) !== undefined;
    if (on && !present) registerKernel(kernel);
    if (!on && present) unregisterKernel(kernel.kernelName, kernel.backendName);
  }
};
