export { dense, type DenseOptions } from './dense.ts';
export { elementwise, type ElementwiseSpec, type Evaluated } from './elementwise.ts';
export type { Layer, LayerGradient, LayerTrace, TangentCotangent } from './layer.ts';
export { lipSwish, type LipSwishOptions } from './lip-swish.ts';
export { mlp, mlpLayers, type MlpOptions } from './mlp.ts';
export { powerIteration, type PowerIterate } from './power-iteration.ts';
export { sequential } from './sequential.ts';
export { sin } from './sine.ts';
