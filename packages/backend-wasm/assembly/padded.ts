import { copy, zeros } from './patches';

/**
 * Copies lines `(b, y)` from `first` to `last` of `x [B, h, w, channels]`, with zero padding for a filter with sides
 * `2 top + 1`, `2 left + 1`. The copy has `top` additional lines above and below. The pixels under one filter line are
 * then adjacent. For each pixel, writes to `table` the address of the first number under the filter that is centered at
 * the pixel.
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

/**
 * Returns the largest number of bytes that `pad` writes to `out` for `lines` lines, plus the bytes that a vector may
 * read beyond the end.
 */
export function paddedBytes(lines: i32, h: i32, w: i32, channels: i32, top: i32, left: i32): usize {
  return aligned((<usize>(lines + 2 * top * (lines / h + 2)) * <usize>(w + 2 * left) * <usize>channels << 2) + 64);
}

/** Rounds an address up to a multiple of the cache line. */
// @ts-ignore: decorators of AssemblyScript
@inline
export function aligned(address: usize): usize { return (address + 63) & ~63; }
