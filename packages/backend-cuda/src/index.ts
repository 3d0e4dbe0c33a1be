export { cuda, native, type TensorFlowOptions } from './tensorflow.ts';
