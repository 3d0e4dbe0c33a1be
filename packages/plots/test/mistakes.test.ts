import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { mistakesPlot } from '../src/mistakes.ts';

describe('mistakesPlot', () => {
  it('mistakesPlot shows at most forty mistakes, ten in a line', () => {
    const images = { shape: [8, 8, 1], pixels: Uint8Array.from({ length: 50 * 8 * 8 }, (_, i) => i % 256) } as const;
    const mistakes = (count: number) =>
      Array.from({ length: count }, (_, image) => ({ image, truth: 0, guess: 1, probability: 0.9 }));
    const height = (count: number): number =>
      decode(mistakesPlot({ images, mistakes: mistakes(count), classes: ['a', 'b'] })).height;
    expect(height(11)).toBeGreaterThan(height(10));
    expect(height(10)).toBe(height(1));
    expect(height(50)).toBe(height(40));
  });
});
