// log det (I + J) of a linear map, against its exact value.
import '@tensorflow/tfjs-backend-cpu';
import { key } from '@impflow/core';
import { exact, powerSeries } from '@impflow/logdet';
import { matMul, reshape, tensor2d, tensor3d } from '@tensorflow/tfjs-core';

const A = tensor2d([[0.5, 0.3], [-0.2, 0.4]]), of = (x, b = false) => matMul(x, A, false, b), over = (t, b) => reshape(of(reshape(t, [-1, 2]), b), t.shape);
const units = tensor3d([[[1, 0]], [[0, 1]]]), linearize = (x) => ({ value: of(x), jvp: (t) => over(t), vjp: (u) => over(u, true), dispose: () => {} });
const g = { shape: [2], lipschitz: 0.65, parameters: {}, buffers: {}, refresh: () => {}, apply: of, linearize, pushforward: (x, t = units) => ({ value: of(x), tangents: over(t) }) };
const found = [exact(), powerSeries({ terms: 60, probe: 'basis' })].map((one) => one.estimate(g, tensor2d([[1, 2]]), key(0)).logDet.dataSync()[0]);
console.log(`log det (I + J): exact ${found[0].toFixed(6)}, by series ${found[1].toFixed(6)}, true ${Math.log(1.5 * 1.4 + 0.06).toFixed(6)}`);
process.exitCode = found.every((one) => Math.abs(one - Math.log(2.16)) < 1e-5) ? 0 : 1;
