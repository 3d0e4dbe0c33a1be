import { onBackend } from '@impflow/testkit';
import { readFileSync } from 'node:fs';
import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import { key, valueAndGradients, type Contraction } from '@impflow/core';
import { dense, lipSwish, sequential } from '@impflow/lipschitz';
import { exact, geometric, neumannSurrogate, rouletteCoefficients, seriesEstimate } from '@impflow/logdet';
import { expandDims, sum, tensor, tidy, variable, zerosLike, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

// Numbers of the published implementation in float64: packages/flows/test/parity holds the whole set.
const file = readFileSync(new URL('../../flows/test/parity/fixtures/estimators.safetensors', import.meta.url));
const start = 8 + Number(file.readBigUInt64LE(0));
const header = JSON.parse(file.subarray(8, start).toString()) as Record<string, { readonly shape: number[]; readonly data_offsets: [number, number] }>;
const read = (name: string): Tensor => {
  const { shape, data_offsets: [from, to] } = header[name]!;
  return tensor(new Float32Array(file.buffer.slice(file.byteOffset + start + from, file.byteOffset + start + to)), shape);
};

const net = (): Contraction => {
  const widths = [5, 24, 24, 5];
  const g = sequential([5], [0, 1, 2].flatMap((i) => {
    const layer = dense({ inputs: widths[i]!, outputs: widths[i + 1]!, coeff: 0.9, key: key(i) });
    return i === 2 ? [layer] : [layer, lipSwish()];
  }));
  for (const [name, target] of Object.entries({ ...g.parameters, ...g.buffers })) {
    const kind = /\.[uv]$/.test(name) ? 'buffer' : 'param';
    target.assign(read(name.replace('layers', kind)));
  }
  return g;
};

const distance = (a: Tensor, b: Tensor): number => Math.max(...a.dataSync().map((x, i) => Math.abs(x - b.dataSync()[i]!)));
const size = (a: Tensor): number => Math.hypot(...a.dataSync());
const apart = (a: Tensor, b: Tensor): number => Math.hypot(...a.dataSync().map((x, i) => x - b.dataSync()[i]!));

describe.each([['cpu', cpu], ['wasm', wasm]] as const)('published numbers on %s', (_name, adapter) => {
  onBackend(adapter());
  const coefficients = rouletteCoefficients(geometric(), 2, 5);

  it('exact, truncated and roulette values', () => {
    tidy(() => {
      const g = net();
      const x = read('in.x');
      const probes = expandDims(read('in.probe'));
      expect(distance(exact().estimate(g, x, key(0)).logDet, read('out.exact'))).toBeLessThan(2e-6);
      expect(distance(seriesEstimate(g, x, probes, Array.from({ length: 10 }, () => 1)).logDet, read('out.series10'))).toBeLessThan(2e-6);
      expect(distance(seriesEstimate(g, x, probes, coefficients).logDet, read('out.roulette_n7_value'))).toBeLessThan(2e-6);
    });
  });

  it('the Neumann surrogate and all its gradients', () => {
    tidy(() => {
      const g = net();
      const x = variable(read('in.x'));
      const probes = expandDims(read('in.probe'));
      // There the power k is weighted by c_k, with c_0 = 1; here, by default, with c_(k+1). Both are unbiased.
      const shifted = [1, ...coefficients];
      expect(distance(neumannSurrogate(g, x, probes, shifted), read('out.neumann_n7_surrogate'))).toBeLessThan(2e-6);
      const { gradients } = valueAndGradients(() => sum(neumannSurrogate(g, x, probes, shifted)), { x, ...g.parameters });
      for (const [name, gradient] of Object.entries(gradients)) {
        const stored = `grad.neumann.${name.replace('layers.', '')}`;
        // The last bias has no gradient, and is not stored.
        const expected = Object.hasOwn(header, stored) ? read(stored) : zerosLike(gradient);
        expect(apart(gradient, expected), `${name}`).toBeLessThan(1e-5 * Math.max(0.1, size(expected)));
      }
    });
  });
});
