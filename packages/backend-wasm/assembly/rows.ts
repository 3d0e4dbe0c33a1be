/**
 * Computes `out[ids[i]] += x[i]` for rows of `width` floats. Ids outside `[0, segments)` are ignored. `out` must be
 * zero at the start.
 */
export function segmentSum(x: usize, ids: usize, out: usize, count: i32, width: i32, segments: i32): void {
  const bytes = <usize>width << 2;
  for (let i = 0; i < count; i++, x += bytes) {
    const segment = load<i32>(ids + (<usize>i << 2));
    if (<u32>segment >= <u32>segments) continue;
    const to = out + <usize>segment * bytes;
    let j: usize = 0;
    for (; j + 16 <= bytes; j += 16) v128.store(to + j, f32x4.add(v128.load(to + j), v128.load(x + j)));
    for (; j < bytes; j += 4) store<f32>(to + j, load<f32>(to + j) + load<f32>(x + j));
  }
}

/** Computes `segmentSum` for rows of integers. */
export function segmentSumInt(x: usize, ids: usize, out: usize, count: i32, width: i32, segments: i32): void {
  const bytes = <usize>width << 2;
  for (let i = 0; i < count; i++, x += bytes) {
    const segment = load<i32>(ids + (<usize>i << 2));
    if (<u32>segment >= <u32>segments) continue;
    const to = out + <usize>segment * bytes;
    for (let j: usize = 0; j < bytes; j += 4) store<i32>(to + j, load<i32>(to + j) + load<i32>(x + j));
  }
}

/**
 * `out[b, o, i] = x[b, o, indices[b, i]]` for slices of `bytes` bytes. Returns the position of an index that is out of
 * range, or -1 if there is none.
 */
export function gatherRows(x: usize, indices: usize, out: usize, batch: i32, outer: i32, size: i32, count: i32, bytes: usize): i32 {
  for (let i = 0; i < batch * count; i++) {
    if (<u32>load<i32>(indices + (<usize>i << 2)) >= <u32>size) return i;
  }
  for (let b = 0; b < batch; b++, indices += <usize>count << 2) {
    for (let o = 0; o < outer; o++, x += <usize>size * bytes) {
      for (let i = 0; i < count; i++, out += bytes) {
        const from = x + <usize>load<i32>(indices + (<usize>i << 2)) * bytes;
        if (bytes == 4) store<i32>(out, load<i32>(from));
        else if (bytes == 1) store<u8>(out, load<u8>(from));
        else if (bytes > 512) memory.copy(out, from, bytes);
        else {
          let j: usize = 0;
          for (; j + 16 <= bytes; j += 16) v128.store(out + j, v128.load(from + j));
          for (; j + 4 <= bytes; j += 4) store<i32>(out + j, load<i32>(from + j));
          for (; j < bytes; j++) store<u8>(out + j, load<u8>(from + j));
        }
      }
    }
  }
  return -1;
}

/** Computes `condition ? t : e` for elements of four bytes, with one condition (a byte) per element. */
export function select4(condition: usize, t: usize, e: usize, out: usize, count: i32): void {
  let i: usize = 0;
  for (; i + 4 <= <usize>count; i += 4) {
    const bytes = v128.load32_zero(condition + i);
    const mask = i32x4.ne(i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(bytes)), i32x4.splat(0));
    const at = i << 2;
    v128.store(out + at, v128.bitselect(v128.load(t + at), v128.load(e + at), mask));
  }
  for (; i < <usize>count; i++) store<i32>(out + (i << 2), load<i32>((load<u8>(condition + i) ? t : e) + (i << 2)));
}

/** Computes `condition ? t : e` with one condition per block of `bytes` bytes. */
export function selectRuns(condition: usize, t: usize, e: usize, out: usize, count: i32, bytes: usize): void {
  if (bytes == 1) {
    for (let i: usize = 0; i < <usize>count; i++) store<u8>(out + i, load<u8>((load<u8>(condition + i) ? t : e) + i));
    return;
  }
  for (let i: usize = 0; i < <usize>count; i++) memory.copy(out + i * bytes, (load<u8>(condition + i) ? t : e) + i * bytes, bytes);
}

/** Writes zeros. */
export function clear(address: usize, bytes: usize): void {
  memory.fill(address, 0, bytes);
}

/** Copies each of `count` blocks `times` times in a row. */
export function repeat(x: usize, out: usize, count: i32, bytes: usize, times: i32): void {
  if (times == 0) return;
  const whole = bytes * <usize>times;
  for (let i = 0; i < count; i++, x += bytes, out += whole) {
    memory.copy(out, x, bytes);
    // Append a copy of the part that is already written, so that the written part doubles each time.
    for (let done = bytes; done < whole; ) {
      const more = min(done, whole - done);
      memory.copy(out + done, out, more);
      done += more;
    }
  }
}
