// Checks that the header is valid by itself.
#include "dlnc.h"
