// Functions that return which sets of instructions this processor runs, and the interface version of the library. This
// file is compiled without special instructions.
#include <stdint.h>

#if defined(_WIN32)
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif

// Version number of the interface. src/kernel-names.ts must contain the same number. It changes with the list of
// kernels and their arguments.
EXPORT int32_t kernelsInterface(void) { return 3; }

#if defined(__x86_64__) || defined(_M_X64)
#include <cpuid.h>

// Whether the operating system saves the registers of this mask when it switches threads.
static int saves(uint32_t mask) {
  uint32_t low, high;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (low & mask) == mask;
}
EXPORT int32_t runsAvx2(void) {
  uint32_t a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_FMA) || !(c & bit_OSXSAVE) || !saves(0x6)) return 0;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_AVX2) != 0;
}
EXPORT int32_t runsAvx512(void) {
  uint32_t a, b, c, d;
  if (!runsAvx2() || !saves(0xe6) || !__get_cpuid_count(7, 0, &a, &b, &c, &d)) return 0;
  const uint32_t wanted = bit_AVX512F | bit_AVX512DQ | bit_AVX512BW | bit_AVX512VL;
  return (b & wanted) == wanted;
}
EXPORT int32_t runsNeon(void) { return 0; }
#else
EXPORT int32_t runsAvx2(void) { return 0; }
EXPORT int32_t runsAvx512(void) { return 0; }
EXPORT int32_t runsNeon(void) { return 1; }
#endif
