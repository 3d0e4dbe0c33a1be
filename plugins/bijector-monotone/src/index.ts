export { monotoneBlock, type MonotoneBlockOptions } from './monotone-block.ts';
export { negated } from './negated.ts';
export { impflow, type MonotoneSpec } from './plugin.ts';
