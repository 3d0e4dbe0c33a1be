import type { Slot } from '../protocol/viewer.ts';
import { blank, fontOf, lines, prepared } from './canvas.ts';
import type { Theme } from './theme.ts';

/** A picture of a model, laid out for one width. */
export interface Picture {
  readonly theme: Theme;
  /** Height in CSS pixels, without title and caption. */
  readonly full: number;
  /** Draws onto a context whose unit is `scale` pixels. */
  draw(context: CanvasRenderingContext2D, scale: number): void;
  /** Title of the picture, which includes the training step. */
  readonly title: string;
  readonly caption: string;
}

/** Width of a saved picture in CSS pixels. Each CSS pixel has a width of {@link SCALE} device pixels. */
const WIDTH = 640;
const SCALE = 2;

const stages = new Map<Slot, (size: number) => Picture>();

/** Registers the picture of a model, so that it can be saved. Returns a function that removes the registration. */
export const offerPicture = (slot: Slot, picture: (size: number) => Picture): (() => void) => {
  stages.set(slot, picture);
  return () => {
    if (stages.get(slot) === picture) stages.delete(slot);
  };
};

/**
 * Returns the picture of a model as a PNG that is 1,280 pixels wide. The PNG includes axes, color bar, dots, training
 * step and an explanation.
 *
 * @throws if the page has no picture of the model, or if the browser cannot make a PNG.
 */
export const pictureOf = async (slot: Slot): Promise<Blob> => {
  const picture = stages.get(slot)?.(WIDTH);
  if (picture === undefined)
    throw new Error(
      `[demo/pictureOf] No picture of model ${slot + 1}: expected a model on the page, got none. Add the model first.`,
    );
  const canvas = draw(picture);
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) =>
        blob === null
          ? reject(
              new Error(
                '[demo/pictureOf] The browser made no PNG: expected a blob, got null. Close other pages to free memory.',
              ),
            )
          : resolve(blob),
      'image/png',
    );
  });
};

const draw = ({ theme, full, draw: drawStage, title, caption }: Picture): HTMLCanvasElement => {
  const canvas = blank(1, 1);
  const text = canvas.getContext('2d')!;
  text.font = fontOf(14);
  const words = lines(text, caption, WIDTH - 32);
  const height = full + 28 + 20 * words.length + 12;
  const context = prepared(canvas, WIDTH, height, SCALE);
  context.fillStyle = theme.paper;
  context.fillRect(0, 0, WIDTH, height);
  drawStage(context, SCALE);
  context.textAlign = 'left';
  context.textBaseline = 'alphabetic';
  context.fillStyle = theme.ink;
  context.font = fontOf(14, 600);
  context.fillText(title, 16, full + 18, WIDTH - 32);
  context.fillStyle = theme.inkSoft;
  context.font = fontOf(14);
  words.forEach((line, i) => context.fillText(line, 16, full + 40 + 20 * i));
  return canvas;
};
