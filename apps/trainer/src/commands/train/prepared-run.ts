import type { TrainingState } from '@impflow/training';
import type { RunRecord } from '../../checkpoint/record.ts';
import type { Trainee, Plan } from '../../kinds/plan.ts';
import type { RunPaths } from '../../run-folder/folder.ts';
import type { Settings } from '../../settings/settings.ts';

/** A checked run before its training. Nothing has been written yet. */
export interface PreparedRun {
  /** Name of the data, and of the run folder if `--out` is not given. */
  readonly name: string;
  readonly settings: Settings;
  readonly plan: Plan;
  readonly trainee: Trainee;
  readonly record: RunRecord;
  readonly state: TrainingState;
  /** The run to make after the training of this one, if it is then needed. Default: none. */
  readonly secondRun?: {
    readonly isNeeded: (state: TrainingState) => Promise<boolean>;
    readonly prepare: () => PreparedRun;
  };
}

/** A run with its folder. */
export interface PlacedRun extends PreparedRun {
  readonly paths: RunPaths;
}
