// Copies that other kernels use. The addresses may point to integers, so these functions copy bytes.

KERNEL(void, clear)(char *memory, uint32_t at, uint32_t bytes) { memset(memory + at, 0, bytes); }

// Copies each of `count` blocks `times` times in a row.
KERNEL(void, repeat)(char *memory, uint32_t xAt, uint32_t outAt, int32_t count, uint32_t bytes, int32_t times) {
  const char *x = memory + xAt;
  char *out = memory + outAt;
  for (L i = 0; i < count; i++, x += bytes)
    for (L k = 0; k < times; k++, out += bytes) memmove(out, x, bytes);
}

// Transposes arrays; see assembly/transpose.ts. Strides are in bytes.
KERNEL(void, transpose)(char *memory, uint32_t xAt, uint32_t outAt, int32_t rows, uint32_t rowStride, int32_t columns,
                        uint32_t columnStride, int32_t count0, uint32_t in0, uint32_t out0, int32_t count1, uint32_t in1,
                        uint32_t out1) {
  for (L p = 0; p < count0; p++)
    for (L q = 0; q < count1; q++) {
      const char *x = memory + xAt + p * in0 + q * in1;
      char *out = memory + outAt + p * out0 + q * out1;
      // Copies squares of 16 x 16 numbers, so that the lines of source and target stay in the cache.
      for (L r = 0; r < rows; r += 16)
        for (L c = 0; c < columns; c += 16)
          for (L i = r; i < r + 16 && i < rows; i++)
            for (L j = c; j < c + 16 && j < columns; j++) memcpy(out + j * columnStride + 4 * i, x + i * rowStride + 4 * j, 4);
    }
}
