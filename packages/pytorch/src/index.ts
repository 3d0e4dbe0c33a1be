export { bfloat16, float16 } from './half.ts';
export { isPth, readPth, readPthCheckpoint, type PthCheckpoint, type PthOptions } from './read-pth.ts';
export type { Setting } from './state-dict.ts';
export type { PthTensor } from './tensor.ts';
