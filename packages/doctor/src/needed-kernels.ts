import { engine, getKernel } from '@tensorflow/tfjs-core';

/**
 * Kernels of TensorFlow.js that flows need for training, scoring and sampling, with every block, activation, estimator
 * and base density. A test checks that there are no others.
 */
export const NEEDED_KERNELS: readonly string[] = [
  'Abs', 'Add', 'ArgMax', 'BatchMatMul', 'Cast', 'Concat', 'Cos', 'Cumsum', 'Equal', 'Exp', 'ExpandDims', 'Fill', 'GatherV2', 'Greater', 'GreaterEqual', 'Identity', 'IsFinite',
  'Less', 'LessEqual', 'Log', 'LogicalAnd', 'Max', 'Maximum', 'Mean', 'Minimum', 'Multiply', 'Neg', 'OneHot', 'OnesLike', 'Pack', 'PadV2', 'Range', 'RealDiv',
  'Relu', 'Reshape', 'Round', 'Select', 'Sigmoid', 'Sin', 'Slice', 'Softplus', 'SplitV', 'Sqrt', 'Square', 'Step', 'Sub', 'Sum', 'Tanh',
  'TensorScatterUpdate', 'Tile', 'TopK', 'Transpose', 'Unpack', 'ZerosLike',
];

/** Returns the needed kernels that the running backend lacks. */
export const missingKernels = (): readonly string[] => NEEDED_KERNELS.filter((name) => getKernel(name, engine().backendName) === undefined);
