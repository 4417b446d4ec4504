#include <stddef.h>
#include <stdint.h>

/// libFuzzer's loop: calls `callback` with one input after the other until told to stop.
int LLVMFuzzerRunDriver(int *argc, char ***argv,
                        int (*callback)(const uint8_t *bytes, size_t count));
