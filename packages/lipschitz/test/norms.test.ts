import { readFileSync } from 'node:fs';
import { cpu } from '@impflow/backend-cpu';
import { key, drawNormal, normals, valueAndGradients } from '@impflow/core';
import {
  capWeight,
  dense,
  inducedNorm,
  learnableOrder,
  sequential,
  sinActivation,
  type NormOrders,
} from '@impflow/lipschitz';
import { onBackend } from '@impflow/testkit';
import { mul, sum, tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const vectorNorm = (x: ArrayLike<number>, p: number): number =>
  p === Infinity
    ? Math.max(...Array.from(x, Math.abs))
    : Array.from(x).reduce((total, entry) => total + Math.abs(entry) ** p, 0) ** (1 / p);
const product = (matrix: ArrayLike<number>, v: ArrayLike<number>, rows: number): number[] =>
  Array.from({ length: rows }, (_, i) =>
    Array.from(v).reduce((total, x, j) => total + matrix[i * v.length + j]! * x, 0),
  );

/** Reads a file with weights before and after the published implementation capped their norms. */
const published = () => {
  const file = readFileSync(new URL('../../flows/test/parity/fixtures/norms.safetensors', import.meta.url));
  const size = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString('utf8', 8, 8 + size)) as Record<
    string,
    { shape: number[]; data_offsets: [number, number] }
  > & { __metadata__: { case: string } };
  const read = (name: string) => {
    const {
      shape,
      data_offsets: [from, to],
    } = header[name]!;
    return {
      shape,
      data: new Float32Array(file.buffer.slice(file.byteOffset + 8 + size + from, file.byteOffset + 8 + size + to)),
    };
  };
  const { layers } = JSON.parse(header['__metadata__'].case) as {
    layers: { layer: string; domain: string; codomain: string; coeff: number }[];
  };
  return layers.map((layer, i) => ({ ...layer, weight: read(`${i}.weight`), capped: read(`${i}.capped`) }));
};
const order = (text: string): number => (text === 'inf' ? Infinity : Number(text));

const orders = [1, 1.5, 2, 2.5, 4, Infinity];
const pairs = orders.flatMap((p) => orders.map((q) => [p, q] as const));

describe('induced norms', () => {
  onBackend(cpu());

  it.each(published())(
    '$layer, norm $domain -> $codomain: `capWeight` agrees with the published implementation',
    ({ layer, domain, codomain, coeff, weight, capped }) => {
      const [rows, columns] = weight.shape as [number, number];
      const ours = capWeight(weight.data, rows, columns, {
        domain: order(domain),
        codomain: order(codomain),
        coeff,
        local: layer === 'LopLinear',
      });
      const error = Math.hypot(...ours.map((w, i) => w - capped.data[i]!)) / Math.hypot(...capped.data);
      expect(error).toBeLessThan(1e-5);
    },
  );

  it.each(pairs)('norm %d -> %d: u and v attain the norm, and no sampled v has |W v| / |v| above the norm', (p, q) => {
    const [rows, columns] = [3, 2];
    const dualOf = (r: number): number => (r === 1 ? Infinity : r === Infinity ? 1 : r / (r - 1));
    for (let seed = 0; seed < 6; seed++) {
      const matrix = normals(key(seed), rows * columns);
      const { norm, u, v } = inducedNorm(matrix, rows, columns, p, q);
      expect(vectorNorm(v, p)).toBeCloseTo(1, 9);
      expect(vectorNorm(u, dualOf(q))).toBeCloseTo(1, 9);
      expect(product(matrix, v, rows).reduce((total, y, i) => total + y * u[i]!, 0)).toBeCloseTo(norm, 9);
      // `best` is the largest quotient |A w| / |w| over 4000 directions w of the plane. The norm is the maximum over
      // all directions, so it is at least `best`. The norm exceeds `best` only a little, since near the maximum the
      // quotient changes with the square of the angle.
      let best = 0;
      for (let i = 0; i < 4000; i++) {
        const w = [Math.cos((Math.PI * i) / 4000), Math.sin((Math.PI * i) / 4000)];
        best = Math.max(best, vectorNorm(product(matrix, w, rows), q) / vectorNorm(w, p));
      }
      expect(norm / best).toBeGreaterThan(1 - 1e-6);
      expect(norm / best).toBeLessThan(1 + 1e-3);
    }
  });

  it('orders below one are refused, and so are local caps of norms that are not a maximum over columns or rows', () => {
    expect(() => inducedNorm([1], 1, 1, 0.5, 2)).toThrow(
      '[lipschitz/inducedNorm] Wrong order of a norm: expected a number of at least 1, or Infinity, got 0.5.',
    );
    expect(() => capWeight([1], 1, 1, { coeff: 1, local: true })).toThrow(
      '[lipschitz/capWeight] No local cap for this norm',
    );
    expect(inducedNorm(new Float64Array(6), 2, 3, 1.5, 3).norm).toBe(0);
  });

  const variants: readonly NormOrders[] = [
    {},
    { domain: 1, codomain: 2 },
    { domain: Infinity, codomain: Infinity },
    { domain: 1.5, codomain: 2.5 },
    { domain: 3, codomain: 1 },
    { domain: 1, codomain: 2, local: true },
    { domain: 2, codomain: Infinity, local: true },
    { domain: Infinity, codomain: Infinity, local: true },
    { domain: 1, codomain: 1, local: true },
  ];

  it.each(variants)('`dense` caps the norm $domain -> $codomain (local: $local) and has a correct gradient', (norm) =>
    tidy(() => {
      const options = { coeff: 0.4, domain: 2, codomain: 2, ...norm };
      const layer = dense({ inputs: 5, outputs: 4, coeff: 0.4, norm, key: key(3) });
      const weight = layer.parameters['weight'] as Tensor & { assign(t: Tensor): void };
      // The norms of some columns or rows are above the cap, and the other norms are below the cap. No norm is close to
      // the cap.
      weight.assign(
        tensor(
          Float32Array.from(normals(key(4), 20), (w, at) => w * (at % 5 === 0 ? 0.02 : 0.5)),
          [4, 5],
        ),
      );
      layer.refresh!({ tolerance: 1e-7 });
      const values = Float64Array.from(weight.dataSync());
      const x = drawNormal(key(5), [3, 5]);
      const r = drawNormal(key(6), [3, 4]);
      // Computes W_c from the products with unit tangents.
      const trace = layer.trace(x);
      const identity = tensor(
        Float32Array.from({ length: 25 }, (_, at) => (at % 6 === 0 ? 1 : 0)),
        [5, 5],
      );
      const columns = layer.jvp(trace, identity).arraySync() as number[][];
      const expected = capWeight(values, 4, 5, options);
      expected.forEach((w, at) => expect(columns[at % 5]![Math.floor(at / 5)]!).toBeCloseTo(w, 5));
      // The gradient of <r, x W_c^T> by finite differences in float64. The norm is recomputed at each point.
      const loss = (w: Float64Array): number => {
        const c = capWeight(w, 4, 5, options, { tolerance: 1e-10 });
        const [xs, rs] = [x.arraySync() as number[][], r.arraySync() as number[][]];
        return xs.reduce(
          (total, row, b) =>
            total + rs[b]!.reduce((inner, g, i) => inner + g * row.reduce((s, v, j) => s + v * c[i * 5 + j]!, 0), 0),
          0,
        );
      };
      const gradient = layer.trained!(layer.pullback(trace, r).weights)[0]!.dataSync();
      values.forEach((w, at) => {
        const slope = (loss(values.with(at, w + 1e-5)) - loss(values.with(at, w - 1e-5))) / 2e-5;
        expect(Math.abs(gradient[at]! - slope), `entry ${at}`).toBeLessThan(2e-5 * Math.max(1, Math.abs(slope)));
      });
    }),
  );

  it('a net of layers whose norms do not match is refused', () => {
    const layer = (domain: number, codomain: number) =>
      dense({ inputs: 2, outputs: 2, coeff: 0.9, norm: { domain, codomain }, key: key(7) });
    expect(sequential([2], [layer(1, 2), sinActivation(), layer(2, 1)]).lipschitz).toBeCloseTo(0.81, 12);
    expect(() => sequential([2], [layer(1, 2), sinActivation(), layer(3, 1)])).toThrow(
      '[lipschitz/sequential] The norms of the layers do not match: expected the codomain 3 in layer 1 of 2 with a norm',
    );
    expect(() => sequential([2], [layer(1, 2)])).toThrow(
      'got 2. The codomain of each layer must be the domain of the next layer',
    );
  });

  it('gradients of learnable orders that layers share agree with finite differences of the refreshed net', () =>
    tidy(() => {
      const [p, q] = [learnableOrder({ start: 1.7 }), learnableOrder({ start: 3 })];
      const layer = (domain: typeof p, codomain: typeof p, seed: number) =>
        dense({ inputs: 4, outputs: 4, coeff: 0.3, norm: { domain, codomain }, key: key(seed) });
      const g = sequential([4], [layer(p, q, 11), sinActivation(), layer(q, p, 12)]);
      expect(Object.keys(g.parameters)).toEqual(
        ['weight', 'bias', 'domain', 'codomain']
          .map((name) => `layers.0.${name}`)
          .concat(['layers.2.weight', 'layers.2.bias']),
      );
      expect(p.value()).toBeCloseTo(1.7, 6);
      expect(q.value()).toBeCloseTo(3, 6);
      const [x, r] = [drawNormal(key(13), [6, 4]), drawNormal(key(14), [6, 4])];
      const loss = (): Tensor => sum(mul(r, g.apply(x)));
      g.refresh({ tolerance: 1e-9 });
      const { gradients } = valueAndGradients(loss, g.parameters);
      for (const [path, { raw }] of [
        ['layers.0.domain', p],
        ['layers.0.codomain', q],
      ] as const) {
        const present = raw.dataSync()[0]!;
        const at = (shift: number): number => {
          raw.assign(tensor([present + shift]));
          g.refresh({ tolerance: 1e-9 });
          return loss().dataSync()[0]!;
        };
        const slope = (8 * (at(0.05) - at(-0.05)) - (at(0.1) - at(-0.1))) / 0.6;
        at(0);
        expect(Math.abs(slope)).toBeGreaterThan(1e-3);
        expect(Math.abs(gradients[path]!.dataSync()[0]! - slope)).toBeLessThan(1e-4 + 1e-2 * Math.abs(slope));
      }
      expect(() => learnableOrder({ start: 1 })).toThrow('[lipschitz/learnableOrder] Wrong order of a norm');
      expect(() => sequential([4], [layer(p, q, 11)])).toThrow(
        'expected the codomain learnable (now 1.70) in layer 1 of 1 with a norm, got learnable (now 3.00)',
      );
    }));

  it('the gradient tape computes the gradient of a weight whose norm is not spectral', () =>
    tidy(() => {
      const g = sequential(
        [3],
        [dense({ inputs: 3, outputs: 3, coeff: 0.5, norm: { domain: Infinity, codomain: Infinity }, key: key(8) })],
      );
      const { gradients } = valueAndGradients(
        () => sum(mul(drawNormal(key(9), [2, 3]), g.apply(drawNormal(key(10), [2, 3])))),
        g.parameters,
      );
      expect(Object.keys(gradients)).toEqual(['layers.0.weight', 'layers.0.bias']);
      expect(Math.hypot(...gradients['layers.0.weight']!.dataSync())).toBeGreaterThan(0);
    }));
});
