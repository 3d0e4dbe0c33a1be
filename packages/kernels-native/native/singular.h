// The singular vectors of the largest singular value, in float64; see assembly/golub-kahan.ts and
// assembly/bidiagonal.ts. Sums in WebAssembly have four partial sums, so vectors have four lanes here.
typedef double D4 __attribute__((vector_size(32)));
static inline D4 loadWide(const double *p) { D4 x; memcpy(&x, p, sizeof x); return x; }
static inline void storeWide(double *p, D4 x) { memcpy(p, &x, sizeof x); }
static inline D4 widened(const float *p) { Q x; memcpy(&x, p, sizeof x); return __builtin_convertvector(x, D4); }
#if W == 4
static inline D4 fused(D4 a, D4 b, D4 c) {
  for (int i = 0; i < 4; i++) c[i] = __builtin_fma(a[i], b[i], c[i]);
  return c;
}
#else
static inline D4 fused(D4 a, D4 b, D4 c) { return _mm256_fmadd_pd(a, b, c); }
#endif
static inline double totalOf(D4 s) { return (s[0] + s[2]) + (s[1] + s[3]); }
static inline double larger(double a, double b) { return a < b ? b : a; }

// Number of rows that are computed together and share the loads of the vector.
#define GROUP 8
// Computes the product W v. The vector is padded with zeros to a multiple of two numbers.
static void timesVector(const float *weight, const double *v, double *out, L rows, L columns) {
  const L whole = columns & ~(L)3;
  for (L i = 0; i < rows; i += GROUP) {
    const L count = rows - i < GROUP ? rows - i : GROUP;
    const float *first = weight + i * columns;
    D4 sums[GROUP] = {{0}};
    if (count == GROUP)
      for (L j = 0; j < whole; j += 4) {
        const D4 x = loadWide(v + j);
        _Pragma("GCC unroll 8") for (int r = 0; r < GROUP; r++) sums[r] = fused(widened(first + r * columns + j), x, sums[r]);
      }
    else
      for (L r = 0; r < count; r++)
        for (L j = 0; j < whole; j += 4) sums[r] = fused(widened(first + r * columns + j), loadWide(v + j), sums[r]);
    for (L r = 0; r < count; r++) {
      double rest = 0;
      for (L j = whole; j < columns; j++) rest += (double)first[r * columns + j] * v[j];
      out[i + r] = totalOf(sums[r]) + rest;
    }
  }
}

// Adds W^T u to `out`, four rows at a time.
static void addTransposed(const float *weight, const double *u, double *out, L rows, L columns) {
  const L even = columns & ~(L)1;
  L i = 0;
  for (; i + 4 <= rows; i += 4) {
    const float *r0 = weight + i * columns, *r1 = r0 + columns, *r2 = r1 + columns, *r3 = r2 + columns;
    const double *x = u + i;
    const D4 u0 = x[0] - (D4){0}, u1 = x[1] - (D4){0}, u2 = x[2] - (D4){0}, u3 = x[3] - (D4){0};
    L j = 0;
    for (; j + 4 <= even; j += 4) {
      const D4 first = fused(widened(r0 + j), u0, fused(widened(r1 + j), u1, loadWide(out + j)));
      storeWide(out + j, first + fused(widened(r2 + j), u2, widened(r3 + j) * u3));
    }
    for (; j < even; j++)
      out[j] = __builtin_fma(r0[j], x[0], __builtin_fma(r1[j], x[1], out[j])) + __builtin_fma(r2[j], x[2], r3[j] * x[3]);
    if (j < columns) out[j] += r0[j] * x[0] + r1[j] * x[1] + r2[j] * x[2] + r3[j] * x[3];
  }
  for (; i < rows; i++)
    for (L j = 0; j < columns; j++) out[j] += weight[i * columns + j] * u[i];
}

// <a, b> of n numbers, n even.
static double innerOf(const double *a, const double *b, L n) {
  D4 sum = {0};
  L i = 0;
  for (; i + 4 <= n; i += 4) sum = fused(loadWide(a + i), loadWide(b + i), sum);
  for (L lane = 0; i < n; i++, lane++) sum[lane] = __builtin_fma(a[i], b[i], sum[lane]);
  return totalOf(sum);
}
static void scaleBy(double *x, L n, double by) {
  for (L i = 0; i < n; i++) x[i] *= by;
}
static void scaleDown(double *x, L n, double by) {
  for (L i = 0; i < n; i++) x[i] /= by;
}
// Makes x orthogonal to the first vectors of the basis, in two passes, and normalizes x. Returns the norm of x before
// the normalization.
static double orthonormalize(double *x, const double *basis, L count, L n) {
  for (int pass = 0; pass < 2; pass++)
    for (L k = 0; k < count; k++) {
      const double *other = basis + k * n, by = -innerOf(x, other, n);
      L i = 0;
      for (; i + 4 <= n; i += 4) storeWide(x + i, fused(by - (D4){0}, loadWide(other + i), loadWide(x + i)));
      for (; i < n; i++) x[i] = __builtin_fma(by, other[i], x[i]);
    }
  const double norm = __builtin_sqrt(innerOf(x, x, n));
  if (norm > 0) scaleBy(x, n, 1 / norm);
  return norm;
}

// sum_k weights[k] basis[k]
static void project(const double *weights, const double *basis, L count, float *out, L size, L n) {
  for (L i = 0; i < size; i++) {
    double sum = 0;
    for (L k = 0; k < count; k++) sum += weights[k] * basis[k * n + i];
    out[i] = (float)sum;
  }
}

static inline double finiteOf(float x) { return __builtin_fabsf(x) < __builtin_inff() ? x : 0; }
// A pseudorandom number in [-1, 1].
static inline double directionOf(uint32_t i, uint32_t seed) {
  uint32_t h = i * 0x9e3779b1u + seed;
  h = (h ^ (h >> 16)) * 0x85ebca6bu;
  h = (h ^ (h >> 13)) * 0xc2b2ae35u;
  h ^= h >> 16;
  return (double)(int32_t)h / 2147483648.0;
}
static void warmStart(const float *start, double *into, L columns, L n) {
  uint32_t seed = 0x811c9dc5u;
  for (L i = 0; i < columns; i++) {
    uint32_t bits;
    memcpy(&bits, start + i, 4);
    seed = (seed ^ bits) * 0x01000193u;
  }
  double squares = 0, startSquares = 0, along = 0;
  for (L i = 0; i < columns; i++) {
    const double x = finiteOf(start[i]), r = directionOf((uint32_t)i, seed);
    squares += r * r;
    startSquares += x * x;
    along += x * r;
  }
  const double weight = (along < 0 ? -1.0 : 1.0) / __builtin_sqrt(squares);
  const double unit = startSquares > 0 && startSquares < __builtin_inf() ? 1 / __builtin_sqrt(startSquares) : 0;
  for (L i = 0; i < columns; i++) into[i] = unit * finiteOf(start[i]) + weight * directionOf((uint32_t)i, seed);
  scaleBy(into, n, 1 / __builtin_sqrt(innerOf(into, into, n)));
}

// The largest singular value and its vectors of the bidiagonal matrix with `alpha` on and `beta` above the diagonal.
static int isAbove(double mu, const double *diagonal, const double *off, L n) {
  double pivot = -1;
  for (L i = 0; i < n; i++) {
    const double o = i > 0 ? off[i - 1] : 0;
    pivot = diagonal[i] - mu - o * o / pivot;
    if (!(pivot < 0)) return 0;
  }
  return 1;
}
static void topVector(double mu, const double *diagonal, const double *off, double *pivots, double *x, L n) {
  for (L i = 0; i < n; i++) {
    const double o = i > 0 ? off[i - 1] : 0, below = i > 0 ? o * o / pivots[i - 1] : 0;
    pivots[i] = larger(mu - diagonal[i] - below, 4.9406564584124654e-324 + 1e-17 * mu);
    x[i] = 1;
  }
  for (int round = 0; round < 3; round++) {
    for (L i = 1; i < n; i++) x[i] = x[i] + off[i - 1] / pivots[i - 1] * x[i - 1];
    double largest = 0, square = 0;
    for (L i = n - 1; i >= 0; i--) {
      x[i] = (x[i] + (i < n - 1 ? off[i] * x[i + 1] : 0)) / pivots[i];
      largest = larger(largest, __builtin_fabs(x[i]));
    }
    for (L i = 0; i < n; i++) square += (x[i] / largest) * (x[i] / largest);
    scaleDown(x, n, largest * __builtin_sqrt(square));
  }
}
static double leadingTriplet(const double *alpha, const double *beta, double *left, double *right, double *work, L n) {
  double *diagonal = work, *off = diagonal + n, *pivots = off + n;
  for (L i = 0; i < n; i++) {
    const double b = i < n - 1 ? beta[i] : 0;
    diagonal[i] = alpha[i] * alpha[i] + b * b;
    off[i] = i < n - 1 ? alpha[i + 1] * b : 0;
  }
  double low = 0, high = 0;
  for (L i = 0; i < n; i++) {
    low = larger(low, diagonal[i]);
    high = larger(high, diagonal[i] + __builtin_fabs(off[i]) + (i > 0 ? __builtin_fabs(off[i - 1]) : 0));
  }
  high *= 1 + 1e-15;
  for (int i = 0; i < 60 && high - low > 1e-15 * high; i++) {
    const double middle = 0.5 * (low + high);
    if (isAbove(middle, diagonal, off, n)) high = middle;
    else low = middle;
  }
  topVector(high * (1 + 1e-14), diagonal, off, pivots, left, n);
  double square = 0;
  for (L i = 0; i < n; i++) {
    right[i] = alpha[i] * left[i] + (i > 0 ? beta[i - 1] * left[i - 1] : 0);
    square += right[i] * right[i];
  }
  const double value = __builtin_sqrt(square);
  scaleDown(right, n, value);
  return value;
}

// Number of steps between checks of convergence.
#define CHECK_EVERY 2
KERNEL(int32_t, largestSingular)(char *memory, uint32_t weightAt, uint32_t startAt, uint32_t uAt, uint32_t vAt, uint32_t scratch,
                                 int32_t rows, int32_t columns, int32_t steps, int32_t room, double tolerance) {
  (void)scratch;
  const float *weight = AT(weightAt);
  const L rowSize = (L)(rows + 1) & ~(L)1, columnSize = (L)(columns + 1) & ~(L)1, list = (L)room + 1;
  const size_t basis = (size_t)room * rowSize + (size_t)list * columnSize, all = basis + 7 * (size_t)list;
  double *left = (double *)roomFor(2 * all), *right = left + room * rowSize;
  double *alpha = left + basis, *beta = alpha + list, *p = beta + list, *q = p + list, *work = q + list;
  memset(left, 0, 8 * basis);
  warmStart(AT(startAt), right, columns, columnSize);
  for (L k = 0; k < (steps < room ? steps : room); k++) {
    double *image = left + k * rowSize, *source = right + k * columnSize, *back = source + columnSize;
    timesVector(weight, source, image, rows, columns);
    alpha[k] = orthonormalize(image, left, k, rowSize);
    if (k == 0) {
      if (!(alpha[0] > 1e-30 && alpha[0] < __builtin_inf())) return 0;
    } else if (!(alpha[k] > 1e-14 * alpha[0])) {
      // The Krylov space is exhausted: the matrix has no further row, but its last column remains.
      alpha[k] = 0;
      memset(image, 0, 8 * rowSize);
      leadingTriplet(alpha, beta, p, q, work, k + 1);
      project(p, left, k + 1, AT(uAt), rows, rowSize);
      project(q, right, k + 1, AT(vAt), columns, columnSize);
      return (int32_t)k + 1;
    }
    addTransposed(weight, image, back, rows, columns);
    beta[k] = orthonormalize(back, right, k + 1, columnSize);
    const int last = k == steps - 1 || !(beta[k] > 1e-14 * alpha[0]);
    if (!last && k % CHECK_EVERY != CHECK_EVERY - 1) continue;
    const double value = leadingTriplet(alpha, beta, p, q, work, k + 1);
    if (!last && !(beta[k] * __builtin_fabs(p[k]) <= tolerance * value)) continue;
    project(p, left, k + 1, AT(uAt), rows, rowSize);
    project(q, right, k + 1, AT(vAt), columns, columnSize);
    return (int32_t)k + 1;
  }
  return -1;
}
