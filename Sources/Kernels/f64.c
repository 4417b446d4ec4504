// Double precision: the reference of the tests, with the exponentials of the C library.
#define PRECISION 64
#define WIDTH 2
#define MR 6
#define FMA(a, b, c) ((a) * (b) + (c))
#include "templates/kernels.inc"

const kernels_f64 *f64_kernels(void) { return &table; }
