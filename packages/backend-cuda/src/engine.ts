import type { DataId, DataType, KernelBackend, TensorInfo } from '@tensorflow/tfjs-core';

interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** The members of tfjs-node's backend that the kernels of this package use. */
export interface TensorFlowEngine extends KernelBackend {
  readonly isGPUPackage: boolean;
  readonly isUsingGpuDevice: boolean;
  readonly binding: {
    readonly TF_ATTR_TYPE: number;
    readonly TF_ATTR_BOOL: number;
    readonly TF_ATTR_INT: number;
    readonly TF_FLOAT: number;
    readonly TF_INT32: number;
  };
  /** Runs one operation of TensorFlow. */
  executeSingleOutput(name: string, attributes: readonly Attribute[], inputs: readonly TensorInfo[]): TensorInfo;
  executeMultipleOutputs(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly TensorInfo[],
    count: number,
  ): TensorInfo[];
  write(values: Float32Array | Int32Array, shape: readonly number[], dtype: DataType): DataId;
  disposeData(dataId: DataId): boolean;
}

/** Operations of TensorFlow on float32 tensors, for the code of one kernel. */
export interface Operations {
  unary(name: 'Sin' | 'Cos' | 'Tanh' | 'Softplus' | 'Sigmoid' | 'Square' | 'Expm1' | 'Exp', x: TensorInfo): TensorInfo;
  /** Computes an elementwise operation with broadcasting. An operand that is a number is a scalar. */
  binary(
    name: 'Mul' | 'Sub' | 'AddV2' | 'Maximum' | 'RealDiv',
    a: TensorInfo | number,
    b: TensorInfo | number,
  ): TensorInfo;
  /** Returns elements of `yes` where `a > 0`, else elements of `no`. The three tensors have the same shape. */
  wherePositive(a: TensorInfo, yes: TensorInfo, no: TensorInfo): TensorInfo;
  /** Computes the matrix product `a b`. `transposed` names a matrix that is transposed before the product. */
  product(a: TensorInfo, b: TensorInfo, transposed?: 'a' | 'b'): TensorInfo;
  /** Computes the sum over one axis, or over all axes. */
  sum(x: TensorInfo, axis?: number): TensorInfo;
  reshape(x: TensorInfo, shape: readonly number[]): TensorInfo;
  /** Splits a tensor of shape `[k, m, n]` into `k` tensors of shape `[m, n]`. */
  pieces(stack: TensorInfo): readonly TensorInfo[];
  /**
   * Stacks `k` tensors of shape `[m, n]` to one tensor of shape `[k, m, n]`. This function is the inverse of
   * {@link pieces}.
   */
  stacked(pieces: readonly TensorInfo[]): TensorInfo;
  /** Concatenates the columns of two matrices: `[m, n], [m, k] -> [m, n + k]`. */
  beside(a: TensorInfo, b: TensorInfo): TensorInfo;
  filled(shape: readonly number[], value: number): TensorInfo;
}

/** Runs `body` and disposes the tensors that `body` made, except its results. */
export const computing = <T extends readonly TensorInfo[]>(
  engine: TensorFlowEngine,
  body: (operations: Operations) => T,
): T => {
  const made = new Set<TensorInfo>();
  const kept = (tensor: TensorInfo): TensorInfo => {
    made.add(tensor);
    return tensor;
  };
  const { binding } = engine;
  const type = (name: string, value = binding.TF_FLOAT): Attribute => ({ name, type: binding.TF_ATTR_TYPE, value });
  const run = (name: string, attributes: readonly Attribute[], ...inputs: readonly TensorInfo[]): TensorInfo =>
    kept(engine.executeSingleOutput(name, attributes, inputs));
  const constant = (
    values: Float32Array | Int32Array,
    shape: readonly number[],
    dtype: 'float32' | 'int32',
  ): TensorInfo => kept({ dataId: engine.write(values, shape, dtype), shape: [...shape], dtype });
  const integers = (...values: readonly number[]): TensorInfo =>
    constant(Int32Array.from(values), [values.length], 'int32');
  const operand = (x: TensorInfo | number): TensorInfo =>
    typeof x === 'number' ? constant(Float32Array.of(x), [], 'float32') : x;
  const flag = (name: string, value: boolean): Attribute => ({ name, type: binding.TF_ATTR_BOOL, value });
  const float = [type('T')];
  const indexed = (name: string): readonly Attribute[] => [type('T'), type(name, binding.TF_INT32)];
  const operations: Operations = {
    unary: (name, x) => run(name, float, x),
    binary: (name, a, b) => run(name, float, operand(a), operand(b)),
    wherePositive: (a, yes, no) => run('SelectV2', float, run('Greater', float, a, operand(0)), yes, no),
    // The operation `MatMul` is not used: in TensorFlow 2.15 it corrupts the heap when a signal arrives, for example
    // from a profiler.
    product: (a, b, transposed) =>
      run('BatchMatMulV2', [type('T'), flag('adj_x', transposed === 'a'), flag('adj_y', transposed === 'b')], a, b),
    sum: (x, axis) =>
      run(
        'Sum',
        [type('T'), type('Tidx', binding.TF_INT32), flag('keep_dims', false)],
        x,
        axis === undefined ? integers(...x.shape.keys()) : integers(axis),
      ),
    reshape: (x, shape) => run('Reshape', indexed('Tshape'), x, integers(...shape)),
    pieces: (stack) => {
      const count = stack.shape[0]!;
      const attributes = [
        { name: 'num', type: binding.TF_ATTR_INT, value: count },
        type('T'),
        { name: 'axis', type: binding.TF_ATTR_INT, value: 0 },
      ];
      return engine.executeMultipleOutputs('Unpack', attributes, [stack], count).map(kept);
    },
    stacked: (all) =>
      run(
        'Pack',
        [
          { name: 'N', type: binding.TF_ATTR_INT, value: all.length },
          type('T'),
          { name: 'axis', type: binding.TF_ATTR_INT, value: 0 },
        ],
        ...all,
      ),
    beside: (a, b) =>
      run(
        'ConcatV2',
        [{ name: 'N', type: binding.TF_ATTR_INT, value: 2 }, ...indexed('Tidx')],
        a,
        b,
        constant(Int32Array.of(1), [], 'int32'),
      ),
    filled: (shape, value) =>
      run('Fill', [type('T'), type('index_type', binding.TF_INT32)], integers(...shape), operand(value)),
  };
  const results = new Set<TensorInfo>();
  try {
    const out = body(operations);
    for (const tensor of out) results.add(tensor);
    return out;
  } finally {
    for (const tensor of made) if (!results.has(tensor)) engine.disposeData(tensor.dataId);
  }
};
