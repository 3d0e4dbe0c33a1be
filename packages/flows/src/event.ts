import type { Shape } from '@impflow/core';
import { sum, type Tensor } from '@tensorflow/tfjs-core';

/** Rows of so many features, or events of any shape whose last axis are the features (of an image: its channels). */
export type EventOptions = { readonly dim: number } | { readonly shape: Shape };

export const eventShape = (options: EventOptions): Shape => ('shape' in options ? options.shape : [options.dim]);

/** Sum over each event, `[B, ...event] -> [B]`. */
export const sumOverEvent = (x: Tensor): Tensor => sum(x, x.shape.slice(1).map((_, axis) => axis + 1));
