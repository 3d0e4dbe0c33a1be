import { FlowError, isFlowError, release } from '@impflow/core';
import { buildFlow, type FlowSpec, type NormalizingFlow, type Registries } from '@impflow/flows';
import { decodeCheckpoint, optimizers, restoreVariables, stateFrom, type Checkpoint, type Optimizer, type TrainingState } from '@impflow/training';

/** A model that somebody trained before, here or on the command line. Its tensors belong to the caller. */
export interface Restored {
  readonly flow: NormalizingFlow;
  readonly spec: FlowSpec;
  readonly state: TrainingState;
  readonly seed: number;
  readonly optimizer: Optimizer;
  /** Bound on the norm of the gradient, where its run had one. */
  readonly clip?: number;
  /** What the file says beside the model; plain JSON. */
  readonly extra?: unknown;
}

/**
 * The model of a checkpoint: with its best weights where the run kept some, and with the state of its optimiser where the file has that.
 *
 * @throws `checkpoint` for bytes that are none, or not of a flow of two columns; `registry` for a name that a plugin has to bring.
 */
export const restored = (bytes: Uint8Array, registries: Registries): Restored => {
  const source = 'This file';
  const checkpoint = decodeCheckpoint(bytes, source);
  const { spec: found, tensors, training, step, seed, extra } = checkpoint;
  const spec = assertPlanar(found);
  const { optimizer: name = 'adam', clip } = optionsOf(extra);
  const optimizer = optimizers.create({ name });
  const flow = built(spec, registries, checkpoint);
  try {
    const best = training?.best !== undefined;
    restoreVariables(flow.parameters, tensors, best ? 'best.parameters' : 'parameters', source);
    restoreVariables(flow.buffers, tensors, best ? 'best.buffers' : 'buffers', source);
    // Of the state the optimiser's part alone: nothing here averages weights, or keeps the best.
    const state = training === undefined ? { step, optimizer: optimizer.init(flow.parameters), sinceBest: 0 }
      : stateFrom(Object.fromEntries(Object.entries(tensors).filter(([path]) => path.startsWith('optimizer.'))), { ...training, best: undefined, sinceBest: 0 });
    return { flow, spec, state, seed, optimizer, ...(clip === undefined ? {} : { clip }), ...(extra === undefined ? {} : { extra }) };
  } catch (error) {
    release([flow.parameters, flow.buffers]);
    throw error;
  }
};

const AT = 'demo/start';

/** @throws `checkpoint` for a model that is no density of two columns, naming what it is. */
const assertPlanar = (spec: unknown): FlowSpec => {
  const { kind, dim, shape = [dim], context = 0 } = (spec ?? {}) as { readonly kind?: unknown; readonly dim?: unknown; readonly shape?: readonly unknown[]; readonly context?: unknown };
  const got = kind === 'classifier' ? 'a classifier of images'
    : Array.isArray(shape) && shape.length === 3 ? `a density of images, ${shape.join(' x ')}`
    : context !== 0 ? `a density given a context of ${String(context)} numbers`
    : dim !== 2 ? `a density of ${String(dim)} columns`
    : undefined;
  if (got === undefined) return spec as FlowSpec;
  throw new FlowError('checkpoint', AT, 'This model does not fit the page', { expected: 'a density of 2 columns', got, hint: 'The command line scores, samples and evaluates it: impflow inspect, score, sample.' });
};

const built = (spec: FlowSpec, registries: Registries, { extra }: Pick<Checkpoint, 'extra'>): NormalizingFlow => {
  try {
    return buildFlow(spec, { registries });
  } catch (cause) {
    if (!isFlowError(cause)) throw new FlowError('checkpoint', AT, 'The spec inside the file describes no model', { cause, hint: 'Give a checkpoint that ImpFlow wrote.' });
    if (!isFlowError(cause, 'registry')) throw cause;
    const { plugin = [] } = optionsOf(extra);
    const what = cause.message.replace(/^\[[^\]]*\] /, '').replace(/\.( Did you mean.*)?$/, '');
    // Only named, never loaded from here: a plugin is code, and runs when the visitor asks for it.
    const hint = plugin.length === 0 ? 'If a plugin brings it, add that first.' : `It was made with the plugin ${plugin.join(', ')}: add that first.`;
    throw new FlowError('registry', AT, `The file needs what is not there: ${what}`, { cause, hint });
  }
};

/** The options of the run as far as they are of use, whatever the file says. */
const optionsOf = (extra: unknown): { readonly optimizer?: string; readonly clip?: number; readonly plugin?: readonly string[] } => {
  const { options } = (extra ?? {}) as { readonly options?: { readonly optimizer?: unknown; readonly clip?: unknown; readonly plugin?: unknown } };
  const { optimizer, clip, plugin } = options ?? {};
  return {
    ...(typeof optimizer === 'string' && optimizers.has(optimizer) ? { optimizer } : {}),
    ...(typeof clip === 'number' && clip > 0 ? { clip } : {}),
    ...(Array.isArray(plugin) && plugin.every((name) => typeof name === 'string') ? { plugin } : {}),
  };
};
