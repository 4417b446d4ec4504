// The fused loops of the network, in single precision (f32: vectorised, compiled for several
// instruction sets, chosen at run time) and in double precision (f64: portable, the reference of
// the tests). A table of function pointers holds the kernels of one precision and instruction set.
//
// H is the number of hidden units; 4H are the gates, stacked f, i, o, g. Rows are independent. All
// matrices are row-major. Sums run over a fixed number of lanes in a fixed order, so the vector
// width does not change any result; only products use fused multiply-add where the processor has
// it.
#ifndef KERNELS_H
#define KERNELS_H

#include <stdint.h>

// The parameters of one task's cell; see equations (1)-(3) of the paper.
//   groups       number of layer norms over the 4H gates: 1 for the stacked gates, 4 for one norm per
//                gate, 0 for no norm (plain LSTM: h = sigmoid(o) * tanh(c), with shift_h as the bias)
//   cell_tanh    whether (3) applies tanh to the normalised cell; always on when groups = 0
//   gain, shift  of LN_h [4H] and LN_c [H], in the precision of the kernel
typedef struct {
  int32_t hidden, groups, cell_tanh;
  double epsilon;
  const void *gain_h, *shift_h, *gain_c, *shift_c;
} cell_params;

// The gradients of a cell's gains and shifts; kernels add to them.
typedef struct {
  void *gain_h, *shift_h, *gain_c, *shift_c;
} cell_grads;

// The largest number NR of columns in a panel of a packed matrix, by the instruction set.
#define MAX_NR 32

#define DECLARE_KERNELS(REAL, TABLE)                                                               \
  typedef struct {                                                                                 \
    /* Layer norm without gain and shift, in place, over each of `groups` equal parts of a row:    \
       x [rows, n] becomes (x - mean) * rstd, with rstd [rows, groups] = 1 / sqrt(variance +       \
       epsilon) as the second output. */                                                           \
    void (*normalize)(int32_t rows, int32_t n, int32_t groups, REAL epsilon, REAL *x, REAL *rstd); \
    /* y = x * gain + shift for each row. y may be x. */                                           \
    void (*scale_shift)(int32_t rows, int32_t n, const REAL *x, const REAL *gain,                  \
                        const REAL *shift, REAL *y);                                               \
    /* Backward of scale_shift and normalize. d [rows, n] is the gradient of scale_shift's output  \
       and becomes the gradient of normalize's input; x is normalize's output. If `rstd` is null,  \
       only the gradients of gain and shift are computed and d is left undefined. */               \
    void (*normalize_backward)(int32_t rows, int32_t n, int32_t groups, const REAL *x,             \
                               const REAL *rstd, const REAL *gain, REAL *d, REAL *gain_gradient,   \
                               REAL *shift_gradient);                                              \
    /* One step of a cell for `rows` rows.                                                         \
       z [rows, 4H]      in: W_h h; out: the same, normalised                                      \
       input [*, 4H]     LN_x(W_x x), one row per unique token; input_row [rows] selects the row;  \
                         may be null                                                               \
       before [rows, H]  c of the previous step                                                    \
       gates [rows, 4H], c, c_hat, h [rows, H], rstd [rows, 5]  out; kept for backward. If `gates` \
                         is null, z is undefined afterwards, and c_hat and rstd are not written:   \
                         this takes less time, for the same c and h */                             \
    void (*cell_forward)(const cell_params *cell, int32_t rows, REAL *z, const REAL *input,        \
                         const int32_t *input_row, const REAL *before, REAL *gates, REAL *c,       \
                         REAL *c_hat, REAL *rstd, REAL *h);                                        \
    /* Backward of cell_forward.                                                                   \
       z          in: forward's output; out: the gradient of W_h h                                 \
       gates      in: forward's output; out: undefined                                             \
       dh [rows, H]  in: gradient of h;   dc [rows, H]  in: gradient of c; out: that of `before`   \
       d_input [*, 4H]  the gradient of `input`, added to; may be null */                          \
    void (*cell_backward)(const cell_params *cell, const cell_grads *gradient, int32_t rows,       \
                          REAL *z, REAL *gates, const REAL *before, const REAL *c_hat,             \
                          const REAL *rstd, const REAL *dh, REAL *dc, REAL *d_input,               \
                          const int32_t *input_row);                                               \
    /* The units of n that dropout keeps (1) or drops (0), each kept with probability              \
       1 - threshold / 65536: a function of `key` alone, the same in every table. One call of      \
       splitmix64_mix decides four units. */                                                       \
    void (*dropout_mask)(uint64_t key, int32_t n, uint32_t threshold, uint8_t *mask);              \
    /* y = x * scale where the mask is 1, and 0 elsewhere. y may be x. */                          \
    void (*dropout_apply)(int64_t n, const uint8_t *mask, REAL scale, const REAL *x, REAL *y);     \
    /* x += y. */                                                                                  \
    void (*add)(int64_t n, const REAL *y, REAL *x);                                                \
    /* x *= factor. */                                                                             \
    void (*scale)(int64_t n, REAL factor, REAL *x);                                                \
    /* x += weight * (y - x). */                                                                   \
    void (*lerp)(int64_t n, REAL weight, const REAL *y, REAL *x);                                  \
    /* The running maximum: where x > max, max becomes x and argmax becomes `index`. */            \
    void (*max_update)(int64_t n, int32_t index, const REAL *x, REAL *max, int32_t *argmax);       \
    /* Backward of max_update: x += y where argmax is `index`. */                                  \
    void (*max_backward)(int64_t n, int32_t index, const int32_t *argmax, const REAL *y, REAL *x); \
    /* The sum of the squares, in double precision. */                                             \
    double (*sum_of_squares)(int64_t n, const REAL *x);                                            \
    /* The sum of x * y. */                                                                        \
    REAL (*dot)(int64_t n, const REAL *x, const REAL *y);                                          \
    /* x += factor * y. */                                                                         \
    void (*add_scaled)(int64_t n, REAL factor, const REAL *y, REAL *x);                            \
    /* Softmax cross-entropy of each row's target and n candidates, without the candidates that    \
       are the target itself; n is a multiple of 16.                                               \
       logits [rows, n]      in: those of the candidates, to which `offset` [n] is added; out:     \
                             their gradient, multiplied by `scale`                                 \
       target_logits [rows]  the same of the targets, without an offset                            \
       correct               increased by the number of rows whose target has the highest logit    \
       Returns the sum of the losses. */                                                           \
    double (*sampled_softmax)(int32_t rows, int32_t n, const int32_t *candidates,                  \
                              const REAL *offset, const int32_t *targets, REAL scale,              \
                              REAL *logits, REAL *target_logits, int32_t *correct);                \
    /* One step of Adam (Kingma and Ba 2015, algorithm 1). `rate` includes the bias correction of  \
       the first moment, `correction` is that of the root of the second moment; the gradient is    \
       multiplied by `clip` first. */                                                              \
    void (*adam)(int64_t n, REAL rate, REAL beta1, REAL beta2, REAL correction, REAL epsilon,      \
                 REAL clip, const REAL *gradient, REAL *m, REAL *v, REAL *parameter);              \
    /* Packs B [k, n], whose element (i, j) is b[i * row + j * column], into panels of NR columns, \
       [ceil(n / NR), k, NR], padded with zeros. */                                                \
    void (*gemm_pack)(int32_t k, int32_t n, const REAL *b, int64_t row, int64_t column,            \
                      REAL *packed);                                                               \
    /* C [m, n] = A [m, k] * B with packed B. Each element is one chain of additions over k, so it \
       depends only on its own row and column. */                                                  \
    void (*gemm_packed)(int32_t m, int32_t n, int32_t k, const REAL *a, const REAL *packed,        \
                        REAL *c);                                                                  \
    /* C [m, n] += A^T * B with A [k, m] and B [k, n], for large k: the gradient of a weight. Sums \
       run over blocks of 128 rows of k. Needs up to 0.6 MB of stack. */                           \
    void (*gemm_at_b_accumulate)(int32_t m, int32_t n, int32_t k, const REAL *a, const REAL *b,    \
                                 REAL *c);                                                         \
    /* The same with A and B rounded to bfloat16 and sums in single precision; null in double      \
       precision. All instruction sets give the same bits. A panel of a packed matrix has at most  \
       k + 1 rows. Gradients are sums over blocks of 256 rows of k. */                             \
    void (*gemm_pack_bf16)(int32_t k, int32_t n, const REAL *b, int64_t row, int64_t column,       \
                           REAL *packed);                                                          \
    void (*gemm_packed_bf16)(int32_t m, int32_t n, int32_t k, const REAL *a, const REAL *packed,   \
                             REAL *c);                                                             \
    void (*gemm_at_b_accumulate_bf16)(int32_t m, int32_t n, int32_t k, const REAL *a,              \
                                      const REAL *b, REAL *c);                                     \
    /* The product with A and B rounded to 8 bits, each row of A and each column of B with its own \
       factor, and with exact sums; null in double precision. All instruction sets give the same   \
       bits. A row with a number that is not finite gives NaN. A panel of a packed matrix has      \
       ceil(k / 4) + 2 rows; k is at most 65,536. */                                               \
    void (*gemm_pack_int8)(int32_t k, int32_t n, const REAL *b, int64_t row, int64_t column,       \
                           REAL *packed);                                                          \
    void (*gemm_packed_int8)(int32_t m, int32_t n, int32_t k, const REAL *a, const REAL *packed,   \
                             REAL *c);                                                             \
  } TABLE;

DECLARE_KERNELS(float, kernels_f32)
DECLARE_KERNELS(double, kernels_f64)

// The single-precision kernels for an instruction set: 3 is AVX-512 (x86-64-v4) with bfloat16 and
// products of bytes (VNNI), 2 is AVX-512, 1 is AVX2 with FMA (x86-64-v3), 0 is the baseline of the
// architecture. Null if this processor or build lacks it.
const kernels_f32 *f32_kernels(int isa);
// The double-precision kernels.
const kernels_f64 *f64_kernels(void);

// The tables of the single instruction sets, whether this processor has them or not; null where
// the build lacks them.
const kernels_f32 *f32_scalar_kernels(void), *f32_avx2_kernels(void), *f32_avx512_kernels(void),
    *f32_avx512bf16_kernels(void);

// The output function of SplitMix64 (Steele, Lea and Flood 2014): a bijection of 64-bit integers
// that sends similar integers to unrelated ones.
uint64_t splitmix64_mix(uint64_t x);

#endif
