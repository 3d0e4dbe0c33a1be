import { cpu } from '@impflow/backend-cpu';
import { defineBijector, isFlowError, key, drawNormal, scoped, type LogDetEstimator, type Solver } from '@impflow/core';
import {
  buildFlow,
  chain,
  extendRegistries,
  implicitBlock,
  normalBase,
  normalizingFlow,
  builtInRegistries,
  tabularPreset,
  type BaseDistribution,
} from '@impflow/flows';
import { lipSwish, mlp, reluActivation, type Layer } from '@impflow/lipschitz';
import { exact } from '@impflow/logdet';
import { directAdjoint, fixedPoint, solve, type AdjointSolver } from '@impflow/solvers';
import { onBackend } from '@impflow/testkit';
import { cos, grad, memory, reshape, slice, sum, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

onBackend(cpu());

const fail = (): never => {
  throw new TypeError("Cannot read properties of undefined (reading 'shape')");
};
const rows = (): Tensor => drawNormal(key(3), [5, 2]);

interface Parts {
  readonly solver?: Solver;
  readonly adjoint?: AdjointSolver;
  readonly logDet?: LogDetEstimator;
  readonly activation?: Layer;
}
const block = ({ activation, ...options }: Parts) =>
  implicitBlock({
    gx: mlp({ dim: 2, hidden: [4], key: key(0) }),
    gz: mlp({
      dim: 2,
      hidden: [4],
      key: key(1),
      ...(activation === undefined ? {} : { activation: () => activation }),
    }),
    ...options,
  });
const flow = (parts: Parts, base: Partial<BaseDistribution> = {}) =>
  normalizingFlow({ ...normalBase({ dim: 2 }), ...base }, chain({ only: block(parts) }));
const training = (parts: Parts): Tensor =>
  tidy(() => grad((x) => sum(flow(parts).logProb(x, { train: true, key: key(0) })))(rows()));

const thrownBy = (
  body: () => unknown,
): { readonly message: string; readonly code: unknown; readonly cause: unknown } => {
  try {
    body();
  } catch (error) {
    expect(isFlowError(error)).toBe(true);
    return error as unknown as ReturnType<typeof thrownBy>;
  }
  throw new Error('nothing was thrown');
};

describe('an error that is thrown in a plugin contains the name of the plugin', () => {
  const solver = fixedPoint() as Solver;
  const said = "Cannot read properties of undefined (reading 'shape').";

  it.each<readonly [string, () => unknown, string]>([
    [
      'a solver, in init',
      () => training({ solver: { ...solver, name: 'mine', init: fail } }),
      `[solvers/solve] The solver "mine" failed in init: ${said}`,
    ],
    [
      'a solver, in step',
      () =>
        tidy(() => {
          solve(cos, rows(), { solver: { ...solver, name: 'mine', step: fail } });
        }),
      `[solvers/solve] The solver "mine" failed in step: ${said}`,
    ],
    [
      'an adjoint solver',
      () => training({ adjoint: { name: 'mine', solve: fail } }),
      `[flows/adjoint] The adjoint solver "mine" failed in solve: ${said}`,
    ],
    [
      'an estimator',
      () => training({ logDet: { ...exact(), name: 'mine', estimate: fail } }),
      `[flows/estimate] The log-det estimator "mine" failed in estimate: ${said}`,
    ],
    [
      'an activation',
      () => training({ activation: { ...reluActivation(), name: 'mine', trace: fail } }),
      `[lipschitz/activation] The activation "mine" failed in trace: ${said}`,
    ],
    [
      'an activation, in its second derivative',
      () => training({ activation: { ...reluActivation(), name: 'mine', pullback: fail } }),
      `[lipschitz/activation] The activation "mine" failed in pullback: ${said}`,
    ],
    [
      'a base density',
      () => tidy(() => flow({}, { name: 'mine', logProb: fail }).logProb(rows())),
      `[flows/logProb] The base density "mine" failed in logProb: ${said}`,
    ],
    [
      'a base density, in sample',
      () => tidy(() => flow({}, { name: 'mine', sample: fail }).sample(3, { key: key(0) })),
      `[flows/sample] The base density "mine" failed in sample: ${said}`,
    ],
    [
      'a bijector',
      () =>
        tidy(() =>
          chain({
            a: defineBijector({ name: 'mine', shape: [2], forwardWithLogDet: fail, inverseWithLogDet: fail }),
          }).forward(rows(), { key: key(0) }),
        ),
      `[flows/chain] The bijector "mine" failed in forward: ${said}`,
    ],
    [
      'a factory',
      () =>
        buildFlow(
          { ...tabularPreset({ dim: 2, blocks: 1, hidden: [4] }), solver: { name: 'mine' } },
          { registries: extendRegistries(builtInRegistries, { impflow: { solver: { mine: fail } } }, 'a plugin') },
        ),
      `[core/registry] The solver "mine" failed in its factory: ${said}`,
    ],
  ])('%s', (_what, body, message) => {
    expect(thrownBy(body)).toMatchObject({ message, code: 'plugin', cause: expect.any(TypeError) as unknown });
  });

  it('an error that an ImpFlow function throws inside a plugin keeps its code', () => {
    // The solver calls `exact` of @impflow/logdet, which throws an error.
    const own = {
      ...solver,
      name: 'mine',
      init: () => {
        exact({ maxDim: 0 });
        return undefined as never;
      },
    };
    const { message, code, cause } = thrownBy(() => training({ solver: own }));
    expect([message, code]).toEqual([
      '[solvers/solve] The solver "mine" failed in init: [logdet/exact] Wrong maxDim: expected a number of at least 1, got 0.',
      'option',
    ]);
    expect(isFlowError(cause, 'option')).toBe(true);
  });

  it('an error of the map does not contain the solver name, and after every error all tensors are disposed', () => {
    const before = memory().numTensors;
    const own = { ...solver, name: 'mine' };
    const broken = new TypeError('no map');
    expect(() =>
      tidy(() => {
        solve(
          () => {
            throw broken;
          },
          rows(),
          { solver: own },
        );
      }),
    ).toThrow(broken);
    expect(() =>
      tidy(() => {
        solve(cos, rows(), { solver: { ...own, step: fail } });
      }),
    ).toThrow('The solver "mine" failed in step');
    expect(memory().numTensors).toBe(before);
  });

  it('an interruption does not contain the name of a plugin', () => {
    const interrupted = Object.assign(new Error('enough'), { name: 'AbortError' });
    expect(() =>
      training({
        solver: {
          ...solver,
          name: 'mine',
          init: () => {
            throw interrupted;
          },
        },
      }),
    ).toThrow(interrupted);
  });
});

describe('an error about a wrong result or a missing method contains the name of the activation or bijector', () => {
  const cut = (x: Tensor): Tensor => slice(x, [0, 0], [x.shape[0]!, 1]);
  const own = reluActivation();
  const activation = (changed: Partial<Layer>): Parts => ({ activation: { ...own, name: 'mine', ...changed } });

  it.each<readonly [string, Partial<Layer>, string]>([
    ['value', { value: (a) => cut(own.value(a)) }, 'wrong value: expected shape [5, 4], got [5, 1].'],
    [
      'trace',
      { trace: (a) => ({ ...own.trace(a), value: cut(own.value(a)) }) },
      'wrong value of its trace: expected shape [5, 4], got [5, 1].',
    ],
    [
      'jvp',
      { jvp: (trace, t) => reshape(own.jvp(trace, t), [-1, 4]) },
      'wrong jvp: expected shape [2, 5, 4], got [10, 4].',
    ],
    ['vjp', { vjp: (trace, u) => reshape(own.vjp(trace, u), [-1]) }, 'wrong vjp: expected shape [1, 5, 4], got [20].'],
    [
      'pullback',
      { pullback: (trace, u, pairs) => ({ ...own.pullback(trace, u, pairs), x: reshape(u, [-1]) }) },
      'wrong x of its pullback: expected shape [5, 4], got [20].',
    ],
    [
      'weights',
      { pullback: (trace, u, pairs) => ({ ...own.pullback(trace, u, pairs), weights: [u] }) },
      'wrong number of gradients in its pullback: expected 0, one for each of its weights, got 1.',
    ],
  ])('an activation: %s', (method, changed, message) => {
    const iterative: AdjointSolver = {
      name: 'by products',
      solve: (g, rhs, onEnd) => {
        g.vjp(reshape(rhs, [1, 5, 2]));
        return directAdjoint().solve(g, rhs, onEnd);
      },
    };
    const body =
      method === 'value'
        ? () =>
            scoped(() =>
              mlp({ dim: 2, hidden: [4], key: key(0), activation: () => activation(changed).activation! }).apply(
                rows(),
              ),
            )
        : () => training({ ...activation(changed), adjoint: iterative });
    expect(thrownBy(body)).toMatchObject({
      message: expect.stringContaining(`[lipschitz/activation] The activation "mine" gave a ${message}`) as unknown,
    });
  });

  it('an activation without the method vjp is refused', () => {
    expect(() =>
      mlp({
        dim: 2,
        hidden: [4],
        key: key(0),
        activation: () => ({ ...lipSwish(), name: 'mine', vjp: undefined as never }),
      }),
    ).toThrow(
      '[lipschitz/activation] The activation "mine" does not keep the contract of its kind: ' +
        'expected an object with the methods value, trace, jvp, vjp, pullback, got no vjp.',
    );
  });

  it('a bijector that returns a value or a log-determinant of a wrong shape is refused', () => {
    const bent = (value: (x: Tensor) => Tensor, logDet: (x: Tensor) => Tensor) => {
      const both = (x: Tensor) => ({ value: value(x), logDet: logDet(x) });
      return chain({
        a: defineBijector({ name: 'mine', shape: [2], forwardWithLogDet: both, inverseWithLogDet: both }),
      });
    };
    const at = (of: ReturnType<typeof bent>) => () => scoped(() => of.forwardWithLogDet(rows(), { key: key(0) }));
    expect(at(bent(cut, (x) => sum(x, 1)))).toThrow(
      '[flows/chain] The bijector "mine" gave a wrong value of forwardWithLogDet: expected shape [5, 2], got [5, 1].',
    );
    expect(
      at(
        bent(
          (x) => x.clone(),
          (x) => sum(x, 1, true),
        ),
      ),
    ).toThrow(
      '[flows/chain] The bijector "mine" gave a wrong logDet of forwardWithLogDet: expected shape [5], got [5, 1].',
    );
  });
});
