#include "Kernels.h"
void kernels_placeholder(void) {}
