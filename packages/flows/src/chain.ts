import {
  assertGiven,
  calling,
  defineBijector,
  FlowError,
  fold,
  scoped,
  type Bijector,
  type Context,
  type NamedVariables,
} from '@impflow/core';
import { addN, type Tensor } from '@tensorflow/tfjs-core';

/**
 * Composes bijectors in sequence. The names of the parts become the prefixes of the parameter paths.
 *
 * @throws `shape` if `parts` is empty, or a part does not accept the output shape of the previous part.
 */
export const chain = (parts: Readonly<Record<string, Bijector>>): Bijector => {
  const entries = Object.entries(parts);
  const first = entries[0];
  if (first === undefined)
    throw new FlowError('shape', 'flows/chain', 'A chain without parts', {
      expected: 'at least one bijector',
      got: 'none',
    });
  for (const [i, [path, part]] of entries.entries()) {
    const [before, { outputShape }] = entries[i - 1] ?? ['', { outputShape: part.shape }];
    if (part.shape.join() === outputShape.join()) continue;
    throw new FlowError('shape', 'flows/chain', 'The parts have different shapes', {
      expected: `[B, ${outputShape.join(', ')}] as input of ${path}, the output shape of ${before}`,
      got: `[B, ${part.shape.join(', ')}]`,
    });
  }
  const at = (context: Context, i: number, path: string): Context => ({
    ...context,
    key: fold(context.key, i),
    ...(context.report === undefined
      ? {}
      : { report: (report) => context.report!({ ...report, at: report.at === '' ? path : `${path}.${report.at}` }) }),
  });
  const forwards = entries.map(([path, part], i) => ({ path, part, i }));
  const backwards = forwards.toReversed();
  const withLogDet =
    (steps: typeof forwards, method: 'forwardWithLogDet' | 'inverseWithLogDet') => (x: Tensor, context: Context) => {
      let value = x;
      const logDets: Tensor[] = [];
      for (const { part, path, i } of steps) {
        const next = called(part, method, () => part[method](value, at(context, i, path)));
        given(part, method, next?.value, value, method === 'forwardWithLogDet');
        assertGiven('flows/chain', 'bijector', part, `logDet of ${method}`, next.logDet, x.shape.slice(0, 1));
        value = next.value;
        logDets.push(next.logDet);
      }
      return { value, logDet: addN(logDets) };
    };
  return defineBijector({
    name: 'chain',
    shape: first[1].shape,
    outputShape: entries.at(-1)![1].outputShape,
    parameters: prefixed(parts, (part) => part.parameters),
    buffers: prefixed(parts, (part) => part.buffers),
    parts: Object.freeze({ ...parts }),
    forward: (x, context) =>
      forwards.reduce(
        (y, { part, path, i }) =>
          given(
            part,
            'forward',
            called(part, 'forward', () => part.forward(y, at(context, i, path))),
            y,
            true,
          ),
        x,
      ),
    inverse: (z, context) =>
      backwards.reduce(
        (y, { part, path, i }) =>
          given(
            part,
            'inverse',
            called(part, 'inverse', () => part.inverse(y, at(context, i, path))),
            y,
            false,
          ),
        z,
      ),
    forwardWithLogDet: withLogDet(forwards, 'forwardWithLogDet'),
    inverseWithLogDet: withLogDet(backwards, 'inverseWithLogDet'),
    initialize: (x, context) =>
      scoped(() => {
        let value = x;
        for (const { part, path, i } of forwards) {
          called(part, 'initialize', () => part.initialize(value, at(context, i, path)));
          value = called(part, 'forward', () => part.forward(value, at(context, i, path)));
        }
      }),
    refresh: (options) => {
      for (const { part } of forwards) called(part, 'refresh', () => part.refresh(options));
    },
  });
};

const called = <T>(part: Bijector, method: string, body: () => T): T =>
  calling('flows/chain', 'bijector', part, method, body);

/**
 * Returns `y`, the output of a part for the input `x`.
 *
 * @throws `shape` unless `y` has the batch size of `x` and the event shape of the part.
 */
const given = (part: Bijector, method: string, y: Tensor, x: Tensor, forwards: boolean): Tensor => {
  assertGiven('flows/chain', 'bijector', part, `value of ${method}`, y, [
    x.shape[0]!,
    ...(forwards ? part.outputShape : part.shape),
  ]);
  return y;
};

/**
 * Returns the variables of named parts, under `<part>.<name>`. `of` is a function that returns the variables of one
 * part.
 */
export const prefixed = <T>(parts: Readonly<Record<string, T>>, of: (part: T) => NamedVariables): NamedVariables =>
  Object.fromEntries(
    Object.entries(parts).flatMap(([path, part]) =>
      Object.entries(of(part)).map(([name, variable]) => [`${path}.${name}`, variable] as const),
    ),
  );
