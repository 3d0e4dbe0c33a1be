/** Returns the value of an IEEE 754 binary16 from its bits. */
export const float16 = (bits: number): number => {
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  const exponent = (bits >>> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
};

const word = new Uint32Array(1);
const real = new Float32Array(word.buffer);

/** Returns the value of a bfloat16 from its bits, which are the upper 16 bits of a float32. */
export const bfloat16 = (bits: number): number => {
  word[0] = bits << 16;
  return real[0]!;
};
