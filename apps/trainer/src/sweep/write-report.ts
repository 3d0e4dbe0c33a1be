import { join } from 'node:path';
import { writeAtomically } from '@impflow/core';
import { sweepPlot } from '../plots/sweep.ts';
import { runPaths } from '../run-folder/folder.ts';
import { readMetrics } from '../run-folder/metrics.ts';
import { number } from '../terminal/format.ts';
import { reportCsv, type SweepReport } from './report.ts';

/** Writes `sweep.csv` and `sweep.png` into the folder of a sweep. Returns their paths. */
export const writeReport = async ({
  folder,
  plan,
  trials,
}: Pick<SweepReport, 'folder' | 'plan' | 'trials'>): Promise<{ readonly csv: string; readonly png: string }> => {
  const [csv, png] = [join(folder, 'sweep.csv'), join(folder, 'sweep.png')];
  await writeAtomically(csv, new TextEncoder().encode(reportCsv({ plan, trials })));
  const { data } = plan.options;
  const drawn = await Promise.all(
    trials.map(async ({ name, trial, rank, validation, choice }) => ({
      name,
      kind: rank === 1 ? ('best' as const) : trial === 0 ? ('defaults' as const) : ('other' as const),
      curve: await validationsOf(join(folder, name)),
      validation,
      values: choice,
    })),
  );
  const picture = sweepPlot({
    title: `Sweep on ${String(data)}: ${number(plan.trials.length)} trials and the defaults`,
    subtitle:
      plan.halving === 0
        ? `${plan.search} search; ${number(plan.rungs.at(-1)!)} steps each`
        : `${plan.search} search; ${plan.asynchronous ? 'asynchronous ' : ''}halving by ${plan.halving} at ${plan.rungs
            .slice(0, -1)
            .map((steps) => number(steps))
            .join(', ')} of ${number(plan.rungs.at(-1)!)} steps`,
    rungs: plan.rungs,
    axes: plan.parameters,
    trials: drawn,
  });
  await writeAtomically(png, picture);
  return { csv, png };
};

/** Steps and losses of the finite validations of a run; none without metrics. */
const validationsOf = async (folder: string): Promise<readonly (readonly [number, number])[]> =>
  (await readMetrics(runPaths(folder))).flatMap(({ step, validation }) =>
    validation === undefined || !Number.isFinite(validation.nats) ? [] : [[step, validation.nats] as const],
  );
