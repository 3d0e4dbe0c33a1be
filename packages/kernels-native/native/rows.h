// Arrays of numbers: gradients of nets, sums, the optimizer. WebAssembly computes most elements by vectors of four with
// fused multiply-add, and the last elements by scalars without fused multiply-add. These kernels do the same, so that
// results are bit-identical.

KERNEL(void, addTo)(char *memory, uint32_t outAt, uint32_t xAt, int32_t n) {
  float *out = AT(outAt);
  const float *x = AT(xAt);
#define ADD(get, put) put(out, get(out) + get(x));
  EACH(n, ADD);
}

KERNEL(void, addScaled)(char *memory, uint32_t xAt, float factor, uint32_t yAt, uint32_t outAt, int32_t n) {
  float *out = AT(outAt);
  const float *x = AT(xAt), *y = AT(yAt);
#define ADD_SCALED(get, put) put(out, get(x) + factor * get(y));
  EACH(n, ADD_SCALED);
}

// Number of floats of a slope in a block, which stays in the first-level cache for all tangents.
#define SLOPES 2048
KERNEL(void, tangentProduct)(char *memory, uint32_t tangentsAt, uint32_t slopeAt, uint32_t outAt, int32_t count, int32_t size) {
  for (L from = 0; from < size; from += SLOPES) {
    const L length = size - from < SLOPES ? size - from : SLOPES;
    const float *slope = AT(slopeAt) + from;
    for (L k = 0; k < count; k++) {
      const float *tangent = AT(tangentsAt) + k * size + from;
      float *out = AT(outAt) + k * size + from;
#define MULTIPLY(get, put) put(out, get(tangent) * get(slope));
      EACH(length, MULTIPLY);
    }
  }
}

KERNEL(void, tangentPullback)(char *memory, uint32_t uAt, uint32_t slopeAt, uint32_t curvatureAt, uint32_t tangentsAt,
                              uint32_t cotangentsAt, uint32_t gradientAt, uint32_t pulledAt, float scale, int32_t count,
                              int32_t size) {
  const float *u = AT(uAt), *slope = AT(slopeAt), *curvature = AT(curvatureAt), *tangents = AT(tangentsAt), *cotangents = AT(cotangentsAt);
  float *gradient = AT(gradientAt), *pulled = AT(pulledAt);
  const L whole = size & ~(L)15;
  for (L at = 0; at < whole; at += W) {
    const V s = load(slope + at);
    V sum = {0};
    for (L k = 0; k < count; k++) {
      const V w = load(cotangents + k * size + at);
      sum = madd(w, load(tangents + k * size + at), sum);
      store(pulled + k * size + at, w * s);
    }
    store(gradient + at, madd(scale * load(curvature + at), sum, load(u + at) * s));
  }
  for (L at = whole; at < size; at++) {
    const float s = slope[at];
    float sum = 0;
    for (L k = 0; k < count; k++) {
      const float w = cotangents[k * size + at];
      sum += w * tangents[k * size + at];
      pulled[k * size + at] = w * s;
    }
    gradient[at] = u[at] * s + scale * curvature[at] * sum;
  }
}

KERNEL(void, pullTangent)(char *memory, uint32_t uAt, uint32_t slopeAt, uint32_t curvatureAt, uint32_t tangentAt,
                          uint32_t cotangentAt, uint32_t gradientAt, uint32_t pulledAt, float scale, int32_t size) {
  const float *u = MAYBE(uAt), *slope = AT(slopeAt), *curvature = AT(curvatureAt), *tangent = AT(tangentAt), *cotangent = AT(cotangentAt);
  float *gradient = AT(gradientAt), *pulled = AT(pulledAt);
  const L whole = size & ~(L)3;
#define PULL(get, put)                                                                                  \
  const V s = get(slope), c = get(cotangent);                                                           \
  const V start = u != NULL ? get(u) * s : get(gradient);                                               \
  put(gradient, madd(scale * get(curvature), get(tangent) * c, start));                                  \
  put(pulled, c * s);
  EACH(whole, PULL);
  for (L at = whole; at < size; at++) {
    const float s = slope[at], c = cotangent[at], start = u != NULL ? u[at] * s : gradient[at];
    gradient[at] = start + scale * curvature[at] * (tangent[at] * c);
    pulled[at] = c * s;
  }
}

KERNEL(void, adam)(char *memory, uint32_t thetaAt, uint32_t gradientAt, uint32_t mAt, uint32_t vAt, uint32_t newThetaAt,
                   uint32_t newMAt, uint32_t newVAt, float gain1, float gain2, float rate, float epsilon, float keep, int32_t size) {
  const float *theta = AT(thetaAt), *gradient = AT(gradientAt), *m = AT(mAt), *v = AT(vAt);
  float *newTheta = AT(newThetaAt), *newM = AT(newMAt), *newV = AT(newVAt);
  const L whole = size & ~(L)3;
#define ADAM(get, put)                                                            \
  const V g = get(gradient), m0 = get(m), v0 = get(v);                            \
  const V m1 = madd(S(gain1), g - m0, m0), v1 = madd(S(gain2), g * g - v0, v0);     \
  put(newM, m1);                                                                  \
  put(newV, v1);                                                                  \
  put(newTheta, madd(S(-rate), m1 / (root(v1) + epsilon), keep * get(theta)));
  EACH(whole, ADAM);
  for (L at = whole; at < size; at++) {
    const float g = gradient[at], m0 = m[at], v0 = v[at];
    const float m1 = gain1 * (g - m0) + m0, v1 = gain2 * (g * g - v0) + v0;
    newM[at] = m1;
    newV[at] = v1;
    newTheta[at] = keep * theta[at] - rate * (m1 / (__builtin_sqrtf(v1) + epsilon));
  }
}

// Number of lines that are summed in one block. Blocks reduce the rounding error.
#define LINES 128
typedef float Q __attribute__((vector_size(16)));
static inline double total(Q s) { return (double)s[0] + (double)s[1] + ((double)s[2] + (double)s[3]); }

static float lineSum(const float *x, L count) {
  double sum = 0;
  while (count >= 16) {
    const L steps = count / 16 < LINES ? count / 16 : LINES;
    count -= 16 * steps;
    V part[16 / W] = {{0}};
    for (L k = 0; k < steps; k++, x += 16)
      for (int q = 0; q < 16 / W; q++) part[q] += load(x + q * W);
    Q quarter[4];
    memcpy(quarter, part, sizeof quarter);
    sum += total((quarter[0] + quarter[1]) + (quarter[2] + quarter[3]));
  }
  for (; count > 0; count--) sum += *x++;
  return (float)sum;
}

// Sums of C columns, 16 at a time.
#define COLUMNS(C)                                                               \
  static void columns##C(const float *x, L reduced, L inner, float *out) {       \
    V sum[C / W] = {{0}};                                                        \
    for (L r = 0; r < reduced;) {                                                \
      V part[C / W] = {{0}};                                                     \
      const L end = reduced - r < LINES ? reduced : r + LINES;                   \
      for (; r < end; r++)                                                       \
        for (int q = 0; q < C / W; q++) part[q] += load(x + r * inner + q * W);  \
      for (int q = 0; q < C / W; q++) sum[q] += part[q];                         \
    }                                                                            \
    for (int q = 0; q < C / W; q++) store(out + q * W, sum[q]);                  \
  }
COLUMNS(16)
COLUMNS(32)
COLUMNS(64)
static void columnSums(const float *x, L reduced, L inner, float *out) {
  L j = 0;
  for (; j + 64 <= inner; j += 64) columns64(x + j, reduced, inner, out + j);
  for (; j + 32 <= inner; j += 32) columns32(x + j, reduced, inner, out + j);
  for (; j + 16 <= inner; j += 16) columns16(x + j, reduced, inner, out + j);
  for (; j < inner; j++) {
    double sum[4] = {0};
    L r = 0;
    for (; r + 4 <= reduced; r += 4)
      for (int q = 0; q < 4; q++) sum[q] += x[(r + q) * inner + j];
    for (; r < reduced; r++) sum[0] += x[r * inner + j];
    out[j] = (float)(sum[0] + sum[1] + (sum[2] + sum[3]));
  }
}
KERNEL(void, sum)(char *memory, uint32_t xAt, int32_t outer, int32_t reduced, int32_t inner, uint32_t outAt) {
  const float *x = AT(xAt);
  float *out = AT(outAt);
  for (L i = 0; i < outer; i++, x += (L)reduced * inner, out += inner) {
    if (inner == 1) *out = lineSum(x, reduced);
    else columnSums(x, reduced, inner, out);
  }
}

// See assembly/elementwise/lip-swish.ts.
static inline V direct(V a, V f, V u) { return u * (a * a) * steepness(f); }
static inline V bent(V x, V f, V moment) { return steepness(f) * madd(negativeAbs(x), 1 - (f + f), S(2)) * moment; }
KERNEL(void, lipSwishPullback)(char *memory, uint32_t uAt, uint32_t aAt, uint32_t bAt, uint32_t slopeAt, uint32_t tangentsAt,
                               uint32_t cotangentsAt, uint32_t gradientAt, uint32_t pulledAt, uint32_t ofBAt, int32_t count, int32_t size) {
  const float *u = AT(uAt), *a = AT(aAt), b = *AT(bAt), *slope = AT(slopeAt), *tangents = AT(tangentsAt), *cotangents = AT(cotangentsAt);
  float *gradient = AT(gradientAt), *pulled = AT(pulledAt);
  const L whole = size & ~(L)3, block = 4 * LINES;
  double ofB = 0;
  for (L from = 0; from < whole; from += block) {
    const L to = whole - from < block ? whole : from + block;
    Q sum = {0};
    for (L at = from; at < to; at += W) {
      const L width = to - at < W ? to - at : W;
      const Part rest = part(width < W ? width : 0);
#define SOME(p) (width < W ? loadPart((p) + at, rest) : load((p) + at))
#define PUT(p, x) (width < W ? storePart((p) + at, rest, x) : store((p) + at, x))
      const V s = SOME(slope), v = SOME(u), x = SOME(a), ba = x * b, f = minor(ba);
      V own = direct(x, f, v);
      if (count == 0) PUT(gradient, v * s);
      else {
        V moment = {0};
        for (L k = 0; k < count; k++) {
          const V w = SOME(cotangents + k * size);
          moment = madd(w, SOME(tangents + k * size), moment);
          PUT(pulled + k * size, w * s);
        }
        const V met = bent(ba, f, moment);
        PUT(gradient, madd(met, S(b * LIP_SCALE), v * s));
        own = madd(x, met, own);
      }
      Q quarter[W / 4];
      memcpy(quarter, &own, sizeof quarter);
      for (L q = 0; 4 * q < width; q++) sum += quarter[q];
    }
    ofB += total(sum);
  }
  for (L at = whole; at < size; at++) {
    const V s = S(slope[at]), v = S(u[at]), x = S(a[at]), ba = x * b, f = minor(ba);
    V moment = {0}, own = direct(x, f, v), change = v * s;
    for (L k = 0; k < count; k++) {
      const V w = S(cotangents[k * size + at]);
      moment = madd(w, S(tangents[k * size + at]), moment);
      pulled[k * size + at] = (w * s)[0];
    }
    if (count > 0) {
      const V met = bent(ba, f, moment);
      change = madd(met, S(b * LIP_SCALE), change);
      own = madd(x, met, own);
    }
    gradient[at] = change[0];
    ofB += own[0];
  }
  *AT(ofBAt) = (float)(ofB * (double)LIP_SCALE);
}
