import { fold, key, release, uniforms } from '@impflow/core';
import { buildFlow, toyPreset, type FlowSpec, type NormalizingFlow } from '@impflow/flows';
import { tensor } from '@tensorflow/tfjs-core';

/**
 * Spec of an implicit flow whose parameters are bit-identical on every backend, because they are drawn on the host from
 * a fixed key. The widths are not multiples of the block sizes of kernels. After a change of this spec, replace the
 * constants in `reference.ts` by the numbers that `reference.test.ts` prints.
 */
export const REFERENCE_SPEC: FlowSpec = toyPreset({ blocks: 2, hidden: [40, 48] });
export const REFERENCE_ROWS = 100;
const KEY = key(2103_09527);

/**
 * Returns the reference values of parameter `i`. Norms of weights are near the cap, so that some weights are scaled by
 * the cap and others are not.
 */
export const referenceWeights = (name: string, shape: readonly number[], i: number): Float32Array => {
  const [m, n] = shape;
  const size = n === undefined ? 0.3 : (name.includes('.gz.') ? 1.2 : 2.3) / (Math.sqrt(m!) + Math.sqrt(n));
  return spread(
    fold(KEY, i),
    shape.reduce((product, side) => product * side, 1),
    size,
  );
};

/** Returns the data points of the gradient check, `[REFERENCE_ROWS, 2]`. */
export const referencePoints = (): Float32Array => spread(fold(KEY, 1000), 2 * REFERENCE_ROWS, 2);

/** Returns two directions of random signs, `[size]`, along which the gradient of parameter `i` is compared. */
export const referenceDirections = (size: number, i: number): readonly Float64Array[] =>
  [2000, 3000].map((purpose) => uniforms(fold(KEY, purpose + i), size).map((u) => (u < 0.5 ? -1 : 1)));

/** Builds the reference flow on the running backend. The caller disposes the flow with {@link giveBack}. */
export const referenceFlow = (): NormalizingFlow => filled(buildFlow(REFERENCE_SPEC, { key: KEY }));

/**
 * Sets the parameters of a flow to the reference values. The initial parameters are not used, because with them each
 * block is the identity, and its solves need no steps.
 */
export const filled = (flow: NormalizingFlow): NormalizingFlow => {
  Object.entries(flow.parameters).forEach(([name, parameter], i) => {
    const values = tensor(referenceWeights(name, parameter.shape, i), parameter.shape);
    parameter.assign(values);
    values.dispose();
  });
  flow.refresh({ tolerance: 1e-6 });
  return flow;
};

/** Disposes the variables of the reference flow. */
export const giveBack = ({ parameters, buffers }: NormalizingFlow): void => release([parameters, buffers]);

const spread = (k: ReturnType<typeof key>, count: number, size: number): Float32Array =>
  Float32Array.from(uniforms(k, count), (u) => size * (2 * u - 1));
