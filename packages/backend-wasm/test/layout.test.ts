import { wasm } from '@impflow/backend-wasm';
import { onBackend } from '@impflow/testkit';
import {
  concat,
  fill,
  memory,
  pad,
  slice,
  stack,
  tensor,
  tidy,
  transpose,
  unstack,
  type DataType,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { BUILDS } from '../../testkit/private/extent.mjs';

const sizeOf = (shape: readonly number[]): number => shape.reduce((n, size) => n * size, 1);
const range = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i);

/** Returns a tensor of consecutive numbers, or a pattern of booleans. */
const counted = (shape: readonly number[], dtype: DataType = 'float32', from = 1): Tensor =>
  tensor(
    range(sizeOf(shape)).map((i) =>
      dtype === 'bool' ? Number((i + from) % 3 === 0) : dtype === 'string' ? `s${i + from}` : i + from,
    ) as number[],
    [...shape],
    dtype,
  );

type Index = readonly number[];
const at = (shape: Index, index: Index): number => index.reduce((sum, i, axis) => sum * shape[axis]! + i, 0);

/** Returns all indices of a shape, in order. */
const indices = (shape: Index): readonly Index[] =>
  range(sizeOf(shape)).map((flat) => {
    let rest = flat;
    const index: number[] = [];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index.unshift(rest % shape[axis]!);
      rest = Math.floor(rest / shape[axis]!);
    }
    return index;
  });

interface Content {
  readonly shape: Index;
  readonly dtype: DataType;
  readonly values: readonly unknown[];
}

const content = (x: Tensor): Content => ({ shape: x.shape, dtype: x.dtype, values: [...x.dataSync()] });

const filled = (shape: Index, dtype: DataType, value: (index: Index) => unknown): Content => ({
  shape,
  dtype,
  values: indices(shape).map(value),
});

const orders = (n: number): readonly Index[] =>
  n === 0 ? [[]] : orders(n - 1).flatMap((rest) => range(n).map((place) => rest.toSpliced(place, 0, n - 1)));

/** Strings are tested only in nonempty tensors, because tfjs's own kernels fail for empty tensors of strings. */
const typesFor = (size: number): readonly DataType[] => [
  'float32',
  'int32',
  'bool',
  ...(size > 0 ? (['string'] as const) : []),
];

describe.each(BUILDS)('kernels that move elements, %s build', (simd) => {
  onBackend(wasm({ simd }));

  const shapes = [
    [],
    [5],
    [3, 7],
    [4, 8],
    [13, 70],
    [150, 2],
    [2, 150],
    [6, 5, 6],
    [2, 50, 2],
    [3, 1, 5],
    [1, 4, 1],
    [7, 2, 9],
    [0, 3],
    [3, 4, 2, 5],
    [2, 1, 3, 4],
    [4, 5, 4, 6],
    [2, 3, 2, 3, 2],
  ];

  it.each(shapes.map((shape) => [shape]))(
    'a tensor of shape %j is transposed correctly to every order of its axes',
    (shape) => {
      for (const dtype of shape.length < 4 ? (['float32', 'int32', 'bool'] as const) : (['float32'] as const)) {
        for (const perm of orders(shape.length)) {
          tidy(() => {
            const x = counted(shape, dtype);
            const values = x.dataSync();
            expect(content(transpose(x, [...perm]))).toEqual(
              filled(
                perm.map((axis) => shape[axis]!),
                dtype,
                (index) =>
                  values[
                    at(
                      shape,
                      shape.map((_, axis) => index[perm.indexOf(axis)]!),
                    )
                  ],
              ),
            );
          });
        }
      }
    },
  );

  it('the kernels that move elements copy the bits of float32 unchanged, also the bits of NaN', () =>
    tidy(() => {
      const bits = Uint32Array.of(0x7fc00001, 0xffc12345, 0x80000000, 1, 0x7f800000, 0xff800000);
      const moved = transpose(tensor(new Float32Array(bits.buffer), [2, 3])).dataSync() as Float32Array;
      expect([...new Uint32Array(moved.buffer, moved.byteOffset, 6)]).toEqual([0, 3, 1, 4, 2, 5].map((i) => bits[i]));
    }));

  const parts = [
    [[9], [3], [4]],
    [[9], [0], [9]],
    [
      [6, 5],
      [2, 0],
      [3, 5],
    ],
    [
      [6, 5],
      [1, 2],
      [4, 2],
    ],
    [
      [6, 5],
      [0, 4],
      [6, 1],
    ],
    [
      [6, 150],
      [1, 3],
      [5, 140],
    ],
    [
      [4, 5, 6],
      [1, 0, 0],
      [1, 5, 6],
    ],
    [
      [4, 5, 6],
      [1, 2, 3],
      [2, 3, 2],
    ],
    [
      [4, 5, 6],
      [0, 2, 5],
      [4, 2, 1],
    ],
    [
      [2, 3, 4, 5],
      [0, 1, 1, 1],
      [2, 2, 2, 3],
    ],
    [
      [2, 3, 4, 5],
      [1, 0, 2, 0],
      [1, 3, 2, 5],
    ],
    [
      [2, 3, 2, 3, 4],
      [0, 1, 0, 1, 1],
      [2, 2, 2, 2, 2],
    ],
    [
      [2, 3, 2, 3, 2, 3],
      [0, 1, 0, 1, 0, 1],
      [2, 2, 1, 2, 2, 2],
    ],
    [
      [5, 4],
      [2, 1],
      [0, 2],
    ],
    [
      [5, 4],
      [2, 1],
      [-1, -1],
    ],
  ] as const;

  it.each(parts)('`slice` of shape %j from index %j with size %j copies the right elements', (shape, begin, size) => {
    for (const dtype of typesFor(sizeOf(size))) {
      tidy(() => {
        const x = counted(shape, dtype);
        const values = x.dataSync();
        expect(content(slice(x, [...begin], [...size]))).toEqual(
          filled(
            size.map((n, axis) => (n === -1 ? shape[axis]! - begin[axis]! : n)),
            dtype,
            (index) =>
              values[
                at(
                  shape,
                  index.map((i, axis) => i + begin[axis]!),
                )
              ],
          ),
        );
      });
    }
  });

  it.each([
    [[5], 3],
    [[4, 2], 2],
    [[3, 4, 5], 3],
    [[3, 200], 2],
    [[2, 0], 3],
    [[], 4],
    [[7], 1],
  ] as const)('`stack` and `unstack` of tensors of shape %j are correct: %d tensors', (shape, count) => {
    for (const dtype of typesFor(sizeOf(shape))) {
      for (let axis = 0; axis <= shape.length; axis++) {
        tidy(() => {
          const xs = range(count).map((i) => counted(shape, dtype, 1 + 1000 * i));
          const values = xs.map((x) => x.dataSync());
          const stacked = stack([...xs], axis);
          expect(content(stacked)).toEqual(
            filled(
              (shape as Index).toSpliced(axis, 0, count),
              dtype,
              (index) => values[index[axis]!]![at(shape, index.toSpliced(axis, 1))],
            ),
          );
          unstack(stacked, axis).forEach((x, i) => {
            expect(content(x)).toEqual(filled(shape, dtype, (index) => values[i]![at(shape, index)]));
          });
        });
      }
    }
  });

  it.each([
    [[[5], [3], [1]], 0],
    [
      [
        [4, 2],
        [1, 2],
      ],
      0,
    ],
    [
      [
        [4, 2],
        [4, 3],
        [4, 1],
      ],
      1,
    ],
    [
      [
        [4, 2],
        [4, 3],
      ],
      -1,
    ],
    [
      [
        [2, 3, 4],
        [2, 1, 4],
      ],
      1,
    ],
    [
      [
        [2, 200],
        [2, 131],
      ],
      1,
    ],
    [
      [
        [3, 0],
        [3, 2],
      ],
      1,
    ],
    [
      [
        [3, 0],
        [3, 0],
      ],
      1,
    ],
    [[[3, 2]], 0],
  ] as const)('`concat` of tensors of shapes %j along axis %d is correct', (shapes_, along) => {
    for (const dtype of typesFor(sizeOf(shapes_.flat()))) {
      tidy(() => {
        const xs = shapes_.map((shape, i) => counted(shape, dtype, 1 + 1000 * i));
        const values = xs.map((x) => x.dataSync());
        const axis = along < 0 ? along + xs[0]!.rank : along;
        const whole = xs[0]!.shape.with(
          axis,
          shapes_.reduce((sum, shape) => sum + shape[axis]!, 0),
        );
        expect(content(concat(xs, along))).toEqual(
          filled(whole, dtype, (index) => {
            let [part, place] = [0, index[axis]!];
            while (place >= shapes_[part]![axis]!) place -= shapes_[part++]![axis]!;
            return values[part]![at(shapes_[part]!, index.with(axis, place))];
          }),
        );
      });
    }
  });

  it.each([
    [[5], [[2, 1]]],
    [[5], [[0, 0]]],
    [
      [3, 4],
      [
        [0, 2],
        [0, 0],
      ],
    ],
    [
      [3, 4],
      [
        [1, 0],
        [0, 2],
      ],
    ],
    [
      [3, 4],
      [
        [0, 0],
        [0, 2],
      ],
    ],
    [
      [2, 3, 4],
      [
        [1, 1],
        [0, 0],
        [2, 0],
      ],
    ],
    [
      [2, 1, 3, 2],
      [
        [0, 0],
        [1, 1],
        [1, 2],
        [0, 0],
      ],
    ],
    [
      [2, 3, 1, 2],
      [
        [1, 0],
        [0, 1],
        [1, 0],
        [0, 3],
      ],
    ],
    [
      [0, 3],
      [
        [1, 1],
        [0, 1],
      ],
    ],
    [
      [1, 1],
      [
        [2, 0],
        [0, 3],
      ],
    ],
    [
      [3, 200],
      [
        [1, 0],
        [0, 1],
      ],
    ],
    // Negative paddings remove elements.
    [[80], [[0, -16]]],
    [[5], [[-2, 1]]],
    [[5], [[-3, -2]]],
    [[3], [[-5, 4]]],
    [
      [3, 4],
      [
        [-1, 2],
        [1, -2],
      ],
    ],
    [
      [2, 3, 4],
      [
        [-1, 0],
        [0, -1],
        [-2, 3],
      ],
    ],
    [
      [3, 3, 3, 3, 3],
      [
        [-1, 0],
        [0, -1],
        [-1, 1],
        [2, -1],
        [-1, -1],
      ],
    ],
  ] as const)('`pad` of a tensor of shape %j by %j is correct', (shape, paddings) => {
    for (const dtype of ['float32', 'int32', 'bool'] as const) {
      tidy(() => {
        const x = counted(shape, dtype);
        const values = x.dataSync();
        const filling = dtype === 'bool' ? 1 : -7;
        expect(
          content(
            pad(
              x,
              paddings.map(([before, after]) => [before, after]),
              filling,
            ),
          ),
        ).toEqual(
          filled(
            shape.map((size, axis) => size + paddings[axis]![0] + paddings[axis]![1]),
            dtype,
            (index) => {
              const inside = index.map((i, axis) => i - paddings[axis]![0]);
              return inside.every((i, axis) => i >= 0 && i < shape[axis]!) ? values[at(shape, inside)] : filling;
            },
          ),
        );
      });
    }
  });

  it('`pad` does not change other tensors when it removes elements', () =>
    tidy(() => {
      const [x, gone, kept] = [fill([80], 7), fill([64], 1), fill([64], 2)];
      gone.dispose();
      pad(x, [[0, -16]]);
      expect(new Set(kept.dataSync())).toEqual(new Set([2]));
    }));

  it.each([
    [[5], [3], [4]],
    [
      [3, 4],
      [0, 2],
      [3, 3],
    ],
    [
      [2, 3, 2, 3, 2, 3],
      [0, 1, 0, 1, 0, 1],
      [2, 3, 1, 2, 2, 2],
    ],
  ] as const)('`slice` of shape %j refuses a range beyond the tensor: from %j with size %j', (shape, begin, size) =>
    tidy(() => {
      expect(() => slice(counted(shape), [...begin], [...size])).toThrow(
        /^\[backend-wasm\/Slice\] The part does not lie within the tensor: expected within \[/,
      );
    }),
  );

  it('`pad` refuses to remove more elements than an axis has', () =>
    tidy(() => {
      expect(() =>
        pad(counted([3, 4]), [
          [-2, -2],
          [0, 0],
        ]),
      ).toThrow(
        '[backend-wasm/PadV2] Negative padding removes more elements than the tensor has: expected at most the shape [3, 4], got [[-2,-2],[0,0]].',
      );
    }));

  it('`concat` converts all tensors to the type of the first tensor; `concat` and `stack` refuse tensors of different shapes', () =>
    tidy(() => {
      expect([...concat([counted([2]), counted([2], 'int32')]).dataSync()]).toEqual([1, 2, 1, 2]);
      expect(() => concat([counted([2, 3]), counted([2, 4])], 0)).toThrow(/Shape/);
      expect(() => stack([counted([2]), counted([3])])).toThrow(/shape/);
    }));

  it('the kernels that move elements leak no memory, also if results share memory with their inputs', () => {
    const step = (): void =>
      tidy(() => {
        const x = counted([3, 4, 5]);
        transpose(transpose(x, [0, 1, 2]), [2, 0, 1]);
        transpose(counted([2, 3, 2, 3, 2]), [4, 3, 2, 1, 0]);
        concat(unstack(slice(x, [0, 1, 0], [3, 2, 5]), 1));
        stack([x, x], 2);
        pad(x, [
          [1, 0],
          [0, 1],
          [2, 2],
        ]);
        pad(counted([2, 2, 2, 2, 2]), [
          [1, 0],
          [1, 0],
          [1, 0],
          [1, 0],
          [1, 0],
        ]);
        pad(counted([3, 3, 3, 3, 3]), [
          [-1, 0],
          [-1, 0],
          [1, -1],
          [-1, 0],
          [-1, 0],
        ]);
        slice(counted([2, 3, 2, 3, 2, 3]), [0, 1, 0, 1, 0, 1], [2, 2, 2, 2, 2, 2]);
      });
    step();
    const { numTensors, numBytes, numDataBuffers } = memory();
    step();
    expect(memory()).toMatchObject({ numTensors, numBytes, numDataBuffers });
  });

  it('results that share memory stay valid when the input is disposed', () => {
    const x = counted([1, 4]);
    const turned = transpose(x);
    x.dispose();
    expect([...turned.dataSync()]).toEqual([1, 2, 3, 4]);
    turned.dispose();
  });
});
