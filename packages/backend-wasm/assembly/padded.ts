import { copy, zeros } from './patches';

/**
 * Lines of images with zeros around them: what a filter with sides `2 top + 1`, `2 left + 1` covers of a line lies side by side. Of `x [B, h, w, channels]` the lines
 * `(b, y)` from `first` to `last`, those of an image between `top` lines more above and below. `table` gets for each pixel the address where the filter over it begins.
 */
export function pad(x: usize, out: usize, table: usize, first: i32, last: i32, h: i32, w: i32, channels: i32, top: i32, left: i32): void {
  const pixel = <usize>channels << 2, line = <usize>w * pixel, side = <usize>left * pixel, wide = line + 2 * side;
  let to = out;
  for (let row = first; row < last; ) {
    const y = row % h, lines = min(h - y, last - row);
    const image = x + <usize>(row / h) * <usize>h * line;
    for (let i = 0, begin = to; i < lines; i++, begin += wide) {
      for (let j = 0, at = begin; j < w; j++, at += pixel, table += 4) store<u32>(table, <u32>at);
    }
    for (let i = y - top; i < y + lines + top; i++) {
      if (<u32>i < <u32>h) {
        to = zeros(to, side);
        to = copy(image + <usize>i * line, to, line);
        to = zeros(to, side);
      } else to = zeros(to, wide);
    }
    row += lines;
  }
}

/** The most that `pad` writes to `out` for so many lines, and what a vector reads beyond. */
export function paddedBytes(lines: i32, h: i32, w: i32, channels: i32, top: i32, left: i32): usize {
  return aligned((<usize>(lines + 2 * top * (lines / h + 2)) * <usize>(w + 2 * left) * <usize>channels << 2) + 64);
}

/** Up to a multiple of a line of the cache. */
// @ts-ignore: decorators of AssemblyScript
@inline
export function aligned(address: usize): usize { return (address + 63) & ~63; }
