// Exports the stages of `fit` as separate functions, for programs of this repository. The functions for all users are
// in the main entry point. In a web page, `fit` of the main entry point trains in a worker. The functions of this entry
// point run in the calling thread.
export { ensureBackend } from './backend.ts';
export { checkedCheckpoint } from './checkpoint/checked.ts';
export type { Contents, DataPlace, Provenance, TableContents } from './checkpoint/contents.ts';
export { contentsSchema } from './checkpoint/contents-schema.ts';
export { isClassifierSpec, isImagesSpec, isRecordsSpec, type ModelSpec } from './checkpoint/spec-kind.ts';
export { assertAllowed, assertSpec, MOST_NESTED, SPEC } from './checkpoint/spec-schema.ts';
export { assertNamesFitFile, assertSpecFitsFile, assertSpecSize } from './checkpoint/spec-size.ts';
export { CALIBRATION_DRAWS, drawnLike, evaluatePart, heldOutQuantiles } from './evaluate.ts';
export { fitTable, type FitTableEnd } from './fit-table.ts';
export { PROGRAM_OPTIONS, type FitTableOptions, type ProgramOptions, type Starting } from './fitting/options.ts';
export { fit, registriesOf } from './fit.ts';
export {
  between,
  closedRecord,
  count,
  isRecord,
  isShallow,
  listOf,
  nullable,
  oneOf,
  optional,
  real,
  record,
  text,
  trueOrFalse,
  type Mismatch,
  type Schema,
} from './json/schema.ts';
export { bytesFrom, load, readModel, type ReadModel } from './load.ts';
export { auditOf, boundedNets, summaryOf, type AuditSummary } from './measure/audit.ts';
export { lipschitzOf } from './fitting/report-on.ts';
export { heldOut } from './measure/held-out.ts';
export { kolmogorovSmirnov } from './measure/kolmogorov-smirnov.ts';
export { meanOf } from './measure/mean.ts';
export { quantilesOf } from './measure/quantiles.ts';
export { solveStatistics, type SolveStatistics } from './measure/solve-statistics.ts';
export { building, openDensity, tableSpecOf, TIGHT, type OpenDensity } from './open-density.ts';
export { openModel } from './open-model.ts';
export { checkFree, checkLength, checkTogether, checkWarmup } from './options/check-together.ts';
export { checkOptions, expectedOf, mismatch } from './options/check.ts';
export { chosenRegistries, strictRegistries, type Chosen } from './options/chosen-registries.ts';
export { flowMethods, type FlowSettings } from './options/flow-methods.ts';
export { LIMITS, MOST_NUMBERS } from './options/limits.ts';
export { methodSpec, methodText } from './options/method.ts';
export { methodNames } from './options/method-names.ts';
export { OPTIONS, type Choices, type PlainChoices } from './options/options.ts';
export {
  completeSettings,
  FITTED,
  plainChoices,
  resumableChoices,
  resumedSteps,
  stepsOf,
  type Settings,
  type TrainingSettings,
} from './options/settings.ts';
export type { Probability } from './questions/ranges/estimate.ts';
export { probabilityOf, type ProbabilityOptions } from './questions/ranges/probability.ts';
export { sampleGiven } from './questions/ranges/sample-given.ts';
export { eventOnRows, keepOf, scoreGiven } from './questions/ranges/score-given.ts';
export { FEWEST_COMPARED, modelDrift } from './questions/drift/model-drift.ts';
export { namedCauses, pairText } from './questions/drift/words.ts';
export { placeOf, readRows, readTable, readPartsAgain } from './read-table.ts';
export { columnTypes, rowsOfFrame, type ColumnTypes } from './rows/rows-of-frame.ts';
export { frameOfObjects } from './rows/frame-of-objects.ts';
export { frameOfRows, type RowsOptions } from './rows/frame-of-rows.ts';
export { CHECKPOINT } from './save-file.ts';
export { sampledBatches, tableBatches, type Batches } from './table/batches.ts';
export { describeColumn } from './table/column-report.ts';
export { figuresOf, validateOn } from './table/validation.ts';
export { buildLearner, initializeLearner, type Learner } from './table/learner.ts';
export { modelName } from './table/model-name.ts';
export { byGaps, pickPart, rowCount, type Part } from './table/part.ts';
export { hashOf } from './table/hash.ts';
export { assertIndependent } from './table/assert-independent.ts';
export type { TableSource, Sampler } from './table/source.ts';
export { realRows } from './questions/synthetic/judge-rows.ts';
export { ALARM, excessOf, judgeSynthetic, type SyntheticReport } from './questions/synthetic/judge-synthetic.ts';
export { specOf, type SpecSettings } from './table/spec.ts';
export { drawParts } from './table/draw-parts.ts';
export { readPart, splitTable, type TableParts } from './table/split.ts';
export { trainingRows } from './table/training-rows.ts';
export { duration, number, withError } from './text/format.ts';
export { trainedDensity } from './trained-density.ts';
export { startingPoint, trainToCheckpoint, type RunOptions, type Trained } from './train/train-to-checkpoint.ts';
export {
  LOWEST_RATE,
  train,
  type TrainingContext,
  type TrainingEnd,
  type TrainingTask,
  type Validated,
} from './train/train.ts';
