import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileBytes, FlowError, writeAtomically } from '@impflow/core';
import { count, isRecord, listOf, oneOf, record, text, trueOrFalse, type Schema } from 'impflow/run';
import { LOCK } from '../folder/lock.ts';
import { assertWritable, makeAll } from '../folder/make-folder.ts';
import { SEARCHES, type SweepPlan } from './plan-sweep.ts';

const PLAN = 'sweep.json';

/** Returns the path of `results.jsonl`, the log of results, in the folder of a sweep. */
export const resultsPath = (folder: string): string => join(folder, 'results.jsonl');

const schema = (): Schema =>
  record({
    version: count(1, 1),
    place: record({ data: text }),
    parameters: listOf(record({ name: text })),
    options: record({}),
    plugins: listOf(text),
    search: oneOf(...SEARCHES),
    halving: count(),
    asynchronous: trueOrFalse,
    rungs: listOf(count(1)),
    trials: listOf(record({})),
  });

/**
 * Returns the plan that is stored in the folder of a sweep; undefined if the folder has no plan.
 *
 * @throws `input` for a file that is not a plan.
 */
export const storedPlan = async (folder: string): Promise<SweepPlan | undefined> => {
  const path = join(folder, PLAN);
  const refuse = (expected: string, got: string): FlowError =>
    new FlowError('input', 'jobs/runSweep', `${path} is not the plan of a sweep`, {
      expected,
      got,
      hint: 'Choose another folder.',
    });
  if (!existsSync(path)) return undefined;
  const found = parsed((await fileBytes('jobs/runSweep', path)).toString('utf8'));
  if (!isRecord(found)) throw refuse('a JSON object', 'another text');
  const wrong = schema()(found, '');
  if (wrong !== undefined) throw refuse(`${wrong.expected} for ${wrong.at}`, wrong.got);
  return found as unknown as SweepPlan;
};

/** @throws `input` for a folder that cannot be written to, or that holds files that do not belong to a sweep. */
export const makeSweepFolder = async (folder: string): Promise<void> => {
  await assertWritable(folder);
  await makeAll(folder);
  const entries = (await readdir(folder)).filter((entry) => !entry.endsWith('.tmp') && entry !== LOCK);
  if (entries.length > 0 && !entries.includes(PLAN))
    throw new FlowError('input', 'jobs/runSweep', `${folder} holds other files`, {
      expected: 'a new or empty folder, or the folder of a sweep',
      got: entries.slice(0, 3).join(', '),
      hint: 'Choose another folder.',
    });
};

/**
 * Returns the name of the sweep in a folder: the time when its plan was written. If the folder is deleted and a new
 * sweep is written to the same path, the new sweep has a different name.
 */
export const sweepName = async (folder: string): Promise<string> => String((await stat(join(folder, PLAN))).mtimeMs);

/** Writes the plan of a new sweep. */
export const writePlan = (folder: string, plan: SweepPlan): Promise<void> =>
  writeAtomically(join(folder, PLAN), new TextEncoder().encode(`${JSON.stringify(plan, null, 2)}\n`));

/** @throws `input` if `plan` differs from the plan in the folder. */
export const assertSamePlan = (folder: string, stored: SweepPlan, plan: SweepPlan): void => {
  const other = (Object.keys(plan) as (keyof SweepPlan)[]).find(
    (name) => JSON.stringify(stored[name]) !== JSON.stringify(plan[name]),
  );
  if (other !== undefined)
    throw new FlowError('input', 'jobs/runSweep', `${folder} holds another sweep`, {
      expected: `the same ${other}: ${shortText(stored[other])}`,
      got: shortText(plan[other]),
      hint: 'Continue the sweep with its stored plan, or choose another folder.',
    });
};

const shortText = (value: unknown): string => {
  const long = JSON.stringify(value);
  return long.length > 200 ? `${long.slice(0, 200)}…` : long;
};

const parsed = (content: string): unknown => {
  try {
    return JSON.parse(content) as unknown;
  } catch {
    return undefined;
  }
};
