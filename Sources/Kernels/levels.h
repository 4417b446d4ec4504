// The tables of the levels; see single_kernels in Kernels.h.
#include "Kernels.h"

const kernels_f32 *single_v4(void);
const kernels_f32 *single_v3(void);
const kernels_f32 *single_plain(void);
