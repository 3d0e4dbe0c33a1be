/**
 * The point at `t` of `[0, 1]` on the arc from `a` to `b`: turned evenly, with lengths between theirs. A straight line would pass closer to the
 * middle than draws of a normal density in many dimensions ever come.
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
  // Directions that agree, or of which one is none: the line.
  const [from, to] = sine > 1e-6 ? [Math.sin((1 - t) * angle) / sine, Math.sin(t * angle) / sine] : [1 - t, t];
  return a.map((value, i) => from * value + to * b[i]!);
};
