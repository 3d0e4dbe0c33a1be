import {
  FlowError,
  fromRow,
  isFlowError,
  scoped,
  release,
  type NamedVariables,
  type Key,
  type SolveReport,
} from '@impflow/core';
import { memory, type Tensor } from '@tensorflow/tfjs-core';
import { lossGradients } from '../gradient.ts';
import type { Learnable } from '../learnable.ts';
import { variablesOf } from './exchange.ts';
import { layoutOf, loaded, loadedAll, store, type Layout } from './layout.ts';
import { owner } from './open-worker.ts';
import type { FailureMessage, GradientAnswer, GradientRequest, MapAnswer, MapRequest, ToWorker } from './protocol.ts';
import { mapNamed, rowsOf, type Mappable } from './row-map.ts';
import type { Part } from './sum.ts';

/** A model with a loss, with row maps, or with both. */
export type Servable = { readonly model: Learnable['model'] } & Partial<Learnable> & Partial<Mappable>;

interface Served extends Required<Servable> {
  readonly variables: NamedVariables;
  readonly layout: Layout;
  readonly gradientsLayout: Layout;
}

/**
 * Runs a worker of `dataParallel`. Calls `build` with the `data` of the owner, and then computes gradients and row maps
 * on request until the owner ends the worker. `build` must also start the backend. The names and shapes of the
 * parameters and buffers must equal the names and shapes in the owner's model. The initial values have no effect,
 * because every request contains the values. Call `serveWorker` before any `await` in the module: a browser drops
 * messages that have no listener.
 *
 * @throws `unsupported` outside a worker. Errors of `build`, the loss and the maps are thrown in the owner.
 */
export const serveWorker = <Data>(build: (data: Data) => Servable | Promise<Servable>): void => {
  const port = owner();
  let served: Served | undefined;
  const answer = async (message: ToWorker): Promise<void> => {
    try {
      if (message.kind === 'start') {
        served = serving(await build(message.data as Data));
        port.post({ kind: 'ready', layout: served.layout });
      } else {
        assign(served!, message);
        if (message.kind === 'gradient') {
          const reply = await gradientOf(served!, message);
          port.post(reply, reply.gradients === undefined ? [] : [reply.gradients as ArrayBuffer]);
        } else {
          const reply = await mapOf(served!, message);
          port.post(reply, [reply.values.buffer as ArrayBuffer]);
        }
      }
    } catch (error) {
      port.post(failure(error));
    }
  };
  port.onMessage((message) => void answer(message as ToWorker));
};

const serving = ({ model, loss = missing, maps = {} }: Servable): Served => {
  const variables = variablesOf(model);
  return { model, loss, maps, variables, layout: layoutOf(variables), gradientsLayout: layoutOf(model.parameters) };
};

const missing = (): never => {
  throw new FlowError('option', 'training/serveWorker', 'No loss', { expected: 'a loss from build', got: 'none' });
};

/** Copies the values of all variables from a request into the worker's model. */
const assign = (served: Served, { variables }: GradientRequest | MapRequest): void =>
  scoped(() => {
    const values = loadedAll(
      variables,
      Object.keys(served.variables).map((name) => served.layout.slots[name]!),
    );
    Object.values(served.variables).forEach((variable, i) => {
      variable.assign(values[i] as never);
    });
  });

const gradientOf = async (
  served: Served,
  { batch, batchSlot, shard, share, key, gradients }: GradientRequest,
): Promise<GradientAnswer> => {
  const { gradientsLayout } = served;
  const { gradients: written, ...part } = await partOf(
    served,
    () => loaded(batch, batchSlot, shard),
    fromRow(key, shard.from),
    share,
    gradientsLayout,
    gradients ?? new ArrayBuffer(gradientsLayout.bytes),
  );
  return {
    kind: 'gradient',
    ...part,
    tensors: memory().numTensors,
    ...(gradients === undefined ? { gradients: written } : {}),
  };
};

const mapOf = async ({ maps }: Served, { name, batch, batchSlot, shard, key }: MapRequest): Promise<MapAnswer> => {
  const map = mapNamed(maps, name);
  return {
    kind: 'map',
    ...(await rowsOf(map, () => loaded(batch, batchSlot, shard), fromRow(key, shard.from))),
    tensors: memory().numTensors,
  };
};

const failure = (error: unknown): FailureMessage => ({
  kind: 'failure',
  message: error instanceof Error ? error.message : String(error),
  ...(isFlowError(error) ? { code: error.code } : {}),
});

/**
 * Computes one worker's contribution to the loss and gradient, and writes the gradient to the positions of `layout` in
 * `gradients`. `draw` returns the worker's rows and runs in a scope. `share` is the number of these rows divided by the
 * number of rows in the batch.
 */
export const partOf = async (
  learnable: Learnable,
  draw: () => Tensor,
  key: Key,
  share: number,
  layout: Layout,
  gradients: ArrayBufferLike,
): Promise<Part> => {
  const reports: SolveReport[] = [];
  const found = scoped(() => lossGradients(learnable, draw(), key, (report) => reports.push(report), share));
  await store(layout, gradients, found.gradients);
  const loss = (await found.value.data())[0]!;
  release(found);
  return { loss, reports, reached: Object.keys(found.gradients), gradients };
};
