import { wasm } from '@impflow/backend-wasm';
import {
  fold,
  key,
  drawNormal,
  normals,
  release,
  uniforms,
  valueAndGradients,
  type Context,
  type Key,
  type SolveReport,
} from '@impflow/core';
import {
  accuracy,
  buildClassifier,
  buildFlow,
  crossEntropy,
  hybridModel,
  imagePreset,
  implicitResNet,
  residualResNet,
  tabularPreset,
  vanillaResNet,
  type HybridModel,
} from '@impflow/flows';
import { lively, onBackend } from '@impflow/testkit';
import { adam, fitToEnd } from '@impflow/training';
import {
  add,
  cast,
  memory,
  mul,
  reshape,
  slice,
  tensor,
  tensor1d,
  tensor2d,
  tidy,
  type Tensor,
  type Variable,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

onBackend(wasm());

const SIDE = 8;

/**
 * Draws rows that consist of a label and the 8 x 8 bytes of an image of a bright bar in noise. Label 0 is a horizontal
 * bar, label 1 a vertical bar.
 */
const bars = (k: Key, rows: number): Tensor => {
  const size = 1 + SIDE * SIDE;
  const noise = normals(fold(k, 0), rows * SIDE * SIDE);
  const draws = uniforms(fold(k, 1), 2 * rows);
  return tensor2d(
    Array.from({ length: rows }, (_, r) => {
      const [label, at] = [draws[2 * r]! < 0.5 ? 0 : 1, Math.floor(SIDE * draws[2 * r + 1]!)];
      return Array.from({ length: size }, (_, i) => {
        if (i === 0) return label;
        const [y, x] = [Math.floor((i - 1) / SIDE), (i - 1) % SIDE];
        return Math.min(
          255,
          Math.max(0, ((label === 0 ? y : x) === at ? 180 : 60) + 30 * noise[r * SIDE * SIDE + i - 1]!),
        );
      });
    }),
  );
};

const parts = (batch: Tensor): { readonly x: Tensor; readonly labels: Tensor } => ({
  x: reshape(slice(batch, [0, 1], [batch.shape[0]!, SIDE * SIDE]), [-1, SIDE, SIDE, 1]),
  labels: cast(reshape(slice(batch, [0, 0], [batch.shape[0]!, 1]), [-1]), 'int32'),
});

describe.each([
  ['implicit', implicitResNet],
  ['residual', residualResNet],
  ['vanilla', vanillaResNet],
] as const)('%s blocks', (_name, preset) => {
  it('the classifier learns to distinguish horizontal from vertical bars', async () => {
    const model = buildClassifier(preset({ shape: [SIDE, SIDE, 1], classes: 2, widths: [4, 8], coeff: 0.9 }), {
      key: key(1),
    });
    const losses: number[] = [];
    const { state } = await fitToEnd(
      {
        model,
        key: key(2),
        steps: 60,
        optimizer: adam(),
        learningRate: 1e-2,
        batch: (_step, k) => bars(k, 32),
        loss: (batch, k, report) => {
          const { x, labels } = parts(batch);
          return crossEntropy(model.logits(x, { key: k, train: true, report }), labels);
        },
      },
      ({ loss, solves }) => {
        losses.push(loss);
        for (const { unconverged } of Object.values(solves ?? {})) expect(unconverged).toBe(0);
      },
    );
    release(state);
    const right = tidy(() => {
      const { x, labels } = parts(bars(key(3), 400));
      return accuracy(model.logits(x), labels).dataSync()[0]!;
    });
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 3);
    expect(right).toBeGreaterThan(0.95);
  });
});

describe('a hybrid model', () => {
  const labels = (): Tensor => tensor1d([0, 1, 1, 0, 1], 'int32');
  const made = (weight?: number): HybridModel =>
    lively(
      hybridModel({
        flow: buildFlow(tabularPreset({ dim: 3, blocks: 2, hidden: [8], logDet: { name: 'exact' } }), { key: key(4) }),
        classes: 2,
        key: key(5),
        ...(weight === undefined ? {} : { weight }),
      }),
    );
  const x = (): Tensor => drawNormal(key(6), [5, 3]);

  it('a hybrid model returns the logits of a linear classifier on the latent, and the log-density of its flow', () =>
    tidy(() => {
      const model = made();
      const { logits, logProb } = model.scores(x());
      const [z, w, b] = [
        model.flow.encode(x()).dataSync(),
        model.parameters['head.weight']!.dataSync(),
        model.parameters['head.bias']!.dataSync(),
      ];
      logits.dataSync().forEach((got, i) => {
        const [row, label] = [Math.floor(i / 2), i % 2];
        expect(got).toBeCloseTo(
          b[label]! + [0, 1, 2].reduce((total, k) => total + z[3 * row + k]! * w[3 * label + k]!, 0),
          4,
        );
      });
      model
        .logits(x())
        .dataSync()
        .forEach((got, i) => expect(got).toBeCloseTo(logits.dataSync()[i]!, 4));
      model.flow
        .logProb(x())
        .dataSync()
        .forEach((got, i) => expect(got).toBeCloseTo(logProb.dataSync()[i]!, 5));
    }));

  it.each([0, 1, 0.3])(
    'the loss of a hybrid model is the cross-entropy minus %f times the log-density per dimension, and costs one solve per block',
    (weight) =>
      tidy(() => {
        const model = made(weight);
        const seen: SolveReport[] = [];
        const loss = model.loss(x(), labels(), {
          report: (report) => {
            seen.push(report);
          },
        });
        expect(loss.shape).toEqual([]);
        expect(seen.map(({ at }) => at)).toEqual(['blocks.0', 'blocks.1']);
        const { logits, logProb } = model.scores(x());
        const expected =
          crossEntropy(logits, labels()).dataSync()[0]! -
          (weight * [...logProb.dataSync()].reduce((total, v) => total + v / 5, 0)) / 3;
        expect(loss.dataSync()[0]).toBeCloseTo(expected, 5);
      }),
  );

  it('the gradient of a hybrid model agrees with central differences for every parameter', () =>
    tidy(() => {
      const model = made();
      const context: Partial<Context> = { train: true };
      const at = (variable: Variable, direction: Tensor, shift: number): number =>
        tidy(() => {
          const before = variable.clone();
          variable.assign(add(variable, mul(shift, direction)));
          const loss = model.loss(x(), labels(), context).dataSync()[0]!;
          variable.assign(before as typeof variable);
          return loss;
        });
      const { gradients } = valueAndGradients(() => model.loss(x(), labels(), context), model.parameters);
      Object.entries(model.parameters).forEach(([name, variable], i) => {
        const direction = tensor(
          [...normals(fold(key(7), i), variable.size)].map((z) => z / Math.sqrt(variable.size)),
          variable.shape,
        );
        const gradient = [...gradients[name]!.dataSync()];
        const got = gradient.reduce((total, g, k) => total + g * direction.dataSync()[k]!, 0);
        const expected = (at(variable, direction, 5e-3) - at(variable, direction, -5e-3)) / 1e-2;
        expect(Math.abs(got - expected), name).toBeLessThan(0.01 * Math.max(0.02, Math.hypot(...gradient)));
      });
    }));

  it('a hybrid model learns on which side of a line a point lies, and the distribution of the points', async () => {
    const model = hybridModel({
      flow: buildFlow(tabularPreset({ dim: 2, blocks: 2, hidden: [16] }), { key: key(8) }),
      classes: 2,
      key: key(9),
    });
    const draw = (k: Key, rows: number): { readonly x: Tensor; readonly labels: Tensor } => {
      const points = [...normals(k, 2 * rows)];
      return {
        x: tensor2d(
          points.map((z, i) => 3 + ((i % 2) + 1) * z),
          [rows, 2],
        ),
        labels: tensor1d(
          Array.from({ length: rows }, (_, i) => (points[2 * i]! > points[2 * i + 1]! ? 1 : 0)),
          'int32',
        ),
      };
    };
    const first = tidy(() => draw(key(10), 200).x);
    model.initialize(first);
    first.dispose();
    const { state } = await fitToEnd({
      model,
      key: key(11),
      steps: 60,
      optimizer: adam(),
      learningRate: 2e-2,
      batch: (step) => tensor1d([step]),
      loss: (step, k, report) => {
        const { x, labels } = draw(fold(key(12), step.dataSync()[0]!), 100);
        return model.loss(x, labels, { key: k, train: true, report });
      },
    });
    release(state);
    tidy(() => {
      const { x, labels } = draw(key(13), 1000);
      const { logits, logProb } = model.scores(x);
      expect(accuracy(logits, labels).dataSync()[0]).toBeGreaterThan(0.93);
      // The mean of `-log p` is close to the entropy of the normal distribution from which the points are drawn.
      const nats = -[...logProb.dataSync()].reduce((total, v) => total + v / 1000, 0);
      expect(Math.abs(nats - (1 + Math.log(2 * Math.PI) + Math.log(2)))).toBeLessThan(0.15);
    });
  });

  it('a hybrid model accepts a flow on images', () =>
    tidy(() => {
      const model = hybridModel({
        flow: buildFlow(imagePreset({ shape: [4, 4, 1], blocks: 1, hidden: [4], scales: 2 }), { key: key(14) }),
        classes: 3,
        key: key(15),
      });
      const x = add(100, mul(20, drawNormal(key(16), [5, 4, 4, 1])));
      const { logits, logProb } = model.scores(x);
      expect([logits.shape, logProb.shape, model.logits(x).shape]).toEqual([[5, 3], [5], [5, 3]]);
      const loss =
        crossEntropy(logits, labels()).dataSync()[0]! -
        [...logProb.dataSync()].reduce((total, v) => total + v / 5, 0) / 16;
      expect(model.loss(x, labels()).dataSync()[0]).toBeCloseTo(loss, 4);
    }));

  it('the parameter names of a hybrid model have the prefixes `flow` and `head`, and all temporary tensors are disposed', () => {
    const model = made();
    expect(Object.keys(model.parameters)).toEqual(
      expect.arrayContaining(['flow.blocks.0.gx.layers.0.weight', 'head.weight', 'head.bias']),
    );
    const use = (): void =>
      tidy(() => {
        valueAndGradients(() => model.loss(x(), labels(), { train: true }), model.parameters);
        model.scores(x());
        model.logits(x());
        model.refresh();
      });
    use();
    const before = memory().numTensors;
    use();
    expect(memory().numTensors).toBe(before);
  });
});
