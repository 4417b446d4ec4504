// The fused loops of the network, in single precision (suffix _f32, vectorised, chosen at run time
// for the processor) and in double precision (suffix _f64, plain, the yardstick of the tests).
//
// H hidden units, 4H the gates stacked f, i, o, g, rows independent of each other. All matrices are
// row-major. Sums run over a fixed number of lanes and no product is fused into an addition, so
// that every processor gives the same bytes.
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

#define DECLARE_KERNELS(REAL, SUFFIX)                                                              \
  /* Layer norm without gain and shift, in place: x [rows, n] becomes its deviation from the mean  \
     in units of the standard deviation, over each of `groups` equal parts of a row;               \
     scale [rows, groups] is what was multiplied by, 1 / sqrt(variance + epsilon). */              \
  void normalize_##SUFFIX(int32_t rows, int32_t n, int32_t groups, REAL epsilon, REAL *x,          \
                          REAL *scale);                                                            \
  /* y = x * gain + shift, row by row. */                                                          \
  void affine_##SUFFIX(int32_t rows, int32_t n, const REAL *x, const REAL *gain,                   \
                       const REAL *shift, REAL *y);                                                \
  /* Backward through affine and normalize: d [rows, n] is the gradient of the affine's result and \
     becomes that of normalize's input; x is what normalize left. */                               \
  void normalize_backward_##SUFFIX(int32_t rows, int32_t n, int32_t groups, const REAL *x,         \
                                   const REAL *scale, const REAL *gain, REAL *d, REAL *gain_gradient, \
                                   REAL *shift_gradient);                                          \
  /* One step of a cell for `rows` rows.                                                           \
     z [rows, 4H]      in: W_h h; out: the same, normalised                                        \
     input [*, 4H]     LN_x(W_x x), one row a distinct word; input_row [rows] picks it; may be 0   \
     before [rows, H]  c of the step before                                                        \
     gates [rows, 4H], c, c_hat, h [rows, H], scale [rows, 5]  out; kept for backward */           \
  void cell_forward_##SUFFIX(const cell_parts *cell, int32_t rows, REAL *z, const REAL *input,  \
                             const int32_t *input_row, const REAL *before, REAL *gates, REAL *c,   \
                             REAL *c_hat, REAL *scale, REAL *h);                                   \
  /* Its reverse.                                                                                  \
     z          in: as forward left it; out: the gradient of W_h h                                 \
     gates      in: as forward left it; out: the gradient of the gates before their squashing      \
     dh [rows, H]  in: gradient of h;   dc [rows, H] in: gradient of c; out: gradient of `before`  \
     d_input [*, 4H]  the gradient of `input`, added to; may be 0 */                               \
  void cell_backward_##SUFFIX(const cell_parts *cell, const cell_gradient *gradient,   \
                              int32_t rows, REAL *z, REAL *gates, const REAL *before,              \
                              const REAL *c_hat, const REAL *scale, const REAL *dh, REAL *dc,      \
                              REAL *d_input, const int32_t *input_row);                            \
  /* y = x * scale where keep, 0 elsewhere. y may be x. */                                         \
  void drop_##SUFFIX(int64_t n, const uint8_t *keep, REAL scale, const REAL *x, REAL *y);          \
  /* x += y. */                                                                                    \
  void add_##SUFFIX(int64_t n, const REAL *y, REAL *x);                                            \
  /* The sum of the squares, in double precision. */                                               \
  double sum_of_squares_##SUFFIX(int64_t n, const REAL *x);                                        \
  /* One step of Adam (Kingma and Ba, algorithm 1): `rate` and `epsilon` already hold the          \
     corrections of the biases; the gradient is multiplied by `clip` first. */                     \
  void adam_##SUFFIX(int64_t n, REAL rate, REAL beta1, REAL beta2, REAL correction, REAL epsilon,  \
                     REAL clip, const REAL *gradient, REAL *m, REAL *v, REAL *parameter);

DECLARE_KERNELS(float, f32)
DECLARE_KERNELS(double, f64)

// Which of `n` units are kept, each with probability 1 - threshold / 65536: a function of `key`
// alone, four units a call of SplitMix64's output function (Steele, Lea, Flood 2014).
void keep_mask(uint64_t key, int32_t n, uint32_t threshold, uint8_t *keep);

// SplitMix64's output function: a bijection of 64-bit numbers that scatters neighbours.
uint64_t scatter(uint64_t x);

#endif
