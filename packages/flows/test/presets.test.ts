import { wasm } from '@impflow/backend-wasm';
import { drawNormal, drawUniform, fold, key, release, type Key } from '@impflow/core';
import { buildFlow, flowSpec, tabularPreset, type FlowSpec, type PresetOptions } from '@impflow/flows';
import { lively, onBackend } from '@impflow/testkit';
import { adam, fitToEnd } from '@impflow/training';
import { add, concat, mean, mul, neg, slice, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const maps = [
  { map: 'log', lower: 0 },
  { map: 'logit', lower: 0, upper: 1 },
] as const;
const scaling = { mean: [0, 0], scale: [1, 2] };
const regression = {
  weight: [
    [1, 0, 2],
    [0, -1, 1],
  ],
  bias: [0.1, 0.2],
  factor: [
    [0.8, 0],
    [0.1, 0.9],
  ],
};
const whole: PresetOptions = {
  dim: 2,
  context: 3,
  blocks: 1,
  maps,
  scaling,
  whitening: {
    factor: [
      [1, 0],
      [0.5, 1],
    ],
  },
  regression,
  conditionalAffine: [8],
};

describe('the blocks before the repeated blocks', () => {
  const kinds = (options: PresetOptions): readonly string[] => flowSpec(options).blocks.map(({ kind }) => kind);

  it('with all options, the blocks before the repeated blocks begin with `columnMaps` and end with `conditionalAffine`', () => {
    expect(kinds(whole)).toEqual([
      'columnMaps',
      'standardize',
      'whiten',
      'regression',
      'conditionalAffine',
      'implicit',
    ]);
    expect(flowSpec(whole).blocks[0]).toEqual({ kind: 'columnMaps', maps });
    expect(flowSpec(whole).blocks[3]).toEqual({ kind: 'regression', ...regression });
    expect(flowSpec(whole).blocks[4]).toEqual({ kind: 'conditionalAffine', hidden: [8] });
  });

  it('if the option of a block is left out, the spec lacks this block and is otherwise unchanged', () => {
    expect(flowSpec({ dim: 2, blocks: 1, hidden: [8], scaling })).toEqual({
      version: 1,
      dim: 2,
      base: { name: 'normal' },
      blocks: [
        { kind: 'standardize', mean: [0, 0], scale: [1, 2] },
        ...flowSpec({ dim: 2, blocks: 1, hidden: [8] }).blocks,
      ],
    });
  });
});

onBackend(wasm());

it.each(['residual', 'monotone'] as const)(
  'a preset of %s blocks has two of them in place of an implicit block, so it has as many nets and parameters',
  (model) =>
    tidy(() => {
      const options = { dim: 2, blocks: 3, hidden: [8], actNorm: true };
      const spec = flowSpec({ ...options, model });
      const { blocks } = flowSpec(options);
      expect(spec.blocks.map(({ kind }) => kind)).toEqual(
        blocks.flatMap(({ kind }) => (kind === 'implicit' ? [model, model] : [kind])),
      );
      const sizeOfFlow = (each: FlowSpec): number =>
        Object.values(buildFlow(each).parameters).reduce((sum, { size }) => sum + size, 0);
      expect(sizeOfFlow(spec)).toBe(sizeOfFlow(flowSpec(options)));
      expect(Object.keys(buildFlow(spec).parameters)).toContain('blocks.1.g.layers.0.weight');
    }),
);

describe('a conditional flow with all optional blocks before the repeated blocks', () => {
  it.each(['sandwich', 'spectral'] as const)(
    'a conditional flow with %s nets trains, scores rows and draws samples',
    async (net) => {
      const spec = tabularPreset({ ...whole, net, hidden: [8, 8] });
      const flow = buildFlow(JSON.parse(JSON.stringify(spec)) as typeof spec, { key: key(1) });
      const batch = (step: number): Tensor =>
        tidy(() => {
          const k = fold(key(2), step);
          const c = drawNormal(fold(k, 1), [64, 3]);
          return concat(
            [add(0.1, mul(3, drawUniform(fold(k, 2), [64, 1]))), drawUniform(fold(k, 3), [64, 1], 0.1, 0.4), c],
            1,
          );
        });
      const loss = (x: Tensor, k: Key, train = true): Tensor =>
        neg(mean(flow.logProb(slice(x, [0, 0], [-1, 2]), { condition: slice(x, [0, 2], [-1, 3]), key: k, train })));
      const nats = (): number => tidy(() => loss(batch(9999), key(0), false).dataSync()[0]!);
      const before = nats();
      const { state } = await fitToEnd({
        model: flow,
        optimizer: adam(),
        learningRate: 1e-2,
        steps: 60,
        key: key(3),
        batch,
        loss: (x, k) => loss(x, k),
      });
      flow.refresh({ tolerance: 1e-5 });
      expect(nats()).toBeLessThan(before - 0.3);
      release(state);
      tidy(() => {
        const condition = drawNormal(key(4), [20, 3]);
        const x = flow.sample(20, { key: key(5), condition });
        expect(flow.logProb(x, { condition }).dataSync().every(Number.isFinite)).toBe(true);
      });
    },
  );

  it('parameter names of the net in `conditionalAffine` begin with the path of the block', () =>
    tidy(() => {
      const flow = lively(buildFlow(tabularPreset(whole)));
      expect(Object.keys(flow.parameters).filter((path) => path.startsWith('blocks.4.'))).toEqual([
        'blocks.4.layers.0.weight',
        'blocks.4.layers.0.bias',
        'blocks.4.layers.1.weight',
        'blocks.4.layers.1.bias',
      ]);
    }));

  it('a spec is refused if the context sizes of its regression and of the flow differ', () =>
    expect(() => buildFlow(flowSpec({ ...whole, context: 2 }))).toThrow(/Wrong weight: expected 2 rows of 2 finite/));
});
