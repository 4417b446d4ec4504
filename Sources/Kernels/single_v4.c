// Single precision for x86-64-v4: AVX-512.
#include "Kernels.h"
#include "levels.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("arch=x86-64-v4"), min_vector_width(512))), apply_to = function)
#define WIDTH 16
#define ROWS 12
#define FUSED(a, b, c) __builtin_elementwise_fma(a, b, c)
#include "single.inc"
#pragma clang attribute pop
const kernels_f32 *single_v4(void) { return &table; }
#else
const kernels_f32 *single_v4(void) { return 0; }
#endif
