import { assertShape, FlowError, fold, key as seedKey, scoped, type Context, type Key, type NamedVariables, type RefreshOptions, type Shape } from '@impflow/core';
import { mul, sub, tensor1d, type Tensor } from '@tensorflow/tfjs-core';
import { batchNorm } from './batch-norm.ts';
import { freeConv } from './free-conv.ts';
import { head } from './head.ts';
import { defineModule, series, type Module } from './module.ts';
import { globalAverage } from './pooling.ts';
import { rectify } from './rectify.ts';

/** Images to logits. Can be trained like a flow. */
export interface Classifier {
  /** `[h, w, c]`. */
  readonly shape: Shape;
  readonly classes: number;
  readonly parameters: NamedVariables;
  readonly buffers: NamedVariables;
  /** `[B, h, w, c] -> [B, classes]`, on the tape. With `train`, batch norms use and follow the statistics of the batch. The result belongs to the caller. */
  logits(x: Tensor, context?: Partial<Context>): Tensor;
  /**
   * Brings the cap of every Lipschitz layer up to date with its weight.
   *
   * @remarks The leading singular values of convolutions on large images lie close together, so that finding the largest takes a good part of a step.
   * `iterations` beside a tolerance bound it, for a lag of some percent (docs/decisions/015); a tolerance alone then belongs before validation.
   */
  refresh(options?: RefreshOptions): void;
}

/** Where a stage puts its block. */
export interface BlockPlace {
  readonly shape: readonly [number, number, number];
  readonly key: Key;
}

export interface StageOptions {
  /** Channels that leave the stage. */
  readonly width: number;
  /** Of the transition that ends the stage: it keeps one pixel in so many, each way. Default 1. */
  readonly stride?: number;
  /** Makes the block, which works at the size that enters the stage. */
  readonly block: (place: BlockPlace) => Module;
}

/** `(x - mean) / scale` for each channel, in the units of the images. */
export interface ImageScaling {
  readonly mean: readonly number[];
  readonly scale: readonly number[];
}

export interface ClassifierOptions {
  /** `[h, w, c]`. */
  readonly shape: readonly [number, number, number];
  readonly classes: number;
  readonly stages: readonly StageOptions[];
  /** Default: bytes to `[-0.5, 0.5]`. */
  readonly scaling?: ImageScaling;
  readonly key: Key;
}

/**
 * A residual net: scaling, stem (3x3 convolution to the width of the first stage, batch norm, ReLU), stages, mean over all pixels, linear head.
 * A stage is its block and, where its width or stride asks for one, a transition (1x1 convolution, batch norm, ReLU).
 *
 * @throws `option` without stages or classes, or for a scaling that does not fit the channels.
 * @see Lu, Chen, Li, Wang, Zhu, Implicit Normalizing Flows, 2021 (arXiv:2103.09527), section 5: with widths 64, 128, 256, 512,
 * as many hidden channels and strides 1, 2, 2, 2 it is the net of the code that came with it.
 */
export const classifier = ({ shape, classes, stages, scaling, key }: ClassifierOptions): Classifier => {
  const [height, width, channels] = shape;
  if (stages.length === 0 || !(classes > 1)) {
    throw new FlowError('option', 'flows/classifier', 'Nothing to classify with', { expected: 'at least one stage and two classes', got: `${stages.length} and ${classes}` });
  }
  const built: Module[] = [];
  let size: readonly [number, number, number] = [height, width, stages[0]!.width];
  for (const [i, { width: outputs, stride = 1, block }] of stages.entries()) {
    const inputs = size[2];
    const place = { shape: size, key: fold(fold(key, 1 + i), 0) };
    built.push(series({
      block: block(place),
      ...(outputs === inputs && stride === 1 ? {} : { transition: convNormRelu({ inputs, outputs, kernel: 1, stride, key: fold(fold(key, 1 + i), 1) }) }),
    }));
    size = [Math.ceil(size[0] / stride), Math.ceil(size[1] / stride), outputs];
  }
  const net = series({
    scaling: scaled(channels, scaling),
    stem: convNormRelu({ inputs: channels, outputs: stages[0]!.width, kernel: 3, stride: 1, key: fold(key, 0) }),
    stages: series(Object.fromEntries(built.entries())),
    pool: defineModule({ apply: globalAverage }),
    head: head({ inputs: size[2], classes, key: fold(key, -1) }),
  });
  return Object.freeze<Classifier>({
    shape, classes,
    parameters: net.parameters,
    buffers: net.buffers,
    logits: (x, context = {}) => {
      assertShape('flows/classifier.logits', x, shape);
      return scoped(() => net.apply(x, { key: seedKey(0), ...context }));
    },
    refresh: (options) => net.refresh(options),
  });
};

const convNormRelu = (options: Required<Parameters<typeof freeConv>[0]>): Module =>
  series({ conv: freeConv(options), norm: batchNorm({ channels: options.outputs }), relu: defineModule({ apply: rectify }) });

const scaled = (channels: number, { mean, scale }: ImageScaling = { mean: Array(channels).fill(127.5), scale: Array(channels).fill(255) }): Module => {
  if (mean.length !== channels || scale.length !== channels || !mean.every(Number.isFinite) || !scale.every((s) => s > 0 && Number.isFinite(s))) {
    throw new FlowError('option', 'flows/classifier', 'Wrong scaling', {
      expected: `${channels} finite means and as many positive scales`, got: `[${mean.join(', ')}] and [${scale.join(', ')}]`,
    });
  }
  return defineModule({ apply: (x) => mul(sub(x, tensor1d([...mean])), tensor1d(scale.map((s) => 1 / s))) });
};
