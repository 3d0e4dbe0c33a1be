// Runs a list of kernels in one call. A command has SLOTS numbers: the index of the kernel, and its arguments. A call
// from JavaScript takes as long as some hundred additions, so all kernels of a net run in one call.
#define SLOTS 17
#define U(k) (uint32_t) a[k]
#define N(k) (int32_t) a[k]
#define F(k) (float)a[k]
#define R(k) a[k]

// The arguments of each kernel, in the order of src/kernel-names.ts. RESULT marks a kernel that returns a number.
#define KERNELS(CALL, RESULT)                                                                                          \
  CALL(addScaled, U(0), F(1), U(2), U(3), N(4))                                                                        \
  CALL(addTo, U(0), U(1), N(2))                                                                                        \
  CALL(adam, U(0), U(1), U(2), U(3), U(4), U(5), U(6), F(7), F(8), F(9), F(10), F(11), N(12))                          \
  CALL(andersonLanes, U(0), U(1), U(2), U(3), U(4), U(5), U(6), U(7), U(8), U(9), N(10), N(11), N(12), N(13), F(14), F(15)) \
  CALL(broyden, U(0), U(1), U(2), U(3), U(4), U(5), U(6), N(7), N(8))                                                  \
  CALL(clear, U(0), U(1))                                                                                              \
  CALL(convSame, U(0), U(1), U(2), U(3), N(4), N(5), N(6), N(7), N(8), N(9), N(10), N(11), N(12))                      \
  CALL(convSameGradient, U(0), U(1), N(2), U(3), U(4), N(5), U(6), N(7), N(8), N(9), N(10), N(11), N(12), N(13))       \
  CALL(curvature, N(0), U(1), U(2), U(3), N(4), F(5))                                                                  \
  CALL(eliminate, U(0), U(1), U(2), U(3), U(4), N(5), N(6), N(7))                                                      \
  CALL(eluSlope, U(0), U(1), U(2), N(3), F(4), F(5), F(6))                                                             \
  CALL(gemm, U(0), U(1), U(2), U(3), U(4), U(5), U(6), N(7), N(8), N(9), U(10), U(11))                                 \
  CALL(gemmBatch, N(0), U(1), U(2), U(3), U(4), U(5), U(6), U(7), U(8), U(9), N(10), N(11), N(12), U(13))              \
  CALL(gemmPacked, U(0), U(1), U(2), N(3), N(4), N(5), U(6))                                                           \
  CALL(invertInPlace, U(0), N(1))                                                                                      \
  RESULT(largestSingular, U(0), U(1), U(2), U(3), U(4), N(5), N(6), N(7), N(8), R(9))                                  \
  CALL(lipSwishPullback, U(0), U(1), U(2), U(3), U(4), U(5), U(6), U(7), U(8), N(9), N(10))                            \
  CALL(lipSwishSlope, U(0), U(1), U(2), U(3), N(4))                                                                    \
  CALL(logDet, U(0), U(1), U(2), U(3), N(4), N(5))                                                                     \
  CALL(packB, U(0), U(1), U(2), N(3), N(4), U(5))                                                                      \
  RESULT(packedBytes, N(0), N(1))                                                                                      \
  CALL(pullTangent, U(0), U(1), U(2), U(3), U(4), U(5), U(6), F(7), N(8))                                              \
  CALL(repeat, U(0), U(1), N(2), U(3), N(4))                                                                           \
  CALL(rootBegin, U(0), U(1), U(2), N(3), N(4), N(5))                                                                  \
  CALL(rootCompact, U(0), U(1), U(2), N(3))                                                                            \
  CALL(rootDeliver, U(0), U(1), U(2), U(3), U(4), N(5))                                                                \
  CALL(rootImage, U(0), U(1), U(2), U(3), U(4), N(5), N(6))                                                            \
  RESULT(rootJudge, U(0), U(1), U(2), U(3), U(4), U(5), U(6), F(7), F(8), F(9), N(10), N(11), N(12), N(13), N(14))     \
  CALL(rootNewton, U(0), U(1), U(2), U(3), U(4), N(5), N(6))                                                           \
  CALL(rootSeed, U(0), U(1), U(2), N(3), N(4))                                                                         \
  CALL(sampleNorm, U(0), U(1), N(2), N(3))                                                                             \
  CALL(sinSlope, U(0), U(1), U(2), N(3))                                                                               \
  CALL(snakeSlope, U(0), U(1), U(2), N(3))                                                                             \
  CALL(softplusSlope, U(0), U(1), U(2), N(3))                                                                          \
  CALL(sum, U(0), N(1), N(2), N(3), U(4))                                                                              \
  CALL(tangentProduct, U(0), U(1), U(2), N(3), N(4))                                                                   \
  CALL(tangentPullback, U(0), U(1), U(2), U(3), U(4), U(5), U(6), F(7), N(8), N(9))                                    \
  CALL(tanhSlope, U(0), U(1), U(2), N(3))                                                                              \
  CALL(transpose, U(0), U(1), N(2), U(3), N(4), U(5), N(6), U(7), U(8), N(9), U(10), U(11))                            \
  CALL(transposedSolve, U(0), U(1), U(2), U(3), U(4), N(5), N(6), F(7))

#define NUMBER(name, ...) number_##name,
enum { KERNELS(NUMBER, NUMBER) };

// Runs `count` commands, and returns the result of the last one that has a result.
EXPORT int32_t PREFIX(run)(char *memory, const double *commands, int32_t count) {
  int32_t result = 0;
  for (int32_t c = 0; c < count; c++, commands += SLOTS) {
    const double *a = commands + 1;
    switch ((int32_t)commands[0]) {
#define CALL(name, ...)               \
  case number_##name:                 \
    kernel_##name(memory, __VA_ARGS__); \
    break;
#define RESULT(name, ...)                      \
  case number_##name:                          \
    result = kernel_##name(memory, __VA_ARGS__); \
    break;
      KERNELS(CALL, RESULT)
    }
  }
  return result;
}
