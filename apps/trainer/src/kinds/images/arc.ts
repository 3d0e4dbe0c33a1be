/**
 * Spherical interpolation from `a` to `b` at `t` in `[0, 1]`, with lengths between theirs. Points of a straight line
 * would be closer to the origin than samples of a normal density in many dimensions.
 *
 * @see Shoemake, Animating Rotation with Quaternion Curves, SIGGRAPH 1985.
 */
export const arc = (a: Float32Array, b: Float32Array, t: number): Float32Array => {
  let [aa, bb, ab] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    aa += a[i]! ** 2;
    bb += b[i]! ** 2;
    ab += a[i]! * b[i]!;
  }
  const angle = Math.acos(Math.max(-1, Math.min(1, ab / Math.sqrt(aa * bb))));
  const sine = Math.sin(angle);
  // For parallel vectors, or if one is zero: the straight line.
  const [from, to] = sine > 1e-6 ? [Math.sin((1 - t) * angle) / sine, Math.sin(t * angle) / sine] : [1 - t, t];
  return a.map((value, i) => from * value + to * b[i]!);
};
