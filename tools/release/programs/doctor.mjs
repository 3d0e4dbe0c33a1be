// Checks whether the CPU backend of TensorFlow.js computes correctly.
import { startRegistered } from '@impflow/core';
import { diagnose } from '@impflow/doctor';

const start = () =>
  startRegistered('cpu', {
    load: () => import('@tensorflow/tfjs-backend-cpu'),
    capabilities: { precision: 32, syncRead: true, device: 'cpu', threads: 1 },
  });
const {
  backends: [cpu],
} = await diagnose([{ name: 'cpu', isAvailable: async () => true, start }]);
console.log(
  `cpu: ${cpu.missingOps.length} operations missing, gradient off by ${cpu.gradientCheck.error.toExponential(1)}; ${cpu.stepMs > 0 ? 'fit' : 'unfit'} for training`,
);
process.exitCode = cpu.gradientCheck.ok ? 0 : 1;
