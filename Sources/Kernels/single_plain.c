// Single precision for every processor of the architecture that the build is for.
#include "Kernels.h"
#include "levels.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#define WIDTH 4
#define ROWS 6
#if defined(__FMA__) || defined(__aarch64__)
#define FUSED(a, b, c) __builtin_elementwise_fma(a, b, c)
#else
#define FUSED(a, b, c) ((a) * (b) + (c))
#endif
#include "single.inc"

const kernels_f32 *single_plain(void) { return &table; }
