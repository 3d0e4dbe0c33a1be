import { cpu } from '@impflow/backend-cpu';
import { key, scoped, type LogDetEstimator, type Solver } from '@impflow/core';
import {
  buildFlow,
  extendRegistries,
  implicitBlock,
  normalBase,
  normalizingFlow,
  builtInRegistries,
  tabularPreset,
  type BaseDistribution,
} from '@impflow/flows';
import { mlp } from '@impflow/lipschitz';
import { exact } from '@impflow/logdet';
import { directAdjoint, type AdjointSolver } from '@impflow/solvers';
import { onBackend } from '@impflow/testkit';
import { grad, reshape, sum, tidy, zeros } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

onBackend(cpu());

const block = (options: {
  readonly solver?: Solver;
  readonly adjoint?: AdjointSolver;
  readonly evaluationLogDet?: LogDetEstimator;
}) =>
  implicitBlock({
    gx: mlp({ dim: 2, hidden: [4], key: key(0) }),
    gz: mlp({ dim: 2, hidden: [4], key: key(1) }),
    ...options,
  });
const flow = (changed: Partial<BaseDistribution>) =>
  normalizingFlow({ ...normalBase({ dim: 2 }), name: 'mine', ...changed }, block({}));
const rows = (): ReturnType<typeof zeros> => zeros([500, 2]);

describe('checks of results and methods', () => {
  it('a flow checks the shapes of the log-densities and the samples of a base', () => {
    const { logProb, sample } = normalBase({ dim: 2 });
    expect(() => tidy(() => flow({ logProb: (z) => reshape(logProb(z), [-1, 1]) }).logProb(rows()))).toThrow(
      '[flows/logProb] The base density "mine" gave a wrong logProb: expected shape [500], got [500, 1].',
    );
    expect(() =>
      tidy(() => flow({ sample: (draw, count) => sample(draw, count + 1) }).sample(3, { key: key(2) })),
    ).toThrow('[flows/sample] The base density "mine" gave a wrong sample: expected shape [3, 2], got [4, 2].');
  });

  it('a flow checks the methods and the dimension of a base', () => {
    expect(() => flow({ sample: undefined as unknown as BaseDistribution['sample'] })).toThrow(
      '[flows/normalizingFlow] The base density "mine" does not keep the contract of its kind: ' +
        'expected an object with the methods logProb, sample, got no sample.',
    );
    expect(() => flow({ dim: 3 })).toThrow(
      '[flows/normalizingFlow] The base density "mine" does not fit the bijector: expected dimension 2, got 3.',
    );
  });

  it('a flow checks the shape of the log-determinants of an estimator', () => {
    const estimator = exact();
    const evaluationLogDet: LogDetEstimator = {
      ...estimator,
      name: 'mine',
      estimate: (g, k) => {
        const estimate = estimator.estimate(g, k);
        return { ...estimate, logDet: reshape(estimate.logDet, [-1, 1]) };
      },
    };
    expect(() => scoped(() => block({ evaluationLogDet }).forwardWithLogDet(rows(), { key: key(0) }))).toThrow(
      '[flows/estimate] The log-det estimator "mine" gave a wrong logDet: expected shape [500], got [500, 1].',
    );
  });

  it('a flow checks the shape of the solutions of an adjoint solver', () => {
    const adjoint = directAdjoint();
    const own: AdjointSolver = {
      name: 'mine',
      solve: (g, rhs, onEnd) => {
        const solved = adjoint.solve(g, rhs, onEnd);
        return { ...solved, value: reshape(solved.value, [-1]) };
      },
    };
    expect(() => tidy(() => grad((x) => sum(block({ adjoint: own }).forward(x, { key: key(0) })))(rows()))).toThrow(
      '[flows/adjoint] The adjoint solver "mine" gave a wrong value: expected shape [500, 2], got [1000].',
    );
  });

  it('a flow checks the methods of solvers, adjoint solvers and estimators', () => {
    expect(() => block({ solver: { name: 'mine', problem: 'root' } as Solver })).toThrow(
      '[flows/blockMethods] The solver "mine" does not keep the contract of its kind: ' +
        'expected an object with the methods init, step, got no init, step.',
    );
    expect(() => block({ adjoint: { name: 'mine' } as AdjointSolver })).toThrow(
      'The adjoint solver "mine" does not keep the contract',
    );
    expect(() => block({ evaluationLogDet: { name: 'mine', bias: 'exact' } as LogDetEstimator })).toThrow(
      'The log-det estimator "mine" does not keep the contract',
    );
  });

  it('a spec is refused if a factory that it names returns null or an object without a required method', () => {
    const spec = { ...tabularPreset({ dim: 2, blocks: 1, hidden: [4] }), solver: { name: 'mine' } };
    expect(() =>
      buildFlow(spec, {
        registries: extendRegistries(builtInRegistries, { impflow: { solver: { mine: () => null } } }, 'a plugin'),
      }),
    ).toThrow(
      '[core/registry] The solver "mine" does not keep the contract of its kind: expected an object with the methods init, step, got null.',
    );
    const wavy = { ...tabularPreset({ dim: 2, blocks: 1, hidden: [4] }), base: { name: 'wavy' } };
    expect(() =>
      buildFlow(wavy, {
        registries: extendRegistries(
          builtInRegistries,
          { impflow: { base: { wavy: () => ({ name: 'x', dim: 2, logProb: () => 0 }) } } },
          'a plugin',
        ),
      }),
    ).toThrow(
      'The base density "wavy" does not keep the contract of its kind: expected an object with the methods logProb, sample, got no sample.',
    );
  });
});
