import { FlowError } from '@impflow/core';
import type { Layout } from './layout.ts';
import type { WorkerPort } from './port.ts';
import type {
  FailureMessage,
  FromWorker,
  GradientAnswer,
  GradientRequest,
  MapAnswer,
  MapRequest,
  ReadyMessage,
  ToWorker,
} from './protocol.ts';

/** A worker that computes one request at a time. */
export interface Helper {
  /** Name of the worker in error messages, for example `Worker 2 of 4`. */
  readonly name: string;
  /** Whether the worker is on this machine, where memory can be shared. */
  readonly isHere: boolean;
  /** Layout of the parameters and buffers of the worker's model. */
  readonly layout: Layout;
  /** Sends a request to the worker. The next request may be sent only after the response. */
  ask<Request extends GradientRequest | MapRequest>(
    request: Request,
  ): Asked<Request extends MapRequest ? MapAnswer : GradientAnswer>;
  terminate(): Promise<void>;
}

/** A request that was sent to a worker and has no response yet. */
export interface Asked<Answer> {
  /**
   * Promise that resolves when the request has been written. From then on, the caller may block the thread. The promise
   * never rejects.
   */
  readonly handed: Promise<void>;
  /**
   * Promise of the response. The promise rejects with the error of the worker, or with a `worker` error if the worker
   * has died.
   */
  readonly answer: Promise<Answer>;
}

type Answers = ReadyMessage | GradientAnswer | MapAnswer;

/**
 * Waits until a worker has built its model. If the worker fails, its port is closed.
 *
 * @throws the errors of `build`; `worker` if the worker dies.
 */
export const startHelper = async (worker: string, port: WorkerPort, data: unknown): Promise<Helper> => {
  const name = port.place === undefined ? worker : `${worker} (${port.place})`;
  let waiting: { resolve(answer: Answers): void; reject(error: unknown): void } | undefined;
  let ready = false;
  let dead: FlowError | undefined;
  port.onDeath((reason) => {
    dead ??= died(name, reason, ready);
    waiting?.reject(dead);
  });
  port.onMessage((message) => {
    const answer = message as FromWorker;
    if (answer.kind === 'failure') waiting?.reject(failed(name, answer));
    else waiting?.resolve(answer);
  });
  const ask = <Answer>(message: ToWorker): Asked<Answer> => {
    if (dead !== undefined) return { handed: Promise.resolve(), answer: Promise.reject(dead) };
    const answer = new Promise<Answer>((resolve, reject) => {
      waiting = { resolve: resolve as (answer: Answers) => void, reject };
    });
    return { handed: Promise.resolve(port.post(message)), answer };
  };
  try {
    const { layout } = await ask<ReadyMessage>({ kind: 'start', data }).answer;
    ready = true;
    return Object.freeze<Helper>({
      name,
      isHere: port.place === undefined,
      layout,
      ask,
      terminate: async () => {
        dead ??= died(name, 'closed', ready);
        await port.terminate();
      },
    });
  } catch (error) {
    await port.terminate();
    throw error;
  }
};

const died = (name: string, reason: string, started: boolean): FlowError =>
  new FlowError('worker', 'training/dataParallel', `${name} ${started ? 'is gone' : 'did not start'}`, {
    expected: 'an answer',
    got: reason.replace(/\.$/, ''),
    ...(started ? { hint: 'Only this step is lost: resume from the last checkpoint.' } : {}),
  });

const failed = (name: string, { message, code = 'worker' }: FailureMessage): FlowError =>
  new FlowError(code, 'training/dataParallel', `${name} failed: ${message.replace(/\.$/, '')}`);
