import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isPth, readPth, readPthCheckpoint } from '@impflow/pytorch';
import { describe, expect, it } from 'vitest';
import { checkpoint, fixture, refusedBy } from './fixture.ts';
import { op, pickle, string, tensor, under } from './opcodes.ts';

/** `[name, shape, numbers as strings]` of each tensor, as printed by PyTorch itself. */
const LAYOUTS = JSON.parse(new TextDecoder().decode(fixture('layouts.json'))) as readonly (readonly [
  string,
  readonly number[],
  readonly string[],
])[];
const numbers = (data: ArrayLike<number | bigint>): readonly number[] => Array.from(data, Number);
const python = (value: string): number =>
  value === 'True' || value === 'False' ? Number(value === 'True') : Number(value.replace('inf', 'Infinity'));

describe('tensors of every layout and type', () => {
  const tensors = readPth(fixture('layouts.pth'));

  it.each(LAYOUTS)('%s', (name, shape, values) => {
    expect(tensors[name]!.shape).toEqual(shape);
    expect(numbers(tensors[name]!.data)).toEqual(values.map(python));
  });

  it('`readPth` keeps the names of tensors in the file, including names with a meaning in JavaScript', () => {
    expect(Object.keys(tensors).toSorted()).toEqual(LAYOUTS.map(([name]) => name).toSorted());
    expect(Object.getPrototypeOf(tensors)).toBe(null);
    expect(Object.hasOwn(Object.prototype, 'dtype')).toBe(false);
  });

  it('`readPth` converts float16 and bfloat16 to F32, and keeps every other element type', () => {
    expect(Object.fromEntries(Object.entries(tensors).map(([name, { dtype }]) => [name, dtype]))).toMatchObject({
      half: 'F32',
      bfloat16: 'F32',
      float64: 'F64',
      int64: 'I64',
      int32: 'I32',
      int16: 'I16',
      int8: 'I8',
      uint8: 'U8',
      bool: 'BOOL',
      contiguous: 'F32',
    });
    expect(tensors['int64']!.data).toEqual(BigInt64Array.of(2n ** 53n + 1n, -7n));
  });

  it('`readPth` returns a copy of each tensor, even if tensors share a storage in the file', () => {
    const { contiguous, shared } = readPth(fixture('layouts.pth'));
    contiguous!.data.fill(9 as never);
    expect(numbers(shared!.data)).not.toContain(9);
  });
});

describe('checkpoints', () => {
  it.each([2, 3, 4, 5])('`readPthCheckpoint` reads a pickle of protocol %i', (protocol) => {
    const { tensors, from, args } = readPthCheckpoint(fixture(`protocol${protocol}.pth`));
    expect([from, tensors['w']!.shape, tensors['w']!.data[1], args['act']]).toEqual([
      'state_dict',
      [6, 4],
      -0.25,
      'sin',
    ]);
  });

  it('`readPthCheckpoint` returns the settings of a namespace that are plain values', () => {
    const { args } = readPthCheckpoint(fixture('toy_sin.pth'));
    expect({ ...args }).toEqual({
      act: 'sin',
      coeff: 0.99,
      vnorms: '2222',
      nblocks: 2,
      dims: '16-16',
      learn_p: false,
      resume: null,
      lr: 0.001,
      seed: 0,
    });
  });

  it('`readPthCheckpoint` reads a state dict without an enclosing dictionary', () => {
    expect(readPthCheckpoint(fixture('tabular_swish.pth'))).toMatchObject({ from: '', args: {} });
  });

  it('the key `ema` selects the averaged parameters, and buffers are taken from `state_dict`', () => {
    const file = fixture('residual_sin.pth');
    const { tensors, from } = readPthCheckpoint(file);
    const average = readPth(file, { key: 'ema' });
    expect(from).toBe('state_dict');
    expect(Object.keys(average).toSorted()).toEqual(Object.keys(tensors).toSorted());
    expect(numbers(average['chain.0.nnet.0.weight']!.data)).toEqual(
      numbers(tensors['chain.0.nnet.0.weight']!.data).map((value) => value / 2),
    );
    expect(average['chain.0.nnet.0.u']).toEqual(tensors['chain.0.nnet.0.u']);
  });

  it.each([
    ['toy_sin', 'module.'],
    ['tabular_swish', ''],
    ['residual_sin', ''],
    ['residual_swish', ''],
    ['image_conv', ''],
  ])('`readPth` returns the numbers that were saved, bit for bit: %s', (name, prefix) => {
    const tensors = readPth(fixture(`${name}.pth`));
    const raw = readFileSync(
      fileURLToPath(new URL(`../../flows/test/parity/fixtures/${name}.safetensors`, import.meta.url)),
    );
    const length = Number(raw.readBigUInt64LE(0));
    const header = JSON.parse(raw.toString('utf8', 8, 8 + length)) as Record<
      string,
      { readonly data_offsets: readonly [number, number] }
    >;
    const saved = Object.entries(header).filter(([path]) => /^(param|buffer)\./.test(path));
    // The published modules also save a counter, which is the only additional tensor.
    expect(Object.keys(tensors)).toHaveLength(saved.length + 1);
    for (const [
      path,
      {
        data_offsets: [begin, end],
      },
    ] of saved) {
      const { data } = tensors[prefix + path.slice(path.indexOf('.') + 1)]!;
      expect(Buffer.from(data.buffer).equals(raw.subarray(8 + length + begin, 8 + length + end)), path).toBe(true);
    }
  });

  it.each([
    [
      'no state dict',
      pickle(op.emptyDict, string('epoch'), op.none, op.setItem),
      {},
      /holds no state dict: expected .* under state_dict or ema, got the keys "epoch"/,
    ],
    ['not under that key', under(tensor()), { key: 'model' }, /under model, got the keys "w"/],
    ['a list', pickle(op.emptyList), {}, /got a list of 0/],
    ['nothing', pickle(op.emptyDict), {}, /got the keys \(none\)/],
    [
      'names that are not text',
      pickle(op.emptyDict, op.none, tensor(), op.setItem),
      {},
      /Wrong name of a tensor: expected text, got None/,
    ],
  ] as const)(
    '`readPth` refuses a file without a state dict, and the message contains the reason: %s',
    (_name, code, options, message) => {
      expect(refusedBy(() => readPth(checkpoint(code, { 0: new Uint8Array(16) }), options)).message).toMatch(message);
    },
  );
});

it('`isPth` recognizes files by their first bytes', () => {
  expect(isPth(fixture('toy_sin.pth'))).toBe(true);
  expect(isPth(fixture('legacy.pth'))).toBe(true);
  // A safetensors file whose header has 0x0280 bytes begins like a pickle.
  expect(isPth(Uint8Array.of(0x80, 2, 0, 0, 0, 0, 0, 0, 0x7b))).toBe(false);
  expect(isPth(new Uint8Array(0))).toBe(false);
});
