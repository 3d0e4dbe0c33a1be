import { FlowError, writeAtomically, type NamedTensors, type NamedVariables } from '@impflow/core';
import { tensorFileBytes } from './files.ts';
import { allToHost, toTensor, type DType, type HostTensors } from './host-tensor.ts';
import { fromJson, jsonOf } from './json-numbers.ts';
import type { Trainable } from './learnable.ts';
import { assertSame, assignVariables, mapRecord, prefixed, under } from './records.ts';
import { decodeSafetensors, encodeSafetensors } from './safetensors.ts';
import { stateRecord, stateTensors, type StateRecord, type TrainingState } from './state.ts';

/** Contents of a checkpoint to write. Fields of type `unknown` must be JSON values; their numbers may be infinite or NaN. */
export interface CheckpointContents {
  /** Specification from which the model can be rebuilt. */
  readonly spec: unknown;
  /** Number of steps that the model has been trained. Default: `state.step`, or 0 without a state. */
  readonly step?: number;
  /** Seed of the run, an integer in `[0, 2^53)`. */
  readonly seed: number;
  /** Further JSON value to store, such as options and provenance. Default: nothing further is stored. */
  readonly extra?: unknown;
  /** Parameters and buffers to store. The caller still owns these tensors. */
  readonly model: { readonly parameters: NamedTensors; readonly buffers: NamedTensors };
  /**
   * Training state, which is needed to resume the run. The caller still owns the state. Default: no state is stored.
   */
  readonly state?: TrainingState;
}

/** A checkpoint that was read from a file, as plain data without tfjs tensors. */
export interface Checkpoint {
  /** Name of the format. */
  readonly format: 'impflow';
  /** Version of the format. */
  readonly version: 1;
  /** Specification from which the model can be rebuilt. */
  readonly spec: unknown;
  /** Number of steps that the model has been trained. */
  readonly step: number;
  /** Seed of the run. */
  readonly seed: number;
  /** Further JSON value that was stored in the checkpoint. */
  readonly extra?: unknown;
  /**
   * Training state without its tensors. {@link stateFrom} restores the state from `tensors` and this record. Absent if
   * the run cannot be resumed.
   */
  readonly training?: StateRecord;
  /**
   * Tensors with the names `parameters.*`, `buffers.*`, `ema.*`, `best.parameters.*`, `best.buffers.*`, `optimizer.*`.
   */
  readonly tensors: HostTensors;
}

/**
 * Encodes a checkpoint as the bytes of a safetensors file. The metadata entry `impflow` of the file is JSON with all
 * contents except the tensors. Numbers that JSON lacks, such as -Infinity, are written as `{"number": "-Infinity"}`.
 */
export const encodeCheckpoint = async ({
  spec,
  seed,
  extra,
  model,
  state,
  step = state?.step ?? 0,
}: CheckpointContents): Promise<Uint8Array> => {
  const tensors = await allToHost({
    ...prefixed('parameters', model.parameters),
    ...prefixed('buffers', model.buffers),
    ...(state === undefined ? {} : stateTensors(state)),
  });
  const training = state === undefined ? undefined : stateRecord(state);
  return checkpointBytes({
    format: 'impflow',
    version: 1,
    step,
    seed,
    spec,
    extra,
    ...(training === undefined ? {} : { training }),
    tensors,
  });
};

/** Returns the bytes of a checkpoint that was read from a file, or put together from plain data. */
export const checkpointBytes = ({ tensors, ...rest }: Checkpoint): Uint8Array =>
  encodeSafetensors(tensors, { impflow: jsonOf(rest) });

/**
 * Reads a checkpoint from bytes, and executes no code from them.
 *
 * @throws `checkpoint` if the bytes are not a checkpoint of this version. The message contains `source`.
 */
export const decodeCheckpoint = (bytes: Uint8Array, source = 'these bytes'): Checkpoint => {
  const { tensors, metadata } = decodeSafetensors(bytes, source);
  const json = metadata['impflow'];
  if (json === undefined)
    throw refusal(
      source,
      'A safetensors file, but no checkpoint of ImpFlow',
      'an entry "impflow" in its metadata',
      `entries ${Object.keys(metadata).join(', ') || '(none)'}`,
    );
  let parsed: Partial<Checkpoint> | null;
  try {
    parsed = fromJson(json) as Partial<Checkpoint> | null;
  } catch (cause) {
    const fault = cause instanceof RangeError ? 'nested too deeply' : 'not JSON';
    throw refusal(source, `The metadata entry "impflow" is ${fault}`);
  }
  if (parsed?.format !== 'impflow') throw refusal(source, 'Wrong format', '"impflow"', inShort(parsed?.format));
  if (parsed.version !== 1)
    throw refusal(source, 'Unknown version of the checkpoint format', '1', inShort(parsed.version));
  const { step, seed, spec } = parsed;
  if (!isCount(step) || !isCount(seed) || spec === undefined)
    throw refusal(source, 'Incomplete checkpoint', 'step, seed and spec', Object.keys(parsed).join(', '));
  return { ...parsed, format: 'impflow', version: 1, step, seed, spec, tensors };
};

/**
 * Writes a checkpoint atomically, so that readers of `path` never see half a file.
 *
 * @throws `input` if the file cannot be written.
 */
export const saveCheckpoint = async (path: string, contents: CheckpointContents): Promise<void> =>
  writeAtomically(path, await encodeCheckpoint(contents));

/**
 * Reads a checkpoint file.
 *
 * @throws `input` if the file cannot be read; `checkpoint` if it is not a checkpoint. The message contains the path.
 *
 * @example
 * ```ts
 * import { wasm } from '@impflow/backend-wasm';
 * import { buildFlow, toyPreset, type FlowSpec } from '@impflow/flows';
 * import { loadCheckpoint, restoreVariables, saveCheckpoint } from '@impflow/training';
 *
 * await wasm().start();
 * const spec = toyPreset({ blocks: 1, hidden: [8] });
 * await saveCheckpoint('flow.safetensors', { spec, seed: 0, model: buildFlow(spec) });
 * const read = await loadCheckpoint('flow.safetensors');
 * const flow = buildFlow(read.spec as FlowSpec);
 * restoreVariables(flow.parameters, read.tensors, 'parameters');
 * restoreVariables(flow.buffers, read.tensors, 'buffers');
 * ```
 */
export const loadCheckpoint = async (path: string): Promise<Checkpoint> =>
  decodeCheckpoint(await tensorFileBytes('training/loadCheckpoint', path), path);

/**
 * Copies the tensors whose names start with `prefix` (`parameters`, `buffers`, `ema`, `best.parameters`, ...) into
 * variables. Either all variables are written, or none.
 *
 * @throws `checkpoint` for a missing or extra tensor, a wrong shape or element type. The message names `source` and the
 * tensor.
 */
export const restoreVariables = (
  variables: NamedVariables,
  tensors: HostTensors,
  prefix: string,
  source = 'The checkpoint',
): void => restoreGroups({ [prefix]: variables }, tensors, source);

/**
 * Copies weights of a checkpoint into a model: the best weights if the run stored them, or else the last weights.
 * Either all variables are written, or none.
 *
 * @throws `checkpoint` for the tensors that {@link restoreVariables} refuses.
 */
export const restoreBest = (
  { parameters, buffers }: Pick<Trainable, 'parameters' | 'buffers'>,
  { tensors, training }: Pick<Checkpoint, 'tensors' | 'training'>,
  source = 'The checkpoint',
): void => {
  const best = training?.best === undefined ? '' : 'best.';
  restoreGroups({ [`${best}parameters`]: parameters, [`${best}buffers`]: buffers }, tensors, source);
};

/**
 * Copies tensors into several groups of variables. The keys of `groups` are prefixes of tensor names. All tensors are
 * checked before any variable changes.
 */
const restoreGroups = (
  groups: Readonly<Record<string, NamedVariables>>,
  tensors: HostTensors,
  source: string,
): void => {
  const found = mapRecord(groups, (variables, prefix) => storedFor(variables, tensors, prefix, source));
  for (const [prefix, variables] of Object.entries(groups)) {
    const values = mapRecord(found[prefix]!, toTensor);
    assignVariables(variables, values);
    for (const value of Object.values(values)) value.dispose();
  }
};

/** Returns the tensors whose names start with `prefix`. Checks that their names, shapes and types fit the variables. */
const storedFor = (variables: NamedVariables, tensors: HostTensors, prefix: string, source: string): HostTensors => {
  const found = under(prefix, tensors);
  assertSame('training/restoreVariables', `${source}: the ${prefix}`, found, variables);
  for (const [name, { dtype }] of Object.entries(found)) {
    const wanted = STORED[variables[name]!.dtype] ?? [];
    if (!wanted.includes(dtype))
      throw refusal(
        source,
        `Wrong element type of ${prefix}.${name}`,
        wanted.join(' or '),
        dtype,
        'training/restoreVariables',
      );
  }
  return found;
};

const STORED: Readonly<Record<string, readonly DType[]>> = {
  float32: ['F32', 'F64'],
  int32: ['I32', 'I16', 'I8', 'U16', 'U8'],
  bool: ['BOOL'],
};

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const refusal = (
  source: string,
  what: string,
  expected?: string,
  got?: string,
  at = 'training/decodeCheckpoint',
): FlowError =>
  new FlowError('checkpoint', at, `${source}: ${what}`, {
    ...(expected === undefined ? {} : { expected }),
    ...(got === undefined ? {} : { got }),
    hint: 'Give a checkpoint that this version of ImpFlow wrote.',
  });

/** Describes a value in a short string. The value may be long, or nested too deeply for `JSON.stringify`. */
const inShort = (value: unknown): string =>
  Array.isArray(value)
    ? 'a list'
    : typeof value === 'object'
      ? 'an object'
      : typeof value === 'string'
        ? JSON.stringify(value.slice(0, 40))
        : String(value);
