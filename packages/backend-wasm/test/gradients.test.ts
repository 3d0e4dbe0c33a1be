import { cpu } from '@impflow/backend-cpu';
import { wasm, type WasmOptions } from '@impflow/backend-wasm';
import { onBackend } from '@impflow/testkit';
import { engine, grads, tensor, type Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { cases, valuesOf, type Case } from './cases.ts';

type Result = { readonly shape: readonly number[]; readonly dtype: string; readonly values: readonly number[] };

type Faults = readonly (readonly [RegExp, string])[];

/** Faults of tfjs's own kernels that this package does not correct. */
const LEFT: Faults = [
  [/^conv3d, gradient/, 'Conv3DBackpropInputV2 adds to memory that it has not cleared'],
  [/^(maxPool3d|dilation2d)/, 'the search for the maximum starts at the smallest positive float instead of -Infinity'],
];

/** Faults of tfjs that the kernels of this package correct, and kernels that tfjs lacks and this package adds. */
const MENDED: Faults = [
  [/^(conv2d \[|conv1d|conv2dTranspose|fused.conv2d)/, 'no Conv2DBackpropFilter'],
  [/^(depthwiseConv2d|separableConv2d)/, 'no kernel for the gradient of a depthwise convolution'],
  [/^einsum/, 'no Einsum'],
  [/^(gather along|gather wide rows|unsortedSegmentSum)/, 'no UnsortedSegmentSum'],
  [/^gather, batchDims/, 'GatherV2 reads the wrong indices after the first batch'],
  [
    /^maxPool \d/,
    'MaxPoolGrad starts its search at the smallest positive float: windows without a positive number get no gradient',
  ],
  [/^where, booleans/, 'Select reads booleans as floats'],
  [/^where, an integer and a float/, 'Select reads the bytes of an integer as a float'],
  [/^fused.matMul .*bias.*transposed/, '_FusedMatMul adds the wrong entries of the bias if a matrix is transposed'],
  [/^matMul, no depth/, 'BatchMatMul does not write its output'],
  [/^mean of no rows/, 'Mean does not write its output'],
  [/^(clipByValue|relu6|avgPool) of NaN/, 'ClipByValue, Relu6 and AvgPool return a number for NaN'],
  [/^cast (integers )?to bool/, 'Cast to bool stores the integer part of the number'],
  [/^oneHot of (float32|bool|fractions)/, 'OneHot writes the bits of integers into tensors of every type'],
];

const run = ({
  inputs,
  f,
  gradient = inputs.every(({ dtype = 'float32' }) => dtype === 'float32'),
}: Case): readonly Result[] => {
  engine().startScope();
  try {
    const x = inputs.map((input, i) => tensor(valuesOf(input, i + 1), [...input.shape], input.dtype ?? 'float32'));
    const y = f(...x);
    const weights = tensor(valuesOf({ shape: y.shape }, 99), y.shape);
    const results: Tensor[] = gradient ? [y, ...grads(f)(x, weights)] : [y];
    return results.map((t) => ({ shape: t.shape, dtype: t.dtype, values: [...t.dataSync()] }));
  } finally {
    engine().endScope();
  }
};

/**
 * Checks that two results agree. Shapes, types, NaN and Infinity must be equal. For other numbers, the difference is at
 * most `precision` times the largest magnitude of the expected numbers, or times 1 if that magnitude is smaller.
 */
const compare = (got: Result, wanted: Result, precision: number): void => {
  expect(got.shape).toEqual(wanted.shape);
  expect(got.dtype).toBe(wanted.dtype);
  const scale = Math.max(1, ...wanted.values.filter(Number.isFinite).map(Math.abs));
  const off = wanted.values.findIndex(
    (value, i) =>
      !(
        Object.is(value, got.values[i]) ||
        value === got.values[i] ||
        Math.abs(value - got.values[i]!) <= precision * scale
      ),
  );
  expect(off < 0 ? 'agree' : `entry ${off}: ${got.values[off]} for ${wanted.values[off]}`).toBe('agree');
};

const wanted = new Map<string, readonly Result[] | Error>();

beforeAll(async () => {
  const reference = await cpu().start();
  for (const each of cases) {
    try {
      wanted.set(each.name, run(each));
    } catch (error) {
      wanted.set(each.name, error as Error);
    }
  }
  reference.dispose();
});

it.each([...LEFT, ...MENDED])(
  'each pattern for a fault of tfjs matches the name of at least one test case: %s, %s',
  (pattern) => {
    expect(cases.some(({ name }) => pattern.test(name))).toBe(true);
  },
);

describe.each<NonNullable<WasmOptions['simd']>>(['relaxed', 'simd', 'stock'])(
  '%s kernels agree with the cpu backend',
  (simd) => {
    onBackend(wasm({ simd }));

    for (const each of cases) {
      // Cases with faults of tfjs are skipped. The test does not demand that these cases fail, because some of the
      // faulty kernels read memory that sometimes has the right content.
      if ([...LEFT, ...(simd === 'stock' ? MENDED : [])].some(([pattern]) => pattern.test(each.name))) continue;
      it(`${each.name}`, () => {
        const reference = wanted.get(each.name)!;
        if (reference instanceof Error) throw reference;
        const results = run(each);
        expect(results.length).toBe(reference.length);
        results.forEach((result, i) => {
          compare(result, reference[i]!, each.precision ?? 1e-5);
        });
      });
    }
  },
);
