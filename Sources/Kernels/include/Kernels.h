// The fused loops of the network in single precision (f32: vectorised, compiled for several levels
// of vector instructions, chosen at run time) and in double precision (f64: plain, the yardstick of
// the tests). A table of function pointers holds the kernels of one precision and level.
//
// H hidden units, 4H the gates stacked f, i, o, g; rows are independent of each other; all matrices
// are row-major. Sums run over a fixed number of lanes in a fixed order, so the width of the vectors
// changes no byte; only products fuse multiplication and addition where the processor can.
#ifndef KERNELS_H
#define KERNELS_H

#include <stdint.h>

// What one cell of one task is made of; see equations (1)-(3) of the paper.
//   groups   how many layer norms share the 4H gates: 1 stacked, 4 one a gate, 0 no norm at all
//            (the plain LSTM: h = sigmoid(o) * tanh(c), and shift_h is its bias)
//   squash   whether (3) takes tanh of the normalised cell; implied by groups = 0
//   gain, shift  of LN_h [4H] and LN_c [H], in the precision of the kernel
typedef struct {
  int32_t hidden, groups, squash;
  double epsilon;
  const void *gain_h, *shift_h, *gain_c, *shift_c;
} cell_parts;

// The gradients of a cell's gains and shifts; added to.
typedef struct {
  void *gain_h, *shift_h, *gain_c, *shift_c;
} cell_gradient;

// Columns are packed in panels of so many.
#define PANEL 32

#define DECLARE_KERNELS(REAL, TABLE)                                                               \
  typedef struct {                                                                                 \
    /* Layer norm without gain and shift, in place: x [rows, n] becomes its deviation from the     \
       mean in units of the standard deviation, over each of `groups` equal parts of a row;        \
       scale [rows, groups] is what was multiplied by, 1 / sqrt(variance + epsilon). */            \
    void (*normalize)(int32_t rows, int32_t n, int32_t groups, REAL epsilon, REAL *x,              \
                      REAL *scale);                                                                \
    /* y = x * gain + shift, row by row. */                                                        \
    void (*affine)(int32_t rows, int32_t n, const REAL *x, const REAL *gain, const REAL *shift,    \
                   REAL *y);                                                                       \
    /* Backward through affine and normalize: d [rows, n] is the gradient of the affine's result   \
       and becomes that of normalize's input; x is what normalize left. Without `scale` only the   \
       gradients of gain and shift are wanted, and d is used up. */                                \
    void (*normalize_backward)(int32_t rows, int32_t n, int32_t groups, const REAL *x,             \
                               const REAL *scale, const REAL *gain, REAL *d, REAL *gain_gradient,  \
                               REAL *shift_gradient);                                              \
    /* One step of a cell for `rows` rows.                                                         \
       z [rows, 4H]      in: W_h h; out: the same, normalised                                      \
       input [*, 4H]     LN_x(W_x x), one row a distinct word; input_row [rows] picks it; may be 0 \
       before [rows, H]  c of the step before                                                      \
       gates [rows, 4H], c, c_hat, h [rows, H], scale [rows, 5]  out; kept for backward */         \
    void (*cell_forward)(const cell_parts *cell, int32_t rows, REAL *z, const REAL *input,         \
                         const int32_t *input_row, const REAL *before, REAL *gates, REAL *c,       \
                         REAL *c_hat, REAL *scale, REAL *h);                                       \
    /* Its reverse.                                                                                \
       z          in: as forward left it; out: the gradient of W_h h                               \
       gates      in: as forward left it; out: used up                                             \
       dh [rows, H]  in: gradient of h;   dc [rows, H]  in: gradient of c; out: that of `before`   \
       d_input [*, 4H]  the gradient of `input`, added to; may be 0 */                             \
    void (*cell_backward)(const cell_parts *cell, const cell_gradient *gradient, int32_t rows,     \
                          REAL *z, REAL *gates, const REAL *before, const REAL *c_hat,             \
                          const REAL *scale, const REAL *dh, REAL *dc, REAL *d_input,              \
                          const int32_t *input_row);                                               \
    /* Which of n units are kept, each with probability 1 - threshold / 65536: a function of `key` \
       alone, four units a call of `scatter`; the same in every table. */                          \
    void (*keep_mask)(uint64_t key, int32_t n, uint32_t threshold, uint8_t *keep);                 \
    /* y = x * scale where keep, 0 elsewhere. y may be x. */                                       \
    void (*drop)(int64_t n, const uint8_t *keep, REAL scale, const REAL *x, REAL *y);              \
    /* x += y. */                                                                                  \
    void (*add)(int64_t n, const REAL *y, REAL *x);                                                \
    /* x *= factor. */                                                                             \
    void (*scale)(int64_t n, REAL factor, REAL *x);                                                \
    /* x += weight * (y - x). */                                                                   \
    void (*blend)(int64_t n, REAL weight, const REAL *y, REAL *x);                                 \
    /* Where x is above `largest` it becomes that, and `number` is noted in `numbers`. */          \
    void (*keep_largest)(int64_t n, int32_t number, const REAL *x, REAL *largest,                  \
                         int32_t *numbers);                                                        \
    /* x += y where `numbers` is `number`. */                                                      \
    void (*add_where)(int64_t n, int32_t number, const int32_t *numbers, const REAL *y, REAL *x);  \
    /* The sum of the squares, in double precision. */                                             \
    double (*sum_of_squares)(int64_t n, const REAL *x);                                            \
    /* One step of Adam (Kingma and Ba 2015, algorithm 1): `rate` holds the correction of the      \
       first moment, `correction` the factor of the second's root; the gradient is multiplied by   \
       `clip` first. */                                                                            \
    void (*adam)(int64_t n, REAL rate, REAL beta1, REAL beta2, REAL correction, REAL epsilon,      \
                 REAL clip, const REAL *gradient, REAL *m, REAL *v, REAL *parameter);              \
    /* Packs B [k, n], whose element (i, j) lies at b[i * row + j * column], into panels of PANEL  \
       columns, [ceil(n / PANEL), k, PANEL], with zeros behind the last column. */                 \
    void (*pack)(int32_t k, int32_t n, const REAL *b, int64_t row, int64_t column, REAL *packed);  \
    /* C [m, n] = A [m, k] * B with B packed. Each element is one chain of additions over k, so it \
       depends on its own row and column alone. */                                                 \
    void (*multiply_packed)(int32_t m, int32_t n, int32_t k, const REAL *a, const REAL *packed,    \
                            REAL *c);                                                              \
    /* C [m, n] += A^T * B with A [k, m] and B [k, n], for large k: the gradient of a weight. Sums  \
       run over 128 of k at a time. Takes up to 0.6 MB of the stack. */                            \
    void (*add_outer)(int32_t m, int32_t n, int32_t k, const REAL *a, const REAL *b, REAL *c);     \
  } TABLE;

DECLARE_KERNELS(float, kernels_f32)
DECLARE_KERNELS(double, kernels_f64)

// The kernels in single precision for a level: 2 AVX-512 (x86-64-v4), 1 AVX2 with FMA (x86-64-v3),
// 0 what every processor has. Nothing if this processor or build lacks the level.
const kernels_f32 *single_kernels(int level);
// The kernels in double precision.
const kernels_f64 *double_kernels(void);

// SplitMix64's output function (Steele, Lea, Flood 2014): a bijection of 64-bit numbers that
// scatters neighbours.
uint64_t scatter(uint64_t x);

#endif
