import { FlowError } from '@impflow/core';
import { isPath } from '../dataset/source.ts';
import {
  closedRecord,
  count,
  isRecord,
  listOf,
  oneOf,
  optional,
  real,
  shown,
  text,
  trueOrFalse,
  type Schema,
} from '../json/schema.ts';
import type { Task } from './task.ts';
import { TRAIN_TASK, type TrainTaskValue } from './train-task.ts';

/** Most rows of a part. */
export const MOST_PART_ROWS: number = 2 ** 24;

const hash: Schema = (value, at) =>
  typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
    ? undefined
    : { at, expected: 'a SHA-256 in hexadecimal digits', got: shown(value) };

/** An object of numbers and texts with any names. */
const cells: Schema = (value, at) =>
  isRecord(value)
    ? listOf((cell, place) => (typeof cell === 'string' ? undefined : real(cell, place)))(Object.values(value), at)
    : { at, expected: 'an object', got: shown(value) };

const PART = closedRecord({
  file: text,
  size: count(),
  kind: oneOf('parquet', 'csv', 'npy'),
  from: count(),
  to: count(),
  rows: count(),
  line: optional(count()),
  header: optional(trueOrFalse),
  reading: optional(
    closedRecord({
      names: listOf(text),
      separator: oneOf(',', ';', '\t', '|'),
      decimal: oneOf('.', ','),
      keeps: listOf(oneOf('numbers', 'written', 'texts')),
    }),
  ),
});

const OF_RUN = { run: text, checkpoint: hash, out: text, job: text, backend: optional(text) };

const TASKS: Readonly<Record<Task['kind'], Schema>> = {
  score: closedRecord({
    kind: text,
    ...OF_RUN,
    part: PART,
    columns: optional(listOf(text)),
    logdet: optional(text),
    alarm: optional(real),
  }),
  sample: closedRecord({
    kind: text,
    ...OF_RUN,
    first: count(),
    count: count(1, MOST_PART_ROWS),
    seed: count(),
    temperature: real,
    given: optional(cells),
  }),
  train: TRAIN_TASK,
};

/**
 * A task from a queue, checked: other programs can write there. It has no commands and no modules.
 *
 * @throws `input` for a value of another form.
 */
export const readTask = (value: unknown): Task => {
  const kind = isRecord(value) ? value['kind'] : undefined;
  const known = Object.keys(TASKS);
  const wrong = oneOf(...known)(kind, 'kind') ?? TASKS[kind as Task['kind']](value, '');
  if (wrong === undefined) return value as Task;
  throw new FlowError('input', 'cli', `Wrong task: ${wrong.at}`, {
    expected: wrong.expected,
    got: wrong.got,
    hint: 'Submit tasks with impflow of the same version as the worker.',
  });
};

/** The paths and addresses of a task. Data sets by their names are not among them. */
export const placesOf = (task: Task): readonly string[] => {
  switch (task.kind) {
    case 'score':
      return [task.run, task.out, task.part.file];
    case 'sample':
      return [task.run, task.out];
    case 'train':
      return [task.folder, ...DATA.flatMap((name) => placeOf(task.options[name]))];
  }
};

/** Options of a training that can be paths. */
const DATA = ['data', 'validation', 'test'] as const;

const placeOf = (value: TrainTaskValue | undefined): readonly string[] =>
  typeof value === 'string' && isPath(value) ? [value] : [];
