import { engine, type Tensor } from '@tensorflow/tfjs-core';

/** What made a tensor. */
interface Origin {
  /** The kernel that ran, where one did. */
  readonly kernel: string | undefined;
  readonly trace: Error;
}

export interface Listening {
  /** Tensors that were made while this listened, in their order. */
  readonly made: ReadonlyMap<Tensor, Origin>;
  /** Ends listening. */
  stop(): void;
  /** Shapes, types and origins of those that are still there, but for `except`: a line each, five at most. */
  left(except?: readonly Tensor[]): string;
}

/**
 * Listens to the engine as it counts tensors and runs kernels, until it is stopped: TensorFlow.js lists no tensors, so that nothing else can say
 * which are left. One listens at a time.
 *
 * @remarks A stack trace for each tensor.
 */
export const listen = (): Listening => {
  const tfjs = engine();
  const { trackTensor, runKernel } = tfjs;
  const { stackTraceLimit } = Error;
  const made = new Map<Tensor, Origin>();
  // Assigning to a variable counts it anew.
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
      // Both are the engine's own again, by its class.
      Reflect.deleteProperty(tfjs, 'trackTensor');
      Reflect.deleteProperty(tfjs, 'runKernel');
      Error.stackTraceLimit = stackTraceLimit;
    },
    left: (except = []) => {
      const there = [...made].filter(([tensor]) => !tensor.isDisposed && !except.includes(tensor) && !variables.has(tensor));
      const told = there.slice(0, TOLD).map(([{ shape, dtype }, origin]) => `\n  [${shape.join(', ')}] ${dtype}${described(origin)}`);
      return `${told.join('')}${there.length > TOLD ? `\n  and ${there.length - TOLD} more` : ''}`;
    },
  };
};

/** Frames of a trace: an operation of TensorFlow.js takes about ten. */
const FRAMES = 40;
/** Tensors that a message lists. */
const TOLD = 5;

/** The kernel, and the first places outside of TensorFlow.js, innermost first. */
const described = ({ kernel, trace: { stack = '' } }: Origin): string => {
  const frames = stack.split('\n').slice(1).map((line) => line.trim().replace(/^at /, '').replace(/\?[^:)]*/, ''));
  const own = frames.filter((frame) => !/tfjs-core|tfjs-backend|testkit\/(?:src|dist)\/(?:kept|listening)|node:|<anonymous>/.test(frame)).slice(0, 3);
  const by = kernel === undefined ? '' : ` by ${kernel}`;
  const at = own.length === 0 ? '' : ` at ${own.join(' < ')}`;
  return by === '' && at === '' ? '' : `, made${by}${at}`;
};
