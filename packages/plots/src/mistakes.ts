import { INK } from './colors.ts';
import { HEADER, imageElement, label, renderFigure } from './render.ts';
import { shortened } from './text.ts';
import { picturePng, zoomFor, type Pictures } from './tiles.ts';

/** A misclassified image. */
export interface Mistake {
  /** Index of the image. */
  readonly image: number;
  /** Class of the image. */
  readonly truth: number;
  /** Predicted class of the image. */
  readonly guess: number;
  /** Probability of the predicted class. */
  readonly probability: number;
}

/** Input of {@link mistakesPlot}. */
export interface MistakesPlotInput {
  /** The test images. */
  readonly images: Pictures;
  /** The mistakes, in the order in which they are drawn. */
  readonly mistakes: readonly Mistake[];
  /** Names of the classes. */
  readonly classes: readonly string[];
}

const MOST = 40;
const COLUMNS = 10;
const CELL = { width: 104, captions: 28, gap: 8 } as const;

/**
 * Draws at most forty misclassified images as a PNG. Under each image are its class, the predicted class, and the
 * probability of the predicted class.
 */
export const mistakesPlot = ({ images: { shape, pixels }, mistakes, classes }: MistakesPlotInput): Uint8Array => {
  const [height, width] = shape;
  const size = pixels.length === 0 ? 0 : height * width * shape[2];
  const shown = mistakes.slice(0, MOST);
  const zoom = 2 * zoomFor(height);
  const scale = 68 / Math.max(height, width);
  const [wide, high] = [width * scale, height * scale];
  const lines = Math.ceil(shown.length / COLUMNS);
  const step = high + CELL.captions + CELL.gap;
  const left = 16;
  return renderFigure({
    width: 2 * left + COLUMNS * CELL.width,
    height: HEADER.subtitle + 14 + lines * step,
    title: `Misclassified: ${shown.length === mistakes.length ? mistakes.length : `${shown.length} of ${mistakes.length}`} of the test images`,
    subtitle:
      'The most confident mistakes first. Under each image are its class, the predicted class, and the probability of the prediction.',
    parts: shown.flatMap(({ image, truth, guess, probability }, i) => {
      const [x, y] = [left + (i % COLUMNS) * CELL.width, HEADER.subtitle + 8 + Math.floor(i / COLUMNS) * step];
      const middle = x + CELL.width / 2;
      const png = picturePng({ shape, pixels: pixels.subarray(image * size, (image + 1) * size) }, zoom);
      const percent = ` (${Math.floor(100 * probability)} %)`;
      return [
        { element: imageElement(png, wide, high), x: middle - wide / 2, y },
        {
          element: label(shortened(classes[truth]!, CELL.width - 4, 10), { size: 10, anchor: 'middle' as const }),
          x: middle,
          y: y + high + 12,
        },
        {
          element: label(`${shortened(classes[guess]!, CELL.width - 38, 10)}${percent}`, {
            size: 10,
            color: INK.vermilion,
            anchor: 'middle' as const,
          }),
          x: middle,
          y: y + high + 24,
        },
      ];
    }),
  });
};
