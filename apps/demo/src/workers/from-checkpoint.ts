import { FlowError, isFlowError, problemOf } from '@impflow/core';
import { buildFlow, type FlowSpec, type NormalizingFlow, type Registries } from '@impflow/flows';
import { decodeCheckpoint, type Checkpoint } from '@impflow/training';
import { dispose, engine } from '@tensorflow/tfjs-core';

/** Name of the file in messages. */
export const SOURCE = 'This file';
const AT = 'demo/open';

/** A checkpoint of a density of two columns, which the page can show and train. */
export interface PlanarCheckpoint extends Checkpoint {
  readonly spec: FlowSpec;
}

/** @throws `checkpoint` if the bytes are not a checkpoint, or of another kind of model, which the message names. */
export const planarCheckpoint = (bytes: Uint8Array): PlanarCheckpoint => {
  const checkpoint = decodeCheckpoint(bytes, SOURCE);
  const { offsets = {} } = (checkpoint.extra ?? {}) as { readonly offsets?: object };
  const { kind, dim, shape, context = 0 } = (checkpoint.spec ?? {}) as Partial<FlowSpec> & { readonly kind?: unknown };
  const got =
    kind === 'classifier'
      ? 'a classifier of images'
      : typeof dim !== 'number'
        ? 'no flow'
        : shape !== undefined && shape.length > 1
          ? `a density of images [${shape.join(', ')}]`
          : dim !== 2
            ? `a density of ${dim} ${dim === 1 ? 'column' : 'columns'}`
            : context > 0
              ? `a density of two columns given ${context} ${context === 1 ? 'other' : 'others'}`
              : // The page would take its rows and its draws for those of the file.
                Object.keys(offsets).length > 0
                ? 'one of columns less an offset, which float32 is too coarse for'
                : undefined;
  if (got === undefined) return { ...checkpoint, spec: checkpoint.spec as FlowSpec };
  throw new FlowError('checkpoint', AT, `${SOURCE} does not fit the page`, {
    expected: 'a density of two columns',
    got,
    hint: 'The command line takes it: impflow inspect, score, sample.',
  });
};

/**
 * Builds the flow of a checkpoint, without its weights. If it cannot be built, no tensors are left. @throws
 * `checkpoint`, and `registry` for a name that a plugin must provide.
 */
export const builtFrom = ({ spec, extra }: PlanarCheckpoint, registries: Registries): NormalizingFlow => {
  const { registeredVariables } = engine().state;
  const before = new Set(Object.keys(registeredVariables));
  try {
    return buildFlow(spec, { registries });
  } catch (cause) {
    dispose(Object.values(registeredVariables).filter(({ name }) => !before.has(name)));
    if (!isFlowError(cause) || cause.code === 'plugin')
      throw new FlowError('checkpoint', AT, `${SOURCE}: the spec inside describes no model`, {
        cause,
        hint: 'Open a file that this page or impflow train wrote.',
      });
    if (!isFlowError(cause, 'registry')) throw cause;
    const { plugin } = optionsOf(extra);
    // A checkpoint names plugins, but they are not loaded from here: a plugin is code, and runs only when the visitor
    // asks for it.
    const hint =
      areNames(plugin) && plugin.length > 0
        ? `The run was made with a plugin, ${plugin.join(', ')}: add that first.`
        : 'If a plugin brings it, add that first.';
    throw new FlowError('registry', AT, `${SOURCE} needs what is not there: ${problemOf(cause)}`, { cause, hint });
  }
};

/** The options of a run in its checkpoint, not validated. */
export const optionsOf = (extra: unknown): Readonly<Record<string, unknown>> => {
  const { options } = (extra ?? {}) as { readonly options?: unknown };
  return typeof options === 'object' && options !== null ? (options as Readonly<Record<string, unknown>>) : {};
};

export const areNames = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((name) => typeof name === 'string');
