import type { Shape } from '@impflow/core';
import { sum, type Tensor } from '@tensorflow/tfjs-core';

/**
 * Shape of the events: `dim` for rows `[B, dim]`, or `shape` for events whose last axis holds the features (channels
 * for images).
 */
export type EventOptions = { readonly dim: number } | { readonly shape: Shape };

/** Returns the shape of one event, without the batch axis. */
export const eventShape = (options: EventOptions): Shape => ('shape' in options ? options.shape : [options.dim]);

/** Sums over each event, `[B, ...event] -> [B]`. */
export const sumOverEvent = (x: Tensor): Tensor =>
  sum(
    x,
    x.shape.slice(1).map((_, axis) => axis + 1),
  );
