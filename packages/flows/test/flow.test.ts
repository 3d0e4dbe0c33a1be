import { wasm } from '@impflow/backend-wasm';
import { key, drawNormal } from '@impflow/core';
import {
  actNorm,
  buildFlow,
  chain,
  flowSpec,
  normalBase,
  normalizingFlow,
  permutation,
  standardize,
  tabularPreset,
  toyPreset,
  type FlowSpec,
  type NormalizingFlow,
} from '@impflow/flows';
import { lively, onBackend } from '@impflow/testkit';
import { memory, tensor1d, tensor2d, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

onBackend(wasm());

const models = ['implicit', 'residual', 'monotone', 'coupling'] as const;
const small = (spec: FlowSpec): FlowSpec => JSON.parse(JSON.stringify(spec)) as FlowSpec;

/** Returns all results of a flow at a few points, as numbers. */
const numbers = (flow: NormalizingFlow): readonly number[] =>
  tidy(() => {
    const x = drawNormal(key(1), [6, flow.dim]);
    return [flow.logProb(x), flow.encode(x), flow.sample(6, { key: key(2) })].flatMap((t) => Array.from(t.dataSync()));
  });

it('a coupling flow transforms every feature, both for an even and for an odd number of features', () =>
  tidy(() => {
    for (const dim of [2, 3, 4, 5, 7]) {
      const flow = lively(buildFlow(flowSpec({ dim, model: 'coupling', blocks: 6, hidden: [8] })));
      const x = drawNormal(key(3), [50, dim]);
      const column = (values: Tensor, j: number): readonly number[] =>
        Array.from(values.dataSync()).filter((_, i) => i % dim === j);
      const z = flow.encode(x);
      const inputs = Array.from({ length: dim }, (_, j) => String(column(x, j)));
      // If the blocks left a feature unchanged, some column of z would be bit-identical to this feature.
      for (let j = 0; j < dim; j++) expect(inputs).not.toContain(String(column(z, j)));
    }
  }));

describe.each(models)('a flow of %s blocks', (model) => {
  const spec = flowSpec({
    dim: 3,
    model,
    blocks: 2,
    hidden: [8],
    actNorm: true,
    scaling: { mean: [1, 2, 3], scale: [0.5, 1, 2] },
  });

  it('the density of a flow is finite at its samples, and `decode` restores the input of `encode`', () =>
    tidy(() => {
      const flow = lively(buildFlow(spec, { key: key(3) }));
      const draws = flow.sample(40, { key: key(4) });
      expect(draws.shape).toEqual([40, 3]);
      expect([...flow.logProb(draws).dataSync()].every(Number.isFinite)).toBe(true);
      const back = flow.decode(flow.encode(draws)).dataSync();
      draws
        .dataSync()
        .forEach((value, i) => expect(Math.abs(value - back[i]!)).toBeLessThan(1e-4 * Math.max(1, Math.abs(value))));
    }));

  it('a flow that is rebuilt from its spec gives bit-identical results', () => {
    const [once, again] = [spec, small(spec)].map((each) => lively(buildFlow(each, { key: key(5) })));
    expect(numbers(once!)).toEqual(numbers(again!));
    expect(numbers(once!).every(Number.isFinite)).toBe(true);
    expect(numbers(lively(buildFlow(spec, { key: key(6) })))).not.toEqual(numbers(once!));
  });

  it.each([
    ['toy', toyPreset({ model, blocks: 1, hidden: [8] })],
    ['tabular', tabularPreset({ dim: 4, model, blocks: 1, hidden: [8] })],
    [
      'tabular with everything',
      tabularPreset({
        dim: 3,
        model,
        blocks: 1,
        hidden: [8],
        activation: { name: 'sin' },
        base: { name: 'studentT', options: { dof: 4 } },
        solver: { name: 'broyden' },
        logDet: { name: 'exact' },
        evaluationLogDet: { name: 'exact' },
        scaling: { mean: [0, 0, 0], scale: [1, 2, 3] },
      }),
    ],
    [
      'a mixture as base',
      toyPreset({ model, blocks: 1, hidden: [8], base: { name: 'mixture', options: { components: 3 } } }),
    ],
  ] as const)('a flow can be built from the preset %s', (_name, preset) => {
    expect(numbers(lively(buildFlow(small(preset)))).every(Number.isFinite)).toBe(true);
  });

  it('all temporary tensors of a flow are disposed', () => {
    const flow = lively(buildFlow(spec));
    numbers(flow);
    const before = memory().numTensors;
    const x = drawNormal(key(7), [5, 3]);
    const results = [flow.logProb(x), flow.encode(x), flow.decode(x), flow.sample(5, { key: key(8) })];
    flow.initialize(x);
    flow.refresh();
    numbers(flow);
    for (const t of [...results, x]) t.dispose();
    expect(memory().numTensors).toBe(before);
  });
});

it('an affine flow has the density of the normal distribution that it describes', () =>
  tidy(() => {
    const [mean, scale] = [
      [1, -2, 10],
      [0.5, 3, 2],
    ] as const;
    const norm = actNorm({ dim: 3 });
    norm.parameters['weight']!.assign(tensor1d([0.3, -0.7, 0]));
    norm.parameters['bias']!.assign(tensor1d([0.5, 0, -1]));
    const flow = normalizingFlow(
      normalBase({ dim: 3 }),
      chain({ unit: standardize({ mean, scale }), order: permutation({ order: [2, 0, 1] }), norm }),
    );
    const points = [
      [0, 0, 0],
      [1, -2, 10],
      [3, 4, 5],
    ] as const;
    const got = flow.logProb(tensor2d(points.map((point) => [...point]))).dataSync();
    points.forEach((point, i) => {
      const unit = point.map((x, k) => (x - mean[k]!) / scale[k]!);
      const z = [(unit[2]! + 0.5) * Math.exp(0.3), unit[0]! * Math.exp(-0.7), unit[1]! - 1];
      const expected =
        z.reduce((total, v) => total - (v * v) / 2, -1.5 * Math.log(2 * Math.PI)) - Math.log(0.5 * 3 * 2) + 0.3 - 0.7;
      expect(Math.abs(got[i]! - expected)).toBeLessThan(1e-5 * Math.max(1, Math.abs(expected)));
    });
  }));

it('the parameters of a flow include the parameters of its base', () => {
  expect(Object.keys(buildFlow(toyPreset({ blocks: 1, hidden: [4], base: { name: 'mixture' } })).parameters)).toEqual(
    expect.arrayContaining(['base.centre', 'base.logits', 'blocks.0.gx.layers.0.weight']),
  );
});

describe('a wrong spec of a flow', () => {
  const good = toyPreset({ blocks: 1, hidden: [4] });
  const net = { hidden: [4], activation: { name: 'sin' }, coeff: 0.9 };
  const wrong = (change: object) => ({ ...good, ...change }) as FlowSpec;
  it.each([
    ['a version that is not 1', wrong({ version: 2 }), 'option', /Not a flow spec: expected \{ version: 1/],
    ['no blocks', wrong({ blocks: [] }), 'option', /Not a flow spec/],
    ['a block without a kind', wrong({ blocks: [{}] }), 'option', /Not a flow spec/],
    ['no base', wrong({ base: undefined }), 'option', /Not a flow spec/],
    ['no dimension', wrong({ dim: 0 }), 'option', /Not a flow spec/],
    ['null', null as unknown as FlowSpec, 'option', /Not a flow spec.*got null/],
    ['no net', wrong({ blocks: [{ kind: 'implicit', gx: net }] }), 'option', /Not a net spec.*got undefined/],
    [
      'a negative hidden width',
      wrong({ blocks: [{ kind: 'residual', g: { ...net, hidden: [4, -1] } }] }),
      'option',
      /Not a net spec/,
    ],
    [
      'a coefficient above one',
      wrong({ blocks: [{ kind: 'residual', g: { ...net, coeff: 1.5 } }] }),
      'option',
      /do not form a contraction/,
    ],
    [
      'an unknown block',
      wrong({ blocks: [{ kind: 'implict' }] }),
      'registry',
      /Unknown block.*Did you mean "implicit"\?/,
    ],
    [
      'an unknown base',
      wrong({ base: { name: 'gauss' } }),
      'registry',
      /Unknown base density: expected one of normal, uniform, studentT, mixture, got "gauss"/,
    ],
    [
      'an unknown solver',
      wrong({ solver: { name: 'broiden' } }),
      'registry',
      /Unknown solver.*Did you mean "broyden"\?/,
    ],
    ['an unknown estimator', wrong({ logDet: { name: 'exakt' } }), 'registry', /Did you mean "exact"\?/],
    [
      'an unknown activation',
      wrong({ blocks: [{ kind: 'residual', g: { ...net, activation: { name: 'lipswich' } } }] }),
      'registry',
      /Unknown activation.*Did you mean "lipSwish"\?/,
    ],
    [
      'a scaling of a wrong width',
      wrong({ blocks: [{ kind: 'standardize', mean: [0], scale: [1] }, ...good.blocks] }),
      'shape',
      /Block 0, of kind standardize, has a different shape: expected \[B, 2\], got \[B, 1\]/,
    ],
  ] as const)('%s', (_name, spec, code, message) => {
    expect(() => buildFlow(spec)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as Error,
    );
  });

  it('for rows of a wrong width, the error message contains the expected shape', () =>
    tidy(() => {
      expect(() => buildFlow(good).logProb(tensor2d([[1, 2, 3]]))).toThrow(
        /Wrong input shape: expected \[B, 2\], got \[1, 3\]/,
      );
    }));
});
