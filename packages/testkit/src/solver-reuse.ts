import { scoped, type Solution, type Solver } from '@impflow/core';
import { solve, type SolveOptions } from '@impflow/solvers';
import { expect } from 'vitest';
import { expectAgreement } from './agree.ts';
import { swirl } from './maps.ts';
import { iterates, starts, UNDER_WAY, walk } from './solver-runs.ts';

const STEPS_IN_TURN = 6;

/** Checks that an instance that solved other problems, also interleaved, gives the same results as a new instance. */
export const expectNothingCarriedOver = (solver: () => Solver): void =>
  scoped(() => {
    const problems = [
      { event: [2], rows: 6, slope: 0.7 },
      { event: [3], rows: 4, slope: 0.5 },
      { event: [2], rows: 9, slope: 0.8 },
    ] as const;
    const solved = (
      method: Solver,
      { event, rows, slope }: (typeof problems)[number],
      options: Partial<SolveOptions>,
    ): Solution =>
      solve(swirl(event, slope), starts(event, rows), {
        solver: method,
        problem: 'fixed-point',
        maxSteps: 100,
        ...options,
      });
    for (const [options, when] of [
      [{}, ''],
      [UNDER_WAY, ', after three steps'],
    ] as const) {
      const fresh = problems.map((problem) => solved(solver(), problem, options));
      const used = solver();
      for (const i of [0, 1, 2, 0, 2, 1, 1, 0]) {
        const [once, what] = [fresh[i]!, `problem ${i} with an instance that solved other problems before${when}`];
        const again = ((): Solution => {
          try {
            return solved(used, problems[i]!, options);
          } catch (cause) {
            throw new Error(`${what}: it throws, but a new instance does not (${String(cause)}).`, { cause });
          }
        })();
        expectAgreement(again.value.dataSync(), once.value.dataSync(), { what, width: problems[i]!.event[0] });
        expect(again.stats.steps, `steps of ${what}`).toBe(once.stats.steps);
      }
    }
    // Interleaved: the second solve begins during the first, as if the map of one solve made another solve.
    const [first, second] = problems.map(({ event, rows, slope }) => ({
      f: swirl(event, slope),
      y0: starts(event, rows),
    }));
    const fresh = [first!, second!].map(({ f, y0 }) => iterates(solver(), f, y0, STEPS_IN_TURN));
    const used = solver();
    const [one, other] = [walk(used, first!.f, first!.y0), walk(used, second!.f, second!.y0)];
    const turns = [one, one, one, other, one, other, other, one, other, one, other, one, other, other];
    const step = new Map([
      [one, 0],
      [other, 0],
    ]);
    for (const each of turns) {
      const [at, which] = [step.get(each)!, each === one ? 0 : 1];
      expectAgreement(each.next().value as Float32Array, fresh[which]![at]!, {
        what: `problem ${which} after step ${at}, interleaved with another problem by one instance`,
        width: problems[which]!.event[0],
      });
      step.set(each, at + 1);
    }
  });
