// Vectors of W floats on AVX-512, AVX2 with FMA, and NEON. The operators of GCC and Clang do the arithmetic. Compile
// with -ffp-contract=off: only `madd` may round once, because results must be bit-identical to WebAssembly.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__AVX512F__)
#include <immintrin.h>
#define W 16
#define REGISTERS 32
#define PREFIX(name) avx512_##name
#elif defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>
#define W 8
#define REGISTERS 16
#define PREFIX(name) avx2_##name
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#define W 4
#define REGISTERS 32
#define PREFIX(name) neon_##name
#else
#error "Expected AVX-512, AVX2 with FMA, or NEON."
#endif

typedef float V __attribute__((vector_size(4 * W)));
typedef int32_t I __attribute__((vector_size(4 * W)));
typedef intptr_t L;

#if defined(_WIN32)
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif
// Declares a kernel. The first argument is the start of the memory of WebAssembly, and addresses are byte offsets from
// this start.
#define KERNEL(type, name) static type kernel_##name
#define AT(address) ((float *)(memory + (address)))
// Returns an optional array: NULL for the address 0.
#define MAYBE(address) ((address) == 0 ? NULL : AT(address))

static inline V splat(float x) { return x - (V){0}; }
static inline V load(const float *p) { V x; memcpy(&x, p, sizeof x); return x; }
static inline void store(float *p, V x) { memcpy(p, &x, sizeof x); }
static inline V pick(I mask, V a, V b) { return (V)((mask & (I)a) | (~mask & (I)b)); }
static inline V and(V x, I mask) { return (V)((I)x & mask); }
static inline V absolute(V x) { return (V)((I)x & 0x7fffffff); }
static inline V negativeAbs(V x) { return (V)((I)x | (int32_t)0x80000000); }
static inline V copySign(V magnitude, V sign) { return (V)(((I)magnitude & 0x7fffffff) | ((I)sign & (int32_t)0x80000000)); }

// `madd`: a b + c with one rounding. `pmax`: `a < b ? b : a`, as in WebAssembly. `nearest`:
// rounds to even. `four`: four floats, repeated. `across` adds the lanes of each group of
// four: the first lane of the group becomes (x0 + x2) + (x1 + x3).
// `loadPart` loads the first n lanes, and sets the others to zero. `storePart` stores the first n lanes.
#if W == 16
static inline V madd(V a, V b, V c) { return _mm512_fmadd_ps(a, b, c); }
static inline V root(V x) { return _mm512_sqrt_ps(x); }
static inline V nearest(V x) { return _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
static inline V pmax(V a, V b) { return _mm512_max_ps(b, a); }
static inline V four(const float *p) { return _mm512_broadcast_f32x4(_mm_loadu_ps(p)); }
static inline V across(V x) {
  x += (V)_mm512_permute_ps(x, 0x4e);
  return x + (V)_mm512_permute_ps(x, 0xb1);
}
typedef __mmask16 Part;
static inline Part part(L n) { return (Part)((1u << n) - 1); }
static inline V loadPart(const float *p, Part n) { return _mm512_maskz_loadu_ps(n, p); }
static inline void storePart(float *p, Part n, V x) { _mm512_mask_storeu_ps(p, n, x); }
#elif W == 8
static inline V madd(V a, V b, V c) { return _mm256_fmadd_ps(a, b, c); }
static inline V root(V x) { return _mm256_sqrt_ps(x); }
static inline V nearest(V x) { return _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
static inline V pmax(V a, V b) { return _mm256_max_ps(b, a); }
static inline V four(const float *p) { return _mm256_broadcast_ps((const __m128 *)p); }
static inline V across(V x) {
  x += (V)_mm256_permute_ps(x, 0x4e);
  return x + (V)_mm256_permute_ps(x, 0xb1);
}
typedef __m256i Part;
static inline Part part(L n) {
  static const int32_t ONES[16] = {-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0};
  return _mm256_loadu_si256((const __m256i *)(ONES + 8 - n));
}
static inline V loadPart(const float *p, Part n) { return _mm256_maskload_ps(p, n); }
static inline void storePart(float *p, Part n, V x) { _mm256_maskstore_ps(p, n, x); }
#else
static inline V madd(V a, V b, V c) { return vfmaq_f32(c, a, b); }
static inline V root(V x) { return vsqrtq_f32(x); }
static inline V nearest(V x) { return vrndnq_f32(x); }
static inline V pmax(V a, V b) { return pick(a < b, b, a); }
static inline V four(const float *p) { return load(p); }
static inline V across(V x) {
  x += (V)vextq_f32(x, x, 2);
  return x + (V)vrev64q_f32(x);
}
typedef L Part;
static inline Part part(L n) { return n; }
static inline V loadPart(const float *p, Part n) {
  V x = {0};
  for (L i = 0; i < n; i++) x[i] = p[i];
  return x;
}
static inline void storePart(float *p, Part n, V x) {
  for (L i = 0; i < n; i++) p[i] = x[i];
}
#endif

// Calls BODY(get, put) for n floats at `at`: first for W floats at a time, then for the remaining floats. `get(p)`
// loads from p + at, `put(p, x)` stores.
#define FULL_GET(p) load((p) + at)
#define FULL_PUT(p, x) store((p) + at, x)
#define PART_GET(p) loadPart((p) + at, rest)
#define PART_PUT(p, x) storePart((p) + at, rest, x)
#define EACH(n, BODY) \
  do { \
    L at = 0; \
    for (; at + W <= (n); at += W) { BODY(FULL_GET, FULL_PUT) } \
    if (at < (n)) { \
      const Part rest = part((n) - at); \
      BODY(PART_GET, PART_PUT) \
    } \
  } while (0)
