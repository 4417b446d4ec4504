#ifndef CRENAME_H
#define CRENAME_H
/// Swaps the names of two existing files or directories in one step. Returns 0 or an error number:
/// ENOSYS or EINVAL if the system or the file system does not support it.
/// Written in C because the system's headers hide it from Swift (renameat2(2), renamex_np(2)).
int rename_exchange(const char *first, const char *second);
#endif
