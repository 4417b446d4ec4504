// Double precision: the yardstick of the tests, with the system's exponentials.
#include "Kernels.h"

#include <math.h>

#define REAL double
#define NAME(name) name##_f64
#define SQRT __builtin_sqrt
#define VECTORISED

static inline double exponential(double x) { return exp(x); }
static inline double exp_minus_one(double x) { return expm1(x); }

#include "kernels.inc"
