// Checks with an independent method that the layers of a net do not exceed their caps.
import '@tensorflow/tfjs-backend-cpu';
import { fold, key, drawNormal } from '@impflow/core';
import { auditNorms, mlp } from '@impflow/lipschitz';

const g = mlp({ dim: 8, hidden: [32, 32], coeff: 0.9, key: key(1) });
Object.values(g.parameters).forEach((weight, i) => weight.assign(drawNormal(fold(key(2), i), weight.shape)));
g.refresh({ tolerance: 1e-5 });
const norms = auditNorms(g, { coeff: 0.9 }).map(({ norm }) => norm);
console.log(
  `norms of the layers: ${norms.map((norm) => norm.toFixed(6)).join(', ')}, cap 0.9; Lipschitz bound ${g.lipschitz.toFixed(3)}`,
);
process.exitCode = norms.every((norm) => norm < 0.9009) ? 0 : 1;
