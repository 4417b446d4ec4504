// Selects the kernels that this processor can run; also holds the code that needs no special
// instructions.
#include "Kernels.h"

const kernels_f32 *f32_kernels(int isa) {
#if defined(__x86_64__)
  if (isa == 3)
    return __builtin_cpu_supports("x86-64-v4") && __builtin_cpu_supports("avx512bf16")
                   && __builtin_cpu_supports("avx512vnni")
               ? f32_avx512bf16_kernels() : 0;
  if (isa == 2) return __builtin_cpu_supports("x86-64-v4") ? f32_avx512_kernels() : 0;
  if (isa == 1) return __builtin_cpu_supports("x86-64-v3") ? f32_avx2_kernels() : 0;
#endif
  return isa == 0 ? f32_scalar_kernels() : 0;
}

uint64_t splitmix64_mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}
