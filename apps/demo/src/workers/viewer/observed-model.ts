import { key, type Key, type SolveReport } from '@impflow/core';
import { buildFlow, type NormalizingFlow, type Registries } from '@impflow/flows';
import { withObserver, type Observation } from '@impflow/solvers';
import { assignVariables } from '@impflow/training';
import { tensor2d, type Tensor } from '@tensorflow/tfjs-core';
import { disposeFlow, type Model } from './model.ts';

/** State of the samples of a solve after a step; the first record is the start. */
interface SolveRecord {
  /** Residual of the best iterate so far. */
  readonly residual: Float32Array;
  readonly tolerance: Float32Array;
  /** 1 if another step is needed and may help. */
  readonly active: ArrayLike<number>;
}

/** The steps of one solve by its first solver; fallbacks appear only in the report. */
interface ObservedSolve {
  readonly records: readonly SolveRecord[];
  readonly report: SolveReport;
}

/** A copy of a model whose solver records every step. */
export interface ObservedModel {
  /** The solves of the log-density of rows `[n, 2]`, in order; empty if the forward direction solves nothing. */
  solvesOf(model: Model, rows: Float32Array, at?: Key): readonly ObservedSolve[];
  dispose(): void;
}

/**
 * A copy of a model, built from the same spec with an observed solver. It copies the model's variables whenever it is
 * used.
 *
 * @remarks The model itself is not observed, so that its figures equal the figures of the command line to the last bit.
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
 * The solver by name. If the spec leaves the choice to the library, in two dimensions: quasi-Newton if the exact
 * Jacobian is needed anyway, else Anderson.
 */
const solverOf = ({ spec: { solver, evaluationLogDet } }: Model, registries: Registries): { readonly name: string } => {
  if (solver !== undefined) return solver;
  const exact = evaluationLogDet === undefined || registries.logDet.create(evaluationLogDet).bias === 'exact';
  return { name: exact ? 'quasi-newton' : 'anderson' };
};

/**
 * Steps of each sample. If the solver failed on some samples and fallbacks continued, all steps of the fallbacks count
 * for these.
 */
export const stepsOf = ({ records, report: { stats } }: ObservedSolve): Float32Array => {
  const steps = new Float32Array(records[0]?.residual.length ?? 0);
  const last = records.at(-1);
  for (const record of records.slice(0, -1))
    for (let i = 0; i < steps.length; i++) steps[i] = steps[i]! + record.active[i]!;
  const more = stats.steps - (records.length - 1);
  if (last === undefined || more === 0) return steps;
  for (let i = 0; i < steps.length; i++) {
    // A fallback cannot help a sample that is not finite.
    if (last.residual[i]! > last.tolerance[i]! && last.residual[i]! < Infinity) steps[i] = steps[i]! + more;
  }
  return steps;
};
