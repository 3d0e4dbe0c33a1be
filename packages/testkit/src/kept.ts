import { engine, memory, type Tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';

/**
 * Runs `body`, which returns the tensors that may be left of all that it makes, and returns them. Fails where more are left, with their shapes and
 * where they were made, and where what it returns is not its own or gone.
 *
 * @remarks Counted, so that `body` may put a tensor of its own in the place of another, as caches do. TensorFlow.js lists no tensors: to say which
 * are left, this listens to the engine as it counts them.
 */
export const expectKept = <const T extends readonly Tensor[]>(what: string, body: () => T): T => {
  const tfjs = engine();
  const { trackTensor } = tfjs;
  const { stackTraceLimit } = Error;
  const made = new Map<Tensor, Error>();
  // Assigning to a variable counts it anew.
  const variables = new Set<Tensor>(Object.values(tfjs.registeredVariables));
  const before = memory().numTensors;
  Error.stackTraceLimit = FRAMES;
  tfjs.trackTensor = (tensor, backend) => {
    made.set(tensor, new Error('made here'));
    trackTensor.call(tfjs, tensor, backend);
  };
  const returned = ((): T => {
    try {
      return body();
    } finally {
      Reflect.deleteProperty(tfjs, 'trackTensor');
      Error.stackTraceLimit = stackTraceLimit;
    }
  })();
  for (const tensor of returned) {
    if (tensor.isDisposed) expect.fail(`${what}: expected a result that the caller disposes, got a disposed tensor of shape [${tensor.shape.join(', ')}].`);
    if (!made.has(tensor)) expect.fail(`${what}: expected a result of its own, got a tensor of shape [${tensor.shape.join(', ')}] that it was given.`);
  }
  const more = memory().numTensors - before - returned.length;
  if (more === 0) return returned;
  if (more < 0) expect.fail(`${what}: expected all tensors that were there before to be there still, got ${-more} fewer.`);
  const left = [...made.keys()].filter((tensor) => !tensor.isDisposed && !returned.includes(tensor) && !variables.has(tensor));
  const told = left.slice(0, TOLD).map((tensor) => `\n  [${tensor.shape.join(', ')}] ${tensor.dtype}${placeOf(made.get(tensor)!)}`);
  const others = left.length > TOLD ? `\n  and ${left.length - TOLD} more` : '';
  return expect.fail(`${what}: expected nothing to be left${returned.length === 0 ? '' : ' beside the result'}, got ${more} tensor${more === 1 ? '' : 's'}:${told.join('')}${others}`);
};

/** Frames of a trace: an operation of TensorFlow.js takes about ten. */
const FRAMES = 40;
/** Tensors that a message lists. */
const TOLD = 5;

/** The first places outside of TensorFlow.js where a tensor was made, innermost first. */
const placeOf = ({ stack = '' }: Error): string => {
  const frames = stack.split('\n').slice(1).map((line) => line.trim().replace(/^at /, '').replace(/\?[^:)]*/, ''));
  const own = frames.filter((frame) => !/tfjs-core|tfjs-backend|testkit\/(?:src|dist)\/kept|node:|<anonymous>/.test(frame)).slice(0, 3);
  return own.length === 0 ? '' : `, made at ${own.join(' < ')}`;
};
