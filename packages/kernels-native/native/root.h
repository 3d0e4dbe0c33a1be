// Rows of a batch during a solve of F(z) = z + g(z) - h = 0; see assembly/root-rows.ts.

// Returns the Euclidean norm, summed in the order of assembly/sample-norm.ts.
static float normOf(const float *x, L n) {
  double part[4] = {0};
  L k = 0;
  for (; k + 4 <= n; k += 4)
    for (int i = 0; i < 4; i++) part[i] += (double)x[k + i] * (double)x[k + i];
  double sum = (part[0] + part[2]) + (part[1] + part[3]);
  for (; k < n; k++) sum += (double)x[k] * (double)x[k];
  return __builtin_sqrtf((float)sum);
}
KERNEL(void, sampleNorm)(char *memory, uint32_t xAt, uint32_t outAt, int32_t rows, int32_t n) {
  for (L i = 0; i < rows; i++) AT(outAt)[i] = normOf(AT(xAt) + i * n, n);
}

#define INDEX(address) ((int32_t *)(memory + (address)))
#define GOING(address) ((uint8_t *)(memory + (address)))

KERNEL(void, rootBegin)(char *memory, uint32_t hAt, uint32_t yAt, uint32_t indexAt, int32_t from, int32_t count, int32_t d) {
  memmove(AT(yAt), AT(hAt) + (L)from * d, 4 * (size_t)count * d);
  for (L p = 0; p < count; p++) INDEX(indexAt)[p] = from + p;
}

KERNEL(void, rootImage)(char *memory, uint32_t yAt, uint32_t gAt, uint32_t hAt, uint32_t indexAt, uint32_t imageAt, int32_t count,
                        int32_t d) {
  const float *y = AT(yAt), *g = AT(gAt);
  float *image = AT(imageAt);
  for (L p = 0; p < count; p++, y += d, g += d, image += d) {
    const float *target = AT(hAt) + (L)INDEX(indexAt)[p] * d;
    for (L j = 0; j < d; j++) image[j] = (y[j] - target[j]) + g[j];
  }
}

KERNEL(int32_t, rootJudge)(char *memory, uint32_t yAt, uint32_t imageAt, uint32_t indexAt, uint32_t zAt, uint32_t evidenceAt,
                           uint32_t stepsAt, uint32_t goingAt, float atol, float rtol, float divergence, int32_t step, int32_t last,
                           int32_t count, int32_t d, int32_t batch) {
  float *residual = AT(evidenceAt), *tolerance = residual + batch, *latest = tolerance + batch, *limit = latest + batch;
  const float *y = AT(yAt), *image = AT(imageAt);
  int32_t active = 0;
  for (L p = 0; p < count; p++, y += d, image += d) {
    const L row = INDEX(indexAt)[p];
    const float now = normOf(image, d);
    latest[row] = now;
    if (step == 0) limit[row] = divergence * now;
    if (step == 0 || now < residual[row]) {
      memmove(AT(zAt) + row * d, y, 4 * (size_t)d);
      residual[row] = now;
      tolerance[row] = atol + rtol * normOf(y, d);
    }
    AT(stepsAt)[row] = (float)step;
    // A comparison with NaN is false.
    const int goes = !last && residual[row] > tolerance[row] && now < limit[row];
    GOING(goingAt)[p] = (uint8_t)goes;
    active += goes;
  }
  return active;
}

KERNEL(void, rootDeliver)(char *memory, uint32_t fromAt, uint32_t bytes, uint32_t indexAt, uint32_t goingAt, uint32_t toAt, int32_t count) {
  for (L p = 0; p < count; p++)
    if (!GOING(goingAt)[p]) memmove(memory + toAt + (size_t)INDEX(indexAt)[p] * bytes, memory + fromAt + (size_t)p * bytes, bytes);
}

KERNEL(void, rootCompact)(char *memory, uint32_t rowsAt, uint32_t bytes, uint32_t goingAt, int32_t places) {
  const uint8_t *going = GOING(goingAt);
  L count = places;
  for (L p = 0; p < count; p++) {
    if (going[p]) continue;
    do count--;
    while (count > p && !going[count]);
    if (count > p) memmove(memory + rowsAt + (size_t)p * bytes, memory + rowsAt + (size_t)count * bytes, bytes);
  }
}

KERNEL(void, rootSeed)(char *memory, uint32_t wAt, uint32_t slopeAt, uint32_t outAt, int32_t count, int32_t n) {
  const float *w = AT(wAt), *slope = AT(slopeAt);
  float *out = AT(outAt);
  for (L p = 0; p < count; p++, slope += n, out += n) {
#define SEED(get, put) put(out, get(slope) * get(w));
    EACH(n, SEED);
  }
}
