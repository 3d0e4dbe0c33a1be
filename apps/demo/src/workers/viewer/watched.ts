import { key, type Key, type SolveReport } from '@impflow/core';
import { buildFlow, type NormalizingFlow, type Registries } from '@impflow/flows';
import { observed, type Observation } from '@impflow/solvers';
import { assignVariables } from '@impflow/training';
import { tensor2d, type Tensor } from '@tensorflow/tfjs-core';
import { disposeFlow, type Model } from './model.ts';

/** Where the samples of a solve stood after a step; the first look is at the start. */
export interface Look {
  /** At the best iterate so far. */
  readonly residual: Float32Array;
  readonly tolerance: Float32Array;
  /** 1 where one more step is needed and may help. */
  readonly active: ArrayLike<number>;
}

/** A solve as its solver went through it; what fallbacks did afterwards is in the report alone. */
export interface WatchedSolve {
  readonly looks: readonly Look[];
  readonly report: SolveReport;
}

/** A twin of a model whose solver tells of every step. */
export interface Watched {
  /** The solves that the log-density of rows `[n, 2]` takes, in order; none where nothing is solved in the forward direction. */
  solvesOf(model: Model, rows: Float32Array, at?: Key): readonly WatchedSolve[];
  dispose(): void;
}

/**
 * A model's twin, built like it but for its solver, which is observed: plugins are values. It borrows the numbers of the model's variables whenever it is used.
 *
 * @remarks The model itself stays unobserved, so that its figures are those of the command line to the last bit.
 */
export const watchedTwin = (model: Model, registries: Registries): Watched => {
  const looks: Look[] = [];
  const observe = ({ residual, tolerance, active }: Observation): void => {
    looks.push({ residual: numbers(residual), tolerance: numbers(tolerance), active: active.dataSync().slice() });
  };
  const { create } = registries.solver;
  const watching: Registries = { ...registries, solver: { ...registries.solver, create: (spec) => observed(create(spec), observe, model.spec.tolerance) } };
  const flow = buildFlow({ ...model.spec, solver: solverOf(model, registries) }, { registries: watching });
  return {
    solvesOf: ({ flow: original }, rows, at = key(0)) => {
      follow(flow, original);
      const solves: WatchedSolve[] = [];
      looks.length = 0;
      const x = tensor2d(rows, [rows.length / 2, 2]);
      try {
        flow.logProb(x, { key: at, report: (report) => { solves.push({ looks: looks.splice(0), report }); } }).dispose();
      } finally {
        x.dispose();
      }
      return solves;
    },
    dispose: () => disposeFlow(flow),
  };
};

const numbers = (x: Tensor): Float32Array => x.dataSync<'float32'>().slice() as Float32Array;

const follow = (flow: NormalizingFlow, original: NormalizingFlow): void => {
  assignVariables(flow.parameters, original.parameters);
  assignVariables(flow.buffers, original.buffers);
};

/** The solver by name, also where the spec leaves the choice to the library: in two dimensions quasi-Newton where the exact Jacobian is needed anyway, else Anderson. */
const solverOf = ({ spec: { solver, evaluationLogDet } }: Model, registries: Registries): { readonly name: string } => {
  if (solver !== undefined) return solver;
  const exact = evaluationLogDet === undefined || registries.logDet.create(evaluationLogDet).bias === 'exact';
  return { name: exact ? 'quasi-newton' : 'anderson' };
};

/** Steps of each sample. Where the solver failed on some and fallbacks took over, all their steps count for those. */
export const stepsOf = ({ looks, report: { stats } }: WatchedSolve): Float32Array => {
  const steps = new Float32Array(looks[0]?.residual.length ?? 0);
  const last = looks.at(-1);
  for (const look of looks.slice(0, -1)) for (let i = 0; i < steps.length; i++) steps[i] = steps[i]! + look.active[i]!;
  const more = stats.steps - (looks.length - 1);
  if (last === undefined || more === 0) return steps;
  for (let i = 0; i < steps.length; i++) {
    // What is not finite no fallback can mend.
    if (last.residual[i]! > last.tolerance[i]! && last.residual[i]! < Infinity) steps[i] = steps[i]! + more;
  }
  return steps;
};
