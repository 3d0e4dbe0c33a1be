import type { LoadedRun } from '../checkpoint/load-run.ts';
import { assertAllowed } from '../checkpoint/spec-schema.ts';
import { assertSpecSize } from '../checkpoint/spec-size.ts';
import type { RunData } from '../dataset/run-data.ts';
import type { ModelSpec } from '../model/model.ts';
import type { Settings } from '../settings/settings.ts';
import { classes } from './classes/kind.ts';
import { images } from './images/kind.ts';
import type { Kind } from './kind.ts';
import type { Plan } from './plan.ts';
import { records } from './records/kind.ts';
import { rows } from './rows/kind.ts';
import type { RunCommands } from './run-commands.ts';

/** All kinds of runs. */
export const KINDS: readonly Kind[] = [rows, records, images, classes];

/** The kind of the runs that train models of a spec. */
export const kindOf = (spec: ModelSpec): Kind => KINDS.find((kind) => kind.describes(spec))!;

/**
 * The plan of a new run.
 *
 * @throws `input` for data of another kind; `option` for a model that is too large.
 */
export const newPlan = (kind: Kind, data: RunData, settings: Settings): Plan => {
  const plan = kind.plan(data, settings);
  assertAllowed(plan.spec);
  assertSpecSize(plan.spec);
  return plan;
};

/** The commands on a loaded run. */
export const commandsOn = (run: LoadedRun): RunCommands => kindOf(run.model.spec).commands(run);
