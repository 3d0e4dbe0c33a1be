import * as core from '@impflow/core';
import type { Contraction } from '@impflow/core';
import * as flows from '@impflow/flows';
import { builtInRegistries } from '@impflow/flows';
import { dense, sequential } from '@impflow/lipschitz';
import { exact, geometric, poisson, rouletteCoefficients, seriesEstimate } from '@impflow/logdet';
import type { HostTensors } from '@impflow/training';
import * as tf from '@tensorflow/tfjs-core';
import { expandDims, mul, sum, tensor, type Tensor } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { largest, numbersOf, relative } from '../../../testkit/private/parity.mjs';

export interface EstimatorSpec {
  readonly dim: number;
  readonly activation: string;
  readonly coeff: number;
  readonly roulette: {
    readonly distribution: 'geometric' | 'poisson';
    readonly p?: number;
    readonly lambda?: number;
    readonly exact_terms: number;
    readonly n: number;
  };
}

const OURS: Readonly<Record<string, string>> = { swish: 'lipSwish' };

/** Returns the net of a case, with layers named `layers.<i>`. */
const netOf = (tensors: HostTensors, { dim, activation, coeff }: EstimatorSpec): Contraction => {
  const indices = Object.keys(tensors)
    .flatMap((name) => /^param\.(\d+)\.weight$/.exec(name)?.[1] ?? [])
    .map(Number)
    .toSorted((a, b) => a - b);
  const layers = Array.from({ length: indices.at(-1)! + 1 }, (_, i) => {
    const weight = tensors[`param.${i}.weight`];
    return weight === undefined
      ? builtInRegistries.activation.create({ name: OURS[activation] ?? activation })
      : dense({ inputs: weight.shape[1]!, outputs: weight.shape[0]!, coeff, key: { high: 0, low: i } });
  });
  const net = sequential([dim], layers);
  for (const [path, target] of Object.entries({ ...net.parameters, ...net.buffers })) {
    const name = path.replace('layers.', '');
    const from = tensors[`param.${name}`] ?? tensors[`buffer.${name}`];
    expect(from, name).toBeDefined();
    target.assign(tensor(Float32Array.from(from!.data as Float32Array), target.shape));
  }
  return net;
};

/**
 * Registers tests of the estimators with one net and one probe. The expected numbers come from the published
 * implementation.
 */
export const estimatorCase = (tensors: HostTensors, spec: EstimatorSpec): void => {
  const input = (name: string): Tensor =>
    tensor(Float32Array.from(tensors[name]!.data as Float32Array), [...tensors[name]!.shape]);
  const { distribution, p, lambda, exact_terms: exactTerms, n } = spec.roulette;
  const coefficients = (): readonly number[] =>
    rouletteCoefficients(
      distribution === 'geometric'
        ? geometric(p === undefined ? {} : { p })
        : poisson(lambda === undefined ? {} : { lambda }),
      exactTerms,
      n - exactTerms,
    );
  // In the Neumann form of the published implementation, power k (counted from zero) has the weight c_k.
  const fromPowerZero = (): readonly number[] => [1, ...coefficients()];

  const library = { core, flows, tf };

  it('the estimators for the power series, Russian roulette and the exact log-determinant agree with the published numbers', async () => {
    const g = netOf(tensors, spec);
    const found = await numbersOf(library, () => {
      const at = g.linearize(input('in.x'), { tracked: false });
      const probes = expandDims(input('in.probe'));
      const values = {
        series: seriesEstimate(
          at,
          probes,
          Array.from({ length: 10 }, () => 1),
        ).logDet,
        roulette: seriesEstimate(at, probes, coefficients()).logDet,
        exact: exact({ maxDim: Infinity }).estimate(at, { high: 0, low: 0 }).logDet,
      };
      at.dispose();
      return values;
    });
    expect(largest(found.series, tensors['out.series10']!.data)).toBeLessThan(1e-4);
    expect(largest(found.roulette, tensors[`out.roulette_n${n}_value`]!.data)).toBeLessThan(1e-4);
    expect(largest(found.exact, tensors['out.exact']!.data)).toBeLessThan(1e-4);
  });

  it('the Neumann form and its gradients agree with the published numbers', async () => {
    const g = netOf(tensors, spec);
    const { surrogate, ...gradients } = await numbersOf<string>(library, () => {
      const at = g.linearize(input('in.x'));
      const { pair } = seriesEstimate(at, expandDims(input('in.probe')), fromPowerZero());
      const { x, weights } = at.pullback({ pair });
      const trained = g.trained(weights);
      at.dispose();
      return {
        surrogate: sum(mul(pair!.cotangents, pair!.pushed.images), [0, 2]),
        x,
        ...Object.fromEntries(Object.keys(g.parameters).map((path, i) => [path, trained[i]!])),
      };
    });
    expect(largest(surrogate!, tensors[`out.neumann_n${n}_surrogate`]!.data)).toBeLessThan(1e-4);
    for (const [name, wanted] of Object.entries(tensors)) {
      if (!name.startsWith('grad.neumann.')) continue;
      const path = name === 'grad.neumann.x' ? 'x' : `layers.${name.slice(13)}`;
      expect(relative(gradients[path]!, wanted.data as Float32Array), name).toBeLessThan(1e-3);
    }
  });
};
