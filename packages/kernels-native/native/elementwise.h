// Functions of single numbers. The formulas are copied from assembly/elementwise, where their errors are documented.
#define S(x) splat(x)
static const float ROUNDER = 12582912.0f, POWER_ROUNDER = 12583039.0f;
static const float LOG2_E = 1.4426950216293335f, LN2_HIGH = 0.693359375f, LN2_LOW = -2.1219444170128554e-4f;

static inline V power(V shifted) { return (V)((I)shifted << 23); }
static inline V remainderOf(V x, V n) { return madd(n, S(-LN2_LOW), madd(n, S(-LN2_HIGH), x)); }
static inline V shiftedExponent(V x) { return madd(x, S(LOG2_E), S(POWER_ROUNDER)); }
static inline V mantissa(V r) {
  V p = madd(r, S(8.290229365229607e-3f), S(4.189838841557503e-2f));
  p = madd(p, r, S(0.16667640209197998f));
  p = madd(p, r, S(0.49999144673347473f));
  p = madd(p, r, S(0.9999997019767761f));
  return madd(p, r, S(1));
}
static inline V fraction(V x, V shifted) {
  const V r = remainderOf(x, shifted - POWER_ROUNDER);
  V p = madd(r, S(1.3882509665563703e-3f), S(8.366580121219158e-3f));
  p = madd(p, r, S(4.166720062494278e-2f));
  p = madd(p, r, S(0.1666654348373413f));
  p = madd(p, r, S(0.4999999701976776f));
  return r * madd(p, r, S(1));
}
// e^x for x <= 0.
static inline V decay(V x) {
  const V clamped = pmax(x, S(-88)), shifted = shiftedExponent(clamped);
  return mantissa(remainderOf(clamped, shifted - POWER_ROUNDER)) * power(shifted);
}
// e^x - 1 for x <= 0.
static inline V decayMinusOne(V x) {
  const V clamped = pmax(x, S(-88)), shifted = shiftedExponent(clamped), scale = power(shifted);
  return madd(scale, fraction(clamped, shifted), scale - 1);
}
static inline V hyperbolicTangent(V x) {
  const V negative = negativeAbs(x), q = decayMinusOne(negative + negative);
  return copySign(q / (q + 2), x);
}
static inline V logarithmOnePlus(V z) {
  const V s = z / (z + 2), u = s * s;
  V p = madd(u, S(0.2801198661327362f), S(0.28001806139945984f));
  p = madd(p, u, S(0.4002152681350708f));
  p = madd(p, u, S(0.666664183139801f));
  return s * madd(p, u, S(2));
}

typedef struct { V value, slope; } Pair;
static inline V sineOfHalf(V r, V u) {
  V s = madd(u, S(0.07756038755178452f), S(-0.5982421040534973f));
  s = madd(s, u, S(2.550069808959961f));
  s = madd(s, u, S(-5.167709827423096f));
  return r * madd(s, u, S(3.1415927410125732f));
}
static inline V cosineOfHalf(V u) {
  V c = madd(u, S(0.07005385309457779f), S(-0.42401865124702454f));
  c = madd(c, u, S(1.2918450832366943f));
  c = madd(c, u, S(-1.5707941055297852f));
  return madd(c, u, S(0.31830987334251404f));
}
static inline Pair sine(V x) {
  const V r = x - nearest(x), u = r * r, s = sineOfHalf(r, u);
  return (Pair){s * cosineOfHalf(u), 1 - s * (s + s)};
}
static inline Pair snake(V x) {
  const V r = x - nearest(x), u = r * r, s = sineOfHalf(r, u);
  return (Pair){0.5f * madd(s, cosineOfHalf(u), x), 1 - s * s};
}
static inline Pair tanhOf(V x) {
  const V y = hyperbolicTangent(x);
  return (Pair){y, 1 - y * y};
}
static inline Pair softplusOf(V x) {
  const V z = decay(negativeAbs(x)), f = z / (z + 1);
  return (Pair){pmax(x, S(0)) + logarithmOnePlus(z), pick(x >= 0, 1 - f, f)};
}
static inline Pair eluOf(V x, float alpha, float rate, float steepness) {
  const V a = pmax(x * rate, S(-88)), shifted = shiftedExponent(a), scale = power(shifted), m = fraction(a, shifted);
  const I positive = x > 0;
  return (Pair){pick(positive, x, alpha * madd(scale, m, scale - 1)),
                pick(positive, S(1), steepness * madd(scale, m, scale))};
}

static const float LIP_SCALE = 1.0f / 1.1f;
// The smaller of sigmoid(x) and 1 - sigmoid(x).
static inline V minor(V x) {
  const V z = decay(negativeAbs(x));
  return z / (z + 1);
}
static inline V steepness(V f) { return f * (1 - f); }
static inline Pair lipSwishOf(V x, float b) {
  const V ba = x * b, f = minor(ba), s = pick(ba < 0, f, 1 - f);
  return (Pair){x * s * LIP_SCALE, madd(ba, steepness(f), s) * LIP_SCALE};
}

// Computes value and slope of an activation: `expression` of x.
#define ACTIVATION(name, expression, ...)                                                                              \
  KERNEL(void, name)(char *memory, uint32_t a, uint32_t valueAt, uint32_t slopeAt, int32_t n __VA_ARGS__) {            \
    const float *from = AT(a);                                                                                         \
    float *value = AT(valueAt), *slope = AT(slopeAt);                                                                  \
    L at = 0;                                                                                                          \
    for (; at + W <= n; at += W) {                                                                                     \
      const V x = load(from + at);                                                                                     \
      const Pair y = expression;                                                                                       \
      store(value + at, y.value);                                                                                      \
      store(slope + at, y.slope);                                                                                      \
    }                                                                                                                  \
    if (at < n) {                                                                                                      \
      const Part rest = part(n - at);                                                                                  \
      const V x = loadPart(from + at, rest);                                                                           \
      const Pair y = expression;                                                                                       \
      storePart(value + at, rest, y.value);                                                                            \
      storePart(slope + at, rest, y.slope);                                                                            \
    }                                                                                                                  \
  }
#define COMMA ,
ACTIVATION(sinSlope, sine(x))
ACTIVATION(snakeSlope, snake(x))
ACTIVATION(tanhSlope, tanhOf(x))
ACTIVATION(softplusSlope, softplusOf(x))
ACTIVATION(eluSlope, eluOf(x, alpha, rate, steep), COMMA float alpha COMMA float rate COMMA float steep)
KERNEL(void, lipSwishSlope)(char *memory, uint32_t aAt, uint32_t bAt, uint32_t valueAt, uint32_t slopeAt, int32_t n) {
  const float *a = AT(aAt), b = *AT(bAt);
  float *value = AT(valueAt), *slope = AT(slopeAt);
#define LIP_SWISH(get, put)                 \
  const Pair y = lipSwishOf(get(a), b);     \
  put(value, y.value);                      \
  put(slope, y.slope);
  EACH(n, LIP_SWISH);
}

// Second derivatives from value and slope; see assembly/curvature.ts.
static inline V bend(int32_t op, V v, V s, float rate) {
  if (op == 1) return -2 * (v * s);
  if (op == 2) return s - s * s;
  if (op == 4) return v + v - s;
  return and(rate * s, ~(v > 0));
}
KERNEL(void, curvature)(char *memory, int32_t op, uint32_t valueAt, uint32_t slopeAt, uint32_t outAt, int32_t n, float rate) {
  const float *value = AT(valueAt), *slope = AT(slopeAt);
  float *out = AT(outAt);
#define BEND(get, put) put(out, bend(op, get(value), get(slope), rate));
  EACH(n, BEND);
}
