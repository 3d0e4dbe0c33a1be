import { bits, fold, fromRow, key, uniforms, type Key } from '@impflow/core';
import { imageBatch, imageBatches, type Images } from '@impflow/vision';
import { describe, expect, it } from 'vitest';

const made = (count: number, shape: Images['shape']): Images => {
  const size = shape[0] * shape[1] * shape[2];
  return {
    shape,
    count,
    pixels: Uint8Array.from(bits(key(5), count * size)),
    labels: Uint8Array.from({ length: count }, (_, i) => i % 251),
    source: 'made',
  };
};
const all = (count: number): Uint32Array => Uint32Array.from({ length: count }, (_, i) => i);
const row = (values: Float32Array, width: number, i: number): Float32Array => values.slice(i * width, (i + 1) * width);

describe('imageBatch', () => {
  const images = made(40, [5, 7, 3]);
  const width = 5 * 7 * 3;
  const k = key(11);

  it('imageBatch returns the gray levels unchanged if noise is off', () => {
    const indices = Uint32Array.of(3, 39, 0);
    const { values } = imageBatch(images, indices, { key: k, noise: false });
    indices.forEach((index, i) =>
      expect([...row(values, width, i)]).toEqual([...images.pixels.subarray(index * width, (index + 1) * width)]),
    );
  });

  // Computes a row of `imageBatch` from the definition, number by number.
  const expected = (
    index: number,
    place: number,
    { flip, crop }: { flip: boolean; crop: number },
  ): readonly number[] => {
    const mirror = flip && bits(fold(k, 1), place + 1)[place]! % 2 === 1;
    const [dy, dx] = [0, 1].map((axis) => Math.floor(uniforms(fold(k, 2), 1, 2 * place + axis)[0]! * (2 * crop + 1)));
    const [height, across, channels] = images.shape;
    return Array.from({ length: width }, (_, i) => {
      const [y, x, c] = [Math.floor(i / channels / across), Math.floor(i / channels) % across, i % channels];
      const [fromY, fromX] = [y + dy! - crop, (mirror ? across - 1 - x : x) + dx! - crop];
      return fromY < 0 || fromY >= height || fromX < 0 || fromX >= across
        ? 0
        : images.pixels[index * width + (fromY * across + fromX) * channels + c]!;
    });
  };
  it.each([
    [true, 0],
    [false, 2],
    [true, 2],
    [true, 9],
  ])('imageBatch agrees with its definition for flip %s and crop %i', (flip, crop) => {
    const indices = Uint32Array.from({ length: 60 }, (_, i) => (7 * i) % 40);
    const { values } = imageBatch(images, indices, { key: k, noise: false, flip, crop });
    indices.forEach((index, place) =>
      expect([...row(values, width, place)]).toEqual(expected(index, place, { flip, crop })),
    );
  });

  it('imageBatch mirrors half of the images, and crops at uniformly distributed positions', () => {
    // Each of 20,000 images has one bright pixel in the middle, whose position shows how the image was moved. For
    // random keys, each of these checks would fail once in a thousand times. The key is fixed.
    const dot: Images = {
      shape: [5, 5, 1],
      count: 1,
      pixels: Uint8Array.from({ length: 25 }, (_, i) => Number(i === 12)),
      source: 'dot',
    };
    const n = 20_000;
    const { values } = imageBatch(dot, new Uint32Array(n), { key: key(21), noise: false, crop: 2 });
    const counts = new Float64Array(25);
    values.forEach((value, i) => {
      counts[i % 25]! += value;
    });
    const chiSquare = counts.reduce((sum, count) => sum + (count - n / 25) ** 2 / (n / 25), 0);
    // The bound is the 0.999 quantile of chi-square with 24 degrees of freedom.
    expect(chiSquare).toBeLessThan(51.2);
    const edge: Images = { shape: [1, 2, 1], count: 1, pixels: Uint8Array.of(1, 0), source: 'edge' };
    const mirrored = imageBatch(edge, new Uint32Array(n), { key: key(22), noise: false, flip: true }).values.reduce(
      (sum, value, i) => sum + (i % 2) * value,
      0,
    );
    // The bound is 3.29 standard deviations of a fair coin.
    expect(Math.abs(mirrored - n / 2)).toBeLessThan(3.29 * Math.sqrt(n / 4));
  });

  it('imageBatch adds uniform noise in [0, 1) that never reaches the next gray level', () => {
    const white: Images = { shape: [10, 10, 1], count: 1, pixels: new Uint8Array(100).fill(255), source: 'white' };
    const n = 100_000;
    const noise = imageBatch(white, new Uint32Array(n / 100), { key: key(31) })
      .values.map((value) => value - 255)
      .sort();
    expect(noise[0]).toBeGreaterThanOrEqual(0);
    expect(noise.at(-1)).toBeLessThan(1);
    // For random keys, the Kolmogorov-Smirnov statistic exceeds 1.95 / sqrt(n) once in a thousand times. The key is
    // fixed.
    const distance = noise.reduce((worst, value, i) => Math.max(worst, Math.abs(value - (i + 0.5) / n)), 0);
    expect(distance).toBeLessThan(1.95 / Math.sqrt(n));
    // A z-test at the level 1/1000 checks that noise is uncorrelated between numbers of a row with the distance 1 or 2,
    // and between rows.
    const raw = imageBatch(white, new Uint32Array(n / 100), { key: key(31) }).values.map(
      (value) => (value - 255.5) * Math.sqrt(12),
    );
    for (const lag of [1, 2, 100]) {
      const sum = raw.subarray(lag).reduce((total, value, i) => total + value * raw[i]!, 0);
      expect(Math.abs(sum) / Math.sqrt(n - lag)).toBeLessThan(3.29);
    }
  });

  it('a row of imageBatch depends only on its image, its index in the batch and the key', () => {
    for (const options of [{}, { flip: true, crop: 2 }]) {
      const one = imageBatch(images, all(40), { key: k, ...options }).values;
      expect(imageBatch(images, all(40), { key: k, ...options }).values).toEqual(one);
      expect(imageBatch(images, all(40), { key: key(12), ...options }).values).not.toEqual(one);
      // A row does not depend on the other images of the batch.
      const other = imageBatch(
        images,
        all(40).map((index) => (index === 17 ? 17 : 39 - index)),
        { key: k, ...options },
      ).values;
      expect(row(other, width, 17)).toEqual(row(one, width, 17));
      // A batch of the last images with the key of their first row equals the last rows of the whole batch.
      for (const start of [1, 2, 15])
        expect(imageBatch(images, all(40).subarray(start), { key: fromRow(k, start), ...options }).values).toEqual(
          one.subarray(start * width),
        );
      // An image that occurs at two indices gives two different rows.
      const twice = imageBatch(images, Uint32Array.of(4, 4), { key: k, ...options }).values;
      expect(row(twice, width, 0)).not.toEqual(row(twice, width, 1));
    }
  });

  it('imageBatch refuses wrong arguments', () => {
    expect(() => imageBatch(images, Uint32Array.of(40), { key: k })).toThrow(
      '[vision/imageBatch] No such image in made: expected indices below 40, got 40.',
    );
    expect(() => imageBatch(images, all(1), { key: k, crop: 1.5 })).toThrow(
      '[vision/imageBatch] Wrong padding for crops: expected a whole number of pixels, got 1.5.',
    );
    expect(() => imageBatch(images, all(1), { key: k, crop: -1 })).toThrow('Wrong padding');
  });
});

describe('imageBatches', () => {
  // The first pixel of each image contains the number of the image, which identifies the rows.
  const images: Images = {
    ...made(60, [1, 3, 1]),
    pixels: Uint8Array.from({ length: 180 }, (_, i) => (i % 3 === 0 ? i / 3 : 200)),
  };
  const k: Key = key(41);
  const indicesOf = (rows: Float32Array, width: number): readonly number[] =>
    Array.from({ length: rows.length / width }, (_, i) => Math.floor(rows[i * width]!));

  it('an epoch of imageBatches contains every image at most once, and epochs have different orders', () => {
    const batch = imageBatches(images, { size: 12, key: k });
    const epoch = (number: number): readonly number[] =>
      [0, 1, 2, 3, 4].flatMap((i) => indicesOf(batch(5 * number + i), 3));
    for (const number of [0, 1, 7]) expect(epoch(number).toSorted((a, b) => a - b)).toEqual([...all(60)]);
    expect(epoch(1)).not.toEqual(epoch(0));
    expect(epoch(0)).not.toEqual([...all(60)]);
    // Each epoch leaves out four images, because 60 = 8 * 7 + 4. Different epochs leave out different images.
    const uneven = imageBatches(images, { size: 7, key: k });
    const shown = (number: number): readonly number[] =>
      Array.from({ length: 8 }, (_, i) => indicesOf(uneven(8 * number + i), 3)).flat();
    for (const number of [0, 1]) expect(new Set(shown(number)).size).toBe(56);
  });

  it('a batch of imageBatches depends only on the step', () => {
    const options = { size: 12, key: k, crop: 1, flip: true };
    const batch = imageBatches(images, options);
    const inOrder = Array.from({ length: 12 }, (_, step) => batch(step));
    for (const step of [11, 0, 5, 5, 3]) {
      expect(batch(step)).toEqual(inOrder[step]);
      expect(imageBatches(images, options)(step)).toEqual(inOrder[step]);
    }
    expect(imageBatches(images, { ...options, key: key(42) })(0)).not.toEqual(inOrder[0]);
    // A change of a returned batch must not change later results.
    batch(3).fill(0);
    expect(batch(3)).toEqual(inOrder[3]);
  });

  it('imageBatches draws new noise in every step', () => {
    const one: Images = { shape: [1, 3, 1], count: 1, pixels: Uint8Array.of(1, 2, 3), source: 'one' };
    const batch = imageBatches(one, { size: 1, key: k });
    expect(batch(0)).not.toEqual(batch(1));
    expect(imageBatches(one, { size: 1, key: k, noise: false })(9)).toEqual(Float32Array.of(1, 2, 3));
  });

  it('imageBatches appends the label to each row', () => {
    const plain = imageBatches(images, { size: 12, key: k, flip: true });
    const labeled = imageBatches(images, { size: 12, key: k, flip: true, labels: true });
    for (const step of [0, 6]) {
      const [rows, without] = [labeled(step), plain(step)];
      expect(rows.length).toBe(12 * 4);
      for (let i = 0; i < 12; i++) expect([...row(rows, 4, i).subarray(0, 3)]).toEqual([...row(without, 3, i)]);
    }
    const rows = imageBatches(images, { size: 12, key: k, labels: true })(2);
    indicesOf(rows, 4).forEach((index, i) => expect(rows[4 * i + 3]).toBe(images.labels![index]));
  });

  it('imageBatches refuses wrong arguments', () => {
    for (const size of [0, 61, 1.5])
      expect(() => imageBatches(images, { size, key: k })).toThrow(
        `[vision/imageBatches] Wrong size of a batch: expected an integer from 1 to 60, the number of images, got ${size}.`,
      );
    const { labels: _, ...unlabeled } = images;
    expect(() => imageBatches(unlabeled, { size: 1, key: k, labels: true })).toThrow(
      '[vision/imageBatches] No labels in made: expected a label for each image, got none. Leave labels out, or give images with labels.',
    );
  });
});
