// Compares log det (I + J) of a linear map with its exact value.
import '@tensorflow/tfjs-backend-cpu';
import { contractionByTape, key, registerGradients } from '@impflow/core';
import { exact, powerSeries } from '@impflow/logdet';
import { matMul, reshape, tensor2d } from '@tensorflow/tfjs-core';

await registerGradients();
const A = tensor2d([
  [0.5, 0.3],
  [-0.2, 0.4],
]);
const at = contractionByTape({
  shape: [2],
  lipschitz: 0.65,
  value: (x) => matMul(x, A),
  push: (_x, t) => reshape(matMul(reshape(t, [-1, 2]), A), t.shape),
}).linearize(tensor2d([[1, 2]]));
const found = [exact(), powerSeries({ terms: 60, probe: 'basis' })].map(
  (one) => one.estimate(at, key(0)).logDet.dataSync()[0],
);
console.log(
  `log det (I + J): exact ${found[0].toFixed(6)}, by series ${found[1].toFixed(6)}, true ${Math.log(1.5 * 1.4 + 0.06).toFixed(6)}`,
);
process.exitCode = found.every((one) => Math.abs(one - Math.log(2.16)) < 1e-5) ? 0 : 1;
