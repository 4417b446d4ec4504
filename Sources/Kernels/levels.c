// Which level this processor has, and what belongs to no level.
#include "levels.h"

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

void keep_mask(uint64_t key, int32_t n, uint32_t threshold, uint8_t *keep) {
  const uint64_t golden = 0x9e3779b97f4a7c15u;
  int32_t i = 0;
  for (; i + 4 <= n; i += 4) {
    uint64_t x = scatter(key += golden);
    keep[i] = (x & 0xffff) >= threshold;
    keep[i + 1] = (x >> 16 & 0xffff) >= threshold;
    keep[i + 2] = (x >> 32 & 0xffff) >= threshold;
    keep[i + 3] = (x >> 48) >= threshold;
  }
  for (uint64_t x = scatter(key + golden); i < n; i++, x >>= 16) keep[i] = (x & 0xffff) >= threshold;
}
