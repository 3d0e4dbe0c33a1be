import { wasm } from '@impflow/backend-wasm';
import { jacobianOf, unitTangents } from '@impflow/core';
import { anderson, quasiNewton, solve } from '@impflow/solvers';
import { onBackend } from '@impflow/testkit';
import { backend, memory, neg, sub, tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { BUILDS } from '../../../testkit/private/extent.mjs';
import type { ActivationName } from '../../src/kernels/elementwise/activation.ts';
import type { RootAttributes } from '../../src/kernels/root-methods.ts';
import type { WasmBackend } from '../../src/machine.ts';
import { curves, draw, forward, netOf, none, range, traced, type Net } from '../net-references.ts';
import { runKernel } from '../run-kernel.ts';

type Attributes = RootAttributes & {
  readonly widths: readonly number[];
  readonly activation: ActivationName;
  readonly alpha: number;
};

const norm = (x: Float64Array): number => Math.hypot(...x);

/** Returns the largest singular value of `w [m, n]`. */
const largest = (w: Float64Array, m: number, n: number): number => {
  let v = new Float64Array(n).fill(1).map((one, i) => one + i / n);
  let sigma = 0;
  for (let turn = 0; turn < 60; turn++) {
    const u = new Float64Array(m).map((_, i) => v.reduce((sum, x, j) => sum + w[i * n + j]! * x, 0));
    sigma = norm(u) / norm(v);
    v = new Float64Array(n).map((_, j) => u.reduce((sum, x, i) => sum + w[i * n + j]! * x, 0) / norm(u));
  }
  return sigma;
};

const made = new Map<string, Net>();

/** Returns a net for which the product of the spectral norms of its weights is `bound`. */
const contraction = (name: string, activation: Attributes['activation'], bound = 0.95): Net => {
  const title = `${name} ${activation} ${bound}`;
  const net = made.get(title) ?? scaledNet(name, activation, bound);
  made.set(title, net);
  return net;
};

const scaledNet = (name: string, activation: Attributes['activation'], bound: number): Net => {
  const net = netOf(
    name.split('-').map(Number),
    curves.find((curve) => curve.activation === activation)!,
  );
  const each = bound ** (1 / net.layers.length);
  return {
    ...net,
    layers: net.layers.map((layer) => {
      const factor = each / largest(layer.w, layer.m, layer.n);
      return { ...layer, w: layer.w.map((x) => Math.fround(x * factor)) };
    }),
  };
};

/** Returns the solution of `z + g(z) = h` in float64, by fixed-point iteration. */
const exactly = (net: Net, h: Float64Array): Float64Array => {
  let z = h;
  for (let turn = 0; turn < 600; turn++) {
    const { value } = forward(net, { ...none, x: z });
    const next = h.map((x, i) => x - value[i]!);
    const moved = next.reduce((most, x, i) => Math.max(most, Math.abs(x - z[i]!)), 0);
    z = next;
    if (moved < 1e-12) break;
  }
  return z;
};

const inputsOf = ({ layers }: Net): Record<string, Tensor> =>
  Object.fromEntries(
    layers.flatMap(({ w, bias, m, n }, i) => [
      [`w${i}`, tensor(new Float32Array(w), [m, n])],
      [`b${i}`, tensor(new Float32Array(bias), [m])],
    ]),
  );
const defaults = {
  damping: 1,
  regularization: 1e-6,
  atol: 1e-6,
  rtol: 1e-6,
  divergence: 1e4,
  maxSteps: 50,
  keep: true,
};
const attributesOf = (
  { widths, curve: { activation, alpha } }: Net,
  more: Partial<Attributes> & Pick<Attributes, 'method'>,
): Attributes => ({ widths, activation, alpha, memory: Math.min(5, widths[0]!), ...defaults, ...more });

interface Root extends Readonly<
  Record<'z' | 'value' | 'residual' | 'tolerance' | 'latest' | 'limit' | 'steps' | 'trace', Float32Array>
> {}

const solved = (net: Net, h: ArrayLike<number>, more: Partial<Attributes> & Pick<Attributes, 'method'>): Root =>
  tidy(() => {
    const d = net.widths[0]!,
      batch = h.length / d;
    const attributes = attributesOf(net, more);
    const found = runKernel(
      'ImpflowNetRoot',
      { h: tensor(Float32Array.from(h), [batch, d]), ...inputsOf(net) },
      attributes,
    );
    const inside = net.widths.slice(1, -1).reduce((sum, n) => sum + n, 0);
    expect(found.map(({ shape }) => shape)).toEqual([
      [batch, d],
      [batch, d],
      [4 * batch],
      [batch],
      ...(attributes.keep ? [[(attributes.activation === 'snake' ? 3 : 2) * batch * inside]] : []),
    ]);
    const [z, value, evidence, steps, trace = new Float32Array(0)] = found.map((x) =>
      x.dataSync<'float32'>(),
    ) as Float32Array[];
    const [residual, tolerance, latest, limit] = range(4).map((i) => evidence!.slice(i * batch, (i + 1) * batch)) as [
      Float32Array,
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    return { z: z!, value: value!, residual, tolerance, latest, limit, steps: steps!, trace };
  });

const converged = ({ residual, tolerance }: Root): readonly boolean[] =>
  [...residual].map((r, i) => r <= tolerance[i]!);
const off = (found: ArrayLike<number>, expected: ArrayLike<number>): number =>
  Math.max(0, ...Array.from(found, (x, i) => Math.abs(x - expected[i]!)));

/** Returns the results of one row of a batch, including its hidden layers. */
const rowOf = (
  { widths, curve }: Net,
  { z, value, residual, tolerance, latest, limit, steps, trace }: Root,
  row: number,
): readonly number[] => {
  const d = widths[0]!,
    batch = steps.length;
  let first = 0;
  const inside = widths
    .slice(1, -1)
    .flatMap((n) => (curve.activation === 'snake' ? [n, n, n] : [n, n]))
    .flatMap((n) => {
      const at = first + row * n;
      first += batch * n;
      return [...trace.subarray(at, at + n)];
    });
  return [
    ...z.subarray(row * d, (row + 1) * d),
    ...value.subarray(row * d, (row + 1) * d),
    ...[residual, tolerance, latest, limit, steps].map((x) => x[row]!),
    ...inside,
  ];
};

const cases = (
  [
    '1-16-1',
    '2-24-2',
    '3-3',
    '3-20-12-3',
    '2-128-128-2',
    '6-43-7-9-6',
    '16-24-16',
    '20-30-20',
    '50-30-50',
    '300-520-300',
  ] as const
).flatMap((name) =>
  (name === '300-520-300' ? (['tanh'] as const) : (['sin', 'snake', 'elu', 'tanh'] as const)).flatMap((activation) => {
    const methods = Number(name.split('-')[0]) > 16 ? (['anderson'] as const) : (['quasi-newton', 'anderson'] as const);
    return methods.map((method) => ({ name, activation, method }));
  }),
);
const few = cases.filter(
  ({ name, activation }) => activation === 'sin' && ['2-24-2', '6-43-7-9-6', '20-30-20', '50-30-50'].includes(name),
);

describe.each(BUILDS)('roots of whole nets, %s build', (simd) => {
  onBackend(wasm({ simd }));

  it.each(cases)(
    'solution, residuals and tolerances agree with float64: net $name, $activation, $method',
    ({ name, activation, method }) => {
      const net = contraction(name, activation),
        d = net.widths[0]!,
        rows = name === '300-520-300' ? 7 : name === '2-128-128-2' ? 61 : 130;
      const h = draw(1, rows * d);
      const found = solved(net, h, { method });
      expect(converged(found)).not.toContain(false);
      // The net has a Lipschitz constant of at most 0.95. So the distance from the solution is at most the residual
      // divided by 1 - 0.95.
      expect(off(found.z, exactly(net, h))).toBeLessThan(20 * Math.max(...found.tolerance));
      const { value, hidden } = forward(net, { ...none, x: Float64Array.from(found.z) });
      expect(off(found.value, value)).toBeLessThan(3e-6);
      expect(
        off(
          found.trace,
          hidden.flatMap((layer) => traced(net.curve, layer).flatMap((plane) => [...plane])),
        ),
      ).toBeLessThan(2e-5);
      const atStart = forward(net, { ...none, x: h }).value;
      for (const row of range(rows)) {
        const [from, to] = [row * d, (row + 1) * d];
        const at = Float64Array.from(found.z.subarray(from, to));
        expect(
          Math.abs(found.residual[row]! - norm(at.map((x, i) => x + value[from + i]! - h[from + i]!))),
        ).toBeLessThan(3e-6);
        expect(found.tolerance[row]!).toBeCloseTo(1e-6 * (1 + norm(at)), 11);
        expect(found.limit[row]! / 1e4).toBeCloseTo(norm(atStart.slice(from, to)), 4);
      }
      expect(found.latest).toEqual(found.residual);
    },
  );

  it.each(cases)(
    'steps, solution and residuals agree with `solve` of package solvers: net $name, $activation, $method',
    ({ name, activation, method }) => {
      const net = contraction(name, activation),
        d = net.widths[0]!,
        rows = d > 100 ? 7 : 70,
        h = draw(2, rows * d);
      const root = solved(net, h, { method });
      tidy(() => {
        const target = tensor(new Float32Array(h), [rows, d]),
          inputs = inputsOf(net),
          attributes = attributesOf(net, { method });
        const f = Object.assign(
          (x: Tensor): Tensor =>
            sub(target, runKernel('ImpflowNet', { x, ...inputs }, { ...attributes, keep: false })[0]!),
          {
            linearize: (x: Tensor) => {
              const [g, trace0] = runKernel('ImpflowNet', { x, ...inputs }, { ...attributes, keep: true });
              const jvp = (tangents: Tensor): Tensor =>
                neg(
                  runKernel(
                    'ImpflowNetPush',
                    { trace0: trace0!, tangents, ...inputs },
                    { ...attributes, keep: false },
                  )[0]!,
                );
              return {
                value: sub(target, g!),
                jvp,
                vjp: jvp,
                jacobian: () => jacobianOf(jvp(unitTangents(x.shape[0]!, x.shape[1]!))),
                dispose: () => {
                  g!.dispose();
                  trace0!.dispose();
                },
              };
            },
          },
        );
        const { value, status, stats } =
          method === 'anderson'
            ? solve(f, target, { solver: anderson() })
            : solve(f, target, { solver: quasiNewton(), problem: 'fixed-point' });
        expect(status).toBe('converged');
        // If a residual is near its tolerance, rounding decides whether there is one more step.
        expect(Math.abs(Math.max(...root.steps) - stats.steps)).toBeLessThanOrEqual(1);
        expect(off(root.z, value.dataSync())).toBeLessThan(40 * Math.max(...root.tolerance));
        expect(off(root.residual, stats.residual)).toBeLessThan(Math.max(...root.tolerance));
      });
    },
  );

  it.each(few)(
    'the first steps of a solve do not depend on `maxSteps`: net $name, $method',
    ({ name, activation, method }) => {
      const net = contraction(name, activation),
        d = net.widths[0]!,
        rows = 70,
        h = draw(3, rows * d);
      const all = solved(net, h, { method });
      const most = Math.max(...all.steps);
      expect(most).toBeGreaterThan(2);
      for (const maxSteps of range(most).slice(1)) {
        const some = solved(net, h, { method, maxSteps });
        expect(some.steps).toEqual(all.steps.map((step) => Math.min(step, maxSteps)));
        const [done = [], open = []] = [true, false].map((ended) =>
          range(rows).filter((row) => all.steps[row]! <= maxSteps === ended),
        );
        expect(done.map((row) => rowOf(net, some, row))).toEqual(done.map((row) => rowOf(net, all, row)));
        // The rows in `open` reached maxSteps: they have not converged, not diverged and not overflowed.
        const { residual, tolerance, latest, limit } = some;
        expect(
          open.filter(
            (row) => residual[row]! > tolerance[row]! && latest[row]! < limit[row]! && latest[row]! >= residual[row]!,
          ),
        ).toEqual(open);
      }
    },
  );

  it.each(few)(
    'the result of a row is bit-identical in every batch: net $name, $method',
    ({ name, activation, method }) => {
      const net = contraction(name, activation),
        d = net.widths[0]!,
        rows = 500,
        h = draw(4, rows * d);
      const all = solved(net, h, { method });
      const expected = range(rows).map((row) => rowOf(net, all, row));
      for (const [first, size] of [
        [0, 1],
        [7, 1],
        [499, 1],
        [3, 3],
        [100, 3],
        [0, 64],
        [65, 65],
        [436, 64],
      ] as const) {
        const part = solved(net, h.subarray(first * d, (first + size) * d), { method });
        expect(
          range(size).map((row) => rowOf(net, part, row)),
          `${size} rows from ${first}`,
        ).toEqual(expected.slice(first, first + size));
      }
      for (const bad of [NaN, Infinity, 1e30]) {
        const worse = h.map((x, at) => (Math.floor(at / d) % 3 === 1 ? bad : x));
        const beside = solved(net, worse, { method });
        const good = range(rows).filter((row) => row % 3 !== 1);
        expect(
          good.map((row) => rowOf(net, beside, row)),
          `beside ${bad}`,
        ).toEqual(good.map((row) => expected[row]));
        expect(range(rows).filter((row) => converged(beside)[row]! && Number.isFinite(beside.tolerance[row]!))).toEqual(
          good,
        );
      }
    },
  );

  it.each(few)(
    'the returned trace equals the trace that the kernel `ImpflowNet` computes at the solution: net $name, $method',
    ({ name, activation, method }) => {
      const net = contraction(name, activation),
        d = net.widths[0]!,
        rows = 65,
        h = draw(5, rows * d);
      const root = solved(net, h, { method });
      tidy(() => {
        const [value, trace] = runKernel(
          'ImpflowNet',
          { x: tensor(root.z, [rows, d]), ...inputsOf(net) },
          attributesOf(net, { method }),
        );
        expect(off(root.value, value!.dataSync())).toBeLessThan(1e-6);
        expect(off(root.trace, trace!.dataSync())).toBeLessThan(1e-6);
      });
      const { trace, ...bare } = solved(net, h, { method, keep: false });
      expect(trace).toHaveLength(0);
      expect({ ...bare, trace: root.trace }).toEqual(root);
    },
  );

  it('a row that has converged at the first iterate takes no step, and for a diverging row the best iterate is returned', () => {
    const net = contraction('2-2', 'sin', 3),
      still = { ...net, layers: [{ ...net.layers[0]!, w: Float64Array.of(3, 0, 0, 3), bias: new Float64Array(2) }] };
    for (const method of ['quasi-newton', 'anderson'] as const) {
      const { steps, z, residual } = solved(still, [0, 0, 1, 2], { method });
      expect(steps[0]).toBe(0);
      expect([...z.subarray(0, 2), residual[0]]).toEqual([0, 0, 0]);
      expect(off(z.subarray(2), [0.25, 0.5])).toBeLessThan(1e-6);
    }
    // The first Anderson step leads to the point z - F(z). At this point the residual is three times the residual at z.
    const lost = solved(still, [1, 2], { method: 'anderson', divergence: 1.5 });
    expect([...lost.steps, ...lost.z]).toEqual([1, 1, 2]);
    expect(lost.latest[0]! / lost.residual[0]!).toBeCloseTo(3, 5);
    expect(lost.latest[0]!).toBeGreaterThanOrEqual(lost.limit[0]!);
  });

  it.each([{ memory: 1 }, { memory: 2, damping: 0.6 }, { damping: 0.8, regularization: 1e-3 }])(
    'with the options %o of Anderson acceleration, the number of steps agrees with `solve` of package solvers',
    (options) => {
      for (const name of ['6-43-7-9-6', '50-30-50']) {
        const net = contraction(name, 'tanh'),
          h = draw(6, 20 * net.widths[0]!);
        const root = solved(net, h, { method: 'anderson', ...options });
        expect(converged(root)).not.toContain(false);
        tidy(() => {
          const target = tensor(new Float32Array(h), [20, net.widths[0]!]),
            inputs = inputsOf(net),
            attributes = attributesOf(net, { method: 'anderson', keep: false });
          const { stats } = solve(
            (x) => sub(target, runKernel('ImpflowNet', { x, ...inputs }, attributes)[0]!),
            target,
            { solver: anderson(options) },
          );
          expect(Math.abs(Math.max(...root.steps) - stats.steps)).toBeLessThanOrEqual(1);
        });
      }
    },
  );

  it('the solve of an empty batch has empty results', () => {
    for (const method of ['quasi-newton', 'anderson'] as const) {
      const { z, steps } = solved(contraction('2-24-2', 'elu'), [], { method });
      expect([z.length, steps.length]).toEqual([0, 0]);
    }
  });

  it('solves of whole nets leak no memory', () => {
    const calls = few.map(({ name, method }) => ({ net: contraction(name, 'elu'), method }));
    const round = (): void => {
      for (const { net, method } of calls)
        for (const rows of [1, 65]) solved(net, draw(7, rows * net.widths[0]!), { method, keep: rows === 1 });
    };
    const held = (): object => {
      const { numTensors, numBytes, numDataBuffers } = memory();
      return {
        numTensors,
        numBytes,
        numDataBuffers,
        ids: backend().numDataIds(),
        heap: (backend() as WasmBackend).wasm.asm.memory.buffer.byteLength,
      };
    };
    round();
    const before = held();
    for (let i = 0; i < 10; i++) round();
    expect(held()).toEqual(before);
  });
});
