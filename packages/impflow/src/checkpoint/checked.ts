import { FlowError, isFlowError, problemOf } from '@impflow/core';
import { assertRecordsSpec } from '@impflow/tables';
import type { Checkpoint } from '@impflow/training';
import { count, isShallow, optional, record, type Mismatch, type Schema } from '../json/schema.ts';
import { CONTENTS } from './contents-schema.ts';
import { isClassifierSpec, isImagesSpec, isRecordsSpec } from './spec-kind.ts';
import { MOST_NESTED, SPEC } from './spec-schema.ts';
import { assertSpecFitsFile } from './spec-size.ts';

const HINT = 'Give a checkpoint that impflow wrote.';

/** Schema of the training state. The numbers in the state are checked when the training is resumed. */
const TRAINING: Schema = record({ step: count(), best: optional(record({ step: count() })) });

/**
 * Returns the schema of all contents of a checkpoint except the spec. The schema depends on the kind of the spec.
 * `@impflow/vision` checks the contents of image models itself.
 */
const contentsOf = (spec: unknown): Schema => (isImagesSpec(spec) || isClassifierSpec(spec) ? record({}) : CONTENTS);

/**
 * Checks the contents of a checkpoint before a model is built from them.
 *
 * @param contents Schema of all contents except the spec and the weights. Default: the schema of a table.
 * @throws `checkpoint` for wrong contents. The message contains `source` and the fault.
 */
export const checkedCheckpoint = (
  checkpoint: Checkpoint,
  source: string,
  contents: Schema = contentsOf(checkpoint.spec),
): Checkpoint => {
  const refusal = (what: string, { expected, got }: Partial<Mismatch> = {}, cause?: unknown): FlowError =>
    new FlowError('checkpoint', 'impflow/load', `${source}: ${what}`, {
      ...(expected === undefined ? {} : { expected }),
      ...(got === undefined ? {} : { got }),
      cause,
      hint: HINT,
    });
  const { spec, extra, training, tensors } = checkpoint;
  if (!isShallow([spec, extra, training], MOST_NESTED))
    throw refusal('its contents are nested too deeply', { expected: `at most ${MOST_NESTED} levels`, got: 'more' });
  const wrong = record({ spec: SPEC, training: optional(TRAINING), extra: optional(contents) })(
    { spec, extra, training },
    '',
  );
  if (wrong !== undefined) throw refusal(`wrong ${wrong.at}`, wrong);
  try {
    assertSpecFitsFile(spec, tensors);
    if (isRecordsSpec(spec)) assertRecordsSpec(spec);
  } catch (cause) {
    throw isFlowError(cause) ? refusal(problemOf(cause), {}, cause) : cause;
  }
  return checkpoint;
};
