import { effect, type ReadonlySignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { coalesced } from './hooks.ts';

/** Creates a canvas that is not part of the document. */
export const blank = (width: number, height: number): HTMLCanvasElement => {
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(width));
  canvas.height = Math.max(1, Math.round(height));
  return canvas;
};

/**
 * Returns the number of device pixels per CSS pixel that canvases use, at most 2. A higher resolution would use more
 * memory without a visible effect.
 */
const pixelScale = (): number => Math.min(2, Math.max(1, devicePixelRatio));

/**
 * Redraws a canvas whenever its content changes. Several changes within a frame cause a single drawing, in the next
 * frame. `draw` receives a cleared context in CSS pixels, and the number of device pixels per CSS pixel. If the width
 * is 0, `draw` is not called. Set `inMemory` if `draw` writes single pixels. The canvas then stays in main memory,
 * where writing single pixels is fast.
 */
export const useLayer = <T extends { readonly frame: { readonly size: number; readonly full: number } }>(
  content: ReadonlySignal<T>,
  draw: (context: CanvasRenderingContext2D, content: T, scale: number) => void,
  inMemory = false,
): RefObject<HTMLCanvasElement | null> => {
  const canvas = useRef<HTMLCanvasElement | null>(null);
  useEffect(() => {
    const painter = coalesced(() => {
      const now = content.peek();
      const { size, full } = now.frame;
      if (canvas.current === null || size === 0) return;
      const scale = pixelScale();
      const context = prepared(canvas.current, size, full, scale, inMemory);
      draw(context, now, scale);
    });
    const end = effect(() => {
      void content.value;
      painter.request();
    });
    return () => {
      end();
      painter.stop();
    };
  }, []);
  return canvas;
};

/**
 * Sets the size of a canvas in CSS pixels and clears it. Returns the drawing context of the canvas, scaled so that one
 * unit is one CSS pixel.
 */
export const prepared = (
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
  scale: number,
  inMemory = false,
): CanvasRenderingContext2D => {
  const [w, h] = [Math.round(width * scale), Math.round(height * scale)];
  // Setting the size allocates memory, so the size is set only if it changes.
  if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
  const context = canvas.getContext('2d', { willReadFrequently: inMemory })!;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, w, h);
  context.setTransform(scale, 0, 0, scale, 0, 0);
  return context;
};

/** Returns the CSS value of the page's font, for text on canvases. */
export const fontOf = (px: number, weight: 400 | 600 = 400): string =>
  `${weight} ${px}px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif`;

/** Breaks text into lines that are at most `width` wide in the context's font. */
export const lines = (context: CanvasRenderingContext2D, text: string, width: number): readonly string[] => {
  const broken: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && context.measureText(longer).width > width) {
      broken.push(line);
      line = word;
    } else line = longer;
  }
  return line === '' ? broken : [...broken, line];
};
