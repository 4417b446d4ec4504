// Which level this processor has, and what belongs to no level.
#include "levels.h"

#include <string.h>

const kernels_f32 *single_kernels(int level) {
#if defined(__x86_64__)
  if (level == 2) return __builtin_cpu_supports("x86-64-v4") ? single_v4() : 0;
  if (level == 1) return __builtin_cpu_supports("x86-64-v3") ? single_v3() : 0;
#endif
  return level == 0 ? single_plain() : 0;
}

uint64_t scatter(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

// 32 units at a time: eight numbers, each of which decides four. Whole numbers come out the same on
// every processor, so the best version for this one is chosen whatever the level of the kernels.
#if defined(__x86_64__) && defined(__linux__)
__attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#endif
void keep_mask(uint64_t key, int32_t n, uint32_t threshold, uint8_t *keep) {
  typedef uint64_t eight __attribute__((ext_vector_type(8)));
  typedef uint16_t quarters __attribute__((ext_vector_type(32)));
  typedef uint8_t units __attribute__((ext_vector_type(32), aligned(1)));
  const uint64_t golden = 0x9e3779b97f4a7c15u;
  const quarters least = (uint16_t)threshold;
  int32_t i = 0;
  if (threshold > 0xffff) {
    memset(keep, 0, n);
    return;
  }
  eight place = key + golden * (eight){1, 2, 3, 4, 5, 6, 7, 8};
  for (; i + 32 <= n; i += 32, place += 8 * golden) {
    eight x = (place ^ (place >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    x ^= x >> 31;
    *(units *)(keep + i) = __builtin_convertvector((quarters)x >= least, units) & 1;
  }
  for (; i < n; i++)
    keep[i] = (scatter(key + (i / 4 + 1) * golden) >> i % 4 * 16 & 0xffff) >= threshold;
}
