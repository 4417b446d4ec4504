// Single precision, with vector exponentials, compiled once for each level of x86-64 and chosen
// when the program starts; other architectures take the plain loops, which vectorise as well.
#include "Kernels.h"

#include <string.h>

#define REAL float
#define NAME(name) name##_f32
#define SQRT __builtin_sqrtf
#if defined(__x86_64__) && defined(__linux__)
#define VECTORISED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define VECTORISED
#endif

// exp(x) - 1 = 2^k p + (2^k - 1), with x = k ln 2 + r, |r| <= ln 2 / 2, and p = exp(r) - 1 as its
// Taylor polynomial of degree 7, whose remainder is below half a unit in the last place.
static inline void reduce(float x, float *power, float *p) {
  const float limit = 87;
  float bounded = x > limit ? limit : x < -limit ? -limit : x;
  const float magic = 12582912; // 1.5 * 2^23: adding it rounds to a whole number
  float k = (bounded * 1.44269504f + magic) - magic;
  float r = (bounded - k * 0.693359375f) - k * -2.12194440e-4f;
  float q = 1.f / 5040;
  q = q * r + 1.f / 720;
  q = q * r + 1.f / 120;
  q = q * r + 1.f / 24;
  q = q * r + 1.f / 6;
  q = q * r + 0.5f;
  *p = q * r * r + r;
  int32_t bits = ((int32_t)k + 127) << 23;
  memcpy(power, &bits, sizeof bits);
}

static inline float exponential(float x) {
  float power, p;
  reduce(x, &power, &p);
  return power * p + power;
}

static inline float exp_minus_one(float x) {
  float power, p;
  reduce(x, &power, &p);
  return power * p + (power - 1);
}

#include "kernels.inc"

uint64_t scatter(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

VECTORISED void keep_mask(uint64_t key, int32_t n, uint32_t threshold, uint8_t *keep) {
  const uint64_t golden = 0x9e3779b97f4a7c15u;
  int32_t i = 0;
  for (; i + 4 <= n; i += 4) {
    uint64_t x = key + golden * (uint64_t)(i / 4 + 1);
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    x ^= x >> 31;
    for (int j = 0; j < 4; j++) keep[i + j] = ((x >> (16 * j)) & 0xffff) >= threshold;
  }
  uint64_t x = scatter(key + golden * (uint64_t)(i / 4 + 1));
  for (int j = 0; i + j < n; j++) keep[i + j] = ((x >> (16 * j)) & 0xffff) >= threshold;
}
