// Single precision for x86-64-v3: AVX2 with FMA.
#include "templates/prelude.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#define PRECISION 32
#define WIDTH 8
#define MR 6
#define FMA(a, b, c) __builtin_elementwise_fma(a, b, c)
#define HAS_FMA 1
#define HAS_BF16 0
#define HAS_VNNI 0
#include "templates/kernels.inc"
#pragma clang attribute pop
const kernels_f32 *f32_avx2_kernels(void) { return &table; }
#else
const kernels_f32 *f32_avx2_kernels(void) { return 0; }
#endif
