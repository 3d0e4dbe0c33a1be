import { readPth, readPthCheckpoint } from '@impflow/pytorch';
import { describe, expect, it } from 'vitest';
import { checkpoint, refusedBy } from './fixture.ts';
import { get, global, int, long, op, pickle, put, string, tensor, under, type Code } from './opcodes.ts';

const storage = { 0: new Uint8Array(16) };
const refusal = (code: Uint8Array): string => refusedBy(() => readPth(checkpoint(code, storage))).message;
const repeated = (times: number, ...parts: readonly Code[]): Uint8Array => {
  const one = Uint8Array.from(parts.flatMap((part) => [...part]));
  const all = new Uint8Array(times * one.length);
  for (let i = 0; i < times; i++) all.set(one, i * one.length);
  return all;
};
/**
 * Returns the pickle of `{'x': value, 'state_dict': {'w': tensor}}`. The reader also reads `x`, which is not part of
 * the state dict.
 */
const beside = (...value: readonly Code[]): Uint8Array =>
  pickle(
    op.emptyDict,
    string('x'),
    ...value,
    op.setItem,
    string('state_dict'),
    op.emptyDict,
    string('w'),
    tensor(),
    op.setItem,
    op.setItem,
  );
const seconds = (body: () => void): number => {
  const began = performance.now();
  body();
  return (performance.now() - began) / 1000;
};

describe('small files that would need much memory or time', () => {
  it('a huge tensor is refused even if it follows an empty tensor whose size overflows', () => {
    const many = Array.from({ length: 40 }, () => 2 ** 40);
    const file = pickle(
      op.emptyDict,
      string('a'),
      tensor({ shape: [...many, 0], strides: [...many, 0] }),
      op.setItem,
      string('b'),
      tensor({ shape: [2 ** 50], strides: [0] }),
      op.setItem,
    );
    expect(refusal(file)).toMatch(/are far larger than the file/);
    expect(
      readPth(checkpoint(under(tensor({ shape: [...many, 0], strides: [...many, 0] })), storage))['w']!.data,
    ).toHaveLength(0);
  });

  it('the name of a device does not grow by repeated calls of torch.device', () => {
    const doubled = repeated(40, put(1), op.pop, get(0), get(1), get(1), [0x86], op.reduce);
    expect(
      Object.keys(
        readPth(checkpoint(beside(global('torch', 'device'), put(0), op.pop, string('cuda'), doubled), storage)),
      ),
    ).toEqual(['w']);
    const longer = repeated(40, put(1), op.pop, get(0), get(1), int(0), [0x86], op.reduce);
    expect(refusal(beside(global('torch', 'device'), put(0), op.pop, string('cuda'), longer))).toMatch(
      /Wrong arguments of torch.device/,
    );
  });

  it('sets that are made of the same list do not copy the list', () => {
    const list = [op.emptyList, put(0), op.mark, repeated(200_000, op.emptyTuple), op.appends, op.pop];
    const sets = [op.emptyList, op.mark, repeated(20_000, get(1), get(0), [0x85], op.reduce), op.appends];
    expect(
      seconds(() => readPth(checkpoint(beside(global('builtins', 'set'), put(1), op.pop, ...list, ...sets), storage))),
    ).toBeLessThan(5);
  });

  it('namespaces with the same dictionary do not copy the dictionary', () => {
    const fields = [
      op.emptyDict,
      put(0),
      op.mark,
      ...Array.from({ length: 20_000 }, (_, i) => [string(`f${i}`), op.none] as const).flat(),
      op.setItems,
      op.pop,
    ];
    const spaces = [
      op.emptyList,
      op.mark,
      repeated(20_000, get(1), op.emptyTuple, op.newObj, get(0), op.build),
      op.appends,
    ];
    expect(
      seconds(() =>
        readPth(checkpoint(beside(global('argparse', 'Namespace'), put(1), op.pop, ...fields, ...spaces), storage)),
      ),
    ).toBeLessThan(5);
  });

  it('a pickle of millions of opcodes, deflated to a few kilobytes, is refused', () => {
    const file = checkpoint(
      beside(op.emptyList, op.mark, repeated(2 ** 21, op.emptyDict), op.appends),
      storage,
      {},
      { deflated: true },
    );
    expect(file.length).toBeLessThan(20_000);
    expect(refusedBy(() => readPth(file)).message).toMatch(/opcodes/);
  });

  it.each([
    ['whole numbers beyond 2^53', (i: number) => [0x8a, 16, ...new Uint8Array(8), i, i >> 8, i >> 16, 0, 0, 0, 0, 1]],
    ['whole numbers', (i: number) => long(BigInt(i) << 22n)],
  ] as readonly (readonly [string, (i: number) => Code])[])(
    '`readPth` refuses dictionaries with keys whose hashes may collide: %s',
    (_name, key) => {
      const pairs = new Uint8Array(60_000 * 20);
      let at = 0;
      for (let i = 0; i < 60_000; i++)
        for (const part of [key(i + 1), op.none]) {
          pairs.set(part, at);
          at += part.length;
        }
      expect(refusal(beside(op.emptyDict, op.mark, pairs.subarray(0, at), op.setItems))).toMatch(
        /Wrong key of a dictionary/,
      );
    },
  );

  it('axes of size 1 do not slow down the reading of a tensor', () => {
    const ones = Array.from({ length: 60 }, () => 1);
    const file = checkpoint(
      under(tensor({ type: 'ByteStorage', elements: 16, shape: [2 ** 25, ...ones], strides: [0, ...ones] })),
      storage,
    );
    expect(seconds(() => expect(readPth(file)['w']!.shape).toHaveLength(61))).toBeLessThan(2);
  });

  it('a pickle cannot change the sizes of a tensor after making it', () => {
    const parts = [
      op.emptyList,
      put(0),
      op.pop,
      global('torch._utils', '_rebuild_tensor_v2'),
      op.mark,
      op.mark,
      string('storage'),
      global('torch', 'FloatStorage'),
      string('0'),
      string('cpu'),
      int(4),
      op.tuple,
      op.persistent,
    ];
    const file = under(
      ...parts,
      int(0),
      get(0),
      op.emptyTuple,
      op.false,
      op.none,
      op.tuple,
      op.reduce,
      get(0),
      int(4),
      op.append,
    );
    expect(refusal(file)).toMatch(/value of a wrong type/);
  });
});

it('names in error messages are shortened, and control characters in them are escaped', () => {
  const bad = '\u009b31m\u202e\u2028\u0007'.repeat(1000);
  const messages = [
    refusal(under(global('os', bad))),
    refusal(under(string(bad), op.emptyTuple, op.reduce)),
    refusal(pickle(op.emptyDict, string(bad), op.none, op.setItem)),
    refusal(under(tensor({ key: bad }))),
    refusal(under([0x8a, 200, ...new Uint8Array(199), 1], op.emptyTuple, op.reduce)),
  ];
  for (const message of messages) {
    expect(message.length).toBeLessThan(1500);
    expect(message).toMatch(/^[\u0020-\u007e]+$/);
  }
});

it('`readPthCheckpoint` returns the settings of a namespace', () => {
  const file = pickle(
    op.emptyDict,
    string('args'),
    global('argparse', 'Namespace'),
    op.emptyTuple,
    op.newObj,
    op.emptyDict,
    string('act'),
    string('sin'),
    op.setItem,
    op.build,
    op.setItem,
    string('state_dict'),
    op.emptyDict,
    string('w'),
    tensor(),
    op.setItem,
    op.setItem,
  );
  expect({ ...readPthCheckpoint(checkpoint(file, storage)).args }).toEqual({ act: 'sin' });
});
