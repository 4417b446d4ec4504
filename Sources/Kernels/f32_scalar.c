// Single precision for the baseline of the architecture that the build targets.
#define PRECISION 32
#define WIDTH 4
#define MR 6
#if defined(__FMA__) || defined(__aarch64__)
#define FMA(a, b, c) __builtin_elementwise_fma(a, b, c)
#define HAS_FMA 1
#else
#define FMA(a, b, c) ((a) * (b) + (c))
#define HAS_FMA 0
#endif
#define HAS_BF16 0
#define HAS_VNNI 0
#include "templates/kernels.inc"

const kernels_f32 *f32_scalar_kernels(void) { return &table; }
