import { FlowError, shown } from '@impflow/core';
import { partKinds } from '@impflow/tables';
import {
  closedRecord,
  count,
  isRecord,
  listOf,
  mismatch,
  oneOf,
  optional,
  real,
  text,
  trueOrFalse,
  type Schema,
} from 'impflow/run';
import type { Task } from './task.ts';
import { TRAIN_TASK_OPTIONS } from './train-options.ts';

/** Maximum number of rows in a part. */
export const MOST_PART_ROWS: number = 2 ** 24;

/**
 * Checks a task from a queue, because other programs can write to the queue. A valid task contains no commands and no
 * modules.
 *
 * @throws `input` for a value that is not a valid task.
 */
export const readTask = (value: unknown): Task => {
  const kind = isRecord(value) ? value['kind'] : undefined;
  const schemas = schemasOfTasks();
  const wrong = oneOf(...Object.keys(schemas))(kind, 'kind') ?? schemas[kind as Task['kind']](value, '');
  if (wrong === undefined) return value as Task;
  throw new FlowError('input', 'jobs/readTask', `Wrong task: ${wrong.at}`, {
    expected: wrong.expected,
    got: wrong.got,
    hint: 'Submit tasks with impflow of the same version as the worker.',
  });
};

/**
 * Returns the paths and addresses that a task uses.
 *
 * @param isDataSet Returns whether the data of a training task are given by the name of a data set instead of a path.
 * Default: always false.
 */
export const placesOf = (task: Task, isDataSet: (data: string) => boolean = () => false): readonly string[] => {
  switch (task.kind) {
    case 'score':
      return [task.run, task.out, task.part.file];
    case 'sample':
      return [task.run, task.out];
    case 'train':
      return [task.folder, ...Object.values(task.place).filter((data) => !isDataSet(data))];
  }
};

const schemasOfTasks = (): Readonly<Record<Task['kind'], Schema>> => {
  const ofModel = { kind: text, run: text, checkpoint: hash, out: text, job: text, backend: optional(text) };
  return {
    score: closedRecord({
      ...ofModel,
      part: part(),
      columns: optional(listOf(text)),
      logdet: optional(text),
      alarm: optional(real),
    }),
    sample: closedRecord({
      ...ofModel,
      first: count(),
      count: count(1, MOST_PART_ROWS),
      seed: count(),
      temperature: real,
      given: optional(cells),
    }),
    train: closedRecord({
      kind: text,
      folder: text,
      steps: count(1),
      place: closedRecord({ data: text, validation: optional(text), test: optional(text) }),
      options,
      backend: optional(text),
      evaluate: optional(trueOrFalse),
      job: optional(text),
    }),
  };
};

const hash: Schema = (value, at) =>
  typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
    ? undefined
    : { at, expected: 'a SHA-256 in hexadecimal digits', got: shown(value) };

/** Accepts an object with any field names. The values must be numbers or strings. */
const cells: Schema = (value, at) =>
  isRecord(value)
    ? listOf((cell, place) => (typeof cell === 'string' ? undefined : real(cell, place)))(Object.values(value), at)
    : { at, expected: 'an object', got: shown(value) };

const part = (): Schema =>
  closedRecord({
    file: text,
    size: count(),
    kind: oneOf(...partKinds),
    from: count(),
    to: count(),
    rows: count(),
    line: optional(count()),
    header: optional(trueOrFalse),
    reading: optional(
      closedRecord({
        names: listOf(text),
        // JSON lines have neither a separator nor a decimal sign.
        separator: optional(oneOf(',', ';', '\t', '|')),
        decimal: optional(oneOf('.', ',')),
        keeps: listOf(oneOf('numbers', 'written', 'texts')),
      }),
    ),
  });

/** Accepts values of the options of a training. */
const options: Schema = (value, at) => {
  if (!isRecord(value)) return { at, expected: 'an object', got: shown(value) };
  for (const [name, given] of Object.entries(value)) {
    const unknown = oneOf(...Object.keys(TRAIN_TASK_OPTIONS))(name, `${at}, name`);
    if (unknown !== undefined) return unknown;
    const option = TRAIN_TASK_OPTIONS[name]!;
    const expected = option.type === 'method' ? text(given, '')?.expected : mismatch(option, given);
    if (expected !== undefined) return { at: `${at}.${name}`, expected, got: shown(given) };
  }
  return undefined;
};
