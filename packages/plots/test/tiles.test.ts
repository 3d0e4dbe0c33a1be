import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { tilesPng } from '../src/tiles.ts';

describe('tilesPng', () => {
  it('tilesPng draws each pixel of gray and color pictures as a square on white', () => {
    const pixels = Uint8Array.from({ length: 3 * 2 * 2 }, (_, i) => 10 * i);
    const { width, height, channels, data } = decode(tilesPng({ shape: [2, 2, 1], pixels, columns: 2, zoom: 3 }));
    // The margins and the tiles are 6 pixels wide, and the gaps are 2 pixels wide.
    expect([width, height, channels]).toEqual([6 + 6 + 2 + 6 + 6, 6 + 6 + 2 + 6 + 6, 1]);
    const at = (x: number, y: number): number => data[y * width + x]!;
    expect([at(6, 6), at(8, 8), at(9, 8), at(8, 9), at(11, 11)]).toEqual([0, 0, 10, 20, 30]);
    expect([at(14, 6), at(6, 14), at(14, 14), at(12, 6), at(0, 0)]).toEqual([40, 80, 255, 255, 255]);
    const color = decode(tilesPng({ shape: [1, 1, 3], pixels: Uint8Array.of(1, 2, 3), columns: 5, zoom: 1 }));
    expect([color.width, color.height, color.channels]).toEqual([13, 13, 3]);
    expect([...color.data.subarray(3 * (6 * 13 + 6), 3 * (6 * 13 + 6) + 3)]).toEqual([1, 2, 3]);
  });

  it('tilesPng draws a wider gap between two groups of lines, and throws if the bytes do not fit the shape', () => {
    const pixels = new Uint8Array(4);
    const height = (group: number): number =>
      decode(tilesPng({ shape: [1, 1, 1], pixels, columns: 1, group, zoom: 1 })).height;
    expect(height(2) - height(4)).toBe(8);
    expect(() => tilesPng({ shape: [2, 2, 1], pixels: new Uint8Array(5), columns: 1 })).toThrow(
      '[plots/tilesPng] Wrong pictures: expected bytes [count, height, width, 1 or 3], got 5 bytes for [2, 2, 1].',
    );
  });
});
