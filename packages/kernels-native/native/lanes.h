// Small linear systems of W samples at a time, one sample per lane. The result of a sample does not depend on other
// samples, so W does not change results. Lanes after the last sample are zero, and are not written back.

static void gather(const float *from, L stride, L size, float *to, L count) {
  if (count < W) memset(to, 0, 4 * size * W);
  for (L s = 0; s < count; s++)
    for (L j = 0; j < size; j++) to[j * W + s] = from[s * stride + j];
}
static void scatter(const float *from, L size, float *to, L count) {
  for (L s = 0; s < count; s++)
    for (L j = 0; j < size; j++) to[s * size + j] = from[j * W + s];
}
static inline V item(const float *at, L i) { return load(at + i * W); }
static inline void setItem(float *at, L i, V x) { store(at + i * W, x); }
// The items of x are `apart` items apart: a row or a column of a matrix.
static inline V dot(const float *x, L apart, const float *y, L d) {
  V sum = {0};
  for (L i = 0; i < d; i++) sum = madd(item(x, i * apart), item(y, i), sum);
  return sum;
}

// One step of Anderson acceleration; see assembly/anderson.ts.
KERNEL(void, andersonLanes)(char *memory, uint32_t yAt, uint32_t gapAt, uint32_t lastYAt, uint32_t lastGapAt, uint32_t valuesAt,
                            uint32_t gapsAt, uint32_t outValuesAt, uint32_t outGapsAt, uint32_t nextAt, uint32_t scratch,
                            int32_t batch, int32_t d, int32_t held, int32_t k, float damping, float regularization) {
  (void)scratch;
  const L kept = k - 1, row = (L)d * W, line = (L)(k + 1) * W, stride = (L)held * d, dropped = (held - kept) * d;
  float *v = roomFor(((size_t)2 * d * (k + 1) + (size_t)k * (k + 1)) * W), *g = v + k * row, *target = g + k * row;
  float *point = target + row, *system = point + row, *newV = v + kept * row, *newG = g + kept * row;
  const V damp = S(damping);
  for (L first = 0; first < batch; first += W) {
    const L count = batch - first < W ? batch - first : W, at = first * d, past = first * stride + dropped;
    gather(AT(valuesAt) + past, stride, kept * d, v, count);
    gather(AT(gapsAt) + past, stride, kept * d, g, count);
    gather(AT(yAt) + at, d, d, point, count);
    gather(AT(gapAt) + at, d, d, target, count);
    gather(AT(lastYAt) + at, d, d, newV, count);
    gather(AT(lastGapAt) + at, d, d, newG, count);
    for (L i = 0; i < d; i++) {
      setItem(newV, i, item(point, i) - item(newV, i));
      setItem(newG, i, item(target, i) - item(newG, i));
    }
    scatter(v, k * d, AT(outValuesAt) + k * at, count);
    scatter(g, k * d, AT(outGapsAt) + k * at, count);

    // The upper triangle of the Gram matrix, followed by the right-hand side.
    V trace = {0};
    for (L i = 0; i < k; i++) {
      const float *own = g + i * row;
      float *to = system + i * line;
      for (L j = i; j < k; j++) setItem(to, j, dot(own, 1, g + j * row, d));
      setItem(to, k, dot(own, 1, target, d));
      trace = trace + item(to, i);
    }
    const V scale = 1 / pmax(trace, S(1e-30f));
    for (L i = 0; i < k; i++) {
      float *to = system + i * line;
      for (L j = i; j <= k; j++) setItem(to, j, item(to, j) * scale);
      setItem(to, i, item(to, i) + regularization);
    }
    for (L i = 0; i < k; i++) {
      float *top = system + i * line;
      const V inverse = 1 / item(top, i);
      setItem(top, i, inverse);
      for (L j = i + 1; j < k; j++) {
        float *below = system + j * line;
        const V factor = -(item(top, j) * inverse);
        for (L l = j; l <= k; l++) setItem(below, l, madd(factor, item(top, l), item(below, l)));
      }
    }

    for (L i = 0; i < d; i++) setItem(point, i, madd(damp, item(target, i), item(point, i)));
    for (L i = k - 1; i >= 0; i--) {
      float *own = system + i * line;
      V rest = item(own, k);
      // Each computed coefficient has overwritten its right-hand side.
      for (L j = i + 1; j < k; j++) rest = rest - item(own, j) * item(system + j * line, k);
      const V c = rest * item(own, i), minus = -c;
      setItem(own, k, c);
      for (L j = 0; j < d; j++)
        setItem(point, j, madd(minus, madd(damp, item(g + i * row, j), item(v + i * row, j)), item(point, j)));
    }
    scatter(point, d, AT(nextAt) + at, count);
  }
}

// Broyden's good update and the next step; see assembly/broyden.ts.
KERNEL(void, broyden)(char *memory, uint32_t inverseAt, uint32_t dyAt, uint32_t dFAt, uint32_t imageAt, uint32_t nextAt,
                      uint32_t stepAt, uint32_t scratch, int32_t batch, int32_t d) {
  (void)scratch;
  const L square = (L)d * d, row = (L)d * W;
  float *inverse = roomFor(((size_t)square + 4 * (size_t)d) * W), *y = inverse + d * row, *f = y + row, *target = f + row, *v = target + row;
  for (L first = 0; first < batch; first += W) {
    const L count = batch - first < W ? batch - first : W;
    gather(AT(inverseAt) + first * square, square, square, inverse, count);
    gather(AT(dyAt) + first * d, d, d, y, count);
    gather(AT(dFAt) + first * d, d, d, f, count);
    gather(AT(imageAt) + first * d, d, d, target, count);
    for (L j = 0; j < d; j++) setItem(v, j, dot(inverse + j * W, d, y, d));
    const V denominator = dot(v, 1, f, d);
    const V least = 1e-6f * root(dot(v, 1, v, d) * dot(f, 1, f, d));
    // The comparison is false if a number is NaN.
    const I ok = absolute(denominator) > pmax(least, S(1e-30f));
    const V divisor = pick(ok, denominator, S(1));
    for (L i = 0; i < d; i++) {
      float *line = inverse + i * row;
      const V u = (item(y, i) - dot(line, 1, f, d)) / divisor;
      for (L j = 0; j < d; j++) setItem(line, j, pick(ok, madd(u, item(v, j), item(line, j)), item(line, j)));
      // No later row needs this entry of `y`, so it is overwritten by an entry of the next step.
      setItem(y, i, -dot(line, 1, target, d));
    }
    scatter(inverse, square, AT(nextAt) + first * square, count);
    scatter(y, d, AT(stepAt) + first * d, count);
  }
}

// Inverses by Gauss-Jordan elimination without pivoting, and their pivots; see assembly/invert.ts.
static void invert(float *a, float *pivots, L d) {
  const L row = d * W;
  for (L j = 0; j < d; j++) {
    float *top = a + j * row;
    const V pivot = item(top, j), reciprocal = 1 / pivot;
    setItem(pivots, j, pivot);
    setItem(top, j, S(1));
    for (L k = 0; k < d; k++) setItem(top, k, item(top, k) * reciprocal);
    for (L i = 0; i < d; i++) {
      if (i == j) continue;
      float *line = a + i * row;
      const V factor = -item(line, j);
      setItem(line, j, S(0));
      for (L k = 0; k < d; k++) setItem(line, k, madd(factor, item(top, k), item(line, k)));
    }
  }
}

// (I + J)^-1 and Newton's step; see assembly/root-newton.ts.
KERNEL(void, rootNewton)(char *memory, uint32_t tangentsAt, uint32_t imageAt, uint32_t inverseAt, uint32_t stepAt, uint32_t scratch,
                         int32_t batch, int32_t d) {
  (void)scratch;
  const L row = (L)d * W, slab = (L)batch * d;
  float *inverse = roomFor(((size_t)d * d + 2 * (size_t)d) * W), *target = inverse + d * row, *column = target + row;
  float *pivots = column;
  for (L first = 0; first < batch; first += W) {
    const L count = batch - first < W ? batch - first : W;
    for (L k = 0; k < d; k++) {
      gather(AT(tangentsAt) + k * slab + first * d, d, d, column, count);
      for (L i = 0; i < d; i++) setItem(inverse + i * row, k, i == k ? item(column, i) + 1 : item(column, i));
    }
    invert(inverse, pivots, d);
    scatter(inverse, (L)d * d, AT(inverseAt) + first * d * d, count);
    gather(AT(imageAt) + first * d, d, d, target, count);
    for (L i = 0; i < d; i++) setItem(column, i, -dot(inverse + i * row, 1, target, d));
    scatter(column, d, AT(stepAt) + first * d, count);
  }
}
