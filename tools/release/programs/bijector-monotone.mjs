// Maps points forward and back through a monotone block with a random net, and adds the log-determinants of both
// directions.
import '@tensorflow/tfjs-backend-cpu';
import { monotoneBlock } from '@impflow/bijector-monotone';
import { fold, key, drawNormal } from '@impflow/core';
import { mlp } from '@impflow/lipschitz';
const g = mlp({ dim: 2, hidden: [16], key: key(1) }),
  x = drawNormal(key(2), [50, 2]),
  block = monotoneBlock({ g }),
  off = (a, b, sign = 1) => Math.max(...a.dataSync().map((one, i) => Math.abs(one - sign * b.dataSync()[i])));
Object.values(g.parameters).forEach((weight, i) => weight.assign(drawNormal(fold(key(3), i), weight.shape)));
g.refresh({ tolerance: 1e-5 });
const there = block.forwardWithLogDet(x, { key: key(4) }),
  back = block.inverseWithLogDet(there.value, { key: key(5) }),
  errors = [off(back.value, x), off(back.logDet, there.logDet, -1)];
console.log(
  `round trip off by ${errors[0].toExponential(1)}, sum of the log-determinants ${errors[1].toExponential(1)}`,
);
process.exitCode = errors.every((one) => one < 1e-4) ? 0 : 1;
