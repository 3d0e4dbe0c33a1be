/** Copies runs of `bytes` bytes along three axes. Strides are in bytes. */
export function copyRuns(
  x: usize, out: usize, bytes: usize,
  count0: i32, in0: usize, out0: usize, count1: i32, in1: usize, out1: usize, count2: i32, in2: usize, out2: usize,
): void {
  for (let p = 0; p < count0; p++, x += in0, out += out0) {
    let x1 = x, to1 = out;
    for (let q = 0; q < count1; q++, x1 += in1, to1 += out1) {
      let from = x1, to = to1;
      if (bytes === 4) for (let r = 0; r < count2; r++, from += in2, to += out2) store<i32>(to, load<i32>(from));
      else if (bytes === 8) for (let r = 0; r < count2; r++, from += in2, to += out2) store<i64>(to, load<i64>(from));
      else if (bytes > 512) for (let r = 0; r < count2; r++, from += in2, to += out2) memory.copy(to, from, bytes);
      else for (let r = 0; r < count2; r++, from += in2, to += out2) copyShort(from, to, bytes);
    }
  }
}

// @ts-ignore: decorators of AssemblyScript
@inline
function copyShort(from: usize, to: usize, bytes: usize): void {
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) v128.store(to + at, v128.load(from + at));
  if (at + 8 <= bytes) {
    store<i64>(to + at, load<i64>(from + at));
    at += 8;
  }
  if (at + 4 <= bytes) {
    store<i32>(to + at, load<i32>(from + at));
    at += 4;
  }
  for (; at < bytes; at++) store<u8>(to + at, load<u8>(from + at));
}
