export { activations } from './activations.ts';
export { auditNorms, type AuditOptions, type NormAudit } from './audit.ts';
export { capWeight, type CapOptions, type NormOrders } from './cap-weight.ts';
export { checkedActivation } from './checked-activation.ts';
export { conditionalMlp, type ConditionalMlpOptions } from './conditional.ts';
export { certifiedConvNorm, normIsBelow, type CertificateOptions, type NormBounds } from './conv-certificate.ts';
export { conv, type ConvOptions } from './conv.ts';
export { convNet, type ConvNetOptions } from './conv-net.ts';
export { convSymbolBound, type SymbolOptions } from './conv-symbol.ts';
export { dense, type DenseOptions } from './dense.ts';
export { elementwise, type ElementwiseSpec, type Evaluated } from './elementwise.ts';
export { celu, eluActivation, type ExponentialLinearOptions } from './exponential-linear.ts';
export { inducedNorm, type InducedNorm } from './induced-norm.ts';
export { largestSingularValue } from './jacobi.ts';
export { largestBySquaring } from './squaring.ts';
export { lanczos } from './lanczos.ts';
export type {
  ActivationPart,
  DensePart,
  FusedActivation,
  Layer,
  LayerGradient,
  LayerState,
  LayerTrace,
  TangentCotangents,
} from './layer.ts';
export { learnableOrder, type LearnableOrder, type LearnableOrderOptions, type Order } from './learnable-order.ts';
export { lipSwish, type LipSwishOptions } from './lip-swish.ts';
export { mlp, mlpLayers, type MlpOptions } from './mlp.ts';
export { pila, type PilaOptions } from './pila.ts';
export { powerIteration, type PowerIterate } from './power-iteration.ts';
export { identityActivation, leakyReluActivation, reluActivation, type LeakyReluOptions } from './rectifiers.ts';
export { sandwich, type SandwichOptions } from './sandwich.ts';
export { sequential } from './sequential.ts';
export { sinActivation, snake } from './sine.ts';
export { lipschitzCube, softplusActivation, tanhActivation } from './smooth.ts';
export { fullSort, maxMin } from './sorting.ts';
export type { ConvGeometry } from './weight-action.ts';
export type { InducedNormOptions } from './weight-norm.ts';
