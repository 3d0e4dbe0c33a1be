import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { crc32, deflateSync, gzipSync } from 'node:zlib';
import type { FlowError } from '@impflow/core';
import { pickImages, readCifar, readIdx, readImageFolder, readImages, type Images } from '@impflow/vision';
import { encode } from 'fast-png';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { jpegs } from './jpeg-fixtures.ts';

const root = await mkdtemp(join(tmpdir(), 'impflow-images-'));
afterAll(() => rm(root, { recursive: true }));
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(root, 'case-'));
});

const write = async (name: string, content: string | Uint8Array): Promise<string> => {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return path;
};
/** Returns the error message of a reader, without the path of the temporary folder. */
const refusal = async (reading: Promise<Images>, code = 'input'): Promise<string> => {
  const error = await reading.then(
    () => undefined,
    (reason: FlowError) => reason,
  );
  expect(error?.name).toBe('FlowError');
  expect(error?.code).toBe(code);
  return error!.message
    .replaceAll(`${folder}/`, '')
    .replaceAll(folder, '.')
    .replace(/^\[vision\/\w+\] /, '');
};
const big = (...numbers: readonly number[]): Buffer =>
  Buffer.concat(
    numbers.map((number) => {
      const four = Buffer.alloc(4);
      four.writeUInt32BE(number);
      return four;
    }),
  );
const ramp = (length: number, step = 1): Uint8Array => Uint8Array.from({ length }, (_, i) => i * step);
const grid = (bytes: Uint8Array): readonly number[] => [...bytes];

describe('idx', () => {
  const images = Buffer.concat([big(0x803, 3, 2, 4), ramp(24, 10)]);
  const labels = Buffer.concat([big(0x801, 3), Buffer.of(7, 0, 9)]);

  it.each([
    ['a-images-idx3-ubyte', images, 'a-labels-idx1-ubyte', labels],
    ['a-images-idx3-ubyte.gz', gzipSync(images), 'a-labels-idx1-ubyte.gz', gzipSync(labels)],
    ['a-images-idx3-ubyte.gz', gzipSync(images), 'a-labels-idx1-ubyte', labels],
    ['a-images.idx3-ubyte', images, 'a-labels.idx1-ubyte', labels],
    // The first bytes of a file determine whether it is packed. The file name has no influence.
    ['a-images-idx3-ubyte', gzipSync(images), 'a-labels-idx1-ubyte', gzipSync(labels)],
  ])('readIdx and readImages read %s with its labels', async (name, content, beside, labeled) => {
    const path = await write(name, content);
    await write(beside, labeled);
    const whole: Images = {
      shape: [2, 4, 1],
      count: 3,
      pixels: ramp(24, 10),
      labels: Uint8Array.of(7, 0, 9),
      source: path,
    };
    expect(await readIdx(path)).toEqual(whole);
    expect(await readImages(path)).toEqual(whole);
    expect(await readImages(path, { limit: 2 })).toEqual({
      ...whole,
      count: 2,
      pixels: ramp(16, 10),
      labels: Uint8Array.of(7, 0),
    });
    expect(await readImages(path, { limit: 20 })).toEqual(whole);
  });

  it('readImages reads IDX images without labels from a file with any name', async () => {
    const path = await write('faces.idx', images);
    expect(await readImages(path)).toEqual({ shape: [2, 4, 1], count: 3, pixels: ramp(24, 10), source: path });
  });

  it('readIdx refuses damaged and wrong files, and the message contains the fault', async () => {
    const name = 'a-images-idx3-ubyte';
    expect(await refusal(readIdx(join(folder, name)))).toBe(
      'Cannot read a-images-idx3-ubyte: expected a file, got nothing at that path. Check the path.',
    );
    expect(await refusal(readIdx(await write(name, images.subarray(0, 39))))).toBe(
      'A truncated array in a-images-idx3-ubyte: expected 40 bytes, as in its header, got 39. Copy or save the file again.',
    );
    expect(await refusal(readIdx(await write(name, images.subarray(0, 11))))).toContain(
      'expected 16 bytes, as in its header, got 11',
    );
    expect(await refusal(readIdx(await write(name, Buffer.concat([images, Buffer.of(0)]))))).toContain(
      'Bytes beyond the array in a-images-idx3-ubyte: expected 40 bytes, as in its header, got 41',
    );
    expect(await refusal(readIdx(await write(name, gzipSync(images).subarray(0, 30))))).toMatch(
      /^A damaged gzip file in a-images-idx3-ubyte: expected a complete file, got 30 bytes: unexpected end of file\./,
    );
    expect(await refusal(readIdx(await write(name, labels)))).toBe(
      'No IDX images in a-images-idx3-ubyte: expected a file that begins with 00000803, got 00000801. ' +
        'These are labels: name the file of the images.',
    );
    // The byte 0d in the header stands for float32.
    expect(await refusal(readIdx(await write(name, Buffer.concat([big(0xd03), images.subarray(4)]))))).toContain(
      'expected a file that begins with 00000803, got 00000d03',
    );
    expect(await refusal(readIdx(await write(name, '')))).toContain('got 0 bytes');
    expect(await refusal(readIdx(await write(name, big(0x803, 0, 2, 4))))).toBe(
      'No images in a-images-idx3-ubyte: expected at least 1 pixel, got [0, 2, 4]. Check the export.',
    );
    // The header declares more bytes than fit into any memory.
    expect(await refusal(readIdx(await write(name, big(0x803, 2 ** 32 - 1, 2 ** 32 - 1, 2))))).toContain(
      'A truncated array',
    );
    // A packed file with many additional zeros is unpacked only to the end of the array.
    expect(
      await refusal(readIdx(await write(name, gzipSync(Buffer.concat([images, Buffer.alloc(2 ** 26)]))))),
    ).toContain('Bytes beyond the array in a-images-idx3-ubyte: expected 40 bytes, as in its header, got ');
    expect(await refusal(readIdx(await write(name, gzipSync(big(0x803, 2 ** 20, 2 ** 11, 2)))))).toContain(
      'Too large an array in a-images-idx3-ubyte: expected at most 2147483648 bytes, got 1048576 x 2048 x 2 bytes. Save it in parts.',
    );
    await write(name, images);
    await write('a-labels-idx1-ubyte', Buffer.concat([big(0x801, 2), Buffer.of(7, 0)]));
    expect(await refusal(readIdx(join(folder, name)))).toBe(
      'A wrong number of labels in a-labels-idx1-ubyte: expected 3, one for each image, got 2. Give the labels of these images.',
    );
    await write('a-labels-idx1-ubyte', labels.subarray(0, 10));
    expect(await refusal(readIdx(join(folder, name)))).toContain(
      'A truncated array in a-labels-idx1-ubyte: expected 11 bytes',
    );
    expect(await refusal(readIdx(join(folder, name), { limit: 0 }), 'option')).toBe(
      'Wrong limit: expected an integer of at least 1, got 0.',
    );
  });
});

describe('cifar', () => {
  // In each image, the red plane counts up, the green plane counts down, and the blue plane contains the number of the
  // image.
  const record = (labels: readonly number[], image: number): Buffer =>
    Buffer.concat([
      Buffer.from(labels),
      ramp(1024),
      Uint8Array.from({ length: 1024 }, (_, i) => 255 - i),
      new Uint8Array(1024).fill(image),
    ]);
  const channelsLast = (count: number): Uint8Array =>
    Uint8Array.from({ length: count * 3072 }, (_, i) => {
      const at = Math.floor(i / 3) % 1024;
      return [at, 255 - at, Math.floor(i / 3072)][i % 3]!;
    });
  const NAMES = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];

  it('readImages and readCifar read CIFAR-10 from one file, from several files, and from a folder', async () => {
    const one = await write('data_batch_1.bin', Buffer.concat([record([3], 0), record([9], 1)]));
    const two = await write('data_batch_2.bin', record([0], 2));
    const test = await write('test_batch.bin', record([5], 0));
    expect(await readImages(test)).toEqual({
      shape: [32, 32, 3],
      count: 1,
      pixels: channelsLast(1),
      labels: Uint8Array.of(5),
      source: test,
    });
    await write('batches.meta.txt', `${NAMES.join('\n')}\n\n`);
    const all: Images = {
      shape: [32, 32, 3],
      count: 3,
      pixels: channelsLast(3),
      labels: Uint8Array.of(3, 9, 0),
      classes: NAMES,
      source: folder,
    };
    expect(await readImages(folder)).toEqual(all);
    expect(await readCifar([one, two])).toEqual({ ...all, source: `${one}, ${two}` });
    expect(await readImages(folder, { limit: 2 })).toEqual({
      ...all,
      count: 2,
      pixels: channelsLast(2),
      labels: Uint8Array.of(3, 9),
    });
    await rm(one);
    await rm(two);
    expect((await readImages(folder)).labels).toEqual(Uint8Array.of(5));
  });

  it('readImages reads CIFAR-100 with its fine labels', async () => {
    const names = Array.from({ length: 100 }, (_, i) => `kind ${i}`);
    await write('train.bin', Buffer.concat([record([19, 99], 0), record([2, 40], 1)]));
    await write('test.bin', record([0, 1], 0));
    await write('fine_label_names.txt', names.join('\n'));
    expect(await readImages(folder)).toEqual({
      shape: [32, 32, 3],
      count: 2,
      pixels: channelsLast(2),
      labels: Uint8Array.of(99, 40),
      classes: names,
      source: folder,
    });
  });

  it('readCifar refuses damaged and wrong files, and the message contains the fault', async () => {
    const path = await write('test_batch.bin', record([5], 0).subarray(1));
    expect(await refusal(readImages(path))).toBe(
      'No whole records of CIFAR in test_batch.bin: expected a multiple of 3073 bytes (CIFAR-10) or of 3074 ' +
        'bytes (CIFAR-100), got 3072. Copy or unpack the file again; expected is the binary version.',
    );
    await write('test_batch.bin', '');
    expect(await refusal(readImages(path))).toContain('got 0');
    await write('test_batch.bin', Buffer.concat([record([5], 0), record([10], 0)]));
    expect(await refusal(readImages(path))).toContain(
      'A wrong label at image 2 in test_batch.bin: expected below 10, as in CIFAR-10, got 10',
    );
    await write('test_batch.bin', record([5], 0));
    await write('batches.meta.txt', 'one\ntwo\n');
    expect(await refusal(readImages(path))).toContain(
      'A wrong number of class names in batches.meta.txt: expected 10, as CIFAR-10 has, got 2',
    );
    const hundred = await write('train.bin', record([0, 0], 0));
    expect(await refusal(readCifar([path, hundred]))).toContain(
      'A different data set in train.bin: expected CIFAR-10, as in test_batch.bin, got CIFAR-100',
    );
    expect(await refusal(readCifar([]))).toContain('No files of CIFAR: expected at least one path');
    await mkdir(join(folder, 'empty'));
    expect(await refusal(readCifar(join(folder, 'empty')))).toContain('No files of CIFAR in empty');
    expect(await refusal(readCifar(join(folder, 'none')))).toContain(
      'Cannot read none: expected a file or a folder, got nothing at that path',
    );
  });
});

describe('image folder', () => {
  const png = (
    width: number,
    height: number,
    channels: number,
    data: Uint8Array | Uint16Array,
    depth: 8 | 16 = 8,
  ): Uint8Array => encode({ width, height, channels, data, depth });
  const gray = (first: number): Uint8Array =>
    png(
      3,
      2,
      1,
      Uint8Array.from({ length: 6 }, (_, i) => first + i),
    );
  const only = async (content: Uint8Array): Promise<Images> => {
    await write('x/a.png', content);
    return readImageFolder(join(folder, 'x'));
  };

  it('a folder of images is read in the order of the file names, and other files are ignored', async () => {
    await write('b.PNG', gray(10));
    await write('a.png', gray(1));
    await write('._a.png', 'of another system');
    await write('notes.txt', 'not an image');
    const all: Images = {
      shape: [2, 3, 1],
      count: 2,
      pixels: Uint8Array.of(1, 2, 3, 4, 5, 6, 10, 11, 12, 13, 14, 15),
      source: folder,
    };
    expect(await readImages(folder)).toEqual(all);
    expect(await readImages(folder, { limit: 1 })).toEqual({
      ...all,
      count: 1,
      pixels: Uint8Array.of(1, 2, 3, 4, 5, 6),
    });
  });

  it('the names of subfolders are the classes, and a limit chooses files from each class in turn', async () => {
    for (const [name, first] of [
      ['dog/1.png', 1],
      ['dog/2.png', 2],
      ['cat/1.png', 3],
      ['cat/2.png', 4],
      ['cat/3.png', 5],
    ] as const)
      await write(name, gray(first));
    await mkdir(join(folder, '.hidden'));
    const firsts = ({ pixels }: Images): readonly number[] => [...pixels].filter((_, i) => i % 6 === 0);
    const all = await readImages(folder);
    expect(all).toMatchObject({
      shape: [2, 3, 1],
      count: 5,
      classes: ['cat', 'dog'],
      labels: Uint8Array.of(0, 0, 0, 1, 1),
    });
    expect(firsts(all)).toEqual([3, 4, 5, 1, 2]);
    const some = await readImages(folder, { limit: 3 });
    expect(some.labels).toEqual(Uint8Array.of(0, 0, 1));
    expect(firsts(some)).toEqual([3, 4, 1]);
  });

  it('transparent parts of PNG files are drawn over black, and samples of 16 bits are scaled to 8 bits', async () => {
    expect(await only(png(2, 1, 3, Uint8Array.of(1, 2, 3, 200, 100, 50)))).toMatchObject({
      shape: [1, 2, 3],
      pixels: Uint8Array.of(1, 2, 3, 200, 100, 50),
    });
    expect(await only(png(2, 1, 4, Uint8Array.of(1, 2, 3, 255, 200, 100, 50, 51)))).toMatchObject({
      shape: [1, 2, 3],
      pixels: Uint8Array.of(1, 2, 3, 40, 20, 10),
    });
    expect(await only(png(3, 1, 2, Uint8Array.of(90, 0, 90, 255, 90, 85)))).toMatchObject({
      shape: [1, 3, 1],
      pixels: Uint8Array.of(0, 90, 30),
    });
    // 257 levels of a 16-bit sample correspond to one level of an 8-bit sample.
    expect(await only(png(5, 1, 1, Uint16Array.of(0, 128, 129, 257 * 77, 65535), 16))).toMatchObject({
      shape: [1, 5, 1],
      pixels: Uint8Array.of(0, 0, 1, 77, 255),
    });
    expect(await only(png(1, 1, 4, Uint16Array.of(65535, 257 * 100, 0, 32768), 16))).toMatchObject({
      shape: [1, 1, 3],
      pixels: Uint8Array.of(128, 50, 0),
    });
  });

  it('PNG files with packed samples and with palettes are read', async () => {
    // The image has two lines of five samples of one bit. Each line begins with a new byte.
    expect(
      (await only(encode({ width: 5, height: 2, channels: 1, depth: 1, data: Uint8Array.of(0b10110000, 0b01001000) })))
        .pixels,
    ).toEqual(Uint8Array.of(255, 0, 255, 255, 0, 0, 255, 0, 0, 255));
    expect(
      (await only(encode({ width: 3, height: 1, channels: 1, depth: 4, data: Uint8Array.of(0x0f, 0x70) }))).pixels,
    ).toEqual(Uint8Array.of(0, 255, 119));
    // Opaque colors come last, because otherwise the encoder of this test misplaces the alpha of the other colors.
    const palette = [
      [100, 200, 50, 204],
      [1, 2, 3, 0],
      [10, 20, 30, 255],
    ];
    expect(
      await only(encode({ width: 4, height: 1, channels: 1, depth: 2, palette, data: Uint8Array.of(0b10000100) })),
    ).toMatchObject({ shape: [1, 4, 3], pixels: Uint8Array.of(10, 20, 30, 80, 160, 40, 0, 0, 0, 80, 160, 40) });
  });

  it('pixels in the color that a PNG file declares transparent are drawn over black', async () => {
    const keyed = (file: Uint8Array, color: readonly number[]): Uint8Array => {
      const [chunk, four] = [
        Buffer.concat([Buffer.from('tRNS'), Buffer.from(Uint16Array.from(color).buffer).swap16()]),
        Buffer.alloc(4),
      ];
      four.writeUInt32BE(crc32(chunk));
      const at = Buffer.from(file).indexOf('IDAT') - 4;
      return Buffer.concat([file.subarray(0, at), big(chunk.length - 4), chunk, four, file.subarray(at)]);
    };
    expect((await only(keyed(png(4, 1, 1, Uint8Array.of(9, 8, 9, 7)), [9]))).pixels).toEqual(Uint8Array.of(0, 8, 0, 7));
    expect((await only(keyed(png(3, 1, 3, Uint8Array.of(1, 2, 3, 1, 2, 4, 1, 2, 3)), [1, 2, 3]))).pixels).toEqual(
      Uint8Array.of(0, 0, 0, 1, 2, 4, 0, 0, 0),
    );
  });

  it('gray images are converted to color if a folder also contains color images', async () => {
    await write('a.png', png(2, 1, 1, Uint8Array.of(7, 8)));
    await write('b.png', png(2, 1, 3, Uint8Array.of(1, 2, 3, 4, 5, 6)));
    expect(await readImages(folder)).toMatchObject({
      shape: [1, 2, 3],
      pixels: Uint8Array.of(7, 7, 7, 8, 8, 8, 1, 2, 3, 4, 5, 6),
    });
  });

  it.each([
    ['color', 3],
    ['progressive', 3],
    ['plainRgb', 3],
    ['gray', 1],
  ] as const)(
    'the decoded levels of a %s JPEG image agree with a different decoder, up to rounding',
    async (kind, channels) => {
      const { file, pixels } = jpegs[kind];
      await write('a.jpg', file);
      const images = await readImages(folder);
      expect(images.shape).toEqual([10, 14, channels]);
      // JPEG decoders round cosine transforms and colors differently, so results may differ by one or two levels.
      const worst = Math.max(...grid(images.pixels).map((value, i) => Math.abs(value - pixels[i]!)));
      expect(worst).toBeLessThanOrEqual(3);
      expect(images.pixels.length).toBe(pixels.length);
    },
  );

  it('the content of a file decides whether it is read as PNG or JPEG', async () => {
    await write('a.jpeg', gray(1));
    await write('b.png', jpegs.gray.file);
    expect(await refusal(readImages(folder))).toBe(
      'An image of another size: b.png: expected 2 x 3 pixels (height x width), as in a.jpeg, got 10 x 14. Scale all images to one size.',
    );
  });

  it('the error for a broken image contains the path of the file', async () => {
    const broken = async (name: string, content: Uint8Array | string): Promise<string> => {
      const path = await write(`x/${name}`, content);
      const message = await refusal(readImageFolder(join(folder, 'x')));
      await rm(path);
      return message;
    };
    const whole = png(40, 40, 1, ramp(1600, 7));
    expect(await broken('a.png', whole.subarray(0, whole.length / 2))).toMatch(
      /^A broken image x\/a\.png: expected a whole PNG or JPEG file, got ".+" from its decoder\. Save it again, or remove it\.$/,
    );
    const wrong = whole.slice();
    wrong[60]! ^= 0xff;
    expect(await broken('a.png', wrong)).toContain('A broken image x/a.png');
    // Further broken files contain the image with wrong lines, or with wrong sizes in the header.
    const chunk = (type: string, data: Uint8Array): Buffer => {
      const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
      return Buffer.concat([big(data.length), body, big(crc32(body))]);
    };
    const lined = (width: number, height: number, stream: Uint8Array): Buffer =>
      Buffer.concat([
        whole.subarray(0, 8),
        chunk('IHDR', Buffer.concat([big(width, height), Buffer.of(8, 0, 0, 0, 0)])),
        chunk('IDAT', stream),
        chunk('IEND', new Uint8Array(0)),
      ]);
    const lines = (count: number): Buffer => Buffer.alloc(41 * count, 1);
    expect(await broken('a.png', lined(40, 40, deflateSync(lines(39))))).toContain(
      'got "1599 bytes of lines instead of 1640" from its decoder',
    );
    expect(await broken('a.png', lined(40, 40, deflateSync(lines(9000))))).toContain(
      'got "more lines than the image has"',
    );
    expect(await broken('a.png', lined(2 ** 31 - 1, 1, deflateSync(lines(1))))).toMatch(
      /got "\d+ compressed bytes for an image of 2147483647 x 1 pixels"/,
    );
    for (const [width, height] of [
      [0, 0],
      [0, 40],
      [40, 0],
    ] as const)
      expect(await broken('a.png', lined(width, height, deflateSync(lines(1))))).toContain(
        `got "an image of ${width} x ${height} pixels"`,
      );
    const checksum = deflateSync(lines(40));
    checksum[checksum.length - 1]! ^= 1;
    expect(await broken('a.png', lined(40, 40, checksum))).toContain('got "incorrect data check"');
    for (const kind of ['color', 'gray', 'progressive'] as const) {
      const { file } = jpegs[kind];
      expect(await broken('a.jpg', file.subarray(0, file.length - 20))).toContain('A broken image x/a.jpg');
      expect(await broken('a.jpg', file.subarray(0, 40))).toContain('A broken image x/a.jpg');
    }
    const inks = Buffer.from(jpegs.color.file);
    inks[inks.indexOf(Buffer.of(0xff, 0xc0)) + 9] = 4;
    expect(await broken('a.jpg', inks)).toContain(
      'got "4 components instead of 1 (gray) or 3 (color)" from its decoder',
    );
    expect(await broken('a.png', 'GIF89a')).toBe(
      'Neither PNG nor JPEG in x/a.png: expected one of them, got other data. Convert or remove the file.',
    );
    expect(await broken('a.png', '')).toContain('got 0 bytes');
  });

  it('a folder without images, or with too many classes, is refused with an error message', async () => {
    expect(await refusal(readImages(folder))).toBe(
      'No images in .: expected PNG or JPEG files, or a folder of them for each class, got neither. Name a folder of images.',
    );
    await mkdir(join(folder, 'cat'));
    expect(await refusal(readImages(folder))).toContain(
      'No images in cat: expected PNG or JPEG files of this class, got none',
    );
    for (let i = 0; i < 257; i++) await mkdir(join(folder, `many/${i}`), { recursive: true });
    expect(await refusal(readImages(join(folder, 'many')))).toContain(
      'Too many classes in many: expected at most 256 folders, got 257',
    );
  });
});

describe('readImages', () => {
  it('readImages refuses other files, and the message lists the accepted kinds of files', async () => {
    const expected = 'expected an IDX file, a .bin file of CIFAR, or a folder of PNG or JPEG files';
    expect(await refusal(readImages(join(folder, 'none')))).toBe(
      `Cannot read none: ${expected}, got nothing at that path. Check the path.`,
    );
    expect(
      await refusal(
        readImages(await write('a.png', encode({ width: 1, height: 1, channels: 1, data: Uint8Array.of(1) }))),
      ),
    ).toBe(`One image instead of a set: a.png: ${expected}, got a .png file. Name its folder.`);
    expect(await refusal(readImages(await write('a.csv', 'a,b\n')))).toBe(
      `Unknown kind of images a.csv: ${expected}, got a file that begins with 612c620a. Unpack archives; convert other kinds.`,
    );
    expect(await refusal(readImages(await write('a', '')))).toContain('got 0 bytes');
    expect(await refusal(readImages(await write('cifar-10-binary.tar.gz', gzipSync('data_batch_1.bin'))))).toContain(
      'No IDX images in cifar-10-binary.tar.gz: expected a file that begins with 00000803, got 64617461',
    );
    await write('sub/train-images-idx3-ubyte.gz', gzipSync(''));
    expect(await refusal(readImages(join(folder, 'sub')))).toBe(
      "Files of MNIST's kind in the folder sub: expected one of them, got the folder. Name sub/train-images-idx3-ubyte.gz.",
    );
  });
});

describe('pickImages', () => {
  const images: Images = {
    shape: [1, 2, 1],
    count: 3,
    pixels: Uint8Array.of(1, 2, 3, 4, 5, 6),
    labels: Uint8Array.of(7, 8, 9),
    classes: ['a'],
    source: 'three',
  };

  it('pickImages copies images with their labels', () => {
    const picked = pickImages(images, Uint32Array.of(2, 0, 2));
    expect(picked).toEqual({
      ...images,
      count: 3,
      pixels: Uint8Array.of(5, 6, 1, 2, 5, 6),
      labels: Uint8Array.of(9, 7, 9),
    });
    picked.pixels[0] = 0;
    expect(images.pixels[4]).toBe(5);
    const { labels: _, ...unlabeled } = images;
    expect(pickImages(unlabeled, Uint32Array.of(1))).toEqual({ ...unlabeled, count: 1, pixels: Uint8Array.of(3, 4) });
  });

  it('pickImages refuses an index outside the set', () => {
    expect(() => pickImages(images, Uint32Array.of(0, 3))).toThrow(
      '[vision/pickImages] No such image in three: expected indices below 3, got 3.',
    );
  });
});
