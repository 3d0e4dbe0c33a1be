import { fromRow, isFlowError, scoped, type NamedVariables } from '@impflow/core';
import { memory } from '@tensorflow/tfjs-core';
import type { Learnable } from '../fit-options.ts';
import { variablesOf } from './exchange.ts';
import { layoutOf, loaded, type Layout } from './layout.ts';
import { partOf } from './part.ts';
import { owner } from './port.ts';
import type { FailureMessage, GradientAnswer, GradientRequest, ToWorker } from './protocol.ts';

interface Served extends Learnable {
  readonly variables: NamedVariables;
  readonly layout: Layout;
  readonly gradientsLayout: Layout;
}

/**
 * The whole life of a worker of `dataParallel`: builds the model and the loss from the data that the owner gave, then answers
 * with gradients. `build` also starts the backend. What it builds must have the parameters and buffers of the owner's model;
 * their values do not matter, for they come with every step. Call it before any `await` of the module: a browser drops messages
 * that nobody listens to.
 *
 * @throws `unsupported` outside a worker. Whatever `build` or the loss throws becomes an error of the owner.
 */
export const serveGradients = <Data>(build: (data: Data) => Learnable | Promise<Learnable>): void => {
  const port = owner();
  let served: Served | undefined;
  const answer = async (message: ToWorker): Promise<void> => {
    try {
      if (message.kind === 'start') {
        served = serving(await build(message.data as Data));
        port.post({ kind: 'ready', layout: served.layout });
      } else {
        const reply = await answered(served!, message);
        port.post(reply, reply.gradients === undefined ? [] : [reply.gradients as ArrayBuffer]);
      }
    } catch (error) {
      port.post(failure(error));
    }
  };
  port.onMessage((message) => void answer(message as ToWorker));
};

const serving = ({ model, loss }: Learnable): Served => {
  const variables = variablesOf(model);
  return { model, loss, variables, layout: layoutOf(variables), gradientsLayout: layoutOf(model.parameters) };
};

const answered = async (served: Served, { variables, batch, batchSlot, shard, key, gradients }: GradientRequest): Promise<GradientAnswer> => {
  scoped(() => {
    for (const [name, variable] of Object.entries(served.variables)) variable.assign(loaded(variables, served.layout.slots[name]!) as never);
  });
  const { gradientsLayout } = served;
  const { gradients: written, ...part } = await partOf(
    served, () => loaded(batch, batchSlot, shard), fromRow(key, shard.from), gradientsLayout, gradients ?? new ArrayBuffer(gradientsLayout.bytes));
  return { kind: 'gradient', ...part, tensors: memory().numTensors, ...(gradients === undefined ? { gradients: written } : {}) };
};

const failure = (error: unknown): FailureMessage => ({
  kind: 'failure', message: error instanceof Error ? error.message : String(error), ...(isFlowError(error) ? { code: error.code } : {}),
});
