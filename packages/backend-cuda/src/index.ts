export { cuda, type CudaOptions } from './tensorflow.ts';
