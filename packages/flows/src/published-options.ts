import type { Key } from '@impflow/core';
import type { Registries } from './registries.ts';
import type { FlowSpec } from './spec.ts';

/** An array of numbers with its shape, as checkpoint readers return arrays. */
export interface HostArray {
  /** Length of each axis. */
  readonly shape: readonly number[];
  /** Entries, row-major. */
  readonly data: ArrayLike<number>;
}

/** Options of `importPublished`, both with and without a spec. */
interface CommonOptions {
  /**
   * Random key with which the flow is built. The key determines everything that has no tensors, such as a fixed
   * permutation. Default `key(0)`.
   */
  readonly key?: Key;
  /** Registries that resolve names. Default: the registries of this package. */
  readonly registries?: Registries;
}

/**
 * Options for a state dict of the published PyTorch implementation. The state dict does not contain the values of these
 * options.
 */
export interface PublishedOptions extends CommonOptions {
  /**
   * Activation of the nets, by its name in the published implementation (`sin`, `swish`, `elu`, …) or by its name in
   * this package.
   */
  readonly activation: string;
  /** Cap on the norm of each layer, in `(0, 1)`. */
  readonly coeff: number;
  /** `[height, width, channels]` of the images. Required for a convolutional flow. */
  readonly image?: readonly [number, number, number];
}

/** Options for tensors that `exportPublished` returned. */
export interface ExportedOptions extends CommonOptions {
  /** The spec that was exported. */
  readonly spec: FlowSpec;
}
