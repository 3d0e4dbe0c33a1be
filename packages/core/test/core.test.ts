import { cpu } from '@impflow/backend-cpu';
import {
  advance,
  assertShape,
  contractionByTape,
  customOp,
  customOps,
  defineLinearization,
  eliminate,
  fold,
  FlowError,
  isFlowError,
  kept,
  kernel,
  key,
  leaves,
  logDetOnePlus,
  nearest,
  drawNormal,
  problemOf,
  normals,
  observedOptions,
  offTape,
  opposite,
  owners,
  vjpByTape,
  recording,
  registry,
  release,
  sampleNorm,
  scoped,
  unitTangents,
  valueAndGradients,
  withLeaves,
  type Contraction,
  type Cotangents,
  type Disposable,
  type Gradient,
  type NetLinearization,
  type Pushed,
} from '@impflow/core';
import { logAbsDet, onBackend, ripple, solveLinear, testContraction } from '@impflow/testkit';
import {
  add,
  concat,
  cos,
  engine,
  eye,
  grad,
  matMul,
  memory,
  mul,
  neg,
  registerKernel,
  reshape,
  sin,
  slice,
  square,
  sub,
  sum,
  tensor,
  tensor1d,
  tensor2d,
  tidy,
  transpose,
  unregisterKernel,
  variable,
  zeros,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

onBackend(cpu());

describe('errors', () => {
  it('the message of an error contains the source, the problem, the expected value, the given value and a hint', () => {
    const error = new FlowError('shape', 'flows/implicitBlock', 'Wrong input shape', {
      expected: '[B, 3]',
      got: '[4, 5]',
      hint: 'Choose other columns.',
    });
    expect(error.message).toBe(
      '[flows/implicitBlock] Wrong input shape: expected [B, 3], got [4, 5]. Choose other columns.',
    );
    expect(new FlowError('input', 'data/x', 'No such file', { hint: 'Check the path.' }).message).toBe(
      '[data/x] No such file. Check the path.',
    );
    expect(error).toMatchObject({
      what: 'Wrong input shape',
      expected: '[B, 3]',
      got: '[4, 5]',
      hint: 'Choose other columns.',
    });
    expect([problemOf(error), problemOf(new Error('Out of memory.')), problemOf('gone')]).toEqual([
      'Wrong input shape: expected [B, 3], got [4, 5]',
      'Out of memory',
      'gone',
    ]);
    expect([
      isFlowError(error),
      isFlowError(error, 'shape'),
      isFlowError(error, 'input'),
      isFlowError(new Error('x')),
    ]).toEqual([true, true, false, false]);
  });
});

describe('registry', () => {
  const shapes = registry<number>('shape', {
    circle: ({ radius = 1 }: { readonly radius?: number } = {}) => radius,
    square: () => 4,
  });

  it('`create` calls the factory of the given name with the given options', () => {
    expect(shapes.create({ name: 'circle', options: { radius: 3 } })).toBe(3);
    expect(shapes.create({ name: 'circle' })).toBe(1);
    expect([shapes.has('square'), shapes.has('toString')]).toEqual([true, false]);
  });

  it('`create` throws for an unknown name and suggests the nearest registered name', () => {
    expect(() => shapes.create({ name: 'squre' })).toThrow(
      '[core/registry] Unknown shape: expected one of circle, square, got "squre". Did you mean "square"?',
    );
    expect(nearest('zebra', ['circle', 'square'])).toBeUndefined();
  });

  it('`extend` returns a new registry, and throws for a name that is already registered', () => {
    const more = shapes.extend({ triangle: () => 3 });
    expect([more.names, shapes.names]).toEqual([
      ['circle', 'square', 'triangle'],
      ['circle', 'square'],
    ]);
    expect(() => shapes.extend({ circle: () => 0 })).toThrow('The shape name circle is taken');
  });

  it('`create` throws if a product lacks a required method, and the error contains the requested name', () => {
    const counters = registry<{ next(): number }>('counter', { one: () => ({ next: () => 1 }) }, ['next']);
    expect(counters.create({ name: 'one' }).next()).toBe(1);
    const more = counters.extend({
      none: () => null as unknown as { next(): number },
      last: () => ({ name: 'x', last: () => 1 }) as unknown as { next(): number },
    });
    expect(() => more.create({ name: 'none' })).toThrow(
      '[core/registry] The counter "none" does not keep the contract of its kind: expected an object with the methods next, got null.',
    );
    expect(() => more.create({ name: 'last' })).toThrow(
      'The counter "last" does not keep the contract of its kind: expected an object with the methods next, got no next.',
    );
  });
});

describe('observed options', () => {
  it('`observedOptions` records each name that a factory reads, also names that were not given', () => {
    const named = ({ memory = 5, damping = 1 }: { readonly memory?: number; readonly damping?: number } = {}): number =>
      memory * damping;
    const { options, read } = observedOptions({ memory: 2, memry: 3 });
    expect([named(options), read()]).toEqual([2, ['memory', 'damping']]);
    expect([{ ...options }, 'toString' in options, options['toString']]).toEqual([
      { memory: 2, memry: 3 },
      false,
      undefined,
    ]);
  });
});

describe('tensor scopes', () => {
  it('`leaves` finds the tensors in plain records and arrays, and `withLeaves` replaces them', () =>
    tidy(() => {
      const [a, b] = [tensor1d([1]), tensor1d([2])];
      const tree = { a, list: [b, { again: a }], text: 'x' };
      expect(leaves(tree)).toEqual([a, b, a]);
      expect(withLeaves(tree, [b, a, b])).toEqual({ a: b, list: [a, { again: b }], text: 'x' });
    }));

  it('`leaves` does not search objects that own their tensors', () =>
    tidy(() => {
      const [a, b] = [tensor1d([1]), tensor1d([2])];
      const owner = { inside: b, dispose: () => {} };
      const tree = { owner, a, list: [owner, null] };
      expect([leaves(tree), leaves(owner)]).toEqual([[a], []]);
      expect(owners(tree)).toEqual([owner, owner]);
      expect([owners(a), owners(null), owners('x')]).toEqual([[], [], []]);
      const rebuilt = withLeaves(tree, [b]);
      expect(rebuilt.a).toBe(b);
      expect([rebuilt.owner, rebuilt.list[0]].every((found) => found === owner)).toBe(true);
      release(tree);
      expect([a.isDisposed, b.isDisposed]).toEqual([true, false]);
    }));

  it('a kept tensor outlives every scope, and the tape treats it as a constant', () => {
    const x = variable(tensor1d([3]));
    const before = memory().numTensors;
    let held: { readonly square: Tensor; readonly list: readonly Tensor[] } | undefined;
    const { value, gradients } = valueAndGradients(
      () =>
        tidy(() => {
          held = kept(() => ({ square: square(add(x, 0)), list: [mul(2, x)] }));
          expect(recording()).toBe(true);
          return sum(mul(x, held.square));
        }),
      { x },
    );
    expect([
      value.dataSync()[0],
      gradients['x']!.dataSync()[0],
      held!.square.dataSync()[0],
      held!.list[0]!.dataSync()[0],
    ]).toEqual([27, 9, 9, 6]);
    release([held, value, gradients]);
    expect(memory().numTensors).toBe(before);
    expect(() =>
      kept(() => {
        square(x);
        throw new Error('out');
      }),
    ).toThrow('out');
    expect(memory().numTensors).toBe(before);
    x.dispose();
  });

  it('`advance` disposes of the tensors that the next state does not use', () => {
    const before = memory().numTensors;
    let state = { x: tensor1d([1]), constant: tensor1d([5]) };
    for (let i = 0; i < 3; i++) state = advance(state, ({ x, constant }) => ({ x: add(x, constant), constant }));
    expect([...state.x.dataSync()]).toEqual([16]);
    expect(memory().numTensors - before).toBe(2);
    release(state);
    expect(memory().numTensors).toBe(before);
  });

  it('`assertShape` reports the expected shape and the given shape', () =>
    tidy(() => {
      expect(() => {
        assertShape('flows/x', tensor2d([[1, 2]]), [3]);
      }).toThrow('[flows/x] Wrong input shape: expected [B, 3], got [1, 2].');
      expect(() => {
        assertShape('flows/x', tensor2d([[1, 2]]), [2]);
      }).not.toThrow();
    }));
});

describe('autodiff', () => {
  /** Returns x^3, with a gradient written by hand. */
  const cube = (x: Tensor): Tensor =>
    customOp([x], {
      forward: () => ({ value: mul(x, square(x)), saved: { nested: [{ x }] } }),
      backward: (dy, { nested }) => [mul(dy, mul(3, square(nested[0]!.x)))],
    });

  it('`customOp` keeps saved records until the backward pass, which uses the given gradient', () =>
    tidy(() => {
      const x = variable(tensor1d([2, -1]));
      const { value, gradients } = valueAndGradients(() => sum(cube(cube(x))), { x });
      expect(value.dataSync()[0]).toBe(511);
      expect([...gradients['x']!.dataSync()]).toEqual([9 * 2 ** 8, 9]);
    }));

  it('`offTape` returns constants, and the tape records again after a throw inside `offTape`', () =>
    tidy(() => {
      const x = variable(tensor1d([3]));
      const { gradients } = valueAndGradients(
        () => {
          expect(recording()).toBe(true);
          expect(() =>
            offTape(() => {
              expect(recording()).toBe(false);
              throw new Error('out');
            }),
          ).toThrow('out');
          return sum(
            mul(
              x,
              offTape(() => square(x)),
            ),
          );
        },
        { x },
      );
      expect([...gradients['x']!.dataSync()]).toEqual([9]);
      expect(recording()).toBe(false);
    }));

  it('`vjpByTape` inside a custom gradient does not change the outer tape', () =>
    tidy(() => {
      const x = variable(tensor1d([2]));
      const op = (y: Tensor): Tensor =>
        customOp([y], {
          forward: () => ({ value: mul(y, square(y)), saved: { y } }),
          backward: (dy, saved) => [vjpByTape(() => mul(saved.y, square(saved.y)), [saved.y], dy).gradients[0]!],
        });
      const { gradients } = valueAndGradients(() => sum(mul(op(square(x)), x)), { x });
      expect(gradients['x']!.dataSync()[0]).toBeCloseTo(7 * 2 ** 6, 3);
    }));

  it('the surrounding tape treats the result of `vjpByTape` as a constant', () =>
    tidy(() => {
      const x = variable(tensor1d([3]));
      const { value, gradients } = valueAndGradients(
        () => sum(mul(x, vjpByTape(() => square(x), [x], tensor1d([1])).gradients[0]!)),
        { x },
      );
      // The value of the function is x * 2x. The gradient treats the factor 2x = 6 as a constant.
      expect([value, gradients['x']!].map((found) => found.dataSync()[0])).toEqual([18, 6]);
    }));

  /** Returns `[x y, x + y]`. */
  const both = (x: Tensor, y: Tensor): readonly [Tensor, Tensor] =>
    customOps([x, y], {
      forward: () => ({ values: [mul(x, y), add(x, y)], saved: { x, y } }),
      backward: ([u, v], saved) => {
        expect([u!.shape, v!.shape]).toEqual([[2], [2]]);
        return [add(mul(u!, saved.y), v!), add(mul(u!, saved.x), v!)];
      },
    }) as readonly [Tensor, Tensor];

  it('`customOps` returns several results, and gives zero cotangents to results that the loss does not use', () =>
    tidy(() => {
      const [x, y] = [variable(tensor1d([2, 3])), variable(tensor1d([5, 7]))];
      const of = (loss: () => Tensor): readonly number[] => {
        const { gradients } = valueAndGradients(loss, { x, y });
        return [...gradients['x']!.dataSync(), ...gradients['y']!.dataSync()];
      };
      expect(
        of(() => {
          const [product, total] = both(x, y);
          return sum(add(product, mul(10, total)));
        }),
      ).toEqual([15, 17, 12, 13]);
      expect(of(() => sum(both(x, y)[0]))).toEqual([5, 7, 2, 3]);
      expect(of(() => sum(both(x, y)[1]))).toEqual([1, 1, 1, 1]);
      expect(both(x, y).map((value) => [...value.dataSync()])).toEqual([
        [10, 21],
        [7, 10],
      ]);
    }));

  describe('saved objects that own tensors', () => {
    interface Owner extends Disposable {
      readonly slope: Tensor;
    }
    /** Makes an operation that returns `x^2` and saves its derivative `2 x` in an object that owns its tensor. */
    const squares = () => {
      const count = { made: 0, disposed: 0, backward: 0 };
      const op = (x: Tensor): Tensor =>
        customOp([x], {
          forward: () => {
            count.made += 1;
            const slope = kept(() => mul(2, x));
            const owner: Owner = {
              slope,
              dispose: () => {
                count.disposed += 1;
                slope.dispose();
              },
            };
            return { value: square(x), saved: { nested: [{ owner }], x } };
          },
          backward: (u, { nested, x: saved }) => {
            const { owner } = nested[0]!;
            count.backward += 1;
            expect([owner.slope.isDisposed, saved.isDisposed]).toEqual([false, false]);
            return [mul(u, owner.slope)];
          },
        });
      return { count, op };
    };

    it('saved objects are disposed once, when the tape ends', () => {
      const x = variable(tensor1d([2, -3]));
      const { count, op } = squares();
      const before = memory().numTensors;
      const { value, gradients } = valueAndGradients(
        () => {
          const y = op(op(x));
          expect(count).toMatchObject({ made: 2, disposed: 0 });
          return sum(y);
        },
        { x },
      );
      expect(count).toEqual({ made: 2, disposed: 2, backward: 2 });
      expect([value.dataSync()[0], ...gradients['x']!.dataSync()]).toEqual([16 + 81, 32, -108]);
      release([value, gradients]);
      expect(memory().numTensors).toBe(before);
      x.dispose();
    });

    it('saved objects are disposed immediately if no tape records', () => {
      const x = tensor1d([2]);
      const { count, op } = squares();
      const before = memory().numTensors;
      expect([...tidy(() => op(x)).dataSync()]).toEqual([4]);
      expect(count).toEqual({ made: 1, disposed: 1, backward: 0 });
      // No tape records inside `offTape`, or in the forward pass of a custom operation.
      const gradient = grad((t: Tensor) => {
        const constant = offTape(() => op(t));
        expect(count).toMatchObject({ made: 2, disposed: 2 });
        const inside = customOp([t], {
          forward: () => ({ value: op(t), saved: { t } }),
          backward: (u, saved) => [mul(u, saved.t)],
        });
        expect(count).toMatchObject({ made: 3, disposed: 3 });
        return sum(mul(inside, constant));
      })(x);
      expect([...gradient!.dataSync()]).toEqual([8]);
      expect(memory().numTensors).toBe(before + 2);
      for (const tensor of [gradient, x]) tensor.dispose();
    });

    it('saved objects are disposed even if the loss does not use the operation, and in a gradient inside a gradient', () => {
      const x = variable(tensor1d([3]));
      const { count, op } = squares();
      const before = memory().numTensors;
      tidy(() => {
        valueAndGradients(
          () => {
            op(x);
            return sum(mul(x, x));
          },
          { x },
        );
        expect(count).toEqual({ made: 1, disposed: 1, backward: 0 });
        const { gradients } = valueAndGradients(
          () => sum(mul(op(x), vjpByTape(() => op(x), [x], tensor1d([1])).gradients[0]!)),
          { x },
        );
        expect(count).toEqual({ made: 3, disposed: 3, backward: 2 });
        expect([...gradients['x']!.dataSync()]).toEqual([36]);
      });
      expect(memory().numTensors).toBe(before);
      x.dispose();
    });
  });

  it('`valueAndGradients` with a custom operation leaks no tensors', () => {
    const x = variable(tensor1d([2]));
    const before = memory().numTensors;
    tidy(() => {
      valueAndGradients(() => sum(cube(x)), { x });
    });
    expect(memory().numTensors).toBe(before);
  });
});

describe('elimination', () => {
  it.each([1, 2, 5, 17])('`eliminate` solves systems of size %i whose symmetric part is positive definite', (n) => {
    tidy(() => {
      // I + J with |J| about 0.7.
      const j = mul(drawNormal(key(n), [6, n, n]), 0.35 / Math.sqrt(n));
      const a = add(eye(n), j);
      const rhs = drawNormal(fold(key(n), 1), [6, n, 2]);
      const { solution } = eliminate(a, rhs);
      const back = scoped(() => sum(mul(reshape(a, [6, n, n, 1]), reshape(solution, [6, 1, n, 2])), 2));
      expect(Math.max(...square(sub(back, rhs)).dataSync())).toBeLessThan(1e-9);
    });
  });

  /** Returns random matrices `I + J` with `|J|` about 0.7. */
  const systems = (batch: number, n: number): readonly number[][][] => {
    const entries = normals(key(n), batch * n * n);
    return Array.from({ length: batch }, (_, b) =>
      Array.from({ length: n }, (_row, i) =>
        Array.from({ length: n }, (_entry, j) =>
          Math.fround((i === j ? 1 : 0) + (0.35 / Math.sqrt(n)) * entries[(b * n + i) * n + j]!),
        ),
      ),
    );
  };

  it.each([
    [33, 1],
    [33, 5],
    [64, 3],
    [64, 64],
    [100, 2],
    [100, 130],
  ])('`eliminate` agrees with a computation in float64 above n = 32: n = %i, %i right-hand sides', (n, k) =>
    tidy(() => {
      const matrices = systems(2, n);
      const rhs = Array.from(normals(fold(key(n), k), 2 * n * k), Math.fround);
      const { solution, logDet } = eliminate(tensor(matrices.flat(2), [2, n, n]), tensor(rhs, [2, n, k]));
      expect([solution.shape, logDet.shape]).toEqual([[2, n, k], [2]]);
      const found = solution.dataSync();
      matrices.forEach((matrix, b) => {
        expect(Math.abs(logDet.dataSync()[b]! - logAbsDet(matrix))).toBeLessThan(1e-5);
        for (const c of new Set([0, k >> 1, k - 1])) {
          const exact = solveLinear(
            matrix,
            Array.from({ length: n }, (_, i) => rhs[(b * n + i) * k + c]!),
          );
          expect(Math.max(...exact.map((x, i) => Math.abs(x - found[(b * n + i) * k + c]!)))).toBeLessThan(2e-5);
        }
      });
    }),
  );

  it('a system with NaN as result does not change the other systems of a batch of `eliminate`; the gradient is right', () =>
    tidy(() => {
      const n = 40;
      const matrices = systems(3, n);
      const rhs = drawNormal(key(3), [3, n, 2]);
      const run = (middle: number): readonly number[][] => {
        const { solution, logDet } = eliminate(
          tensor(
            matrices.flatMap((matrix, b) => matrix.flat().map((x) => (b === 1 ? middle * x : x))),
            [3, n, n],
          ),
          rhs,
        );
        const values = Array.from(solution.dataSync());
        return [0, 1, 2].map((b) => [logDet.dataSync()[b]!, ...values.slice(2 * n * b, 2 * n * (b + 1))]);
      };
      const clean = run(1);
      for (const middle of [Number.NaN, Number.POSITIVE_INFINITY, -1]) {
        const found = run(middle);
        expect([found[0], found[2]]).toEqual([clean[0], clean[2]]);
        expect(found[1]![0]).toBeNaN();
      }
      // d log det A = <A^-T, dA>.
      const slope = grad((a: Tensor) => sum(eliminate(a, zeros([1, n, 1])).logDet))(
        tensor(matrices[0]!.flat(), [1, n, n]),
      ).dataSync();
      for (const j of [0, 7, n - 1]) {
        const column = solveLinear(
          matrices[0]!,
          Array.from({ length: n }, (_, i) => (i === j ? 1 : 0)),
        );
        column.forEach((entry, i) => expect(slope[j * n + i]).toBeCloseTo(entry, 5));
      }
    }));

  it('`logDetOnePlus` agrees with the closed form of the log-determinant and its gradient for a 2 x 2 matrix', () =>
    tidy(() => {
      // J = [[0.2, -0.4], [0.3, 0.1]]; the image of a unit tangent is a column.
      const { logDet, gradient } = logDetOnePlus(tensor([0.2, 0.3, -0.4, 0.1], [2, 1, 2]), true);
      const det = 1.2 * 1.1 + 0.4 * 0.3;
      expect([logDet.shape, gradient!.shape]).toEqual([[1], [2, 1, 2]]);
      expect(logDet.dataSync()[0]).toBeCloseTo(Math.log(det), 6);
      [1.1 / det, 0.4 / det, -0.3 / det, 1.2 / det].forEach((wanted, i) =>
        expect(gradient!.dataSync()[i]!).toBeCloseTo(wanted, 6),
      );
    }));

  it.each([1, 3, 16, 17, 40])('`logDetOnePlus` in %i dimensions agrees with a computation in float64', (n) =>
    tidy(() => {
      const matrices = systems(3, n);
      const jacobians = sub(tensor(matrices.flat(2), [3, n, n]), eye(n));
      const { logDet, gradient } = logDetOnePlus(transpose(jacobians, [2, 0, 1]), true);
      const found = gradient!.arraySync() as number[][][];
      matrices.forEach((matrix, b) => {
        expect(Math.abs(logDet.dataSync()[b]! - logAbsDet(matrix))).toBeLessThan(1e-5);
        for (const k of new Set([0, n >> 1, n - 1])) {
          // Row k of the inverse.
          const row = solveLinear(
            matrix[0]!.map((_, j) => matrix.map((of) => of[j]!)),
            matrix.map((_, i) => (i === k ? 1 : 0)),
          );
          row.forEach((entry, i) => expect(found[k]![b]![i]).toBeCloseTo(entry, 5));
        }
      });
    }),
  );
});

describe('kernels', () => {
  const double = kernel<{ readonly x: Tensor; readonly y?: Tensor | undefined }, { readonly factor: number }>(
    'CoreTestDouble',
  );
  const run = (x: Tensor): number => double.run({ x }, { factor: 2 }, () => [mul(2, x), x])[0].dataSync()[0]!;

  it('`run` of a kernel calls the composed operations if the backend does not have the kernel', () =>
    tidy(() => {
      expect([double.name, double.available(), sampleNorm(tensor2d([[3, 4]])).dataSync()[0]]).toEqual([
        'CoreTestDouble',
        false,
        5,
      ]);
      expect(run(tensor1d([4]))).toBe(8);
    }));

  it('a registered kernel runs off the tape and inside custom operations, never on the tape', () => {
    // The result differs from the result of the replaced operation, so that the test can detect which of the two ran.
    registerKernel({
      kernelName: 'CoreTestDouble',
      backendName: 'cpu',
      kernelFunc: ({ inputs, attrs }) => {
        expect(Object.keys(inputs)).toEqual(['x']);
        const { x } = inputs as { readonly x: Tensor };
        return engine().makeTensorFromDataId(
          (engine().backend.write as (...from: unknown[]) => object)(
            Float32Array.of(50 * (attrs as unknown as { readonly factor: number }).factor),
            x.shape,
            'float32',
          ),
          x.shape,
          'float32',
        );
      },
    });
    try {
      const x = variable(tensor1d([4]));
      const before = memory().numTensors;
      tidy(() => {
        expect([double.available(), run(x)]).toEqual([true, 100]);
        const { gradients } = valueAndGradients(
          () => {
            const [taped] = double.run({ x }, { factor: 2 }, () => [mul(2, x)]);
            expect([taped.dataSync()[0], offTape(() => run(x))]).toEqual([8, 100]);
            const inside = customOp([x], {
              forward: () => ({ value: double.run({ x }, { factor: 3 }, () => [x])[0], saved: {} }),
              backward: (u) => [neg(u)],
            });
            expect(inside.dataSync()[0]).toBe(150);
            return sum(add(taped, inside));
          },
          { x },
        );
        expect([...gradients['x']!.dataSync()]).toEqual([1]);
      });
      expect(memory().numTensors).toBe(before);
      x.dispose();
    } finally {
      unregisterKernel('CoreTestDouble', 'cpu');
    }
    expect(double.available()).toBe(false);
  });
});

describe('linearizations', () => {
  const same = (found: Tensor, expected: Tensor): void => {
    expect(found.shape).toEqual(expected.shape);
    expect([...found.dataSync()]).toEqual([...expected.dataSync()]);
  };

  it('every method of `opposite(g)` returns the negated result of `g`, and `opposite(g)` owns `g`', () => {
    const g = ripple({ event: [2, 2], slope: 0.8 });
    const [x, t, u, c] = [
      drawNormal(key(1), [3, 2, 2]),
      drawNormal(key(2), [2, 3, 2, 2]),
      drawNormal(key(3), [3, 2, 2]),
      drawNormal(key(4), [2, 3, 2, 2]),
    ];
    const before = memory().numTensors;
    for (const tracked of [true, false]) {
      const plain = g.linearize(x, { tracked });
      // The linearizations are made inside a scope, which must not dispose their tensors.
      const [inner, minus] = scoped(() => {
        const found = g.linearize(x, { tracked });
        return [found, opposite(found)];
      });
      scoped(() => {
        expect(minus.tracked).toBe(tracked);
        same(minus.value, neg(plain.value));
        same(minus.jvp(t), neg(plain.jvp(t)));
        same(minus.vjp(c), neg(plain.vjp(c)));
        const pushed = minus.push(t);
        same(pushed.images, neg(plain.push(t).images));
        same(pushed.tangents, t);
        same(minus.units().images, neg(plain.units().images));
        same(minus.jacobian(), neg(plain.jacobian()));
        expect([minus.units(), minus.jacobian()]).toEqual([minus.units(), minus.jacobian()]);
        expect(minus.units().tangents).toBe(inner.units().tangents);
        if (!tracked) return;
        const pairOf = (at: NetLinearization, along: Pushed): Cotangents => ({
          pair: { pushed: along, cotangents: c },
          value: at === plain ? neg(u) : u,
        });
        // <u, -g> + <c, -J t>
        const expected = plain.pullback({
          ...pairOf(plain, plain.push(t)),
          pair: { pushed: plain.push(t), cotangents: neg(c) },
        });
        const found = minus.pullback(pairOf(minus, pushed));
        same(found.x, expected.x);
        found.weights.forEach((weight, i) => {
          same(weight, expected.weights[i]!);
        });
        // The tensors of `onto` do not change when gradients are added to them.
        const onto = minus.pullback({ value: u, onto: expected.weights });
        onto.weights.forEach((weight, i) => {
          same(weight, add(expected.weights[i]!, minus.pullback({ value: u }).weights[i]!));
        });
        same(
          minus.pullback({
            pair: pairOf(minus, minus.units()).pair && {
              pushed: minus.units(),
              cotangents: mul(2, minus.units().images),
            },
          }).x,
          plain.pullback({ pair: { pushed: plain.units(), cotangents: mul(2, plain.units().images) } }).x,
        );
      });
      minus.dispose();
      expect(inner.value.isDisposed).toBe(true);
      plain.dispose();
      expect(memory().numTensors).toBe(before);
    }
    for (const tensor of [x, t, u, c, ...Object.values(g.parameters)]) tensor.dispose();
  });

  it('`units()` calls `jvp` with chunks of tangents if the linearization is not tracked, and `push` once if it is tracked', () => {
    const [batch, dim] = [3000, 9];
    let stacks: number[] = [];
    const at = (tracked: boolean): NetLinearization =>
      defineLinearization({
        value: kept(() => zeros([batch, dim])),
        tracked,
        owned: [],
        jvp: (tangents) => {
          stacks.push(tangents.shape[0]!);
          return mul(3, tangents);
        },
        push: (tangents) => {
          stacks.push(tangents.shape[0]!);
          return { images: mul(3, tangents), entering: [] };
        },
        vjp: (cotangents) => mul(3, cotangents),
        pullback: (): Gradient => {
          throw new Error('not here');
        },
      });
    const before = memory().numTensors;
    for (const tracked of [true, false]) {
      stacks = [];
      const linear = at(tracked);
      const { tangents, images } = linear.units();
      expect([stacks.length > 1, stacks.reduce((total, n) => total + n, 0)]).toEqual([!tracked, dim]);
      expect([tangents.shape, images.shape]).toEqual([
        [dim, batch, dim],
        [dim, batch, dim],
      ]);
      scoped(() => {
        expect(sum(square(sub(images, mul(3, unitTangents(batch, dim))))).dataSync()[0]).toBe(0);
      });
      linear.dispose();
    }
    expect(memory().numTensors).toBe(before);
  });

  /** Returns the net `0.4 sin(x W + c)` with the condition `c`. */
  const conditional = (w: Tensor): Contraction =>
    contractionByTape({
      shape: [3],
      lipschitz: 0.9,
      conditionSize: 3,
      value: (x, condition) => mul(0.4, sin(add(matMul(x, w), condition!))),
      push: (x, tangents, condition) =>
        mul(
          mul(0.4, cos(add(matMul(x, w), condition!))),
          reshape(matMul(reshape(tangents, [-1, 3]), w), tangents.shape),
        ),
    });

  it('a net made by `contractionByTape` has a gradient with respect to its condition, by `pullback` and by the tape', () => {
    const [w, x, condition, u, t, c] = [
      mul(0.5, eye(3)),
      drawNormal(key(5), [4, 3]),
      variable(drawNormal(key(6), [4, 3])),
      drawNormal(key(7), [4, 3]),
      drawNormal(key(8), [2, 4, 3]),
      drawNormal(key(9), [2, 4, 3]),
    ];
    const g = conditional(w);
    const before = memory().numTensors;
    scoped(() => {
      const at = g.linearize(x, { condition });
      const found = at.pullback({ value: u, pair: { pushed: at.push(t), cotangents: c } });
      // The exact gradient: 0.4 (u cos a - sin a sum_k c_k t_k / 2).
      const a = add(matMul(x, w), condition);
      const exact = mul(0.4, sub(mul(u, cos(a)), mul(sin(a), mul(0.5, sum(mul(c, t), 0))))).dataSync();
      found.condition!.dataSync().forEach((entry, i) => expect(entry).toBeCloseTo(exact[i]!, 5));
      found.x.dataSync().forEach((entry, i) => expect(entry).toBeCloseTo(0.5 * exact[i]!, 5));
      const { gradients } = valueAndGradients(() => sum(mul(u, g.apply(x, condition))), { condition });
      same(gradients['condition']!, at.pullback({ value: u }).condition!);
      at.dispose();
    });
    expect(memory().numTensors).toBe(before);
    for (const tensor of [w, x, condition, u, t, c]) tensor.dispose();
  });
});

testContraction({
  name: 'a map with parameters made by contractionByTape',
  make: () => {
    const { weight, bias } = ripple({ event: [4], slope: 0.8 }).parameters;
    const product = (x: Tensor): Tensor => reshape(matMul(reshape(x, [-1, 4]), reshape(weight!, [4, 4])), x.shape);
    return contractionByTape({
      shape: [4],
      lipschitz: 0.8,
      parameters: { weight: weight!, bias: bias! },
      value: (x) => mul(0.8, sin(add(product(x), bias!))),
      push: (x, tangents) => mul(mul(0.8, cos(add(product(x), bias!))), product(tangents)),
    });
  },
  except: { 'a refresh restores the bound after parameters moved': 'the map has no refresh' },
  backends: [cpu()],
});
testContraction({
  name: 'a map without parameters made by contractionByTape',
  make: () =>
    contractionByTape({
      shape: [2, 2],
      lipschitz: 0.6,
      value: (x) => mul(0.6, sin(turned(x))),
      push: (x, tangents) => mul(mul(0.6, cos(turned(x))), turned(tangents)),
    }),
  backends: [cpu()],
});

/** Rotates each group of four numbers to the left by one. */
const turned = (x: Tensor): Tensor => {
  const flat = reshape(x, [-1, 4]);
  const [first, rest] = [slice(flat, [0, 0], [-1, 1]), slice(flat, [0, 1], [-1, 3])];
  return reshape(concat([rest, first], 1), x.shape);
};
