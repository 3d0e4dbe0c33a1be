import { wasm } from '@impflow/backend-wasm';
import {
  fold,
  key,
  normals,
  registry,
  drawUniform,
  valueAndGradients,
  type Context,
  type SolveReport,
} from '@impflow/core';
import {
  buildClassifier,
  classifier,
  crossEntropy,
  defineModule,
  implicitResNet,
  builtInRegistries,
  residualResNet,
  vanillaResNet,
  type Classifier,
  type ClassifierSpec,
  type Module,
} from '@impflow/flows';
import { onBackend } from '@impflow/testkit';
import {
  add,
  memory,
  mul,
  slice,
  tensor,
  tensor1d,
  tidy,
  zeros,
  type Tensor,
  type Variable,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

onBackend(wasm());

const presets = { implicit: implicitResNet, residual: residualResNet, vanilla: vanillaResNet } as const;
const kinds = Object.keys(presets) as (keyof typeof presets)[];
const spec = (kind: keyof typeof presets, more: Partial<ClassifierSpec> = {}): ClassifierSpec => ({
  ...presets[kind]({ shape: [8, 8, 1], classes: 3, widths: [4, 6], tolerance: { rtol: 1e-6, maxSteps: 100 } }),
  ...more,
});

const LABELS = [0, 2, 1, 0, 1, 2, 2, 1];
const bytes = (): Tensor => mul(255, drawUniform(key(1), [LABELS.length, 8, 8, 1]));
const lossOf = (model: Classifier, context: Partial<Context>): Tensor =>
  crossEntropy(model.logits(bytes(), context), tensor1d(LABELS, 'int32'));
const logitsOf = (model: Classifier, context: Partial<Context> = {}): readonly number[] =>
  tidy(() => [...model.logits(bytes(), context).dataSync()]);

/** Runs a training call, which moves the moving statistics away from their initial values. */
const warmed = (model: Classifier): Classifier => {
  for (let i = 0; i < 3; i++) logitsOf(model, { train: true });
  return model;
};

/** Returns the loss with `variable` shifted by `shift` along `direction`. */
const moved = (
  model: Classifier,
  variable: Variable,
  direction: readonly number[],
  shift: number,
  context: Partial<Context>,
): number =>
  tidy(() => {
    const before = variable.clone();
    variable.assign(add(variable, mul(shift, tensor([...direction], variable.shape))));
    const loss = lossOf(model, context).dataSync()[0]!;
    variable.assign(before as typeof variable);
    return loss;
  });

describe.each(kinds)('a classifier of %s blocks', (kind) => {
  // A finite difference across the kink of a ReLU is not a derivative, and uncapped nets have many kinks. Therefore the
  // test uses the best of several step sizes. For each parameter the two derivatives must agree roughly, and for most
  // parameters closely.
  it.each([true, false])('for every parameter, the gradient agrees with central differences (train: %s)', (train) =>
    tidy(() => {
      const model = warmed(buildClassifier(spec(kind), { key: key(2) }));
      const { gradients } = valueAndGradients(() => lossOf(model, { train }), model.parameters);
      const errors = Object.entries(model.parameters).map(([name, variable], i) => {
        const direction = [...normals(fold(key(3), i), variable.size)].map((z) => z / Math.sqrt(variable.size));
        const gradient = [...gradients[name]!.dataSync()];
        const size = Math.hypot(...gradient);
        expect(size, name).toBeGreaterThan(1e-3);
        const got = gradient.reduce((total, g, k) => total + g * direction[k]!, 0);
        const error = Math.min(
          ...[4e-3, 2e-3, 1e-3, 5e-4].map(
            (step) =>
              Math.abs(
                (moved(model, variable, direction, step, { train }) -
                  moved(model, variable, direction, -step, { train })) /
                  (2 * step) -
                  got,
              ) / size,
          ),
        );
        expect(error, name).toBeLessThan(kind === 'vanilla' ? 0.05 : 0.01);
        return error;
      });
      expect(errors.toSorted((a, b) => a - b)[errors.length >> 1]).toBeLessThan(2e-3);
    }),
  );

  it('a rebuilt classifier has bit-identical logits for an equal key, and different logits for a different key', () =>
    tidy(() => {
      const [once, again] = [spec(kind), JSON.parse(JSON.stringify(spec(kind))) as ClassifierSpec].map((each) =>
        warmed(buildClassifier(each, { key: key(4) })),
      );
      expect(logitsOf(once!)).toEqual(logitsOf(again!));
      expect(logitsOf(warmed(buildClassifier(spec(kind), { key: key(5) })))).not.toEqual(logitsOf(once!));
      expect(once!.logits(bytes()).shape).toEqual([LABELS.length, 3]);
    }));

  it('buffers change only in training, and in evaluation the logits of a row do not depend on other rows', () =>
    tidy(() => {
      const model = warmed(buildClassifier(spec(kind), { key: key(6) }));
      const buffers = (): readonly number[] => Object.values(model.buffers).flatMap((buffer) => [...buffer.dataSync()]);
      const before = buffers();
      const whole = logitsOf(model);
      expect(buffers()).toEqual(before);
      const alone = model.logits(slice(bytes(), [2, 0, 0, 0], [1, 8, 8, 1])).dataSync();
      alone.forEach((logit, i) => expect(Math.abs(logit - whole[6 + i]!)).toBeLessThan(1e-5));
      logitsOf(model, { train: true });
      expect(buffers()).not.toEqual(before);
    }));

  it('all temporary tensors are disposed', () => {
    const model = buildClassifier(spec(kind), { key: key(7) });
    const use = (): void =>
      tidy(() => {
        logitsOf(model);
        model.refresh({ tolerance: 1e-3 });
        valueAndGradients(() => lossOf(model, { train: true }), model.parameters);
      });
    use();
    const before = memory().numTensors;
    use();
    expect(memory().numTensors).toBe(before);
    const [x, held] = [tidy(bytes), memory().numTensors];
    const logits = model.logits(x);
    expect(memory().numTensors).toBe(held + 1);
    logits.dispose();
    x.dispose();
  });
});

it('the solves of implicit blocks converge, and reports contain the name of the stage', () =>
  tidy(() => {
    const model = buildClassifier(spec('implicit'), { key: key(8) });
    const seen: SolveReport[] = [];
    valueAndGradients(
      () =>
        lossOf(model, {
          train: true,
          report: (report) => {
            seen.push(report);
          },
        }),
      model.parameters,
    );
    expect(seen.map(({ at, phase }) => `${at} ${phase}`)).toEqual([
      'stages.0.block forward',
      'stages.1.block forward',
      'stages.1.block adjoint',
      'stages.0.block adjoint',
    ]);
    for (const { status, stats } of seen) {
      expect(status).toBe('converged');
      expect([...stats.converged].every((flag) => flag === 1)).toBe(true);
    }
  }));

it('logits do not depend on the choice of the solver', () =>
  tidy(() => {
    const [one, other] = [spec('implicit'), spec('implicit', { solver: { name: 'fixed-point' } })].map((each) =>
      logitsOf(buildClassifier(each, { key: key(9) })),
    );
    one!.forEach((logit, i) => expect(Math.abs(logit - other![i]!)).toBeLessThan(1e-4));
  }));

describe('the parameters of classifiers', () => {
  const names = (kind: keyof typeof presets): readonly string[] => Object.keys(buildClassifier(spec(kind)).parameters);
  const size = (kind: keyof typeof presets): number =>
    Object.entries(buildClassifier(spec(kind)).parameters).reduce(
      (total, [name, { size }]) => total + (name.includes('norm') ? 0 : size),
      0,
    );

  it('the parameters of a classifier have fixed names', () => {
    expect(names('implicit')).toEqual([
      'stem.conv.weight',
      'stem.norm.scale',
      'stem.norm.offset',
      ...[0, 1]
        .flatMap((stage) =>
          ['gx', 'gz'].flatMap((g) => [0, 2].map((layer) => `stages.${stage}.block.${g}.layers.${layer}.weight`)),
        )
        .toSpliced(
          8,
          0,
          'stages.1.transition.conv.weight',
          'stages.1.transition.norm.scale',
          'stages.1.transition.norm.offset',
        ),
      'head.weight',
      'head.bias',
    ]);
    expect(names('residual')).toEqual(
      expect.arrayContaining(['stages.0.block.0.g.layers.0.weight', 'stages.0.block.1.g.layers.2.weight']),
    );
    expect(names('vanilla')).toEqual(
      expect.arrayContaining(['stages.0.block.0.conv1.weight', 'stages.0.block.1.norm2.offset']),
    );
  });

  it('all three kinds of blocks have equal numbers of parameters, not counting batch norms', () => {
    expect(size('residual')).toBe(size('implicit'));
    expect(size('vanilla')).toBe(size('implicit'));
  });
});

it('the default preset equals the net of the published code', () => {
  expect(implicitResNet({ shape: [32, 32, 3], classes: 10 }).stages).toEqual(
    [
      [64, 1],
      [128, 2],
      [256, 2],
      [512, 2],
    ].map(([width, stride]) => ({ width, hidden: width, stride })),
  );
});

it('for any image size and number of stages, the scaling of a classifier is in units of bytes', () =>
  tidy(() => {
    const flat = { version: 1, kind: 'classifier', classes: 2, block: 'residual' } as const;
    const model = buildClassifier(
      {
        ...flat,
        shape: [7, 5, 2],
        stages: [{ width: 3, hidden: 2, stride: 2 }],
        scaling: { mean: [10, 20], scale: [2, 4] },
      },
      { key: key(10) },
    );
    const plain = buildClassifier(
      {
        ...flat,
        shape: [7, 5, 2],
        stages: [{ width: 3, hidden: 2, stride: 2 }],
        scaling: { mean: [0, 0], scale: [1, 1] },
      },
      { key: key(10) },
    );
    const unit = drawUniform(key(11), [2, 7, 5, 2]);
    const got = model.logits(add(mul(unit, tensor1d([2, 4])), tensor1d([10, 20]))).dataSync();
    plain
      .logits(unit)
      .dataSync()
      .forEach((logit, i) => expect(Math.abs(got[i]! - logit)).toBeLessThan(1e-5));
    expect(model.logits(zeros([0, 7, 5, 2])).shape).toEqual([0, 2]);
  }));

it('a classifier accepts a custom block', () =>
  tidy(() => {
    const nothing = defineModule({ apply: (x) => x });
    const model = classifier({
      shape: [4, 4, 1],
      classes: 2,
      key: key(12),
      stages: [{ width: 2, block: () => nothing }],
    });
    expect(model.logits(zeros([3, 4, 4, 1])).shape).toEqual([3, 2]);
    const named = buildClassifier(spec('implicit', { block: 'nothing' }), {
      registries: {
        ...builtInRegistries,
        imageBlock: registry<Module>('classifier block', { nothing: () => nothing }),
      },
    });
    expect(Object.keys(named.parameters).some((name) => name.includes('block'))).toBe(false);
  }));

describe('a wrong spec of a classifier', () => {
  const wrong = (change: object): ClassifierSpec => ({ ...spec('implicit'), ...change });
  it.each([
    [
      'an unknown block',
      wrong({ block: 'implict' }),
      'registry',
      /Unknown classifier block: expected one of implicit, residual, vanilla, got "implict".*Did you mean "implicit"\?/,
    ],
    ['an unknown activation', wrong({ activation: { name: 'rely' } }), 'registry', /Did you mean "relu"\?/],
    ['an unknown solver', wrong({ solver: { name: 'broiden' } }), 'registry', /Did you mean "broyden"\?/],
    [
      'a flow',
      { version: 1, dim: 2, base: { name: 'normal' }, blocks: [] } as unknown as ClassifierSpec,
      'option',
      /Not a classifier spec: expected \{ version: 1, kind: 'classifier'/,
    ],
    ['null', null as unknown as ClassifierSpec, 'option', /got null/],
    ['no stages', wrong({ stages: [] }), 'option', /Not a classifier spec/],
    ['a width of zero', wrong({ stages: [{ width: 0, hidden: 1 }] }), 'option', /Not a classifier spec/],
    ['a shape of two', wrong({ shape: [8, 8] }), 'option', /Not a classifier spec/],
    ['one class', wrong({ classes: 1 }), 'option', /two classes/],
    [
      'a scaling with another number of channels',
      wrong({ scaling: { mean: [1, 2], scale: [1, 1] } }),
      'option',
      /Wrong scaling: expected 1 finite means/,
    ],
    ['a scale of zero', wrong({ scaling: { mean: [1], scale: [0] } }), 'option', /Wrong scaling/],
    ['a coefficient above one', wrong({ coeff: 1.5 }), 'option', /do not form a contraction/],
  ] as const)('%s', (_name, bad, code, message) => {
    expect(() => buildClassifier(bad)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as Error,
    );
  });

  it('for images of a wrong size, the error message contains the expected shape', () =>
    tidy(() => {
      expect(() => buildClassifier(spec('residual')).logits(zeros([2, 8, 7, 1]))).toThrow(
        /\[flows\/classifier.logits\] Wrong input shape: expected \[B, 8, 8, 1\], got \[2, 8, 7, 1\]/,
      );
    }));
});
