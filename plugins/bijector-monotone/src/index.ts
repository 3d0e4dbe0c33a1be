export { monotoneBlock, type MonotoneBlockOptions } from './monotone-block.ts';
export { impflow, type MonotoneSpec } from './plugin.ts';
