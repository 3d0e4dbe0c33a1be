import { readFileSync } from 'node:fs';
import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import { key, type Contraction } from '@impflow/core';
import { dense, lipSwish, sequential } from '@impflow/lipschitz';
import { exact, geometric, rouletteCoefficients, seriesEstimate } from '@impflow/logdet';
import { onBackend } from '@impflow/testkit';
import { expandDims, mul, sum, tensor, tidy, zerosLike, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { at } from './at.ts';

// Numbers of the published implementation in float64. The full set of published numbers is in
// packages/flows/test/parity.
const file = readFileSync(new URL('../../flows/test/parity/fixtures/estimators.safetensors', import.meta.url));
const start = 8 + Number(file.readBigUInt64LE(0));
const header = JSON.parse(file.subarray(8, start).toString()) as Record<
  string,
  { readonly shape: number[]; readonly data_offsets: [number, number] }
>;
const read = (name: string): Tensor => {
  const {
    shape,
    data_offsets: [from, to],
  } = header[name]!;
  return tensor(
    new Float32Array(file.buffer.slice(file.byteOffset + start + from, file.byteOffset + start + to)),
    shape,
  );
};

const net = (): Contraction => {
  const widths = [5, 24, 24, 5];
  const g = sequential(
    [5],
    [0, 1, 2].flatMap((i) => {
      const layer = dense({ inputs: widths[i]!, outputs: widths[i + 1]!, coeff: 0.9, key: key(i) });
      return i === 2 ? [layer] : [layer, lipSwish()];
    }),
  );
  for (const [name, target] of Object.entries({ ...g.parameters, ...g.buffers })) {
    const kind = /\.[uv]$/.test(name) ? 'buffer' : 'param';
    target.assign(read(name.replace('layers', kind)));
  }
  return g;
};

const distance = (a: Tensor, b: Tensor): number =>
  Math.max(...a.dataSync().map((x, i) => Math.abs(x - b.dataSync()[i]!)));
const size = (a: Tensor): number => Math.hypot(...a.dataSync());
const apart = (a: Tensor, b: Tensor): number => Math.hypot(...a.dataSync().map((x, i) => x - b.dataSync()[i]!));

describe.each([
  ['cpu', cpu],
  ['wasm', wasm],
] as const)('published numbers on %s', (_name, adapter) => {
  onBackend(adapter());
  const coefficients = rouletteCoefficients(geometric(), 2, 5);

  it('the exact log-determinant, the truncated series and the Russian roulette agree with the published numbers', () => {
    tidy(() => {
      at(net(), read('in.x'), (lin) => {
        const probes = expandDims(read('in.probe'));
        expect(distance(exact().estimate(lin, key(0)).logDet, read('out.exact'))).toBeLessThan(2e-6);
        expect(
          distance(
            seriesEstimate(
              lin,
              probes,
              Array.from({ length: 10 }, () => 1),
            ).logDet,
            read('out.series10'),
          ),
        ).toBeLessThan(2e-6);
        expect(distance(seriesEstimate(lin, probes, coefficients).logDet, read('out.roulette_n7_value'))).toBeLessThan(
          2e-6,
        );
      });
    });
  });

  it('the Neumann surrogate and all its gradients agree with the published numbers', () => {
    tidy(() => {
      const g = net();
      at(g, read('in.x'), (lin) => {
        // The published code gives the power k the weight c_k, with c_0 = 1. By default this package gives the power k
        // the weight c_(k+1). The series is unbiased with the weights c_k and with the weights c_(k+1).
        const { pair } = seriesEstimate(lin, expandDims(read('in.probe')), [1, ...coefficients]);
        const surrogate = sum(mul(pair!.cotangents, pair!.pushed.images), [0, 2]);
        expect(distance(surrogate, read('out.neumann_n7_surrogate'))).toBeLessThan(2e-6);
        const gradient = lin.pullback({ pair });
        const trained = g.trained(gradient.weights);
        for (const [name, found] of [
          ['x', gradient.x] as const,
          ...Object.keys(g.parameters).map((name, i) => [name, trained[i]!] as const),
        ]) {
          const stored = `grad.neumann.${name.replace('layers.', '')}`;
          // The gradient of the last bias is zero, so the file does not contain it.
          const expected = Object.hasOwn(header, stored) ? read(stored) : zerosLike(found);
          expect(apart(found, expected), name).toBeLessThan(1e-5 * Math.max(0.1, size(expected)));
        }
      });
    });
  });
});
