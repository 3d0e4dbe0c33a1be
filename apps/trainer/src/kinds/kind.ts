import type { TrainingState } from '@impflow/training';
import type { LoadedRun } from '../checkpoint/load-run.ts';
import type { RunData } from '../dataset/run-data.ts';
import type { SourceKind } from '../dataset/source.ts';
import type { ModelSpec, RunModel } from '../model/model.ts';
import type { DataSize, KindDefaults, PRESETS, Settings, TASKS, TrainOptions } from '../settings/settings.ts';
import type { Plan } from './plan.ts';
import type { RunCommands } from './run-commands.ts';

/**
 * A kind of run, such as a density of rows: everything that the commands need to know of it. A new kind is a folder
 * with one such record, and its place in the list of `kinds.ts`. `plan` and `commands` get only specs and models that
 * `describes` accepts.
 */
export interface Kind extends KindDefaults {
  /** Name in messages, in the plural. */
  readonly title: string;
  /** The value of `--task` that asks for it. */
  readonly task: (typeof TASKS)[number];
  /** Content of its data. */
  readonly source: SourceKind;
  /** Kind of its data once they are read. */
  readonly holds: RunData['kind'];
  /** Its values of `--preset`. */
  readonly presets: readonly (typeof PRESETS)[number][];
  /** Its built-in values of `--model`. */
  readonly models: readonly string[];
  /** Whether `--model` may also name a plugin's block. */
  readonly takesBlocks: boolean;
  /** Options of `train` that this kind has and others lack. */
  readonly options: readonly (keyof TrainOptions)[];
  /** Whether its flow may begin as a mixture that is fitted to the data, with `--base fitted`. */
  readonly fitsMixture: boolean;
  /** Whether a spec describes a model of this kind. */
  describes(spec: ModelSpec): boolean;
  /**
   * Size of the data, which the settings of a run depend on.
   *
   * @throws `input` for data of another kind.
   */
  sizeOf(data: RunData): DataSize;
  /**
   * Settings of a timed run, chosen by the data. Undefined where those of `newSettings` stay. Absent if the kind makes no
   * choices.
   */
  chooseSettings?(data: RunData, given: TrainOptions): TimedSettings | undefined;
  /**
   * The plan of a run. Without `spec`, the spec follows from the settings.
   *
   * @throws `input` for data of another kind.
   */
  plan(data: RunData, settings: Settings, spec?: ModelSpec): Plan;
  /** The commands on a trained run of this kind. */
  commands(run: LoadedRun): RunCommands;
}

/** Settings of a timed run. */
export interface TimedSettings {
  /** Settings to train with. */
  readonly settings: Settings;
  /** The run to make if training does not succeed, such as one that begins as a fitted mixture. Default: none. */
  readonly secondRun?: SecondRun;
}

/** A run that is made in place of a first one whose best weights are not good enough. */
export interface SecondRun {
  readonly settings: Settings;
  /** Whether it is needed, judged after the training of the first run. */
  isNeeded(trained: RunModel, state: TrainingState): Promise<boolean>;
}
