/**
 * Largest number of drawn points in an address of the page. The text for this number of points has about 2,400
 * characters.
 */
export const MOST_POINTS = 600;
const FEWEST_POINTS = 12;
/** Number of quantization steps along each side of the drawing. A step is about a tenth of a pixel. */
const STEPS = 2 ** 12 - 1;
/** Number of bytes of the bounding box, whose four limits are float32 numbers. */
const HEADER = 16;
const BYTES_PER_POINT = 3;

/**
 * Encodes points `[n, 2]` as base64url: first the bounding box, then 12 bits for each coordinate within the box. If
 * there are more than {@link MOST_POINTS} points, only {@link MOST_POINTS} points are encoded, evenly chosen in the
 * order of drawing. Returns undefined if there are too few points to train on.
 */
export const encodePoints = (drawn: Float32Array): string | undefined => {
  const points = thinned(drawn);
  const count = points.length / 2;
  if (count < FEWEST_POINTS || !points.every(Number.isFinite)) return undefined;
  const bytes = new Uint8Array(HEADER + BYTES_PER_POINT * count);
  const box = new DataView(bytes.buffer);
  const sides = [0, 1].map((axis) => {
    const along = points.filter((_, i) => i % 2 === axis);
    const side = [along.reduce((a, b) => Math.min(a, b)), along.reduce((a, b) => Math.max(a, b))] as const;
    side.forEach((end, i) => box.setFloat32(8 * axis + 4 * i, end, true));
    return side;
  });
  const step = (i: number): number => {
    const [low, high] = sides[i % 2]!;
    return high > low ? Math.round(((points[i]! - low) / (high - low)) * STEPS) : 0;
  };
  for (let i = 0; i < count; i++) {
    const [x, y] = [step(2 * i), step(2 * i + 1)];
    bytes.set([x >> 4, ((x & 15) << 4) | (y >> 8), y & 255], HEADER + BYTES_PER_POINT * i);
  }
  return btoa(String.fromCodePoint(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
};

const thinned = (points: Float32Array): Float32Array => {
  const count = points.length / 2;
  if (count <= MOST_POINTS) return points;
  return Float32Array.from(
    { length: 2 * MOST_POINTS },
    (_, i) => points[2 * Math.floor(((i >> 1) * count) / MOST_POINTS) + (i & 1)]!,
  );
};

/**
 * Decodes the text that {@link encodePoints} returns. The error of a coordinate is at most a 4096th of the drawing's
 * width or height. Returns undefined for invalid text.
 */
export const decodePoints = (text: string): Float32Array | undefined => {
  if (!/^[\w-]+$/.test(text) || text.length % 4 === 1) return undefined;
  const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) =>
    letter.codePointAt(0)!,
  );
  const count = (bytes.length - HEADER) / BYTES_PER_POINT;
  if (!Number.isInteger(count) || count < FEWEST_POINTS || count > MOST_POINTS) return undefined;
  const box = new DataView(bytes.buffer);
  const [x0, x1, y0, y1] = [0, 4, 8, 12].map((offset) => box.getFloat32(offset, true)) as [
    number,
    number,
    number,
    number,
  ];
  if (![x0, x1, y0, y1].every(Number.isFinite) || x1 < x0 || y1 < y0) return undefined;
  const points = new Float32Array(2 * count);
  for (let i = 0; i < count; i++) {
    const [a, b, c] = bytes.subarray(HEADER + BYTES_PER_POINT * i) as unknown as readonly [number, number, number];
    points[2 * i] = x0 + ((x1 - x0) * ((a << 4) | (b >> 4))) / STEPS;
    points[2 * i + 1] = y0 + ((y1 - y0) * (((b & 15) << 8) | c)) / STEPS;
  }
  return points;
};
