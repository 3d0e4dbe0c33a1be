import { key, fold, uniforms } from '@impflow/core';
import { describe, expect, it } from 'vitest';
import {
  asynchronousHalving,
  rungsOf,
  synchronousHalving,
  type Halving,
  type Job,
  type JobResult,
} from '../src/sweep/halving.ts';

interface Sweep {
  readonly trials: number;
  readonly rungs: number;
  readonly eta: number;
  readonly workers?: number;
  /** Returns the loss of a trial at a rung; null if the training fails. */
  readonly lossOf: (job: Job) => number | null;
  /** Returns the index, among the running jobs, of the job that ends next. Default: the job that began first. */
  readonly ending?: (running: number, ended: number) => number;
}

/** Simulates a sweep. Returns its jobs in the order of their starts, and their results in the order of their ends. */
const played = (
  halving: Halving,
  { trials, rungs, eta, workers = 1, lossOf, ending = () => 0 }: Sweep,
): { readonly jobs: readonly Job[]; readonly results: readonly JobResult[] } => {
  const jobs: Job[] = [];
  const running: Job[] = [];
  const results: JobResult[] = [];
  for (;;) {
    for (;;) {
      const job = running.length < workers ? halving({ trials, rungs, eta, results, running }) : undefined;
      if (job === undefined) break;
      jobs.push(job);
      running.push(job);
    }
    if (running.length === 0) return { jobs, results };
    const [ended] = running.splice(ending(running.length, results.length), 1);
    results.push({ ...ended!, validation: lossOf(ended!) });
  }
};

const text = (jobs: readonly Job[]): string => jobs.map(({ trial, rung }) => `${trial}@${rung}`).join(' ');
const at = (jobs: readonly Job[], rung: number): readonly number[] =>
  jobs.filter((job) => job.rung === rung).map(({ trial }) => trial);

// Losses of nine trials. Trial 5 has the smallest loss, so it is the best trial.
const LOSSES = [7, 3, 9, 4, 1, 8, 2, 6, 5];
const nine: Sweep = { trials: 9, rungs: 3, eta: 3, lossOf: ({ trial }) => LOSSES[trial - 1]! };

describe('`rungsOf`', () => {
  it.each([
    [900, 3, 100, [100, 300, 900]],
    [1000, 3, 112, [112, 334, 1000]],
    [1000, 3, 113, [334, 1000]],
    [1000, 2, 1000, [1000]],
    [5, 3, 1, [1, 2, 5]],
    [1, 3, 1, [1]],
  ])(
    '`rungsOf` with `steps` %i, `eta` %i and `least` %i returns the numbers of steps of the rungs',
    (steps, eta, least, rungs) => {
      expect(rungsOf(steps, eta, least)).toEqual(rungs);
    },
  );
});

describe('`asynchronousHalving`', () => {
  it('`asynchronousHalving` with one worker makes the jobs that Algorithm 2 of Li et al. makes', () => {
    // Of every three results of a rung, one trial may be promoted; the highest rung goes first. By hand: 1, 2 and 3
    // start, and 2 is promoted. 4 and 5 start; 5 is the best of five results and is promoted. 6 and 7 start; 5 and 7
    // are the best two of seven results, so 7 is promoted. Of the three results at rung 1, 5 is the best and goes to
    // rung 2. 8 and 9 start.
    expect(text(played(asynchronousHalving, nine).jobs)).toBe('1@0 2@0 3@0 2@1 4@0 5@0 5@1 6@0 7@0 7@1 5@2 8@0 9@0');
  });

  it('`asynchronousHalving` starts a new trial if no trial can be promoted, so that no worker waits', () => {
    const { jobs } = played(asynchronousHalving, { ...nine, workers: 4 });
    expect(text(jobs.slice(0, 7))).toBe('1@0 2@0 3@0 4@0 5@0 6@0 2@1');
  });

  it('the jobs of `asynchronousHalving` depend on the order of the results', () => {
    const backwards = played(asynchronousHalving, { ...nine, workers: 4, ending: (running) => running - 1 });
    expect(text(backwards.jobs)).not.toBe(text(played(asynchronousHalving, { ...nine, workers: 4 }).jobs));
  });

  it('`asynchronousHalving` promotes a trial only if it is then among the best 1 of every `eta` trials of its rung', () => {
    for (let seed = 0; seed < 200; seed++) {
      const u = uniforms(fold(key(seed), 1), 4000);
      const eta = 2 + Math.floor(3 * u[1]!);
      const watched: Halving = (state) => {
        const job = asynchronousHalving(state);
        const ended = state.results.filter(({ rung, validation }) => rung === 2 && validation !== null).length;
        // If no trial would reach the last rung otherwise, a trial is promoted although it is not among the best 1 of
        // every `eta` trials.
        if (job === undefined || job.rung === 0 || (ended === 0 && state.running.length === 0)) return job;
        const rung = state.results.filter((result) => result.rung === job.rung - 1);
        const own = rung.find(({ trial }) => trial === job.trial)!.validation!;
        const better = rung.filter(({ validation }) => validation !== null && validation < own).length;
        expect(better).toBeLessThan(Math.floor(rung.length / eta));
        return job;
      };
      const { jobs, results } = played(watched, {
        trials: 9 + Math.floor(31 * u[0]!),
        eta,
        workers: 1 + Math.floor(8 * u[2]!),
        rungs: 3,
        lossOf: ({ trial, rung }) => (u[10 + trial]! < 0.1 ? null : u[100 + 3 * trial + rung]!),
        ending: (running, ended) => Math.floor(u[1000 + ended]! * running),
      });
      expect(new Set(jobs.map((job) => text([job]))).size).toBe(jobs.length);
      expect(results.some(({ rung, validation }) => rung === 2 && validation !== null)).toBe(true);
    }
  });
});

describe('`synchronousHalving`', () => {
  it('`synchronousHalving` promotes the best third of each rung', () => {
    expect(text(played(synchronousHalving, nine).jobs)).toBe('1@0 2@0 3@0 4@0 5@0 6@0 7@0 8@0 9@0 5@1 7@1 2@1 5@2');
  });

  it('`synchronousHalving` makes the same jobs for any number of workers and any order of the results', () => {
    for (let seed = 0; seed < 100; seed++) {
      const u = uniforms(fold(key(seed), 2), 4000);
      const sweep: Sweep = {
        trials: 1 + Math.floor(40 * u[0]!),
        eta: 2 + Math.floor(3 * u[1]!),
        rungs: 3,
        lossOf: ({ trial, rung }) => (u[10 + trial]! < 0.1 ? null : u[100 + 3 * trial + rung]!),
      };
      const alone = played(synchronousHalving, sweep);
      const many = played(synchronousHalving, {
        ...sweep,
        workers: 1 + Math.floor(8 * u[2]!),
        ending: (running, ended) => Math.floor(u[1000 + ended]! * running),
      });
      const sorted = (jobs: readonly Job[]): readonly string[] => jobs.map((job) => text([job])).toSorted();
      expect(sorted(many.jobs)).toEqual(sorted(alone.jobs));
      for (const rung of [1, 2])
        expect(at(alone.jobs, rung).length).toBeLessThanOrEqual(
          Math.max(1, Math.floor(sweep.trials / sweep.eta ** rung)),
        );
    }
  });

  it('halving never promotes a failed trial; if a promoted training fails, the next best trial is promoted', () => {
    const { jobs } = played(synchronousHalving, {
      ...nine,
      lossOf: ({ trial, rung }) => (trial === 5 && rung > 1 ? null : trial === 7 ? null : LOSSES[trial - 1]!),
    });
    expect([at(jobs, 1), at(jobs, 2)]).toEqual([
      [5, 2, 4],
      [5, 2],
    ]);
  });

  it('with fewer than `eta` trials, halving trains one trial to the end, or no trial if all trials failed', () => {
    const two = { ...nine, trials: 2 };
    expect(text(played(synchronousHalving, two).jobs)).toBe('1@0 2@0 2@1 2@2');
    expect(text(played(asynchronousHalving, two).jobs)).toBe('1@0 2@0 2@1 2@2');
    expect(text(played(synchronousHalving, { ...two, lossOf: () => null }).jobs)).toBe('1@0 2@0');
    expect(text(played(asynchronousHalving, { ...two, rungs: 1 }).jobs)).toBe('1@0 2@0');
  });

  it('of trials with equal losses, halving promotes the trial with the lowest number', () => {
    expect(at(played(synchronousHalving, { ...nine, lossOf: () => 1 }).jobs, 1)).toEqual([1, 2, 3]);
  });
});
