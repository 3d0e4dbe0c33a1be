import { readPth } from '@impflow/pytorch';
import { describe, expect, it } from 'vitest';
import { checkpoint, fixture, refusedBy } from './fixture.ts';
import { extension, get, global, inst, int, op, pickle, put, string, tensor, under, type Code } from './opcodes.ts';

const storage = { 0: new Uint8Array(16) };
const refusal = (code: Uint8Array): string => refusedBy(() => readPth(checkpoint(code, storage))).message;

describe('files of Python that call functions', () => {
  it.each([
    ['hostile-system.pth', 'posix.system'],
    ['hostile-system-protocol4.pth', 'posix.system'],
    ['hostile-eval.pth', '__builtin__.eval'],
    ['hostile-popen.pth', 'commands.Popen'],
    ['hostile-setstate.pth', '__main__.Restored'],
    ['hostile-inst.pth', 'os.system'],
    ['hostile-obj.pth', 'os.system'],
    ['hostile-getattr.pth', '__builtin__.getattr'],
    ['hostile-load.pth', 'torch.storage._load_from_bytes'],
    ['module.pth', 'torch.nn.modules.linear.Linear'],
  ])('%s is refused, and the message names %s', (file, name) => {
    expect(refusedBy(() => readPth(fixture(file))).message).toContain(`makes Python load "${name}"`);
  });
});

describe('opcodes assembled by hand', () => {
  const call = (module: string, name: string): readonly Code[] => [
    global(module, name),
    string('touch x'),
    [0x85],
    op.reduce,
  ];

  it.each([
    ['os', 'system'],
    ['posix', 'system'],
    ['builtins', 'eval'],
    ['builtins', 'exec'],
    ['builtins', 'getattr'],
    ['subprocess', 'Popen'],
    ['numpy.core.multiarray', 'scalar'],
    ['torch', 'load'],
    ['torch._utils', '_rebuild_qtensor'],
    ['torch.hub', 'load'],
    ['collections', 'OrderedDict.fromkeys'],
    ['torch', 'Size.__class__'],
    ['collections.OrderedDict', '__init__'],
    ['torch', '__proto__'],
    ['torch', 'constructor'],
    ['', 'eval'],
    ['argparse', 'Namespace.__init__'],
    ['argparse', 'ArgumentParser'],
    ['collections', 'OrderedDict\u0430'],
    ['torch', 'ſet'],
    ['copyreg', '_reconstructor'],
  ])('GLOBAL and REDUCE of %s %s', (module, name) => {
    expect(refusal(under(...call(module, name)))).toContain(JSON.stringify(`${module}.${name}`));
    expect(refusal(under(string(module), string(name), op.stackGlobal, string('x'), [0x85], op.reduce))).toContain(
      JSON.stringify(`${module}.${name}`),
    );
  });

  it.each([
    [
      'nested in a state dict',
      pickle(
        op.emptyDict,
        string('state_dict'),
        op.emptyDict,
        string('w'),
        op.emptyList,
        op.mark,
        ...call('os', 'system'),
        op.appends,
        op.setItem,
        op.setItem,
      ),
      'os.system',
    ],
    ['INST', under(op.mark, string('touch x'), inst('os', 'system')), 'os.system'],
    ['INST of an allowed global', under(op.mark, inst('argparse', 'Namespace')), 'argparse.Namespace'],
    ['OBJ of an allowed global', under(op.mark, global('argparse', 'Namespace'), op.obj), 'OBJ'],
    [
      'NEWOBJ of a state dict',
      under(global('collections', 'OrderedDict'), op.emptyTuple, op.newObj),
      'collections.OrderedDict',
    ],
    ['NEWOBJ with arguments', under(global('argparse', 'Namespace'), int(1), [0x85], op.newObj), 'argparse.Namespace'],
    ['NEWOBJ_EX', under(global('argparse', 'Namespace'), op.emptyTuple, op.emptyDict, op.newObjEx), 'NEWOBJ_EX'],
    ['REDUCE of a namespace', under(global('argparse', 'Namespace'), op.emptyTuple, op.reduce), 'argparse.Namespace'],
    [
      'REDUCE of a storage class',
      under(global('torch', 'FloatStorage'), op.emptyTuple, op.reduce),
      'torch.FloatStorage',
    ],
    ['REDUCE of text', under(string('os.system'), op.emptyTuple, op.reduce), '"os.system"'],
    [
      'REDUCE of a dictionary that looks like a global',
      under(op.emptyDict, string('kind'), string('global'), op.setItem, op.emptyTuple, op.reduce),
      'a dictionary of 1',
    ],
    [
      'BUILD of a tensor',
      under(tensor(), op.emptyDict, string('__setstate__'), string('x'), op.setItem, op.build),
      'a tensor',
    ],
    ['BUILD of a global', under(global('torch', 'Size'), op.emptyDict, op.build), 'torch.Size'],
    [
      'BUILD without a dictionary',
      under(global('argparse', 'Namespace'), op.emptyTuple, op.newObj, string('x'), op.build),
      'a namespace',
    ],
    ['EXT1', under(extension(1)), 'EXT1'],
    ['an opcode of protocol 0', under([0x56, 0x78, 10]), 'UNICODE'],
    ['an opcode that does not exist', under([0xff]), '0xff'],
    ['PERSID', under([0x50, 0x30, 10]), 'PERSID'],
    ['out-of-band bytes', under([0x97]), 'NEXT_BUFFER'],
  ])('%s', (_name, code, named) => {
    expect(refusal(code)).toContain(named);
  });

  it('names in a namespace, such as __proto__, have no special meaning in JavaScript', () => {
    const args = [
      string('args'),
      global('argparse', 'Namespace'),
      op.emptyTuple,
      op.newObj,
      op.emptyDict,
      string('__proto__'),
      op.emptyDict,
      string('polluted'),
      int(1),
      op.setItem,
      op.setItem,
      op.build,
      op.setItem,
    ];
    const file = checkpoint(
      pickle(op.emptyDict, ...args, string('state_dict'), op.emptyDict, string('w'), tensor(), op.setItem, op.setItem),
      storage,
    );
    expect(readPth(file)['w']!.shape).toEqual([4]);
    expect(({} as Record<string, unknown>)['polluted']).toBe(undefined);
  });
});

describe('pickles with cycles, deep nesting or errors', () => {
  it.each([
    ['a list in itself', under(op.emptyList, put(0), get(0), op.append), /holds itself/],
    ['a dictionary in itself', pickle(op.emptyDict, put(0), string('w'), get(0), op.setItem), /holds itself/],
    [
      'two lists that contain each other',
      under(op.emptyList, put(0), op.emptyList, put(1), get(0), op.append, op.append),
      /holds itself/,
    ],
    [
      '10,000 levels',
      under(...Array.from({ length: 10_000 }, () => op.emptyList), ...Array.from({ length: 9_999 }, () => op.append)),
      /nested too deeply/,
    ],
    ['more values than the stack has', pickle(op.append), /takes more values than its stack has/],
    ['a missing mark', pickle(op.tuple), /takes more values than its stack has/],
    ['half a pair', pickle(op.emptyDict, op.mark, string('w'), op.setItems), /takes more values than its stack has/],
    ['a memo entry that was never written', under(get(7)), /reads a memo entry that it never wrote/],
    ['an append to a number', pickle(int(1), int(2), op.append), /value of a wrong type: expected a list, got 1/],
    ['no end', Uint8Array.of(0x80, 2, 0x7d), /ends too early/],
    ['another protocol', Uint8Array.of(0x80, 9, 0x2e), /Unknown protocol of the pickle: expected 2 to 5, got 9/],
    ['text that is longer than the file', under([0x58, 0xff, 0xff, 0xff, 0x7f]), /ends too early/],
    ['text that is not UTF-8', under([0x58, 1, 0, 0, 0, 0xff]), /not UTF-8/],
    ['a number of many digits', under([0x8b, 0, 1, 0, 0, ...new Uint8Array(256)]), /too many digits/],
  ] as readonly (readonly [string, Uint8Array, RegExp])[])('%s', (_name, code, message) => {
    expect(refusal(code)).toMatch(message);
  });

  it('each of thirty nested lists is visited once, although the next list holds it ten times', () => {
    // If the check followed every reference, it would visit 10^30 elements.
    const levels = Array.from(
      { length: 30 },
      (_, i) =>
        [
          op.emptyList,
          op.mark,
          ...Array.from({ length: 10 }, () => (i === 0 ? op.none : get(i - 1))),
          op.appends,
          put(i),
        ] as readonly Code[],
    ).flat();
    const file = checkpoint(
      pickle(
        ...levels,
        op.emptyDict,
        string('x'),
        get(29),
        op.setItem,
        string('state_dict'),
        op.emptyDict,
        string('w'),
        tensor(),
        op.setItem,
        op.setItem,
      ),
      storage,
    );
    expect(Object.keys(readPth(file))).toEqual(['w']);
  });
});

describe('tensors outside of their storage, or too large', () => {
  it.each([
    ['more elements than the storage has', { shape: [5] }, /only the 4 elements of the storage, got an element at 4/],
    ['an offset beyond the storage', { offset: 4, shape: [1] }, /got an element at 4/],
    ['strides beyond the storage', { shape: [2, 2], strides: [3, 1] }, /got an element at 4/],
    ['a huge shape with stride 0', { shape: [2 ** 40], strides: [0] }, /are far larger than the file/],
    ['a shape of 2^80 elements', { shape: [2 ** 40, 2 ** 40], strides: [0, 0] }, /are far larger than the file/],
    ['a negative size', { shape: [-1] }, /Wrong layout/],
    ['a negative stride', { strides: [-1] }, /Wrong layout/],
    ['fewer strides than sizes', { strides: [] }, /Wrong layout/],
    ['a storage that is missing', { key: '1' }, /no file "w\/data\/1"/],
    ['a path as the key of a storage', { key: '../data.pkl' }, /no file "w\/data\/\.\.\/data\.pkl"/],
    ['a storage of another size', { elements: 5 }, /Wrong size of storage "0": expected 20 bytes, got 16/],
    ['a storage of another type', { type: 'DoubleStorage' }, /Wrong size of storage "0": expected 32 bytes, got 16/],
    ['a storage of complex numbers', { type: 'ComplexFloatStorage' }, /complex numbers/],
    ['a value that is not a storage', { type: 'Size' }, /Wrong storage: expected one of torch\.DoubleStorage/],
  ] as const)('%s', (_name, code, message) => {
    expect(refusal(under(tensor(code)))).toMatch(message);
  });

  it('many tensors that share a storage', () => {
    const many = Array.from(
      { length: 20 },
      (_, i) => [string(`w${i}`), tensor({ elements: 2 ** 20, shape: [2 ** 20] }), op.setItem] as readonly Code[],
    ).flat();
    const message = refusedBy(() =>
      readPth(checkpoint(pickle(op.emptyDict, ...many), { 0: new Uint8Array(2 ** 22) })),
    ).message;
    expect(message).toMatch(/are far larger than the file: expected at most 67108864 bytes, got 83886080/);
  });
});
