import { FlowError, isFlowError, problemOf } from '@impflow/core';
import { runContents } from '@impflow/tables';
import { loadCheckpoint, type Checkpoint } from '@impflow/training';
import { isRecord, isShallow, optional, record, type Mismatch } from '../json/schema.ts';
import { isRowsSpec, type ModelSpec } from '../model/model.ts';
import { RECORD, TRAINING } from './record-schema.ts';
import type { RunRecord } from './record.ts';
import { MOST_NESTED, SPEC } from './spec-schema.ts';
import { assertSpecFitsFile } from './spec-size.ts';

/** A checkpoint whose contents are checked. */
export interface ReadCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly spec: ModelSpec;
  readonly record: RunRecord;
}

const HINT = 'Give a checkpoint that this program wrote.';

const CONTENTS = record({ spec: SPEC, training: optional(TRAINING), extra: optional(RECORD) });

/**
 * Reads a checkpoint and checks its contents, before anything is built from them.
 *
 * @throws `checkpoint`, with the file and what is wrong.
 */
export const readCheckpoint = async (path: string): Promise<ReadCheckpoint> => {
  const refusal = (what: string, { expected, got }: Partial<Mismatch> = {}, cause?: unknown): FlowError =>
    new FlowError('checkpoint', 'cli', `${path}: ${what}`, {
      ...(expected === undefined ? {} : { expected }),
      ...(got === undefined ? {} : { got }),
      cause,
      hint: HINT,
    });
  const checkpoint = await loadCheckpoint(path).catch((cause: unknown) => {
    throw isFlowError(cause) ? cause : refusal('the file cannot be read', {}, cause);
  });
  const { spec, extra, training, tensors } = checkpoint;
  if (!isShallow([spec, extra, training], MOST_NESTED))
    throw refusal('what it says is nested too deep', { expected: `at most ${MOST_NESTED} levels`, got: 'more' });
  const wrong = CONTENTS({ spec, extra, training }, '');
  if (wrong !== undefined) throw refusal(`wrong ${wrong.at}`, wrong);
  try {
    assertSpecFitsFile(spec, tensors);
  } catch (cause) {
    throw isFlowError(cause) ? refusal(problemOf(cause), {}, cause) : cause;
  }
  return { checkpoint, spec: spec as ModelSpec, record: recordOf(spec as ModelSpec, extra, path) };
};

/** The record of a run, completed with defaults for what earlier versions did not store. */
const recordOf = (spec: ModelSpec, extra: unknown, path: string): RunRecord => ({
  ...(isRecord(extra) ? extra : {}),
  ...runContents(extra, isRowsSpec(spec) ? spec.dim : 0, path),
});
