import { cpu } from '@impflow/backend-cpu';
import { sampleNorm, type Iterate, type Solver, type TensorMap } from '@impflow/core';
import { testSolver } from '@impflow/testkit';
import { sub, type Tensor } from '@tensorflow/tfjs-core';

interface State extends Iterate {
  readonly image: Tensor;
}
const at = (f: TensorMap, value: Tensor): State => {
  const image = f(value);
  return { value, image, residual: sampleNorm(sub(image, value)) };
};
const picard = (): Solver<State> => ({
  name: 'picard',
  problem: 'fixed-point',
  init: (f, y0) => at(f, y0.clone()),
  step: (f, { image }) => at(f, image),
});

testSolver({ solver: picard, backends: [cpu()] });
