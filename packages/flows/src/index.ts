export { actNorm, type ActNormOptions } from './act-norm.ts';
export { standardize, type StandardizeOptions } from './affine.ts';
export type { BaseDistribution } from './base.ts';
export { mixtureBase, type MixtureOptions } from './base-mixture.ts';
export { normalBase } from './base-normal.ts';
export { studentTBase, type StudentTOptions } from './base-student-t.ts';
export { uniformBase } from './base-uniform.ts';
export type { BuildContext } from './block-kinds.ts';
export { blockOp, type BlockNet, type BlockEquation } from './block-op.ts';
export { blockMethods, type BlockMethods, type BlockOptions, type RootOptions } from './block-options.ts';
export { buildFlow, type BuildOptions } from './build-flow.ts';
export { capsOf } from './caps.ts';
export { chain, prefixed } from './chain.ts';
export { columnMapAt, inverseColumnMapAt, isAtLimit, type MappedNumber } from './column-map.ts';
export { columnMaps, type ColumnMapsOptions } from './column-maps.ts';
export { assertCondition } from './condition.ts';
export { conditionalAffine, type ConditionalAffineOptions } from './conditional-affine.ts';
export { affineCoupling, type CouplingOptions } from './coupling.ts';
export { factorOut, type FactorOutOptions } from './factor-out.ts';
export { flatten } from './flatten.ts';
export { implicitBlock, type ImplicitBlockOptions } from './implicit-block.ts';
export { invertibleLinear, type InvertibleLinearOptions } from './invertible-linear.ts';
export { logit, type LogitOptions } from './logit.ts';
export { assignMixture } from './mixture/assign-mixture.ts';
export { widenMixture } from './mixture/widen-mixture.ts';
export { chooseMixture, type ChooseMixtureOptions, type MixtureChoice } from './mixture/choose-mixture.ts';
export { fitMixture, type FitMixtureOptions } from './mixture/fit-mixture.ts';
export type { MixtureCovariance, MixtureFit, MixtureModel } from './mixture/mixture-fit.ts';
export { mixtureLogProbs } from './mixture/mixture-log-probs.ts';
export { monotoneBlock, type MonotoneBlockOptions } from './monotone-block.ts';
export { normalizingFlow, type CallOptions, type NormalizingFlow, type SampleOptions } from './normalizing-flow.ts';
export { permutation, shuffled, type PermutationOptions } from './permutation.ts';
export { imagePreset, type ImagePresetOptions } from './image-preset.ts';
export { extendRegistries, type Plugin } from './plugin.ts';
export { firstBlocks, flowSpec, tabularPreset, toyPreset, type PresetOptions } from './presets.ts';
export { exportPublished, importPublished, type PublishedImport } from './published.ts';
export type { ExportedOptions, HostArray, PublishedOptions } from './published-options.ts';
export { builtInRegistries, type Registries } from './registries.ts';
export { rootOf, type Root, type RootCall } from './root.ts';
export { quantileMap, type QuantileMapOptions } from './quantile-map.ts';
export { regression, type RegressionOptions } from './regression.ts';
export { fitRegression, type FitRegressionOptions, type RegressionFit } from './regression-fit.ts';
export { rescale, type RescaleOptions } from './rescale.ts';
export { residualBlock, type ResidualBlockOptions } from './residual-block.ts';
export { whiten, type WhitenOptions } from './whiten.ts';
export { tailLogProbs, type Tail } from './tail.ts';
export { squeeze, type SqueezeOptions } from './squeeze.ts';
export type { BlockSpec, BlockSpecs, ColumnMap, FlowSpec, NetSpec, PluginSpec } from './spec.ts';
export { batchNorm, type BatchNormOptions } from './classifier/batch-norm.ts';
export { imageBlocks, type ImageBlockOptions } from './classifier/blocks.ts';
export {
  buildClassifier,
  type BuildClassifierOptions,
  type ClassifierRegistries,
} from './classifier/build-classifier.ts';
export {
  classifier,
  type BlockPlace,
  type Classifier,
  type ClassifierOptions,
  type ImageScaling,
  type StageOptions,
} from './classifier/classifier.ts';
export { accuracy, crossEntropy } from './classifier/cross-entropy.ts';
export { freeConv, type FreeConvOptions } from './classifier/free-conv.ts';
export { head, type HeadOptions } from './classifier/head.ts';
export { hybridModel, type HybridModel, type HybridOptions, type HybridScores } from './classifier/hybrid.ts';
export { defineModule, series, type Module } from './classifier/module.ts';
export { implicitResNet, residualResNet, vanillaResNet, type ResNetOptions } from './classifier/presets.ts';
export { globalAverage, rectify } from './classifier/operations.ts';
export type { ClassifierSpec, StageSpec } from './classifier/spec.ts';
