import type { TrainingState } from '@impflow/training';
import type { Job, Plan } from '../../kinds/plan.ts';
import type { RunPaths } from '../../run/folder.ts';
import type { RunRecord } from '../../run/record.ts';
import type { Settings } from '../../run/settings.ts';

/** A checked run before its training. Nothing has been written yet. */
export interface Run {
  /** Name of the data, and of the run folder if `--out` is not given. */
  readonly name: string;
  readonly settings: Settings;
  readonly plan: Plan;
  readonly job: Job;
  readonly record: RunRecord;
  readonly state: TrainingState;
  /** The run that replaces this one after its training, unless the training beats it. */
  readonly rival?: { readonly isBeaten: (state: TrainingState) => Promise<boolean>; readonly begin: () => Run };
}

/** A run with its folder. */
export interface PlacedRun extends Run {
  readonly paths: RunPaths;
}
