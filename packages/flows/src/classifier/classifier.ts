import {
  assertShape,
  FlowError,
  fold,
  key,
  scoped,
  type Context,
  type Key,
  type NamedVariables,
  type RefreshOptions,
  type Shape,
} from '@impflow/core';
import { mul, sub, tensor1d, type Tensor } from '@tensorflow/tfjs-core';
import { batchNorm } from './batch-norm.ts';
import { freeConv } from './free-conv.ts';
import { head } from './head.ts';
import { defineModule, series, type Module } from './module.ts';
import { globalAverage, rectify } from './operations.ts';

/** A net from images to logits. The training functions for flows also accept a classifier. */
export interface Classifier {
  /** `[h, w, c]` of one image. */
  readonly shape: Shape;
  /** Number of classes. */
  readonly classes: number;
  /** Trainable variables by path. */
  readonly parameters: NamedVariables;
  /** Variables that are stored but not trained, by path: moving statistics, power vectors. */
  readonly buffers: NamedVariables;
  /**
   * Returns the logits, `[B, h, w, c] -> [B, classes]`. Differentiable. With `train`, batch norms use the statistics of
   * the batch and update their buffers. The result belongs to the caller. Throws `shape` for images whose size is not
   * `shape`.
   */
  logits(x: Tensor, context?: Partial<Context>): Tensor;
  /**
   * Recomputes the operator norm of every Lipschitz layer from its current weight, so that the layer stays within its
   * cap.
   *
   * @remarks The leading singular values of convolutions on large images lie close together, so computing the largest
   * singular value takes a large part of the time of a training step. `iterations` together with `tolerance` limits the
   * time; the norms can then exceed their caps by some percent (docs/decisions/015). A `tolerance` without `iterations`
   * is reached for every layer, but takes more time: use it only before validation.
   */
  refresh(options?: RefreshOptions): void;
}

/** Arguments that a stage passes to the factory of its block. */
export interface BlockPlace {
  /** `[h, w, c]` of the events that enter the stage. */
  readonly shape: readonly [number, number, number];
  /** Random key for the initial weights of the block. */
  readonly key: Key;
}

/** One stage of a {@link classifier}. */
export interface StageOptions {
  /** Channels of the output. */
  readonly width: number;
  /**
   * Stride of the transition after the block: the transition keeps every `stride`-th pixel along each side. Default 1.
   */
  readonly stride?: number;
  /** Makes the block of the stage. Input and output of the block have the shape of the stage's input. */
  readonly block: (place: BlockPlace) => Module;
}

/** Scaling `(x - mean) / scale` of each channel, with `mean` and `scale` in the units of the images. */
export interface ImageScaling {
  /** Mean of each channel, a finite number. */
  readonly mean: readonly number[];
  /** Scale of each channel, a positive number. */
  readonly scale: readonly number[];
}

/** Options of {@link classifier}. */
export interface ClassifierOptions {
  /** `[h, w, c]` of one image. */
  readonly shape: readonly [number, number, number];
  /** Number of classes, at least 2. */
  readonly classes: number;
  /** The stages, at least one. */
  readonly stages: readonly StageOptions[];
  /** Scaling of the images. Default: maps bytes to `[-0.5, 0.5]`. */
  readonly scaling?: ImageScaling;
  /** Random key for the initial weights. */
  readonly key: Key;
}

/**
 * A residual net. The parts of the net, in order: scaling; stem (3x3 convolution to the width of the first stage, batch
 * norm, ReLU); stages; mean over all pixels; linear head. A stage consists of its block and, if its width or stride
 * requires one, a transition (1x1 convolution, batch norm, ReLU).
 *
 * @throws `option` without stages, for fewer than 2 classes, or if the scaling does not have one mean and one positive
 * scale per channel.
 * @see Lu, Chen, Li, Wang, Zhu, Implicit Normalizing Flows, 2021 (arXiv:2103.09527), section 5. With widths 64, 128,
 * 256, 512, equal numbers of hidden channels, and strides 1, 2, 2, 2, this is the net of the published code.
 */
export const classifier = ({ shape, classes, stages, scaling, key: weightKey }: ClassifierOptions): Classifier => {
  const [height, width, channels] = shape;
  if (stages.length === 0 || !(classes > 1)) {
    throw new FlowError('option', 'flows/classifier', 'Too few stages or classes', {
      expected: 'at least one stage and two classes',
      got: `${stages.length} stages and ${classes} classes`,
    });
  }
  const built: Module[] = [];
  let size: readonly [number, number, number] = [height, width, stages[0]!.width];
  for (const [i, { width: outputs, stride = 1, block }] of stages.entries()) {
    const inputs = size[2];
    const place = { shape: size, key: fold(fold(weightKey, 1 + i), 0) };
    built.push(
      series({
        block: block(place),
        ...(outputs === inputs && stride === 1
          ? {}
          : { transition: convNormRelu({ inputs, outputs, kernel: 1, stride, key: fold(fold(weightKey, 1 + i), 1) }) }),
      }),
    );
    size = [Math.ceil(size[0] / stride), Math.ceil(size[1] / stride), outputs];
  }
  const net = series({
    scaling: scaled(channels, scaling),
    stem: convNormRelu({ inputs: channels, outputs: stages[0]!.width, kernel: 3, stride: 1, key: fold(weightKey, 0) }),
    stages: series(Object.fromEntries(built.entries())),
    pool: defineModule({ apply: globalAverage }),
    head: head({ inputs: size[2], classes, key: fold(weightKey, -1) }),
  });
  return Object.freeze<Classifier>({
    shape,
    classes,
    parameters: net.parameters,
    buffers: net.buffers,
    logits: (x, context = {}) => {
      assertShape('flows/classifier.logits', x, shape);
      return scoped(() => net.apply(x, { key: key(0), ...context }));
    },
    refresh: (options) => net.refresh(options),
  });
};

const convNormRelu = (options: Required<Parameters<typeof freeConv>[0]>): Module =>
  series({
    conv: freeConv(options),
    norm: batchNorm({ channels: options.outputs }),
    relu: defineModule({ apply: rectify }),
  });

const scaled = (
  channels: number,
  { mean, scale }: ImageScaling = { mean: Array(channels).fill(127.5), scale: Array(channels).fill(255) },
): Module => {
  if (
    mean.length !== channels ||
    scale.length !== channels ||
    !mean.every(Number.isFinite) ||
    !scale.every((s) => s > 0 && Number.isFinite(s))
  ) {
    throw new FlowError('option', 'flows/classifier', 'Wrong scaling', {
      expected: `${channels} finite means and ${channels} positive scales`,
      got: `[${mean.join(', ')}] and [${scale.join(', ')}]`,
    });
  }
  return defineModule({ apply: (x) => mul(sub(x, tensor1d([...mean])), tensor1d(scale.map((s) => 1 / s))) });
};
