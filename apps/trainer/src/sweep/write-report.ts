import { join } from 'node:path';
import { writeAtomically } from '@impflow/core';
import { sweepCsv, valueText, type Sweep } from '@impflow/jobs';
import { number } from 'impflow/run';
import { runPaths } from '../run-folder/folder.ts';
import { readMetrics } from '../run-folder/metrics.ts';

/** Writes `sweep.csv` and `sweep.png` into the folder of a sweep. Returns their paths. */
export const writeReport = async ({
  folder,
  plan,
  trials,
}: Sweep): Promise<{ readonly csv: string; readonly png: string }> => {
  const [csv, png] = [join(folder, 'sweep.csv'), join(folder, 'sweep.png')];
  await writeAtomically(csv, new TextEncoder().encode(sweepCsv({ plan, trials })));
  const drawn = await Promise.all(
    trials.map(async ({ name, trial, rank, validation, standardError, choice }) => ({
      name: trial === 0 ? `${name}, the defaults` : name,
      kind: rank === 1 ? ('best' as const) : trial === 0 ? ('defaults' as const) : ('other' as const),
      curve: await validationsOf(join(folder, name)),
      validation,
      standardError,
      values: Object.fromEntries(Object.entries(choice).map(([name, value]) => [name, valueText(value)])),
    })),
  );
  const { sweepPlot } = await import('@impflow/plots');
  const picture = sweepPlot({
    title: `Sweep on ${plan.place.data}: ${number(plan.trials.length)} trials and the defaults`,
    subtitle:
      plan.halving === 0
        ? `${plan.search} search; ${number(plan.rungs.at(-1)!)} steps each`
        : `${plan.search} search; ${plan.asynchronous ? 'asynchronous ' : ''}halving by ${plan.halving} at ${plan.rungs
            .slice(0, -1)
            .map((steps) => number(steps))
            .join(', ')} of ${number(plan.rungs.at(-1)!)} steps`,
    rungs: plan.rungs,
    axes: plan.parameters.map((axis) => ('values' in axis ? { ...axis, values: axis.values.map(valueText) } : axis)),
    format: (value) => number(value, 2),
    trials: drawn,
  });
  await writeAtomically(png, picture);
  return { csv, png };
};

/** Returns the steps and losses of the finite validations of a run, or an empty list if there are no metrics. */
const validationsOf = async (folder: string): Promise<readonly (readonly [number, number])[]> =>
  (await readMetrics(runPaths(folder))).flatMap(({ step, validation }) =>
    validation === undefined || !Number.isFinite(validation.nats) ? [] : [[step, validation.nats] as const],
  );
