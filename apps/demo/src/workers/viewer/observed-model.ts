import { key, type Key, type SolveReport } from '@impflow/core';
import { buildFlow, type NormalizingFlow, type Registries } from '@impflow/flows';
import { withObserver, type Observation } from '@impflow/solvers';
import { assignVariables } from '@impflow/training';
import { tensor2d, type Tensor } from '@tensorflow/tfjs-core';
import { disposeFlow, type Model } from './model.ts';

/**
 * State of all samples of a solve after a solver step. The first record of a solve is the state before the first step.
 */
interface SolveRecord {
  /** Residual of each sample's best iterate so far. */
  readonly residual: Float32Array;
  readonly tolerance: Float32Array;
  /** 1 if the sample has not converged and another step may improve it, else 0. */
  readonly active: ArrayLike<number>;
}

/**
 * The recorded steps of one solve. Only the steps of the first solver are recorded. For fallback solvers, the report
 * contains only the number of steps.
 */
interface ObservedSolve {
  readonly records: readonly SolveRecord[];
  readonly report: SolveReport;
}

/** A copy of a model whose solver records every step. */
export interface ObservedModel {
  /**
   * Computes the log-density of rows `[n, 2]` and returns the solves of this computation, in order. Empty if the
   * direction from data to base needs no solve.
   */
  solvesOf(model: Model, rows: Float32Array, at?: Key): readonly ObservedSolve[];
  dispose(): void;
}

/**
 * Builds a copy of a model from the spec of the model. The solver of the copy records its steps. Before each use, the
 * copy gets the current variables of the model.
 *
 * @remarks The solver of the model itself records no steps, because recording would change the rounding. The results of
 * the model equal the results of the command line bit by bit.
 */
export const observedModel = (model: Model, registries: Registries): ObservedModel => {
  const records: SolveRecord[] = [];
  const observe = ({ residual, tolerance, active }: Observation): void => {
    records.push({ residual: numbers(residual), tolerance: numbers(tolerance), active: active.dataSync().slice() });
  };
  const { create } = registries.solver;
  const observedRegistries: Registries = {
    ...registries,
    solver: { ...registries.solver, create: (spec) => withObserver(create(spec), observe, model.spec.tolerance) },
  };
  const flow = buildFlow({ ...model.spec, solver: solverOf(model, registries) }, { registries: observedRegistries });
  return {
    solvesOf: ({ flow: original }, rows, at = key(0)) => {
      follow(flow, original);
      const solves: ObservedSolve[] = [];
      records.length = 0;
      const x = tensor2d(rows, [rows.length / 2, 2]);
      try {
        flow
          .logProb(x, {
            key: at,
            report: (report) => {
              solves.push({ records: records.splice(0), report });
            },
          })
          .dispose();
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

/**
 * Returns the name of the model's solver. If the spec names no solver, returns the name of the solver that the library
 * chooses in two dimensions: quasi-Newton if the exact Jacobian is needed anyway, otherwise Anderson.
 */
const solverOf = ({ spec: { solver, evaluationLogDet } }: Model, registries: Registries): { readonly name: string } => {
  if (solver !== undefined) return solver;
  const exact = evaluationLogDet === undefined || registries.logDet.create(evaluationLogDet).bias === 'exact';
  return { name: exact ? 'quasi-newton' : 'anderson' };
};

/**
 * Returns the number of solver steps of each sample. If the first solver failed on a sample, all steps of the fallback
 * solvers are added for this sample.
 */
export const stepsOf = ({ records, report: { stats } }: ObservedSolve): Float32Array => {
  const steps = new Float32Array(records[0]?.residual.length ?? 0);
  const last = records.at(-1);
  for (const record of records.slice(0, -1))
    for (let i = 0; i < steps.length; i++) steps[i] = steps[i]! + record.active[i]!;
  const more = stats.steps - (records.length - 1);
  if (last === undefined || more === 0) return steps;
  for (let i = 0; i < steps.length; i++) {
    // Fallback solvers skip samples whose residual is not finite.
    if (last.residual[i]! > last.tolerance[i]! && last.residual[i]! < Infinity) steps[i] = steps[i]! + more;
  }
  return steps;
};
