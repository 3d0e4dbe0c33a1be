// Computes a matrix product on an NVIDIA card. If TensorFlow is not installed, prints the error with its instructions.
import { cuda } from '@impflow/backend-cuda';
import { matMul, ones } from '@tensorflow/tfjs-core';

const started = await cuda()
  .start()
  .catch((error) => error);
console.log(
  started instanceof Error
    ? `as it should be without TensorFlow: ${started.message}`
    : `on ${started.name}: ${matMul(ones([2, 3]), ones([3, 2])).dataSync()}`,
);
process.exitCode = started instanceof Error && started.code !== 'unsupported' ? 1 : 0;
