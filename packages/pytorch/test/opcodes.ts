import { text } from './fixture.ts';

/** Opcodes of pickle assembled by hand. */
export type Code = Uint8Array | readonly number[];

const join = (...parts: readonly Code[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

export const op = {
  mark: [0x28],
  stop: [0x2e],
  emptyDict: [0x7d],
  emptyList: [0x5d],
  emptyTuple: [0x29],
  emptySet: [0x8f],
  tuple: [0x74],
  setItem: [0x73],
  setItems: [0x75],
  append: [0x61],
  appends: [0x65],
  addItems: [0x90],
  reduce: [0x52],
  build: [0x62],
  newObj: [0x81],
  newObjEx: [0x92],
  obj: [0x6f],
  persistent: [0x51],
  stackGlobal: [0x93],
  memoize: [0x94],
  false: [0x89],
  none: [0x4e],
  dup: [0x32],
  pop: [0x30],
} as const;

export const int = (value: number): Code => [
  0x4a,
  value & 255,
  (value >> 8) & 255,
  (value >> 16) & 255,
  (value >> 24) & 255,
];
/** Returns the code of a whole number that is at least 0 and below 2^63. */
export const long = (value: bigint): Code => [
  0x8a,
  8,
  ...Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n)),
];
export const string = (value: string): Code => {
  const bytes = text(value);
  return [0x58, bytes.length, bytes.length >> 8, 0, 0, ...bytes];
};
export const global = (module: string, name: string): Code => [0x63, ...text(`${module}\n${name}\n`)];
export const inst = (module: string, name: string): Code => [0x69, ...text(`${module}\n${name}\n`)];
export const get = (index: number): Code => [0x68, index];
export const put = (index: number): Code => [0x71, index];
export const extension = (code: number): Code => [0x82, code];

export const pickle = (...parts: readonly Code[]): Uint8Array => join([0x80, 2], ...parts, op.stop);

/** Returns the pickle of `{'w': value}` for the code of the value. */
export const under = (...value: readonly Code[]): Uint8Array => pickle(op.emptyDict, string('w'), ...value, op.setItem);

export interface TensorCode {
  readonly type?: string;
  readonly key?: string;
  readonly elements?: number;
  readonly offset?: number;
  readonly shape?: readonly number[];
  readonly strides?: readonly number[];
}

/** Returns the code of the call that makes a tensor of a storage. */
export const tensor = ({
  type = 'FloatStorage',
  key = '0',
  elements = 4,
  offset = 0,
  shape = [4],
  strides = [1],
}: TensorCode = {}): Uint8Array => {
  const numbers = (values: readonly number[]): Code =>
    join(op.mark, ...values.map((n) => long(BigInt.asUintN(64, BigInt(n)))), op.tuple);
  return join(
    global('torch._utils', '_rebuild_tensor_v2'),
    op.mark,
    op.mark,
    string('storage'),
    global('torch', type),
    string(key),
    string('cpu'),
    int(elements),
    op.tuple,
    op.persistent,
    long(BigInt(offset)),
    numbers(shape),
    numbers(strides),
    op.false,
    global('collections', 'OrderedDict'),
    op.emptyTuple,
    op.reduce,
    op.tuple,
    op.reduce,
  );
};
