export { hutchPlusPlus, type HutchPlusPlusOptions } from './hutch-plus-plus.ts';
export { impflow } from './plugin.ts';
