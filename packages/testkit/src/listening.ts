import { engine, type Tensor } from '@tensorflow/tfjs-core';

/** Origin of a tensor. */
interface Origin {
  /** Name of the kernel that made the tensor; undefined if no kernel ran. */
  readonly kernel: string | undefined;
  /** Stack trace of its creation. */
  readonly trace: Error;
}

/** A recording of the tensors that are made. */
export interface Listening {
  /** Tensors made since the start, in order. */
  readonly made: ReadonlyMap<Tensor, Origin>;
  /** Ends the recording. */
  stop(): void;
  /** Returns shapes, types and origins of the tensors that still exist, without those in `except`. Five at most. */
  left(except?: readonly Tensor[]): string;
}

/**
 * Records the tensors that the engine counts and the kernels that made them, until it is stopped. A recording is
 * necessary to find the remaining tensors, because TensorFlow.js has no list of tensors. Only one recording can run at
 * a time.
 *
 * @remarks Takes a stack trace for each tensor.
 */
export const listen = (): Listening => {
  const tfjs = engine();
  const { trackTensor, runKernel } = tfjs;
  const { stackTraceLimit } = Error;
  const made = new Map<Tensor, Origin>();
  // The engine counts a variable again when it is assigned.
  const variables = new Set<Tensor>(Object.values(tfjs.registeredVariables));
  const running: string[] = [];
  Error.stackTraceLimit = FRAMES;
  tfjs.trackTensor = (tensor, backend) => {
    made.set(tensor, { kernel: running.at(-1), trace: new Error('made here') });
    trackTensor.call(tfjs, tensor, backend);
  };
  tfjs.runKernel = (name, inputs, attributes) => {
    running.push(name);
    try {
      return runKernel.call(tfjs, name, inputs, attributes) as never;
    } finally {
      running.pop();
    }
  };
  return {
    made,
    stop: () => {
      // Restores the methods of the engine's class.
      Reflect.deleteProperty(tfjs, 'trackTensor');
      Reflect.deleteProperty(tfjs, 'runKernel');
      Error.stackTraceLimit = stackTraceLimit;
    },
    left: (except = []) => {
      const there = [...made].filter(
        ([tensor]) => !tensor.isDisposed && !except.includes(tensor) && !variables.has(tensor),
      );
      const told = there
        .slice(0, TOLD)
        .map(([{ shape, dtype }, origin]) => `\n  [${shape.join(', ')}] ${dtype}${described(origin)}`);
      return `${told.join('')}${there.length > TOLD ? `\n  and ${there.length - TOLD} more` : ''}`;
    },
  };
};

/** Largest number of frames of a stack trace. An operation of TensorFlow.js takes about ten frames. */
const FRAMES = 40;
/** Largest number of tensors in a message. */
const TOLD = 5;

/** Returns the kernel and the first three stack frames outside TensorFlow.js, innermost first, for a message. */
const described = ({ kernel, trace: { stack = '' } }: Origin): string => {
  const frames = stack
    .split('\n')
    .slice(1)
    .map((line) =>
      line
        .trim()
        .replace(/^at /, '')
        .replace(/\?[^:)]*/, ''),
    );
  const own = frames
    .filter(
      (frame) => !/tfjs-core|tfjs-backend|testkit\/(?:src|dist)\/(?:kept|listening)|node:|<anonymous>/.test(frame),
    )
    .slice(0, 3);
  const by = kernel === undefined ? '' : ` by ${kernel}`;
  const at = own.length === 0 ? '' : ` at ${own.join(' < ')}`;
  return by === '' && at === '' ? '' : `, made${by}${at}`;
};
