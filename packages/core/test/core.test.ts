import { cpu } from '@impflow/backend-cpu';
import {
  advance, assertShape, customOp, eliminate, fold, FlowError, isFlowError, key, leaves, logDetOnePlus, nearest, normal, offTape, pullback, recording, registry,
  release, scoped, valueAndGradients, withGradientOf, withLeaves,
} from '@impflow/core';
import { onBackend } from '@impflow/testkit';
import { add, eye, memory, mul, reshape, square, sub, sum, tensor1d, tensor2d, tidy, transpose, variable, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

onBackend(cpu());

describe('errors', () => {
  it('read as one sentence for a person', () => {
    const error = new FlowError('shape', 'flows/implicitBlock', 'Wrong input shape', { expected: '[B, 3]', got: '[4, 5]', hint: 'Choose other columns.' });
    expect(error.message).toBe('[flows/implicitBlock] Wrong input shape: expected [B, 3], got [4, 5]. Choose other columns.');
    expect(new FlowError('input', 'data/x', 'No such file', { hint: 'Check the path.' }).message).toBe('[data/x] No such file. Check the path.');
    expect([isFlowError(error), isFlowError(error, 'shape'), isFlowError(error, 'input'), isFlowError(new Error('x'))]).toEqual([true, true, false, false]);
  });
});

describe('registry', () => {
  const shapes = registry('shape', { circle: ({ radius = 1 }: { readonly radius?: number } = {}) => radius, square: () => 4 });

  it('creates by name, with options', () => {
    expect(shapes.create({ name: 'circle', options: { radius: 3 } })).toBe(3);
    expect(shapes.create({ name: 'circle' })).toBe(1);
    expect([shapes.has('square'), shapes.has('toString')]).toEqual([true, false]);
  });

  it('suggests the nearest name', () => {
    expect(() => shapes.create({ name: 'squre' })).toThrow('[core/registry] Unknown shape: expected one of circle, square, got "squre". Did you mean "square"?');
    expect(nearest('zebra', ['circle', 'square'])).toBeUndefined();
  });

  it('is extended by value, and refuses a taken name', () => {
    const more = shapes.extend({ triangle: () => 3 });
    expect([more.names, shapes.names]).toEqual([['circle', 'square', 'triangle'], ['circle', 'square']]);
    expect(() => shapes.extend({ circle: () => 0 })).toThrow('The shape name circle is taken');
  });
});

describe('tensor scopes', () => {
  it('see plain records and arrays, and rebuild them', () => tidy(() => {
    const [a, b] = [tensor1d([1]), tensor1d([2])];
    const tree = { a, list: [b, { again: a }], text: 'x' };
    expect(leaves(tree)).toEqual([a, b, a]);
    expect(withLeaves(tree, [b, a, b])).toEqual({ a: b, list: [a, { again: b }], text: 'x' });
  }));

  it('advance disposes what the next state left behind', () => {
    const before = memory().numTensors;
    let state = { x: tensor1d([1]), constant: tensor1d([5]) };
    for (let i = 0; i < 3; i++) state = advance(state, ({ x, constant }) => ({ x: add(x, constant), constant }));
    expect([...state.x.dataSync()]).toEqual([16]);
    expect(memory().numTensors - before).toBe(2);
    release(state);
    expect(memory().numTensors).toBe(before);
  });

  it('assertShape says both shapes', () => tidy(() => {
    expect(() => { assertShape('flows/x', tensor2d([[1, 2]]), [3]); }).toThrow('[flows/x] Wrong input shape: expected [B, 3], got [1, 2].');
    expect(() => { assertShape('flows/x', tensor2d([[1, 2]]), [2]); }).not.toThrow();
  }));
});

describe('autodiff', () => {
  /** x^3 with a gradient written by hand. */
  const cube = (x: Tensor): Tensor => customOp([x], {
    forward: () => ({ value: mul(x, square(x)), saved: { nested: [{ x }] } }),
    backward: (dy, { nested }) => [mul(dy, mul(3, square(nested[0]!.x)))],
  });

  it('customOp: saved records survive, the gradient is the one written', () => tidy(() => {
    const x = variable(tensor1d([2, -1]));
    const { value, gradients } = valueAndGradients(() => sum(cube(cube(x))), { x });
    expect(value.dataSync()[0]).toBe(511);
    expect([...gradients['x']!.dataSync()]).toEqual([9 * 2 ** 8, 9]);
  }));

  it('offTape makes constants, also after a throw', () => tidy(() => {
    const x = variable(tensor1d([3]));
    const { gradients } = valueAndGradients(() => {
      expect(recording()).toBe(true);
      expect(() => offTape(() => { expect(recording()).toBe(false); throw new Error('out'); })).toThrow('out');
      return sum(mul(x, offTape(() => square(x))));
    }, { x });
    expect([...gradients['x']!.dataSync()]).toEqual([9]);
    expect(recording()).toBe(false);
  }));

  it('a pullback inside a custom gradient leaves the outer tape alone', () => tidy(() => {
    const x = variable(tensor1d([2]));
    const op = (y: Tensor): Tensor => customOp([y], {
      forward: () => ({ value: mul(y, square(y)), saved: { y } }),
      backward: (dy, saved) => [pullback(() => mul(saved.y, square(saved.y)), [saved.y], dy).gradients[0]!],
    });
    const { gradients } = valueAndGradients(() => sum(mul(op(square(x)), x)), { x });
    expect(gradients['x']!.dataSync()[0]).toBeCloseTo(7 * 2 ** 6, 3);
  }));

  it('withGradientOf: one value, another gradient', () => tidy(() => {
    const x = variable(tensor1d([2]));
    const { value, gradients } = valueAndGradients(() => sum(withGradientOf(tensor1d([10]), square(x))), { x });
    expect([value.dataSync()[0], gradients['x']!.dataSync()[0]]).toEqual([10, 4]);
  }));

  it('leaks nothing', () => {
    const x = variable(tensor1d([2]));
    const before = memory().numTensors;
    tidy(() => { valueAndGradients(() => sum(cube(x)), { x }); });
    expect(memory().numTensors).toBe(before);
  });
});

describe('elimination', () => {
  it.each([1, 2, 5, 17])('solves systems of size %i whose symmetric part is positive definite', (n) => {
    tidy(() => {
      // I + J with |J| about 0.7.
      const j = mul(normal(key(n), [6, n, n]), 0.35 / Math.sqrt(n));
      const a = add(eye(n), j);
      const rhs = normal(fold(key(n), 1), [6, n, 2]);
      const { solution } = eliminate(a, rhs);
      const back = scoped(() => sum(mul(reshape(a, [6, n, n, 1]), reshape(solution, [6, 1, n, 2])), 2));
      expect(Math.max(...square(sub(back, rhs)).dataSync())).toBeLessThan(1e-9);
    });
  });

  it('log-determinant and its gradient, against the closed form of 2 x 2', () => tidy(() => {
    const j = variable(tensor1d([0.2, -0.4, 0.3, 0.1]));
    const { value, gradients } = valueAndGradients(() => sum(logDetOnePlus(transpose(reshape(j, [2, 1, 2]), [2, 1, 0]))), { j });
    const det = 1.2 * 1.1 + 0.4 * 0.3;
    expect(value.dataSync()[0]).toBeCloseTo(Math.log(det), 6);
    [1.1 / det, -0.3 / det, 0.4 / det, 1.2 / det].forEach((wanted, i) => expect(gradients['j']!.dataSync()[i]!).toBeCloseTo(wanted, 6));
  }));
});
