import { cpu } from '@impflow/backend-cpu';
import { sampleNorm, type Iterate, type Solver, type TensorMap } from '@impflow/core';
import { testSolver } from '@impflow/testkit';
import { add, keep, mean, min, mul, sub, type Tensor } from '@tensorflow/tfjs-core';

interface State extends Iterate { readonly image: Tensor }

const at = (f: TensorMap, value: Tensor): State => {
  const image = f(value);
  return { value, image, residual: sampleNorm(sub(image, value)) };
};
/** Fixed-point iteration, as sound as it gets. */
const sound: Solver<State> = {
  name: 'sound',
  problem: 'fixed-point',
  init: (f, y0) => at(f, y0.clone()),
  step: (f, { image }) => at(f, image),
};

const flattered = (state: State): State => ({ ...state, residual: mul(0.5, state.residual) });

const broken: readonly Solver<State>[] = [
  { ...sound, name: 'the step length is the batch\'s', step: (f, { value, image, residual }) => at(f, add(value, mul(sub(image, value), sub(1, mul(0.1, min(residual)))))) },
  // Waits for nobody: once the best row is done, so are all.
  { ...sound, name: 'stops when one row is done', step: (f, state) => min(state.residual).dataSync()[0]! < 1e-4 ? at(f, state.value.clone()) : at(f, state.image) },
  { ...sound, name: 'spreads NaN', step: (f, { image }) => at(f, add(image, mul(0, mean(image)))) },
  { ...sound, name: 'leaks a tensor', step: (f, { image }) => at(f, keep(image.clone())) },
  { ...sound, name: 'its residual lies', init: (f, y0) => flattered(at(f, y0.clone())), step: (f, { image }) => flattered(at(f, image)) },
  { ...sound, name: 'does nothing', step: (f, { value }) => at(f, value.clone()) },
  { ...sound, name: 'throws where it diverges', step: (f, { image }) => {
    const state = at(f, image);
    if (state.residual.dataSync().some((norm) => norm > 1e3)) throw new Error('diverged');
    return state;
  } },
  { ...sound, name: 'finds a fixed point of half the map', step: (f, { image }) => at(f, mul(0.5, image)) },
];

for (const solver of [sound, ...broken]) testSolver({ solver: () => solver, backends: [cpu()] });
