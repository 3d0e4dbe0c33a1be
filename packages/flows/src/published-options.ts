import type { Key } from '@impflow/core';
import type { Registries } from './registries.ts';
import type { FlowSpec } from './spec.ts';

/** An array on the host, in the form that a checkpoint reader returns. */
export interface HostArray {
  /** Length of each axis. */
  readonly shape: readonly number[];
  /** Entries, row-major. */
  readonly data: ArrayLike<number>;
}

/** Options that both forms of `importPublished` share. */
interface CommonOptions {
  /**
   * Key that the flow is built with. The key determines parts without tensors, such as a fixed permutation. Default
   * `key(0)`.
   */
  readonly key?: Key;
  /** Registries that resolve names. Default: the registries of this package. */
  readonly registries?: Registries;
}

/** Options for a state dict of the published implementation, which does not contain these choices. */
export interface PublishedOptions extends CommonOptions {
  /** Activation of the nets, by its published name (`sin`, `swish`, `elu`, …) or by its name in this package. */
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
