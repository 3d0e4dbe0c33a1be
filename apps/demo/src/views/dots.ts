import { blank } from './canvas.ts';
import { toX, toY, type Frame } from './frame.ts';

/**
 * The pixels of a dot at one resolution. For each pixel that is not fully transparent, a stamp contains the offset from
 * the center, the color as four bytes, and whether the pixel is opaque.
 */
export interface Stamp {
  readonly across: Int8Array;
  readonly down: Int8Array;
  readonly words: Uint32Array;
  readonly solid: Uint8Array;
}

/**
 * Draws the stamp of a dot. A `disc` marks data and a `cross` marks samples, so that data and samples differ in shape
 * and color. A `large` disc marks a point whose color has a meaning. All dots have a dark rim around a bright core, so
 * that they are visible on every map.
 */
export const stampOf = (shape: 'disc' | 'large' | 'cross', core: string, rim: string, scale: number): Stamp => {
  const size = 2 * Math.ceil(RADIUS * scale) + 1;
  const context = blank(size, size).getContext('2d', { willReadFrequently: true })!;
  context.translate(size / 2, size / 2);
  context.scale(scale, scale);
  // On screens with few device pixels per CSS pixel, a cross is recognizable only with long arms.
  const arm = scale < 1.5 ? 1.9 : 1.4;
  const draw = (width: number, color: string): void => {
    context.beginPath();
    if (shape !== 'cross') {
      context.fillStyle = color;
      context.arc(0, 0, (shape === 'large' ? 2.3 : 1.15) + width / 2, 0, 2 * Math.PI);
      context.fill();
      return;
    }
    context.strokeStyle = color;
    context.lineWidth = 1.1 + width;
    context.lineCap = 'square';
    for (const side of [-1, 1]) {
      context.moveTo(-arm, -arm * side);
      context.lineTo(arm, arm * side);
    }
    context.stroke();
  };
  draw(1.2, rim);
  draw(0, core);
  const { data } = context.getImageData(0, 0, size, size);
  return stampFrom(data, size);
};

/** Radius of a circle in CSS pixels that contains all pixels of a dot. */
const RADIUS = 4;

/** Makes a stamp from a `size x size` RGBA picture of a dot. `size` must be odd. */
export const stampFrom = (data: Uint8ClampedArray, size: number): Stamp => {
  const seen = Array.from({ length: size * size }, (_, i) => i).filter((i) => data[4 * i + 3]! > 0);
  const words = new Uint32Array(data.slice().buffer);
  const half = (size - 1) / 2;
  return {
    across: Int8Array.from(seen, (i) => (i % size) - half),
    down: Int8Array.from(seen, (i) => Math.floor(i / size) - half),
    words: Uint32Array.from(seen, (i) => words[i]!),
    solid: Uint8Array.from(seen, (i) => Number(data[4 * i + 3] === 255)),
  };
};

/** A layer of dots: the positions of the dots in the plane, `[n, 2]`, and their stamps. */
export interface Dots {
  readonly points: Float32Array;
  readonly stamps: readonly Stamp[];
  /** For each point, the index of its stamp in `stamps`. Default: all points have the first stamp. */
  readonly kinds?: Uint8Array;
}

/**
 * Writes dots into the pixels of a picture that is `width` pixels wide, without antialiasing. Copying the pixels of a
 * stamp takes about a twentieth of the time of drawing a canvas path. Dots outside the plot are omitted. If a layer has
 * more dots than the plot can show separately, only some of the dots are drawn. Returns the range of pixel rows that
 * may contain dots.
 */
export const stampDots = (
  image: Pick<ImageData, 'data' | 'width'>,
  layers: readonly Dots[],
  frame: Frame,
  scale: number,
): Rows => {
  const pixels = new Uint32Array(image.data.buffer);
  const { width } = image;
  const { left, top, side, down } = frame;
  let [first, last] = [Infinity, -Infinity];
  for (const { points, stamps, kinds } of layers) {
    const inked = stamps.map((stamp) => ({
      ...stamp,
      steps: Int32Array.from(stamp.across, (u, k) => stamp.down[k]! * width + u),
    }));
    const every = 2 * Math.ceil(points.length / 2 / dotsFor(side));
    for (let i = 0; i + 1 < points.length; i += every) {
      const [x, y] = [toX(frame, points[i]!), toY(frame, points[i + 1]!)];
      if (!(x >= left && x <= left + side && y >= top && y <= top + down)) continue;
      const row = Math.floor(y * scale);
      first = Math.min(first, row);
      last = Math.max(last, row);
      const { steps, words, solid } = inked[kinds?.[i / 2] ?? 0]!;
      const middle = row * width + Math.floor(x * scale);
      for (let k = 0; k < steps.length; k++) {
        const to = middle + steps[k]!;
        // A translucent pixel of a dot does not replace a pixel that an earlier dot has drawn.
        if (solid[k] === 1 || pixels[to] === 0) pixels[to] = words[k]!;
      }
    }
  }
  const margin = Math.ceil(RADIUS * scale);
  return last < first ? NO_ROWS : { first: Math.max(0, first - margin), end: last + margin + 1 };
};

/** A range of pixel rows, from `first` (inclusive) to `end` (exclusive). */
export interface Rows {
  readonly first: number;
  readonly end: number;
}
export const NO_ROWS: Rows = { first: 0, end: 0 };

/** Returns the largest number of dots that leaves enough of the picture under the dots visible. */
const dotsFor = (side: number): number => Math.max(300, Math.floor(side ** 2 / 100));
