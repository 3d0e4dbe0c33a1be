import { FlowError, isFlowError, type RefreshOptions } from '@impflow/core';
import { buildFlow, type FlowSpec, type NormalizingFlow, type Registries } from '@impflow/flows';
import { decodeCheckpoint, restoreVariables, type Checkpoint } from '@impflow/training';
import { dispose, engine } from '@tensorflow/tfjs-core';

/** A flow with the weights of a checkpoint. */
export interface Model {
  readonly flow: NormalizingFlow;
  readonly spec: FlowSpec;
  /** Training steps behind the weights. */
  readonly step: number;
  /** Names of the two columns, where the checkpoint says them. */
  readonly columns?: readonly string[];
  /** Those of whole numbers, which stand for `[n, n + 1)`. */
  readonly dequantised: readonly string[];
}

/** What the command line tightens every cap to before figures that people rely on: with anything else the last digits would differ. */
const TIGHT: RefreshOptions = { tolerance: 1e-5 };

/** As messages call it. */
const SOURCE = 'This file';

/**
 * The model of a checkpoint: its best weights where a finished run of the command line has some, else the last. The flow of `before` is used again where the checkpoint is of
 * the same spec; else a new one is built, and `before` stays the caller's to dispose. After an error `before` is as it was.
 *
 * @throws `checkpoint` for a file that is none or does not describe a density of two columns, `registry` for a name that a plugin has to bring.
 */
export const modelFrom = (bytes: Uint8Array, registries: Registries, before?: Model): Model => {
  const checkpoint = decodeCheckpoint(bytes, SOURCE);
  const spec = planar(checkpoint.spec);
  const same = before !== undefined && JSON.stringify(before.spec) === JSON.stringify(spec);
  const flow = same ? before.flow : built(spec, checkpoint, registries);
  try {
    restore(flow, checkpoint);
  } catch (error) {
    if (!same) disposeFlow(flow);
    throw error;
  }
  const { data, columns, dequantised } = (checkpoint.extra ?? {}) as { readonly data?: unknown; readonly columns?: unknown; readonly dequantised?: unknown };
  // As the command line does: an imported model, which has no data, stays what its author published.
  if (data !== undefined) flow.refresh(TIGHT);
  const named = areNames(columns) && columns.length === 2;
  return {
    flow, spec, step: checkpoint.training?.best?.step ?? checkpoint.step,
    ...(named ? { columns } : {}),
    dequantised: named && areNames(dequantised) ? dequantised : [],
  };
};

/** Gives back all memory of a flow. */
export const disposeFlow = ({ parameters, buffers }: Pick<NormalizingFlow, 'parameters' | 'buffers'>): void => dispose([...Object.values(parameters), ...Object.values(buffers)]);

/** The spec of a density of two columns. @throws `checkpoint`, saying what is there instead. */
const planar = (spec: unknown): FlowSpec => {
  const { kind, dim, shape, context = 0 } = (spec ?? {}) as Partial<FlowSpec> & { readonly kind?: unknown };
  const found = kind === 'classifier' ? 'a classifier of images'
    : typeof dim !== 'number' ? 'no flow'
    : shape !== undefined && shape.length > 1 ? `a density of images [${shape.join(', ')}]`
    : dim !== 2 ? `a density of ${dim} ${dim === 1 ? 'column' : 'columns'}`
    : context > 0 ? `a density of two columns given ${context} ${context === 1 ? 'other' : 'others'}`
    : undefined;
  if (found === undefined) return spec as FlowSpec;
  throw new FlowError('checkpoint', 'demo/load', `${SOURCE} cannot be shown here`, {
    expected: 'a density of two columns', got: found, hint: 'Open a file that this page saved, or one that impflow train made of two columns.',
  });
};

const built = (spec: FlowSpec, { extra }: Checkpoint, registries: Registries): NormalizingFlow => {
  const { registeredVariables } = engine().state;
  const before = new Set(Object.keys(registeredVariables));
  try {
    return buildFlow(spec, { registries });
  } catch (cause) {
    // What was built before something turned out to be wrong.
    dispose(Object.values(registeredVariables).filter(({ name }) => !before.has(name)));
    if (!isFlowError(cause)) throw new FlowError('checkpoint', 'demo/load', `${SOURCE}: the spec inside describes no model`, { cause, hint: 'Open a file that this page or impflow train wrote.' });
    if (!isFlowError(cause, 'registry')) throw cause;
    const { plugin } = ((extra ?? {}) as { readonly options?: { readonly plugin?: unknown } }).options ?? {};
    // Only named, never loaded from here: a plugin is code, and runs when the visitor asks for it.
    const hint = areNames(plugin) && plugin.length > 0 ? `The run was made with a plugin, ${plugin.join(', ')}: add that first.` : 'If a plugin brings it, add that first.';
    throw new FlowError('registry', 'demo/load', `${SOURCE} needs what is not there: ${cause.message.replace(/^\[[^\]]*\] /, '').replace(/\.( Did you mean.*)?$/, '')}`, { cause, hint });
  }
};

/** All variables of the flow from the checkpoint, or none. */
const restore = (flow: NormalizingFlow, { tensors, training }: Checkpoint): void => {
  const from = training?.best === undefined ? '' : 'best.';
  const chosen = Object.entries(tensors).flatMap(([name, tensor]) => {
    const own = name.startsWith(from) ? name.slice(from.length) : '';
    return /^(parameters|buffers)\./.test(own) ? [[`weights.${own}`, tensor] as const] : [];
  });
  const variables = Object.fromEntries((['parameters', 'buffers'] as const).flatMap((part) => Object.entries(flow[part]).map(([name, variable]) => [`${part}.${name}`, variable] as const)));
  restoreVariables(variables, Object.fromEntries(chosen), 'weights', SOURCE);
};

const areNames = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every((name) => typeof name === 'string');
