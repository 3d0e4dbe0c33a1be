// Convolutions of stride 1 with zero padding; see assembly/conv-same.ts. A filter line of `kw n` numbers is contiguous in
// the padded image, so a convolution of a line of pixels is a product with `kh` times `kw n` terms.
typedef struct {
  L h, w, n, m, kh, kw;
} Extent;
static inline L wideOf(const Extent *e) { return (e->w + e->kw - 1) * e->n; }
static L paddedFloats(const Extent *e, L lines) { return (lines + (e->kh - 1) * (lines / e->h + 2)) * wideOf(e); }

// Pads lines `first` to `last` of the batch. Lines of one image have `kh / 2` further lines above and below.
static void padded(const float *x, float *to, L first, L last, const Extent *e) {
  const L top = e->kh / 2, side = e->kw / 2 * e->n, line = e->w * e->n, wide = wideOf(e);
  for (L row = first; row < last;) {
    const L y = row % e->h, lines = e->h - y < last - row ? e->h - y : last - row;
    const float *image = x + row / e->h * e->h * line;
    for (L i = y - top; i < y + lines + top; i++, to += wide) {
      if (i < 0 || i >= e->h) memset(to, 0, 4 * wide);
      else {
        memset(to, 0, 4 * side);
        memcpy(to + side, image + i * line, 4 * line);
        memset(to + side + line, 0, 4 * side);
      }
    }
    row += lines;
  }
}

// Number of outputs that are chains. The others, at most four, are inner products as in `narrowProduct`.
static L chained(const Extent *e) { return e->n % 4 == 0 && e->m % 8 <= NARROW ? e->m - e->m % 8 : e->m; }

KERNEL(void, convSame)(char *memory, uint32_t xAt, uint32_t filterAt, uint32_t biasAt, uint32_t outAt, int32_t batch, int32_t h,
                       int32_t w, int32_t n, int32_t m, int32_t kh, int32_t kw, int32_t transposed, int32_t lines) {
  const Extent e = {h, w, n, m, kh, kw};
  const L taps = (L)kh * kw, depth = taps * n, wide = wideOf(&e), many = chained(&e), narrow = m - many, line = (L)kw * n;
  const float *bias = MAYBE(biasAt);
  float *out = AT(outAt);
  // The filter as a matrix [depth, m]; of the adjoint convolution its taps are in reverse order.
  float *filter = roomFor(depth * m + packedFloats(depth, many) + narrowFloats(depth, narrow > 0 ? narrow : 1) +
                          paddedFloats(&e, lines) + w * depth);
  float *panels = filter + depth * m, *columns = panels + packedFloats(depth, many), *image = columns + narrowFloats(depth, narrow > 0 ? narrow : 1);
  float *patches = image + paddedFloats(&e, lines);
  for (L tap = 0; tap < taps; tap++) {
    const float *from = AT(filterAt) + (transposed ? taps - 1 - tap : tap) * n * m;
    for (L i = 0; i < n; i++)
      for (L j = 0; j < m; j++) filter[(tap * n + i) * m + j] = transposed ? from[j * n + i] : from[i * m + j];
  }
  packPanels(filter, m, 1, depth, many, panels);
  if (narrow > 0) packNarrow(filter + many, m, 1, depth, narrow, columns);
  for (L first = 0; first < (L)batch * h; first += lines) {
    const L last = first + lines < (L)batch * h ? first + lines : (L)batch * h;
    padded(AT(xAt), image, first, last, &e);
    const float *from = image;
    for (L row = first; row < last; row++, from += wide, out += (L)w * m) {
      // The first line of an image is after the lines below the last one.
      if (row > first && row % h == 0) from += (kh - 1) * wide;
      chainsOfPacked(from, n, panels, (Terms){kh, line, 1, 0, wide - line, 0}, out, m, w, many, bias, 0);
      if (narrow == 0) continue;
      for (L i = 0; i < w; i++)
        for (L ky = 0; ky < kh; ky++) memcpy(patches + i * depth + ky * line, from + ky * wide + i * n, 4 * line);
      narrowProduct(patches, depth, columns, out + many, m, w, narrow, depth, bias == NULL ? NULL : bias + many, 0);
    }
  }
}

// Pixels of a block of the last output, if it is alone: see `tile` in assembly/conv-same-gradient.ts.
#define PIXELS 128
// Outputs of a band. One output beyond whole bands has two chains of sums.
#define BAND 6

// The sums [m, kh, kw n] of `count` images.
static void gradients(const float *x, const float *u, L count, const Extent *e, L lines, float *sums, float *image) {
  const L wide = wideOf(e), run = e->kw * e->n, lone = e->m % BAND == 1, many = e->m - lone, row = e->kh * run;
  for (L first = 0; first < count * e->h; first += lines) {
    const L last = first + lines < count * e->h ? first + lines : count * e->h;
    padded(x, image, first, last, e);
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
            // Lines of the images before this one in the block, each with its further lines.
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
  float *sums = roomFor(size + paddedFloats(&e, lines) + W), *filter = AT(filterAt);
  memset(sums, 0, 4 * size);
  gradients(AT(xAt), AT(uAt), batch, &e, lines, sums, sums + size);
  gradients(AT(tangentsAt), AT(cotangentsAt), further, &e, lines, sums, sums + size);
  for (L k = 0; k < kh * run; k++)
    for (L j = 0; j < m; j++) *filter++ = sums[j * kh * run + k];
}
