export { diskWords } from './folder/disk-words.ts';
export { assertUnlocked, LOCK, lockFolder } from './folder/lock.ts';
export { assertWritable, makeAll, unwritable } from './folder/make-folder.ts';
export { assertNewFile, type NewFileOptions } from './folder/new-file.ts';
export { isAlive, startOf, type ProcessId } from './folder/processes.ts';
export { FORMATS, type PartsEvent, type Share, type TableJobOptions } from './parts/options.ts';
export { sampleTable, type SampledTable, type SampleTableOptions } from './parts/sample-table.ts';
export { scoreNumber, scoreTable, type ScoredTable, type ScoreTableOptions } from './parts/score-table.ts';
export { isFolder } from './parts/target.ts';
export type { MakeTaskProgram, ProgramModule, TaskProgram, TrainHow, TrainInFolder } from './program/program.ts';
export { receivedError, sentError, type SentError } from './pool/sent-error.ts';
export { taskHandler } from './pool/task-handler.ts';
export { taskPool, type TaskPool, type TaskPoolOptions } from './pool/task-pool.ts';
export { loadQueue, type Queue, type QueueEvent } from './queue/queue.ts';
export { assertHeldOut, flagsOf } from './scores/flags.ts';
export { joinedScores, pickScores } from './scores/joined-scores.ts';
export { leastLikelyFirst } from './scores/least-likely.ts';
export {
  isListed,
  SCORE_HEADS,
  scoreColumns,
  scoreFrame,
  scoreLists,
  scoreNames,
  unconverged,
  type ScoreColumn,
} from './scores/score-columns.ts';
export { countsOf, scoreRemarks, type ScoreCounts } from './scores/score-remarks.ts';
export { withNamesOf } from './scores/with-names.ts';
export { choiceText, type Choice } from './sweep/draw-trials.ts';
export type { IntervalParameter, ListParameter, Parameter } from './sweep/parameter.ts';
export {
  planSweep,
  SEARCHES,
  trialOptions,
  type SweepPlan,
  type SweepRequest,
  type TrialOptions,
} from './sweep/plan-sweep.ts';
export type { RankedTrial } from './sweep/ranking.ts';
export type { TrialResult, TrialTest } from './sweep/results-log.ts';
export { runSweep, type RunSweepOptions, type Sweep, type SweepEvent } from './sweep/run-sweep.ts';
export { trialName } from './sweep/run-trials.ts';
export { sweepCsv } from './sweep/sweep-csv.ts';
export { storedPlan } from './sweep/sweep-folder.ts';
export { isAddress } from './tasks/is-address.ts';
export { MOST_PART_ROWS, placesOf, readTask } from './tasks/read-task.ts';
export { assertWithin } from './tasks/roots.ts';
export type {
  LowRow,
  PartTask,
  ResultOf,
  SampleTask,
  ScoredPart,
  ScoreTask,
  Task,
  TrainResult,
  TrainTask,
  WrittenPart,
} from './tasks/task.ts';
export {
  SWEPT,
  TRAIN_OPTIONS,
  TRAIN_TASK_OPTIONS,
  type TrainChoices,
  type TrainTaskOptions,
} from './tasks/train-options.ts';
export { valueText, type OptionValue } from './tasks/value.ts';
