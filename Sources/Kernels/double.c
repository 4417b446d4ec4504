// Double precision: the yardstick of the tests, with the system's exponentials.
#include "Kernels.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#define REAL double
#define SQRT __builtin_sqrt
#define TABLE kernels_f64
#define WIDTH 2
#define ROWS 6
#define INDEPENDENT // the system's exponentials take one number at a time
#define FUSED(a, b, c) ((a) * (b) + (c))

static inline double exponential(double x) { return exp(x); }
static inline double exp_minus_one(double x) { return expm1(x); }

#include "kernels.inc"

const kernels_f64 *double_kernels(void) { return &table; }
