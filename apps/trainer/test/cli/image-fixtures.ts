import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fold, key, uniforms } from '@impflow/core';
import { encode } from 'fast-png';

export const CLASSES: readonly string[] = ['east', 'north', 'south', 'west'];

interface FolderOptions {
  readonly seed?: number;
  /** Images of each class. */
  readonly count?: number;
  readonly height?: number;
  readonly width?: number;
  readonly channels?: 1 | 3;
  /** Whether each class has a sub-folder. Default true. */
  readonly classes?: boolean;
}

/** Writes a folder of small PNG files of four classes: noise that is bright on one side. */
export const imageFolder = (
  path: string,
  { seed = 1, count = 20, height = 8, width = 8, channels = 1, classes = true }: FolderOptions = {},
): string => {
  const bright = [
    (_y: number, x: number) => x >= width / 2,
    (y: number) => y < height / 2,
    (y: number) => y >= height / 2,
    (_y: number, x: number) => x < width / 2,
  ];
  for (const [label, name] of CLASSES.entries()) {
    const folder = classes ? join(path, name) : path;
    mkdirSync(folder, { recursive: true });
    for (let i = 0; i < count; i++) {
      const noise = uniforms(fold(fold(key(seed), label), i), height * width * channels);
      const data = Uint8Array.from(noise, (u, at) => {
        const pixel = Math.floor(at / channels);
        return Math.floor(100 * u) + (bright[label]!(Math.floor(pixel / width), pixel % width) ? 120 : 10);
      });
      writeFileSync(
        join(folder, `${name}-${String(i).padStart(3, '0')}.png`),
        encode({ width, height, data, channels, depth: 8 }),
      );
    }
  }
  return path;
};
