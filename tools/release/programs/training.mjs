// Minimizes a quadratic function with Adam.
import '@tensorflow/tfjs-backend-cpu';
import { registerGradients, valueAndGradients } from '@impflow/core';
import { adam, cosine } from '@impflow/training';
import { square, sub, sum, variable, zeros } from '@tensorflow/tfjs-core';

await registerGradients();
const [x, method, rate] = [variable(zeros([3])), adam(), cosine({ steps: 200 })];
for (let i = 0, state = method.init({ x }); i < 200; i++)
  state = method.update(
    valueAndGradients(() => sum(square(sub(x, [1, -2, 3]))), { x }).gradients,
    state,
    { x },
    0.3 * rate(i),
  );
console.log(`the minimum of |x - (1, -2, 3)|^2 is at ${[...x.dataSync()].map((each) => each.toFixed(3)).join(', ')}`);
process.exitCode = x.dataSync().every((each, i) => Math.abs(each - [1, -2, 3][i]) < 1e-2) ? 0 : 1;
