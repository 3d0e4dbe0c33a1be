import { sampleNorm, type Iterate, type Solver } from '@impflow/core';
import { add, mul, sub, type Tensor } from '@tensorflow/tfjs-core';

interface HalfStep extends Iterate {
  readonly image: Tensor;
}

/** The example solver of CONTRIBUTING.md, with an additional option for the fraction of each step that is taken. */
export const halfStep = ({ share = 0.5 }: { readonly share?: number } = {}): Solver<HalfStep> => ({
  name: 'half-step',
  problem: 'fixed-point',
  init: (f, y0) => {
    const image = f(y0);
    return { value: y0.clone(), image, residual: sampleNorm(sub(image, y0)) };
  },
  step: (f, { value, image }) => {
    const next = add(mul(value, 1 - share), mul(image, share));
    const after = f(next);
    return { value: next, image: after, residual: sampleNorm(sub(after, next)) };
  },
});

export const impflow = { solver: { 'half-step': halfStep } };
