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
