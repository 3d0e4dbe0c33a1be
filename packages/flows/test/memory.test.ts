import { wasm } from '@impflow/backend-wasm';
import {
  key,
  drawNormal,
  scoped,
  valueAndGradients,
  type Bijector,
  type Contraction,
  type LogDetEstimator,
  type Transformed,
} from '@impflow/core';
import { chain, implicitBlock, monotoneBlock, residualBlock, type BlockOptions } from '@impflow/flows';
import { conditionalMlp, convNet, lipSwish, mlp, sinActivation } from '@impflow/lipschitz';
import { exact, powerSeries, russianRoulette, solved } from '@impflow/logdet';
import { lively, onBackend, testBijector } from '@impflow/testkit';
import {
  engine,
  memory,
  mean,
  mul,
  square,
  sub,
  sum,
  tensor1d,
  variable,
  type Tensor,
  type Variable,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { countingBytes } from '../../testkit/private/counting-bytes.mjs';

const nets =
  (dim: number, hidden: readonly number[], activation = sinActivation) =>
  (seed: number): Contraction =>
    mlp({ dim, hidden, activation, coeff: 0.9, key: key(seed) });
const implicit =
  (make: (seed: number) => Contraction, options: BlockOptions) =>
  (i: number): Bijector =>
    implicitBlock({ ...options, gx: make(2 * i), gz: make(2 * i + 1) });
const residual =
  (make: (seed: number) => Contraction, options: BlockOptions) =>
  (i: number): Bijector =>
    residualBlock({ ...options, g: make(i) });
const monotone =
  (make: (seed: number) => Contraction, options: BlockOptions) =>
  (i: number): Bijector =>
    monotoneBlock({ ...options, g: make(i) });
const stacked = (count: number, block: (i: number) => Bijector): Bijector =>
  lively(chain(Object.fromEntries(Array.from({ length: count }, (_, i) => [String(i), block(i)]))), 0.05);

for (const [dim, logDet] of [
  [2, exact()],
  [3, powerSeries({ terms: 40, probe: 'basis' })],
] as const) {
  testBijector({
    name: `implicitBlock with memory budget, dimension ${dim}`,
    make: () => stacked(1, implicit(nets(dim, [12], lipSwish), { memory: 'budget', logDet, evaluationLogDet: logDet })),
    backends: [wasm()],
  });
}

describe('equal results with the memory options `budget` and `keep`, on wasm', () => {
  onBackend(wasm());
  const B = 21;

  const losses: Readonly<Record<string, (transformed: Transformed) => Tensor>> = {
    'a mean loss': ({ value, logDet }) => mean(sub(mul(0.5, sum(square(value), 1)), logDet)),
    'a loss with different weights for the samples': ({ value, logDet }) =>
      sum(
        mul(
          tensor1d(Array.from({ length: B }, (_, i) => 0.1 + Math.cos(i) ** 2)),
          sub(mul(0.5, sum(square(value), 1)), logDet),
        ),
      ),
    'a loss that contains only the log-determinants': ({ logDet }) => mean(logDet),
    'a loss of the values only': ({ value }) => mean(square(value)),
  };
  const directions: Readonly<Record<string, (flow: Bijector, x: Tensor, condition?: Tensor) => Transformed>> = {
    forwardWithLogDet: (flow, x, condition) =>
      flow.forwardWithLogDet(x, { key: key(5), train: true, ...(condition === undefined ? {} : { condition }) }),
    inverseWithLogDet: (flow, x, condition) =>
      flow.inverseWithLogDet(x, { key: key(5), train: true, ...(condition === undefined ? {} : { condition }) }),
    forward: (flow, x) => ({
      value: flow.forward(x, { key: key(5) }),
      logDet: tensor1d(Array.from({ length: B }, () => 0)),
    }),
    inverse: (flow, x) => ({
      value: flow.inverse(x, { key: key(5) }),
      logDet: tensor1d(Array.from({ length: B }, () => 0)),
    }),
  };

  interface Outcome {
    readonly values: readonly Float32Array[];
    readonly gradients: Readonly<Record<string, Float32Array>>;
  }

  const run = (
    flow: Bijector,
    inputs: Readonly<Record<string, Variable>>,
    transform: (x: Tensor) => Transformed,
    loss: (transformed: Transformed) => Tensor,
  ): Outcome =>
    scoped(() => {
      let values: readonly Float32Array[] = [];
      const { value, gradients } = valueAndGradients(
        () => {
          const transformed = transform(inputs['x']!);
          const total = loss(transformed);
          values = [transformed.value, transformed.logDet].map((t) => t.dataSync<'float32'>().slice());
          return total;
        },
        { ...flow.parameters, ...inputs },
      );
      return {
        values: [...values, value.dataSync<'float32'>().slice()],
        gradients: Object.fromEntries(
          Object.entries(gradients).map(([name, t]) => [name, t.dataSync<'float32'>().slice()]),
        ),
      };
    });

  const expectSame = (kept: Outcome, thrifty: Outcome): void => {
    expect(thrifty.values).toEqual(kept.values);
    expect(Object.keys(thrifty.gradients)).toEqual(Object.keys(kept.gradients));
    for (const [name, gradient] of Object.entries(kept.gradients))
      expect(distance(thrifty.gradients[name]!, gradient), name).toBeLessThan(1e-5);
  };

  const estimators: Readonly<Record<string, readonly [number, LogDetEstimator]>> = {
    'exact, dimension 2': [2, exact()],
    'exact, dimension 5': [5, exact()],
    'roulette with the neumann gradient, dimension 12': [12, russianRoulette()],
    'roulette with the series gradient, dimension 12': [12, russianRoulette({ gradient: 'series' })],
    'solved, dimension 12': [12, solved()],
  };
  for (const [kind, block] of [
    ['implicit', implicit],
    ['residual', residual],
    ['monotone', monotone],
  ] as const) {
    describe.each(Object.entries(estimators))(`three ${kind} blocks, %s`, (_name, [dim, logDet]) => {
      it.each(Object.entries(losses))('%s', (_loss, loss) => {
        for (const [direction, transform] of Object.entries(directions)) {
          if (
            direction !== 'forwardWithLogDet' &&
            direction !== 'inverseWithLogDet' &&
            loss !== losses['a loss of the values only']
          )
            continue;
          const flow = (memory: 'keep' | 'budget'): Bijector =>
            stacked(3, block(nets(dim, [16, 16]), { memory, logDet }));
          const [keep, budget] = [flow('keep'), flow('budget')];
          const x = scoped(() => variable(drawNormal(key(7), [B, dim])));
          const kept = run(keep, { x }, (x) => transform(keep, x), loss);
          run(budget, { x }, (x) => transform(budget, x), loss);
          const before = memory().numTensors;
          const thrifty = run(budget, { x }, (x) => transform(budget, x), loss);
          expect(memory().numTensors).toBe(before);
          expectSame(kept, thrifty);
        }
      });
    });
  }

  it('in blocks with only one conditional net, the condition gets a gradient', () => {
    const flow = (memory: 'keep' | 'budget'): Bijector =>
      stacked(2, (i) =>
        implicitBlock({
          memory,
          gx: nets(3, [16])(2 * i),
          gz: conditionalMlp({
            dim: 3,
            hidden: [16],
            activation: sinActivation,
            coeff: 0.9,
            context: 2,
            key: key(2 * i + 1),
          }),
        }),
      );
    const [x, condition] = [
      scoped(() => variable(drawNormal(key(7), [B, 3]))),
      scoped(() => variable(drawNormal(key(8), [B, 2]))),
    ];
    const outcome = (flow: Bijector): Outcome =>
      run(flow, { x, condition }, (x) => directions['forwardWithLogDet']!(flow, x, condition), losses['a mean loss']!);
    const kept = outcome(flow('keep'));
    expectSame(kept, outcome(flow('budget')));
    expect(Math.hypot(...kept.gradients['condition']!)).toBeGreaterThan(1e-3);
  });

  it('steps and statuses of solves and adjoint solves are equal for the memory options `budget` and `keep`', () => {
    const steps = (mode: 'keep' | 'budget') =>
      scoped(() => {
        const reports: string[] = [];
        const flow = stacked(2, implicit(nets(12, [16]), { memory: mode, logDet: russianRoulette() }));
        const x = scoped(() => variable(drawNormal(key(7), [B, 12])));
        run(
          flow,
          { x },
          (x) =>
            flow.forwardWithLogDet(x, {
              key: key(5),
              train: true,
              report: ({ at, phase, status, stats }) => reports.push(`${at} ${phase} ${status} ${stats.steps}`),
            }),
          losses['a mean loss']!,
        );
        return reports;
      });
    expect(steps('budget')).toEqual(steps('keep'));
  });
});

describe('bytes of tensors in a training step, on wasm', () => {
  onBackend(wasm());
  const [dim, width, batch] = [12, 256, 256];

  /** Bytes allocated since the start of a training step: at the end of the forward pass (`held`) and at the peak. */
  interface Step {
    readonly held: number;
    readonly peak: number;
    readonly ms: number;
    readonly parameters: number;
  }

  const step = (flow: Bijector, rows: number): Step => {
    const x = scoped(() => drawNormal(key(7), [rows, ...flow.shape]));
    const train = (atEnd: () => void): void =>
      scoped(() => {
        valueAndGradients(
          () => {
            const { value, logDet } = flow.forwardWithLogDet(x, { key: key(5), train: true });
            const loss = sub(mean(square(value)), mean(logDet));
            atEnd();
            return loss;
          },
          { ...flow.parameters },
        );
      });
    train(() => {});
    const start = performance.now();
    let held = 0;
    const {
      bytes: { peak },
    } = countingBytes({ engine }, (bytes) =>
      train(() => {
        held = bytes().now;
      }),
    );
    const ms = performance.now() - start;
    const parameters = 4 * Object.values(flow.parameters).reduce((total, { size }) => total + size, 0);
    for (const tensor of [x, ...Object.values(flow.parameters), ...Object.values(flow.buffers)]) tensor.dispose();
    return { held, peak, ms, parameters };
  };

  it('with the memory option `budget`, the bytes of tensors do not grow with the hidden widths of the nets', () => {
    const of = (mode: 'keep' | 'budget', blocks: number): Step =>
      step(stacked(blocks, implicit(nets(dim, [width, width]), { memory: mode, logDet: russianRoulette() })), batch);
    const [kept, thrifty, half] = [of('keep', 8), of('budget', 8), of('budget', 4)];
    for (const [name, { held, peak, ms, parameters }] of Object.entries({ kept, thrifty, half })) {
      console.log(
        `${name}: ${mb(held)} MB at the end of the forward pass, ${mb(peak)} MB at the peak, parameters ` +
          `${mb(parameters)} MB, ${ms.toFixed(0)} ms`,
      );
    }
    // Each block keeps a few tensors of the batch's shape, and the gradients of its log-determinants.
    const state = 4 * batch * dim;
    expect(thrifty.held).toBeLessThan(thrifty.parameters + 10 * state * 8);
    expect(kept.held).toBeGreaterThan(8 * 4 * batch * width * 8);
    // While tfjs adds two gradients, both terms and the sum are allocated. At the peak, the tensors of the passes
    // through one net are also allocated.
    expect(thrifty.peak - half.peak).toBeLessThan(3 * (thrifty.parameters - half.parameters) + 30 * state * 4);
  });

  it('with the memory option `budget`, the peak memory for images grows by at most one hidden tensor per additional block', () => {
    const shape = [10, 10, 2] as const;
    const [rows, hidden] = [8, 32];
    const of = (mode: 'keep' | 'budget', blocks: number): Step =>
      step(
        stacked(
          blocks,
          implicit((seed) => convNet({ shape, hidden: [hidden, hidden], coeff: 0.9, key: key(seed) }), {
            memory: mode,
            logDet: russianRoulette(),
          }),
        ),
        rows,
      );
    const [kept, thrifty, half] = [of('keep', 4), of('budget', 4), of('budget', 2)];
    for (const [name, { held, peak }] of Object.entries({ kept, thrifty, half }))
      console.log(`${name}: ${mb(held)} MB at the end of the forward pass, ${mb(peak)} MB at the peak`);
    // The two additional blocks may add at most one hidden tensor each.
    expect(thrifty.peak - half.peak).toBeLessThan(4 * rows * 100 * hidden * 2);
    expect(thrifty.peak).toBeLessThan(kept.held);
  });
});

const mb = (bytes: number): string => (bytes / 2 ** 20).toFixed(2);

/** Returns the distance of two vectors, divided by the norm of the second vector. */
const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  const size = Math.hypot(...Array.from(b));
  return Math.hypot(...Array.from(a, (x, i) => x - b[i]!)) / (size === 0 ? 1 : size);
};
