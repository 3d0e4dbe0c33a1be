import { FlowError, scoped } from '@impflow/core';
import { tensor } from '@tensorflow/tfjs-core';
import type { BaseDistribution } from '../base.ts';
import type { MixtureModel } from './mixture-fit.ts';

/**
 * Writes a fitted mixture into the parameters of a base density made by {@link mixtureBase}.
 *
 * @remarks Base and fit must have the same number of components and the same kind of covariance. The parameters of the
 * base are float32, so its densities agree with the fit to a relative error of about 1e-5.
 * @throws `shape` if the base is not a mixture, or if the dimension, the number of components or the kind of covariance
 * differs.
 * @example
 * ```ts
 * import { wasm } from '@impflow/backend-wasm';
 * import { key, normals } from '@impflow/core';
 * import { assignMixture, buildFlow, fitMixture, tabularPreset } from '@impflow/flows';
 *
 * await wasm().start();
 * const fit = fitMixture(normals(key(0), 2 * 500), { dim: 2, components: 3, covariance: 'full', key: key(1) });
 * const base = { name: 'mixture', options: { components: 3, covariance: 'full' } };
 * const flow = buildFlow(tabularPreset({ dim: 2, blocks: 2, hidden: [16], base, actNorm: false }));
 * assignMixture(flow.base, fit);
 * ```
 */
export const assignMixture = (base: BaseDistribution, fit: MixtureModel): void => {
  const values = valuesOf(fit);
  const shapes = (record: Readonly<Record<string, { readonly shape: readonly number[] }>>): string =>
    Object.entries(record)
      .map(([name, { shape }]) => `${name} [${shape.join(', ')}]`)
      .toSorted()
      .join(', ');
  if (base.name !== 'mixture' || shapes(base.parameters) !== shapes(values)) {
    throw new FlowError('shape', 'flows/assignMixture', 'The base density does not fit the mixture', {
      expected: `a mixture with ${shapes(values)}`,
      got: `${base.name} with ${shapes(base.parameters) || 'no parameters'}`,
      hint: 'Make the base with the number of components and the kind of covariance of the fit.',
    });
  }
  scoped(() => {
    for (const [name, { shape, data }] of Object.entries(values))
      base.parameters[name]!.assign(tensor(Float32Array.from(data), [...shape]));
  });
};

/** Returns the parameters of the base for a fit, with `A = (I + lower) diag(exp(-logScale))`. */
const valuesOf = ({
  dim: d,
  components,
  covariance,
  weights,
  means,
  factors,
}: MixtureModel): Readonly<Record<string, { readonly shape: readonly number[]; readonly data: Float64Array }>> => {
  const shared = {
    centre: { shape: [components, d], data: means },
    logits: { shape: [components], data: weights.map((weight) => Math.log(Math.max(weight, 1e-30))) },
  };
  if (covariance === 'diagonal')
    return { ...shared, logScale: { shape: [components, d], data: factors.map((factor) => -Math.log(factor)) } };
  const count = covariance === 'tied' ? 1 : components;
  const diagonal = (row: number): number => factors[row * d + (row % d)]!;
  return {
    ...shared,
    logScale: {
      shape: [count, d],
      data: Float64Array.from({ length: count * d }, (_, row) => -Math.log(diagonal(row))),
    },
    lower: {
      shape: [count, d, d],
      data: factors.map((factor, at) =>
        at % d < Math.floor(at / d) % d ? factor / diagonal(Math.floor(at / (d * d)) * d + (at % d)) : 0,
      ),
    },
  };
};
