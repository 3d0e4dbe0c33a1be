import { FlowError, type Key, type Shape } from '@impflow/core';
import { dataKey, runKey } from '@impflow/training';
import { pickImages, type Images } from '@impflow/vision';
import type { LoadedRun } from '../../checkpoint/load-run.ts';
import { sameData } from '../../checkpoint/same-data.ts';
import { asImages } from '../../dataset/run-data.ts';
import { sourceKind } from '../../dataset/source.ts';
import { imagesHash, evaluationImages } from '../../dataset/split-images.ts';
import type { Settings } from '../../settings/settings.ts';
import { note, type OutputOptions } from '../../terminal/output.ts';

/** What finds the data of a run again. */
type RunWithData = Pick<LoadedRun, 'record' | 'checkpoint' | 'paths' | 'registries'>;

/** The images to judge a model on: the test images of its run, or `data` of the same shape. */
export const imagesFor = async (
  { record, checkpoint, paths: { folder }, registries }: RunWithData,
  shape: Shape,
  { data, ...options }: OutputOptions & { readonly data?: string },
): Promise<Images> => {
  if (data === undefined)
    return testPart(
      asImages(await sameData(record, checkpoint.seed, { folder, registries })).test,
      record.options ?? {},
    );
  const images = await modelImages(data, shape);
  const hash = record.provenance?.hash;
  if (hash !== undefined && hash === imagesHash([images]))
    note(
      options,
      `${data} contains all images of the run, including its training images: leave --data out for the held-out ones.`,
    );
  return images;
};

/**
 * Images for a model of this shape: the test part of a bundled set, or all at a path.
 *
 * @throws `input` for another shape or for rows of numbers.
 */
export const modelImages = async (data: string, shape: Shape): Promise<Images> => {
  const misfit = (got: string): FlowError =>
    new FlowError('input', 'cli', `${data} does not fit the model`, {
      expected: `images ${shape[0]} x ${shape[1]} with ${shape[2] === 1 ? '1 channel' : `${shape[2]} channels`}`,
      got,
      hint: 'Bring them to the size of the images that it was trained on.',
    });
  if ((await sourceKind(data)) === 'table') throw misfit('a table');
  const images = await evaluationImages(data);
  const [height, width, channels] = images.shape;
  if (images.shape.join() !== shape.join()) throw misfit(`${height} x ${width} with ${channels}`);
  return images;
};

/** The test images of a run: all, or the first `testImages`. */
export const testPart = (images: Images, { testImages = Infinity }: Pick<Settings, 'testImages'>): Images =>
  testImages >= images.count
    ? images
    : pickImages(
        images,
        Uint32Array.from({ length: testImages }, (_, i) => i),
      );

/** Key of the noise of held-out images. */
export const noiseKey = (seed: number, part: 'validation' | 'test'): Key =>
  dataKey(runKey(seed, 'data'), part === 'test' ? 'testNoise' : 'validationNoise');
