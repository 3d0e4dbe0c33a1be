// Matrix products. Every element is summed in the order of assembly/gemm*.ts, so that results are bit-identical:
// - a chain of fused multiply-adds over k, which begins at the addend or at 0;
// - `tiny`: products of at most 48 multiplications round twice;
// - `few`: with one or two rows (or columns) the chain begins at 0, and the addend comes last;
// - `narrow`: with up to four columns there are four partial sums, and the addend comes last.
#define PANEL (2 * W)
// Rows of a tile: two vectors of each row, two of B and one element of A fill the registers.
#define ROWS (REGISTERS == 32 ? 12 : 6)

// Describes the sums of a product: each has `outer` times `inner` terms. A and B have strides from term to term, and an
// additional jump after each `inner` terms, which convolutions need from line to line. All strides are in floats.
typedef struct {
  L outer, inner, aColumn, bRow, aJump, bJump;
} Terms;
static inline Terms terms(L depth, L aColumn, L bRow) { return (Terms){1, depth, aColumn, bRow, 0, 0}; }

// `R` rows and `C` vectors of columns. If `P`, the last vector has only the lanes of `last`.
#define TILE(R, C, P)                                                                                                  \
  static void tile_##R##_##C##_##P(const float *a, L aRow, const float *b, const Terms *over, float *c, L cRow,        \
                                   const float *add, L addRow, Part last) {                                            \
    const L inner = over->inner, aColumn = over->aColumn, bRow = over->bRow;                                           \
    enum { END = (C - 1) * W };                                                                                        \
    V sum[R][C];                                                                                                       \
    _Pragma("GCC unroll 12") for (int i = 0; i < R; i++) {                                                             \
      if (C == 2) sum[i][0] = add == NULL ? (V){0} : load(add + i * addRow);                                           \
      sum[i][C - 1] = add == NULL ? (V){0} : P ? loadPart(add + i * addRow + END, last) : load(add + i * addRow + END); \
    }                                                                                                                  \
    for (L line = over->outer; line > 0; line--, a += over->aJump, b += over->bJump)                                   \
      for (L k = 0; k < inner; k++, b += bRow, a += aColumn) {                                                         \
      const V end = P ? loadPart(b + END, last) : load(b + END), start = C == 2 ? load(b) : end;                       \
      _Pragma("GCC unroll 12") for (int i = 0; i < R; i++) {                                                           \
        const V factor = splat(a[i * aRow]);                                                                           \
        if (C == 2) sum[i][0] = madd(factor, start, sum[i][0]);                                                         \
        sum[i][C - 1] = madd(factor, end, sum[i][C - 1]);                                                               \
      }                                                                                                                \
    }                                                                                                                  \
    _Pragma("GCC unroll 12") for (int i = 0; i < R; i++) {                                                             \
      if (C == 2) store(c + i * cRow, sum[i][0]);                                                                      \
      if (P) storePart(c + i * cRow + END, last, sum[i][C - 1]);                                                       \
      else store(c + i * cRow + END, sum[i][C - 1]);                                                                   \
    }                                                                                                                  \
  }
#define TILES(R) TILE(R, 1, 0) TILE(R, 1, 1) TILE(R, 2, 0) TILE(R, 2, 1)
TILES(1) TILES(2) TILES(3) TILES(4) TILES(5) TILES(6)
#if REGISTERS == 32
TILES(7) TILES(8) TILES(9) TILES(10) TILES(11) TILES(12)
#endif

typedef void Tile(const float *, L, const float *, const Terms *, float *, L, const float *, L, Part);
#define NAMES(C, P) \
  { NULL, tile_1_##C##_##P, tile_2_##C##_##P, tile_3_##C##_##P, tile_4_##C##_##P, tile_5_##C##_##P, tile_6_##C##_##P, MORE(C, P) }
#if REGISTERS == 32
#define MORE(C, P) tile_7_##C##_##P, tile_8_##C##_##P, tile_9_##C##_##P, tile_10_##C##_##P, tile_11_##C##_##P, tile_12_##C##_##P
#else
#define MORE(C, P) NULL
#endif
static Tile *const TILE_OF[2][2][ROWS + 2] = {{NAMES(1, 0), NAMES(1, 1)}, {NAMES(2, 0), NAMES(2, 1)}};

// Computes C = addend + A B by chains of multiply-adds. Panels of B are `step` floats apart.
static void chains(const float *a, L aRow, const float *b, L step, Terms over, float *c, L cRow, L m, L n,
                   const float *add, L addRow) {
  // Tiles have about equal height, because a last tile of few rows would wait for its multiplications.
  const L count = (m + ROWS - 1) / ROWS, tall = count == 0 ? 1 : (m + count - 1) / count;
  for (L j = 0; j < n; j += PANEL, b += step) {
    const L width = n - j < PANEL ? n - j : PANEL, rest = width % W;
    Tile *const *tiles = TILE_OF[width > W][rest > 0];
    for (L i = 0; i < m; i += tall) {
      const L rows = m - i < tall ? m - i : tall;
      tiles[rows](a + i * aRow, aRow, b, &over, c + i * cRow + j, cRow, add == NULL ? NULL : add + i * addRow + j, addRow,
                  part(rest));
    }
  }
}

// Packs B as panels [panels, depth, PANEL]. A last panel of at most W columns is W columns wide.
static L packedFloats(L depth, L n) {
  const L rest = n % PANEL;
  return depth * (n - rest + (rest == 0 ? 0 : rest <= W ? W : PANEL));
}
static void packPanels(const float *b, L bRow, L bColumn, L depth, L n, float *to) {
  for (L j = 0; j < n; j += PANEL) {
    const L width = n - j < PANEL ? n - j : PANEL, room = width <= W ? W : PANEL;
    const float *from = b + j * bColumn;
    if (bColumn == 1)
      for (L k = 0; k < depth; k++) {
        memcpy(to + k * room, from + k * bRow, 4 * width);
        memset(to + k * room + width, 0, 4 * (room - width));
      }
    else {
      memset(to, 0, 4 * depth * room);
      for (L q = 0; q < width; q++)
        for (L k = 0; k < depth; k++) to[k * room + q] = from[k * bRow + q * bColumn];
    }
    to += depth * room;
  }
}
// `chains` with packed panels of B. The row stride of B is the width of a panel, so `over.bRow` is not read.
static void chainsOfPacked(const float *a, L aRow, const float *b, Terms over, float *c, L cRow, L m, L n,
                           const float *add, L addRow) {
  const L whole = n - n % PANEL, rest = n - whole, depth = over.outer * over.inner;
  over.bRow = PANEL;
  chains(a, aRow, b, PANEL * depth, over, c, cRow, m, whole, add, addRow);
  if (rest == 0) return;
  over.bRow = rest <= W ? W : PANEL;
  chains(a, aRow, b + whole * depth, 0, over, c + whole, cRow, m, rest, add == NULL ? NULL : add + whole, addRow);
}

// Narrow products: each four lanes of a vector hold the partial sums of one column.
#define NARROW 4
#define TOGETHER (W / 4)
#define LONG 16
static int isNarrow(L depth, L n) { return n <= NARROW && depth >= LONG; }
static L groupsOf(L n) { return (n + TOGETHER - 1) / TOGETHER; }
static L narrowFloats(L depth, L n) { return depth / 4 * W * groupsOf(n) + depth % 4 * NARROW; }
// [groups, depth / 4, TOGETHER, 4], then the last rows, NARROW floats apart.
static void packNarrow(const float *b, L bRow, L bColumn, L depth, L n, float *to) {
  const L quads = depth / 4;
  for (L g = 0; g < groupsOf(n); g++)
    for (L q = 0; q < quads; q++)
      for (L j = 0; j < TOGETHER; j++, to += 4) {
        const L column = g * TOGETHER + j < n ? g * TOGETHER + j : n - 1;
        for (L k = 0; k < 4; k++) to[k] = b[(4 * q + k) * bRow + column * bColumn];
      }
  for (L k = 4 * quads; k < depth; k++, to += NARROW)
    for (L j = 0; j < n; j++) to[j] = b[k * bRow + j * bColumn];
}
#define NARROW_ROWS (REGISTERS == 32 ? 8 : 4)
static void narrowProduct(const float *a, L aRow, const float *b, float *c, L cRow, L m, L n, L depth,
                          const float *add, L addRow) {
  const L quads = depth / 4;
  const float *tail = b + quads * W * groupsOf(n);
  for (L g = 0; g < n; g += TOGETHER, b += quads * W)
    for (L i = 0; i < m; i += NARROW_ROWS) {
      const L rows = m - i < NARROW_ROWS ? m - i : NARROW_ROWS;
      // If there are fewer rows, the last row is repeated, and its repetitions are not used.
      const float *row[NARROW_ROWS];
      for (int r = 0; r < NARROW_ROWS; r++) row[r] = a + (i + (r < rows ? r : rows - 1)) * aRow;
      V sum[NARROW_ROWS] = {{0}};
      for (L q = 0; q < quads; q++) {
        const V x = load(b + q * W);
        _Pragma("GCC unroll 8") for (int r = 0; r < NARROW_ROWS; r++) sum[r] = madd(four(row[r] + 4 * q), x, sum[r]);
      }
      for (L r = 0; r < rows; r++) {
        float sums[W];
        store(sums, across(sum[r]));
        for (L j = g; j < n && j < g + TOGETHER; j++) {
          float s = sums[4 * (j - g)];
          for (L k = 4 * quads; k < depth; k++) s = __builtin_fmaf(row[r][k], tail[(k - 4 * quads) * NARROW + j], s);
          c[(i + r) * cRow + j] = add == NULL ? s : s + add[(i + r) * addRow + j];
        }
      }
    }
}

// Up to two rows: C = A B + addend, with contiguous rows of B and any strides of the others.
#define FEW 2
static void few(const float *a, L aRow, L aColumn, L m, const float *b, L bRow, float *c, L cRow, L cColumn, L n,
                L depth, const float *add, L addRow, L addColumn) {
  for (L j = 0; j < n; j += W) {
    const L width = n - j < W ? n - j : W;
    const Part last = part(width < W ? width : 0);
    V sum[FEW] = {{0}};
    const float *second = a + (m > 1 ? aRow : 0);
    for (L k = 0; k < depth; k++) {
      const V x = width < W ? loadPart(b + k * bRow + j, last) : load(b + k * bRow + j);
      sum[0] = madd(splat(a[k * aColumn]), x, sum[0]);
      sum[1] = madd(splat(second[k * aColumn]), x, sum[1]);
    }
    for (L i = 0; i < m; i++) {
      float sums[W];
      store(sums, sum[i]);
      for (L q = 0; q < width; q++) {
        const float s = sums[q];
        c[i * cRow + (j + q) * cColumn] = add == NULL ? s : s + add[i * addRow + (j + q) * addColumn];
      }
    }
  }
}

#define TINY 48
#define PART_DEPTH 256
static void product(const float *a, L aRow, L aColumn, const float *b, L bRow, L bColumn, float *c, L m, L n, L depth,
                    const float *add, L addRow) {
  if (m <= 16 && n <= 16 && m * n * depth <= TINY) {
    for (L i = 0; i < m; i++)
      for (L j = 0; j < n; j++) {
        float s = add == NULL ? 0 : add[i * addRow + j];
        for (L k = 0; k < depth; k++) s = s + a[i * aRow + k * aColumn] * b[k * bRow + j * bColumn];
        c[i * n + j] = s;
      }
    return;
  }
  if (depth >= LONG) {
    if (m <= FEW && bColumn == 1 && n >= 16) {
      few(a, aRow, aColumn, m, b, bRow, c, n, 1, n, depth, add, addRow, 1);
      return;
    }
    if (n <= FEW && aRow == 1 && m >= 16) {
      few(b, bColumn, bRow, n, a, aColumn, c, 1, n, m, depth, add, 1, addRow);
      return;
    }
    if (n <= NARROW && aColumn == 1 && m >= 4) {
      // Contiguous columns of B are used without copies. Other columns are copied in parts; the sum of the previous
      // parts is then the addend.
      const L length = bRow == 1 ? depth : PART_DEPTH;
      for (L k = 0; k < depth; k += length) {
        const L own = depth - k < length ? depth - k : length;
        float *packed = roomFor(narrowFloats(own, n));
        packNarrow(b + k * bRow, bRow, bColumn, own, n, packed);
        narrowProduct(a + k, aRow, packed, c, n, m, n, own, k == 0 ? add : c, k == 0 ? addRow : n);
      }
      return;
    }
  }
  if (bColumn == 1) chains(a, aRow, b, PANEL, terms(depth, aColumn, bRow), c, n, m, n, add, addRow);
  else {
    float *packed = roomFor(packedFloats(depth, n));
    packPanels(b, bRow, bColumn, depth, n, packed);
    chainsOfPacked(a, aRow, packed, terms(depth, aColumn, 0), c, n, m, n, add, addRow);
  }
}

KERNEL(void, gemm)(char *memory, uint32_t a, uint32_t aRow, uint32_t aColumn, uint32_t b, uint32_t bRow, uint32_t bColumn,
                   uint32_t c, int32_t m, int32_t n, int32_t depth, uint32_t add, uint32_t addRow) {
  product(AT(a), aRow / 4, aColumn / 4, AT(b), bRow / 4, bColumn / 4, AT(c), m, n, depth, MAYBE(add), addRow / 4);
}

KERNEL(void, gemmBatch)(char *memory, int32_t count, uint32_t aStep, uint32_t bStep, uint32_t a, uint32_t aRow,
                        uint32_t aColumn, uint32_t b, uint32_t bRow, uint32_t bColumn, uint32_t c, int32_t m, int32_t n,
                        int32_t depth, uint32_t add) {
  for (L i = 0; i < count; i++)
    product(AT(a) + i * (aStep / 4), aRow / 4, aColumn / 4, AT(b) + i * (bStep / 4), bRow / 4, bColumn / 4,
            AT(c) + i * m * n, m, n, depth, MAYBE(add), 0);
}

KERNEL(int32_t, packedBytes)(char *memory, int32_t depth, int32_t n) {
  (void)memory;
  return (int32_t)(4 * (isNarrow(depth, n) ? narrowFloats(depth, n) : packedFloats(depth, n)));
}

KERNEL(void, packB)(char *memory, uint32_t b, uint32_t bRow, uint32_t bColumn, int32_t depth, int32_t n, uint32_t to) {
  (isNarrow(depth, n) ? packNarrow : packPanels)(AT(b), bRow / 4, bColumn / 4, depth, n, AT(to));
}

KERNEL(void, gemmPacked)(char *memory, uint32_t a, uint32_t b, uint32_t c, int32_t m, int32_t n, int32_t depth, uint32_t bias) {
  if (isNarrow(depth, n)) narrowProduct(AT(a), depth, AT(b), AT(c), n, m, n, depth, MAYBE(bias), 0);
  else chainsOfPacked(AT(a), depth, AT(b), terms(depth, 1, 0), AT(c), n, m, n, MAYBE(bias), 0);
}
