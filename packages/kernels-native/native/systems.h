// Linear systems: Gaussian elimination on the matrices of W samples at a time, and the inversion of a single larger
// matrix in place.
typedef double D __attribute__((vector_size(8 * W)));
typedef int64_t E __attribute__((vector_size(8 * W)));
typedef uint64_t Bits __attribute__((vector_size(8 * W)));

// Logarithms of positive normal float64, or infinity; see assembly/log64.ts.
static inline D log64(D x) {
  // For other numbers, such as negative numbers, unsigned integers may overflow; their results are not used.
  const E e = (E)((Bits)x - 0x3fe6a09e667f3bcd) >> 52;
  const D m = (D)((Bits)x - ((Bits)e << 52)), exponent = (D)(e + 0x4338000000000000) - 6755399441055744.0;
  const D s = (m - 1) / (m + 1), z = s * s;
  D series = z * (2.0 / 17) + 2.0 / 15;
  series = series * z + 2.0 / 13;
  series = series * z + 2.0 / 11;
  series = series * z + 2.0 / 9;
  series = series * z + 2.0 / 7;
  series = series * z + 2.0 / 5;
  series = series * z + 2.0 / 3;
  series = series * z + 2.0;
  const D value = exponent * 0.6931471805599453 + s * series, infinite = (D){0} + __builtin_inf();
  const E isInfinite = x == infinite;
  return (D)((isInfinite & (E)infinite) | (~isInfinite & (E)value));
}

// The logarithm of a product of pivots; NaN if a pivot is not positive. A product of six float32 numbers
// does not overflow float64.
typedef struct {
  D product, sum;
  I good;
  L count;
} Pivots;
static inline Pivots noPivots(void) { return (Pivots){(D){0} + 1, (D){0}, ~(I){0}, 0}; }
static inline void addPivot(Pivots *pivots, V pivot) {
  pivots->good &= pivot > 0;
  pivots->product *= __builtin_convertvector(pivot, D);
  if (pivots->count++ % 6 != 5) return;
  pivots->sum += log64(pivots->product);
  pivots->product = (D){0} + 1;
}
static inline V logOf(const Pivots *pivots) {
  const D sum = pivots->sum + log64(pivots->product);
  return pick(pivots->good, __builtin_convertvector(sum, V), S(__builtin_nanf("")));
}

static inline void scatterOne(V x, float *to, L count) {
  float lanes[W];
  store(lanes, x);
  memcpy(to, lanes, 4 * count);
}
static inline void addMultiple(float *to, V factor, const float *from, L count) {
  for (L i = 0; i < count; i++) setItem(to, i, madd(factor, item(from, i), item(to, i)));
}

// See assembly/eliminate.ts.
KERNEL(void, eliminate)(char *memory, uint32_t aAt, uint32_t rhsAt, uint32_t solutionAt, uint32_t logDetAt, uint32_t scratch,
                        int32_t batch, int32_t d, int32_t k) {
  (void)scratch;
  const L square = (L)d * d, width = (L)d * k, row = (L)d * W, rowRight = (L)k * W;
  float *a = roomFor((size_t)(square + width) * W), *right = a + square * W;
  for (L first = 0; first < batch; first += W) {
    const L count = batch - first < W ? batch - first : W;
    gather(AT(aAt) + first * square, square, square, a, count);
    gather(AT(rhsAt) + first * width, width, width, right, count);
    Pivots pivots = noPivots();
    for (L j = 0; j < d; j++) {
      const float *top = a + j * row;
      const V pivot = item(top, j), inverse = 1 / pivot;
      setItem(a + j * row, j, inverse);
      addPivot(&pivots, pivot);
      for (L i = j + 1; i < d; i++) {
        float *below = a + i * row;
        const V factor = -(item(below, j) * inverse);
        addMultiple(below + (j + 1) * W, factor, top + (j + 1) * W, d - j - 1);
        addMultiple(right + i * rowRight, factor, right + j * rowRight, k);
      }
    }
    for (L i = d - 1; i >= 0; i--) {
      const float *line = a + i * row;
      float *lineRight = right + i * rowRight;
      for (L j = i + 1; j < d; j++) addMultiple(lineRight, -item(line, j), right + j * rowRight, k);
      const V inverse = item(line, i);
      for (L j = 0; j < k; j++) setItem(lineRight, j, item(lineRight, j) * inverse);
    }
    scatter(right, width, AT(solutionAt) + first * width, count);
    scatterOne(logOf(&pivots), AT(logDetAt) + first, count);
  }
}

// See assembly/log-det.ts.
KERNEL(void, logDet)(char *memory, uint32_t tangentsAt, uint32_t logDetsAt, uint32_t gradientAt, uint32_t scratch, int32_t batch,
                     int32_t d) {
  (void)scratch;
  const L row = (L)d * W, slab = (L)batch * d;
  float *a = roomFor((size_t)d * row + row), *pivotsOf = a + d * row;
  for (L first = 0; first < batch; first += W) {
    const L count = batch - first < W ? batch - first : W;
    for (L k = 0; k < d; k++) {
      gather(AT(tangentsAt) + k * slab + first * d, d, d, a + k * row, count);
      setItem(a + k * row, k, item(a + k * row, k) + 1);
    }
    invert(a, pivotsOf, d);
    Pivots pivots = noPivots();
    for (L j = 0; j < d; j++) addPivot(&pivots, item(pivotsOf, j));
    scatterOne(logOf(&pivots), AT(logDetsAt) + first, count);
    // The matrix is the transpose of I + J.
    for (L k = 0; k < d; k++)
      for (L s = 0; s < count; s++)
        for (L i = 0; i < d; i++) AT(gradientAt)[k * slab + (first + s) * d + i] = a[(i * d + k) * W + s];
  }
}

// See assembly/transposed-solve.ts.
static void remainderOfSystem(const float *a, const float *x, const float *b, float *to, L d) {
  for (L i = 0; i < d; i++) setItem(to, i, item(b, i) - dot(a + i * W, d, x, d));
}
KERNEL(void, transposedSolve)(char *memory, uint32_t jacobianAt, uint32_t rhsAt, uint32_t uAt, uint32_t evidenceAt,
                              uint32_t scratch, int32_t batch, int32_t d, float rtol) {
  (void)scratch;
  const L square = (L)d * d, row = (L)d * W;
  float *a = roomFor((size_t)2 * square * W + 3 * row), *inverse = a + square * W, *rest = inverse + square * W;
  float *b = rest + row, *x = b + row;
  for (L first = 0; first < batch; first += W) {
    const L count = batch - first < W ? batch - first : W;
    gather(AT(jacobianAt) + first * square, square, square, a, count);
    for (L i = 0; i < d; i++) setItem(a, i * (d + 1), item(a, i * (d + 1)) + 1);
    memcpy(inverse, a, 4 * square * W);
    invert(inverse, rest, d);
    gather(AT(rhsAt) + first * d, d, d, b, count);
    const V length = root(dot(b, 1, b, d));
    const V scale = pick((length > 0) & (length < S(__builtin_inff())), length, S(1));
    for (L i = 0; i < d; i++) setItem(b, i, item(b, i) / scale);
    for (L i = 0; i < d; i++) setItem(x, i, dot(inverse + i * W, d, b, d));
    remainderOfSystem(a, x, b, rest, d);
    for (L i = 0; i < d; i++) setItem(x, i, item(x, i) + dot(inverse + i * W, d, rest, d));
    remainderOfSystem(a, x, b, rest, d);
    float *evidence = AT(evidenceAt) + first;
    const V residual = root(dot(rest, 1, rest, d));
    scatterOne(residual, evidence, count);
    scatterOne(rtol * (1 + root(dot(x, 1, x, d))), evidence + batch, count);
    scatterOne(residual, evidence + 2 * (L)batch, count);
    scatterOne(S(__builtin_inff()), evidence + 3 * (L)batch, count);
    for (L i = 0; i < d; i++) setItem(x, i, item(x, i) * scale);
    scatter(x, d, AT(uAt) + first * d, count);
  }
}

// See assembly/sandwich.ts. The last numbers of a row, beyond a multiple of eight, are computed with two roundings.
KERNEL(void, invertInPlace)(char *memory, uint32_t aAt, int32_t n) {
  float *a = AT(aAt);
  const L whole = n & ~(L)7;
  for (L j = 0; j < n; j++) {
    float *top = a + j * n;
    const float reciprocal = 1 / top[j];
    top[j] = 1;
#define SCALE(get, put) put(top, reciprocal * get(top));
    EACH(n, SCALE);
    for (L i = 0; i < n; i++) {
      if (i == j) continue;
      float *line = a + i * n;
      const float factor = -line[j];
      line[j] = 0;
#define ADD_MULTIPLE(get, put) put(line, madd(S(factor), get(top), get(line)));
      EACH(whole, ADD_MULTIPLE);
      for (L k = whole; k < n; k++) line[k] = line[k] + factor * top[k];
    }
  }
}
