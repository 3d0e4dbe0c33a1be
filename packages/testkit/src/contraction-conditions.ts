import { drawNormal, FlowError, key, scoped, type Contraction } from '@impflow/core';
import { add, keep, mul, sum, tile, variable, type Tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { expectAgreement } from './agree.ts';
import { expectNotSteep, expectPairs } from './contraction-bound.ts';
import { expectGradients, firstOf, part, values, type Points } from './contraction-measures.ts';

/** @throws `option` if the conditions of the map have another size than the option `context`. */
const assertContext = ({ conditionSize = 0 }: Contraction, context: number): void => {
  if (conditionSize === context) return;
  throw new FlowError('option', 'testkit/testContraction', 'The option `context` is not the size of the conditions', {
    expected: `${conditionSize}, the \`conditionSize\` of the map`,
    got: `${context}`,
    hint: `Pass the option context: ${conditionSize}.`,
  });
};

/**
 * Returns a map whose condition is one random row for all points, or the map itself if `context` is 0. The conditions
 * belong to the backend, because a linearization may refer to its condition.
 *
 * @throws `option` if the conditions of the map have another size.
 */
export const conditioned = (net: Contraction, context: number): Contraction => {
  assertContext(net, context);
  if (context === 0) return net;
  const conditions = new Map<number, Tensor>();
  const of = ({ shape: [rows] }: Tensor): Tensor => {
    const known = conditions.get(rows!);
    if (known !== undefined) return known;
    const made = keep(scoped(() => tile(drawNormal(key(100), [1, context]), [rows!, 1])));
    conditions.set(rows!, made);
    return made;
  };
  return {
    ...net,
    apply: (x) => net.apply(x, of(x)),
    linearize: (x, options) => net.linearize(x, { ...options, condition: of(x) }),
  };
};

/** Sizes of the conditions with which the bound is checked, in standard deviations. */
const SIZES = [1, 10, 100];

/** Checks the bound with conditions of several sizes. Each row has its own condition. */
export const expectBoundForConditions = (net: Contraction, context: number, order: number): void =>
  scoped(() => {
    for (const size of SIZES) {
      const condition = mul(size, drawNormal(key(101), [200, context]));
      const of = (x: Tensor): Tensor => part(condition, 0, 0, x.shape[0]!);
      const at: Contraction = {
        ...net,
        apply: (x) => net.apply(x, of(x)),
        linearize: (x, options) => net.linearize(x, { ...options, condition: of(x) }),
      };
      const what = `, conditions of size ${size}`;
      expectPairs(at, { order, pairs: 200, what });
      if (order === 2) expectNotSteep(at, { points: 50, what });
    }
  });

/** Checks that values and products of a row depend on the condition of this row alone. */
export const expectConditionsOfRows = (net: Contraction, context: number, { x, t }: Omit<Points, 'w'>): void =>
  scoped(() => {
    const rows = x.shape[0]!;
    const condition = drawNormal(key(103), [rows, context]);
    const of = (from: number, count: number): readonly Float32Array[] => {
      const [points, own] = [part(x, 0, from, count), part(condition, 0, from, count)];
      const lin = net.linearize(points, { condition: own });
      const found = [net.apply(points, own), lin.value, lin.jvp(part(part(t, 0, 0, 1), 1, from, count))].map(values);
      lin.dispose();
      return found;
    };
    const whole = of(0, rows);
    const width = x.size / rows;
    for (const row of [0, 3]) {
      const alone = of(row, 1);
      for (const [i, what] of ['apply', 'the value of linearize', 'jvp'].entries())
        expectAgreement(alone[i]!, whole[i]!.subarray(row * width, (row + 1) * width), {
          what: `${what}, row ${row} of ${rows} alone, with its condition`,
          width,
          tolerance: 1e-5,
        });
    }
  });

/** Compares `pullback().condition`, the gradient of `<w, g(x, c)> + <w, J(x, c) t>`, with finite differences. */
export const expectConditionGradient = (net: Contraction, context: number, { x, t, w }: Points, kinks: boolean): void =>
  scoped(() => {
    const condition = variable(drawNormal(key(104), [x.shape[0]!, context]));
    const lin = net.linearize(x, { condition });
    const gradient = lin.pullback({ value: firstOf(w), pair: { pushed: lin.push(t), cotangents: w } }).condition;
    lin.dispose();
    if (gradient === undefined) return expect.fail('pullback: expected a gradient of the condition, got none.');
    const loss = (): Tensor => {
      const at = net.linearize(x, { condition });
      const total = add(sum(mul(firstOf(w), at.value)), sum(mul(w, at.jvp(t))));
      at.dispose();
      return total;
    };
    expectGradients(loss, { condition: gradient }, { condition }, kinks);
    return condition.dispose();
  });
