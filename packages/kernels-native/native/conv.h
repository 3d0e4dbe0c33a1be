// Convolutions of stride 1 with zero padding; see assembly/conv-same.ts. A filter line of `kw n` numbers is contiguous in
// the padded image, so a convolution of a line of pixels is a product with `kh` times `kw n` terms.
typedef struct {
  L h, w, n, m, kh, kw;
} Extent;
// `wideOf`: count of the numbers in a padded line. `linesOf`: largest number of padded lines for `lines` lines. These
// lines belong to at most `lines / h + 2` images, and each image adds `kh - 1` lines.
static inline L wideOf(const Extent *e) { return (e->w + e->kw - 1) * e->n; }
static L linesOf(const Extent *e, L lines) { return lines + (e->kh - 1) * (lines / e->h + 2); }

// Writes one line of an image, or zeros in place of NULL.
typedef void Pad(const float *line, float *to, const Extent *e);
static void padLine(const float *line, float *to, const Extent *e) {
  const L wide = wideOf(e), side = e->kw / 2 * e->n, own = e->w * e->n;
  memset(to, 0, 4 * (line == NULL ? wide : side));
  if (line == NULL) return;
  memcpy(to + side, line, 4 * own);
  memset(to + side + own, 0, 4 * side);
}

// Pads lines `first` to `last` of the batch to `wide` numbers each. Lines of one image get `kh / 2` additional lines
// above and below.
static void padded(const float *x, float *to, L first, L last, const Extent *e, Pad *pad, L wide) {
  const L top = e->kh / 2, line = e->w * e->n;
  for (L row = first; row < last;) {
    const L y = row % e->h, lines = e->h - y < last - row ? e->h - y : last - row;
    const float *image = x + row / e->h * e->h * line;
    for (L i = y - top; i < y + lines + top; i++, to += wide) pad(i < 0 || i >= e->h ? NULL : image + i * line, to, e);
    row += lines;
  }
}

// Number of outputs that are summed in one chain of multiply-adds. At most four remaining outputs have four partial
// sums each, as in narrow products.
static L chained(const Extent *e) { return e->n % 4 == 0 && e->m % 8 <= NARROW ? e->m - e->m % 8 : e->m; }

// For the outputs with partial sums, padded lines are stored in groups of four channels: [n / 4, pixels, 4]. So a
// vector contains four channels of TOGETHER adjacent pixels.
static L quadPixels(const Extent *e) { return (e->w + TOGETHER - 1) / TOGETHER * TOGETHER + e->kw - 1; }
static L quadWide(const Extent *e) { return e->n * quadPixels(e); }
static void padQuads(const float *line, float *to, const Extent *e) {
  const L pixels = quadPixels(e), side = e->kw / 2;
  memset(to, 0, 4 * quadWide(e));
  if (line == NULL) return;
  for (L q = 0; q < e->n / 4; q++)
    for (L i = 0; i < e->w; i++) memcpy(to + (q * pixels + side + i) * 4, line + i * e->n + 4 * q, 16);
}

// The filters of four outputs, [depth / 4, 4, 4]; the last output is repeated if there are fewer.
static void packQuads(const float *filter, L m, L depth, L narrow, float *to) {
  for (L q = 0; q < depth / 4; q++)
    for (L j = 0; j < 4; j++)
      for (L k = 0; k < 4; k++) *to++ = filter[(4 * q + k) * m + (j < narrow ? j : narrow - 1)];
}

// Number of vectors of pixels that are computed together.
#define ABREAST (REGISTERS == 32 ? 4 : 2)
// Computes four outputs of `count` vectors of pixels. A vector of the result contains the four outputs of each pixel.
static inline __attribute__((always_inline)) void quadTile(const float *lines, const float *columns, const Extent *e,
                                                           V bias, const int count, V *out) {
  const L pixels = quadPixels(e);
  V sum[4][ABREAST] = {{{0}}};
  for (L ky = 0; ky < e->kh; ky++, lines += e->n * pixels)
    for (L kx = 0; kx < e->kw; kx++) {
      const float *x = lines + 4 * kx;
      for (L q = 0; q < e->n / 4; q++, x += 4 * pixels, columns += 16)
        _Pragma("GCC unroll 4") for (int j = 0; j < 4; j++) {
          const V column = four(columns + 4 * j);
          _Pragma("GCC unroll 4") for (int p = 0; p < count; p++) sum[j][p] = madd(load(x + p * W), column, sum[j][p]);
        }
    }
  I lane;
  for (int i = 0; i < W; i++) lane[i] = i % 4;
  for (int p = 0; p < count; p++) {
    V x = across(sum[0][p]);
    for (int j = 1; j < 4; j++) x = pick(lane == j, across(sum[j][p]), x);
    out[p] = x + bias;
  }
}

// Computes the last `narrow` outputs of a line of pixels.
static void quadLine(const float *lines, const float *columns, const Extent *e, V bias, float *out, L narrow) {
  for (L i = 0; i < e->w; i += ABREAST * TOGETHER, lines += ABREAST * 4 * TOGETHER) {
    const L count = e->w - i < ABREAST * TOGETHER ? e->w - i : ABREAST * TOGETHER;
    V sums[ABREAST];
    if (count > 3 * TOGETHER) quadTile(lines, columns, e, bias, ABREAST, sums);
    else if (count > 2 * TOGETHER) quadTile(lines, columns, e, bias, ABREAST < 3 ? ABREAST : 3, sums);
    else if (count > TOGETHER) quadTile(lines, columns, e, bias, 2, sums);
    else quadTile(lines, columns, e, bias, 1, sums);
    const float *from = (const float *)sums;
    if (e->m == 4) memcpy(out + 4 * i, from, 16 * count);
    else
      for (L p = 0; p < count; p++) memcpy(out + (i + p) * e->m, from + 4 * p, 4 * narrow);
  }
}

// Computes a convolution; see assembly/conv-same.ts. `biasAt` is 0 if there is no bias.
KERNEL(void, convSame)(char *memory, uint32_t xAt, uint32_t filterAt, uint32_t biasAt, uint32_t outAt, int32_t batch, int32_t h,
                       int32_t w, int32_t n, int32_t m, int32_t kh, int32_t kw, int32_t transposed, int32_t lines) {
  const Extent e = {h, w, n, m, kh, kw};
  const L taps = (L)kh * kw, depth = taps * n, wide = wideOf(&e), many = chained(&e), narrow = m - many, line = (L)kw * n;
  const float *x = AT(xAt), *bias = MAYBE(biasAt);
  float *out = AT(outAt);
  // The filter as a matrix [depth, m]; of the adjoint convolution its taps are in reverse order.
  float *filter = roomFor(depth * m + packedFloats(depth, many) + 4 * depth + linesOf(&e, lines) * (wide + quadWide(&e)));
  float *panels = filter + depth * m, *columns = panels + packedFloats(depth, many), *image = columns + 4 * depth;
  float *quads = image + linesOf(&e, lines) * wide;
  for (L tap = 0; tap < taps; tap++) {
    const float *from = AT(filterAt) + (transposed ? taps - 1 - tap : tap) * n * m;
    for (L i = 0; i < n; i++)
      for (L j = 0; j < m; j++) filter[(tap * n + i) * m + j] = transposed ? from[j * n + i] : from[i * m + j];
  }
  packPanels(filter, m, 1, depth, many, panels);
  if (narrow > 0) packQuads(filter + many, m, depth, narrow, columns);
  float last[4] = {0};
  if (bias != NULL) memcpy(last, bias + many, 4 * narrow);
  for (L first = 0; first < (L)batch * h; first += lines) {
    const L end = first + lines < (L)batch * h ? first + lines : (L)batch * h;
    if (many > 0) padded(x, image, first, end, &e, padLine, wide);
    if (narrow > 0) padded(x, quads, first, end, &e, padQuads, quadWide(&e));
    for (L row = first, at = 0; row < end; row++, at++, out += (L)w * m) {
      // The first line of an image is stored after the additional lines below the previous image.
      if (row > first && row % h == 0) at += kh - 1;
      const Terms over = {kh, line, 1, 0, wide - line, 0};
      if (many > 0) chainsOfPacked(image + at * wide, n, panels, over, out, m, w, many, bias, 0);
      if (narrow > 0) quadLine(quads + at * quadWide(&e), columns, &e, four(last), out + many, narrow);
    }
  }
}

// Number of pixels in a block of the last output, if it is computed alone: see `tile` in
// assembly/conv-same-gradient.ts.
#define PIXELS 128
// Outputs of a band. One output beyond whole bands has two chains of sums.
#define BAND 6

// The sums [m, kh, kw n] of `count` images.
static void gradients(const float *x, const float *u, L count, const Extent *e, L lines, float *sums, float *image) {
  const L wide = wideOf(e), run = e->kw * e->n, lone = e->m % BAND == 1, many = e->m - lone, row = e->kh * run;
  for (L first = 0; first < count * e->h; first += lines) {
    const L last = first + lines < count * e->h ? first + lines : count * e->h;
    padded(x, image, first, last, e, padLine, wide);
    const float *from = image;
    for (L y = first; y < last;) {
      const L own = e->h - y % e->h < last - y ? e->h - y % e->h : last - y;
      for (L ky = 0; ky < e->kh; ky++)
        chains(u + y * e->w * e->m, 1, from + ky * wide, PANEL, (Terms){own, e->w, e->m, e->n, 0, wide - e->w * e->n},
               sums + ky * run, row, many, run, sums + ky * run, row);
      y += own;
      from += (own + e->kh - 1) * wide;
    }
    if (!lone) continue;
    const L pixels = (last - first) * e->w;
    for (L begin = 0; begin < pixels; begin += PIXELS) {
      const L end = begin + PIXELS < pixels ? begin + PIXELS : pixels;
      for (L ky = 0; ky < e->kh; ky++)
        for (L k = 0; k < run; k += W) {
          const L width = run - k < W ? run - k : W;
          const Part rest = part(width < W ? width : 0);
          float *to = sums + many * row + ky * run + k;
          V even = width < W ? loadPart(to, rest) : load(to), odd = {0};
          for (L i = begin; i < end; i++) {
            const L line = first + i / e->w, within = line - first;
            // Number of lines of the previous images in the block, including their additional lines.
            const L images = line / e->h - first / e->h;
            const float *p = image + (within + ky + images * (e->kh - 1)) * wide + i % e->w * e->n + k;
            const V v = width < W ? loadPart(p, rest) : load(p), by = S(u[(first * e->w + i) * e->m + many]);
            if (i == end - 1 && (end - begin) % 2 == 1) {
              even = madd(by, v, even + odd);
              odd = S(0);
            } else if ((i - begin) % 2 == 0) even = madd(by, v, even);
            else odd = madd(by, v, odd);
          }
          if ((end - begin) % 2 == 0) even = even + odd;
          if (width < W) storePart(to, rest, even);
          else store(to, even);
        }
    }
  }
}

KERNEL(void, convSameGradient)(char *memory, uint32_t xAt, uint32_t uAt, int32_t batch, uint32_t tangentsAt, uint32_t cotangentsAt,
                               int32_t further, uint32_t filterAt, int32_t h, int32_t w, int32_t n, int32_t m, int32_t kh,
                               int32_t kw, int32_t lines) {
  const Extent e = {h, w, n, m, kh, kw};
  const L run = (L)kw * n, size = (L)m * kh * run;
  float *sums = roomFor(size + linesOf(&e, lines) * wideOf(&e) + W), *filter = AT(filterAt);
  memset(sums, 0, 4 * size);
  gradients(AT(xAt), AT(uAt), batch, &e, lines, sums, sums + size);
  gradients(AT(tangentsAt), AT(cotangentsAt), further, &e, lines, sums, sums + size);
  for (L k = 0; k < kh * run; k++)
    for (L j = 0; j < m; j++) *filter++ = sums[j * kh * run + k];
}
