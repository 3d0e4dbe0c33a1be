import { MISSING } from '../dataset/record-options.ts';
import {
  count,
  listOf,
  nullable,
  oneOf,
  optional,
  real,
  record,
  text,
  trueOrFalse,
  type Schema,
} from '../json/schema.ts';
import { LIMITS } from '../settings/limits.ts';
import { MEMORY, NETS, PRESETS, SCALINGS, SCHEDULES, TASKS, type Settings } from '../settings/settings.ts';

/** Schemas of the record of a run in a checkpoint. */

const names = listOf(text);
const widths = listOf(count(1, LIMITS.width));

const READING = { header: oneOf('yes', 'no'), separator: oneOf(',', ';', '\t', '|'), decimal: oneOf('.', ',') };

const RECORDS = {
  given: names,
  categorical: names,
  leaveOut: names,
  weights: text,
  missing: oneOf(...MISSING),
  transform: names,
  periodic: names,
  dayFirst: oneOf('yes', 'no'),
};

const SETTINGS: Readonly<Record<keyof Settings, Schema>> = {
  ...READING,
  ...RECORDS,
  data: text,
  columns: names,
  validation: text,
  test: text,
  task: oneOf(...TASKS),
  preset: oneOf(...PRESETS),
  model: text,
  blocks: count(1, LIMITS.blocks),
  net: oneOf(...NETS),
  scaling: oneOf(...SCALINGS),
  hidden: widths,
  activation: text,
  coeff: real,
  solver: text,
  adjoint: text,
  logdet: text,
  base: text,
  scales: count(1, LIMITS.scales),
  kernels: listOf(count(1, LIMITS.kernel)),
  factorOut: trueOrFalse,
  denseBlocks: count(0, LIMITS.blocks),
  denseHidden: widths,
  widths,
  flip: trueOrFalse,
  crop: count(1, LIMITS.crop),
  testImages: count(2),
  memory: oneOf(...MEMORY),
  lr: real,
  optimizer: text,
  schedule: oneOf(...SCHEDULES),
  warmup: count(),
  clip: real,
  ema: real,
  patience: count(1),
  validateEvery: count(1),
  seed: count(),
  batch: count(1, LIMITS.batch),
  steps: count(),
  horizon: count(),
  seconds: real,
  workers: count(1, LIMITS.workers),
  backend: text,
  plugin: names,
};

/** Settings that a run needs to be resumed. */
export const NEEDED: readonly (keyof Settings)[] = [
  'data',
  'model',
  'lr',
  'optimizer',
  'schedule',
  'warmup',
  'validateEvery',
  'seed',
  'batch',
  'steps',
  'horizon',
  'backend',
  'plugin',
];

/** All are optional, because earlier versions had fewer settings. */
const options = record(Object.fromEntries(Object.entries(SETTINGS).map(([name, schema]) => [name, optional(schema)])));

const provenance = record({
  source: optional(text),
  hash: optional(text),
  partHashes: optional(record({ validation: optional(text), test: optional(text) })),
  rows: optional(record({ train: optional(count()), validation: optional(count()), test: optional(count()) })),
  created: optional(text),
  machine: optional(text),
  versions: optional(record({ impflow: optional(text), node: optional(text), tfjs: optional(text) })),
});

/** Schema of the record of a run, except for noise and offsets: see `readResolutions` and `readOffsets`. */
export const RECORD: Schema = record({
  data: optional(
    record({
      data: text,
      columns: optional(names),
      validation: optional(text),
      test: optional(text),
      header: optional(READING.header),
      separator: optional(READING.separator),
      decimal: optional(READING.decimal),
      records: optional(
        record(Object.fromEntries(Object.entries(RECORDS).map(([name, schema]) => [name, optional(schema)]))),
      ),
    }),
  ),
  distinct: optional(trueOrFalse),
  columns: optional(names),
  classes: optional(names),
  quantiles: optional(listOf(nullable(real))),
  options: optional(options),
  provenance: optional(provenance),
});

/** Schema of the training state. Its numbers are checked where the state is restored. */
export const TRAINING: Schema = record({ step: count(), best: optional(record({ step: count() })) });
