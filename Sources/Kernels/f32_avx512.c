// Single precision for x86-64-v4: AVX-512.
#include "templates/prelude.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("arch=x86-64-v4"), min_vector_width(512))), apply_to = function)
#define PRECISION 32
#define WIDTH 16
#define MR 12
#define FMA(a, b, c) __builtin_elementwise_fma(a, b, c)
#define HAS_FMA 1
#define HAS_BF16 0
#define HAS_VNNI 0
#include "templates/kernels.inc"
#pragma clang attribute pop
const kernels_f32 *f32_avx512_kernels(void) { return &table; }
#else
const kernels_f32 *f32_avx512_kernels(void) { return 0; }
#endif
