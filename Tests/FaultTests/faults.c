// Loaded before the C library into a program under test (LD_PRELOAD): counts the calls that change
// files, and at the n-th one the disk fails, the process dies, or the machine loses its power.
//
//   FAULT_PROGRAM  the program to be hit, by its name; its children of other names are left alone
//   FAULT_LOG      a file that gets a line for each call
//   FAULT_AT       the call to be hit, from 1; none without it
//   FAULT_KIND     fail    this call fails with EIO; half of what it should write is written
//                  full    from this call on nothing can be created or written: ENOSPC
//                  quota   the same for a user who has used up what he may: EDQUOT
//                  kill    the process dies in the middle of this call
//                  power   it dies, and all that it had not flushed to the disk is lost
//                  unmappable   no file can be mapped into memory, from the first one on
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define EXCHANGE 2u  // RENAME_EXCHANGE of linux/fs.h

static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static long calls, at;
static enum { NOTHING, FAIL, FULL, QUOTA, KILL, POWER, UNMAPPABLE } kind;
static int isTarget, logFile = -1;

// The C library's own way into the system, past all that is replaced here.
static long (*real)(long, ...);
static void find(void) { real = (__typeof__(real))dlsym(RTLD_NEXT, "syscall"); }
#define direct(...) (real ? (void)0 : find(), real(__VA_ARGS__))

#include "unflushed.h"

static void die(void) {
  loseUnflushed();
  direct(SYS_kill, getpid(), SIGKILL);
  for (;;) pause();
}

__attribute__((constructor)) static void begin(void) {
  const char *program = getenv("FAULT_PROGRAM"), *log = getenv("FAULT_LOG");
  const char *number = getenv("FAULT_AT"), *name = getenv("FAULT_KIND");
  isTarget = program && strcmp(program, program_invocation_short_name) == 0;
  if (!isTarget) return;
  if (number) at = atol(number);
  if (!name) name = "";
  kind = !strcmp(name, "fail") ? FAIL : !strcmp(name, "full") ? FULL
       : !strcmp(name, "quota") ? QUOTA : !strcmp(name, "kill") ? KILL : !strcmp(name, "power") ? POWER
       : !strcmp(name, "unmappable") ? UNMAPPABLE : NOTHING;
  if (log) logFile = direct(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}

// Counts a call. Returns 0 if it may continue, or the error that it has to return. The process dies
// here, unless `half` is given: then that is set, for the caller to do half of its work and die.
static int counted(const char *call, const char *name, int needsRoom, int *half) {
  if (!isTarget) return 0;
  pthread_mutex_lock(&lock);
  long number = ++calls;
  pthread_mutex_unlock(&lock);
  if (logFile >= 0) {
    char line[PATH_MAX + 64];
    int size = snprintf(line, sizeof line, "%ld %s %s\n", number, call, name ? name : "");
    if (size > 0) (void)!direct(SYS_write, logFile, line, (size_t)size < sizeof line ? (size_t)size : sizeof line - 1);
  }
  if (at == 0 || number < at) return 0;
  switch (kind) {
  case NOTHING:
  case UNMAPPABLE: return 0;
  case FULL: return needsRoom ? ENOSPC : 0;
  case QUOTA: return needsRoom ? EDQUOT : 0;
  case FAIL:
    if (number > at) return 0;
    if (half) *half = 1;
    return EIO;
  case KILL:
  case POWER:
    if (number > at) return 0;
    if (!half) die();
    *half = 1;
    return EIO;
  }
  return 0;
}

// Only files on a disk count, and not what is printed.
static int counts(int file) {
  struct stat status;
  return isTarget && file > 2 && fstat(file, &status) == 0 && S_ISREG(status.st_mode);
}

static int isDevice(const char *path) {
  return !strncmp(path, "/dev/", 5) || !strncmp(path, "/proc/", 6);
}

static int refused(int error) { errno = error; return -1; }

// Files and their content.

static int opened(const char *call, int folder, const char *path, int flags, mode_t mode) {
  int writes = (flags & O_ACCMODE) != O_RDONLY || flags & O_CREAT;
  struct stat status;
  int isNew = flags & O_CREAT && fstatat(folder, path, &status, 0) != 0;
  if (writes && !isDevice(path)) {
    int error = counted(call, path, isNew, NULL);
    if (error) return refused(error);
  }
  int file = direct(SYS_openat, folder, path, flags, mode);
  if (file >= 0 && isTarget && writes) {
    if (isNew && folder == AT_FDCWD) noteName(CREATED, NULL, path);
    if (flags & O_TRUNC) noteData(file);
  }
  return file;
}

#define OPEN(name)                                                                              \
  int name(const char *path, int flags, ...) {                                                  \
    mode_t mode = 0;                                                                            \
    if (flags & (O_CREAT | __O_TMPFILE)) {                                                      \
      va_list rest;                                                                             \
      va_start(rest, flags), mode = va_arg(rest, mode_t), va_end(rest);                         \
    }                                                                                           \
    return opened("open", AT_FDCWD, path, flags, mode);                                         \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                                            \
  int name(int folder, const char *path, int flags, ...) {                                      \
    mode_t mode = 0;                                                                            \
    if (flags & (O_CREAT | __O_TMPFILE)) {                                                      \
      va_list rest;                                                                             \
      va_start(rest, flags), mode = va_arg(rest, mode_t), va_end(rest);                         \
    }                                                                                           \
    return opened("open", folder, path, flags, mode);                                           \
  }
OPENAT(openat)
OPENAT(openat64)

ssize_t write(int file, const void *bytes, size_t size) {
  if (!counts(file)) return direct(SYS_write, file, bytes, size);
  int half = 0, error = counted("write", NULL, 1, &half);
  if (half) {
    (void)!direct(SYS_write, file, bytes, size / 2);
    noteData(file);
    if (kind != FAIL) die();
  }
  if (error) return refused(error);
  noteData(file);
  return direct(SYS_write, file, bytes, size);
}

ssize_t writev(int file, const struct iovec *parts, int count) {
  if (counts(file)) {
    int error = counted("writev", NULL, 1, NULL);
    if (error) return refused(error);
    noteData(file);
  }
  return direct(SYS_writev, file, parts, count);
}

#define PWRITE(name)                                                                            \
  ssize_t name(int file, const void *bytes, size_t size, off_t offset) {                        \
    if (counts(file)) {                                                                         \
      int error = counted("pwrite", NULL, 1, NULL);                                             \
      if (error) return refused(error);                                                         \
      noteData(file);                                                                           \
    }                                                                                           \
    return direct(SYS_pwrite64, file, bytes, size, offset);                                    \
  }
PWRITE(pwrite)
PWRITE(pwrite64)

#define TRUNCATE(name)                                                                          \
  int name(int file, off_t size) {                                                              \
    int error = counts(file) ? counted("ftruncate", NULL, 0, NULL) : 0;                         \
    if (error) return refused(error);                                                           \
    noteData(file);                                                                             \
    return direct(SYS_ftruncate, file, size);                                                  \
  }
TRUNCATE(ftruncate)
TRUNCATE(ftruncate64)

#define FLUSH(name, number)                                                                     \
  int name(int file) {                                                                          \
    int error = isTarget ? counted(#name, NULL, 0, NULL) : 0;                                   \
    if (error) return refused(error);                                                           \
    flushed(file);                                                                              \
    return direct(number, file);                                                               \
  }
FLUSH(fsync, SYS_fsync)
FLUSH(fdatasync, SYS_fdatasync)

#define MAP(name)                                                                               \
  void *name(void *address, size_t size, int access, int flags, int file, off_t offset) {       \
    if (kind == UNMAPPABLE && file >= 0) return errno = ENODEV, MAP_FAILED;                     \
    return (void *)direct(SYS_mmap, address, size, access, flags, file, offset);                \
  }
MAP(mmap)
MAP(mmap64)

// Names.

static int renamed(int first, const char *from, int second, const char *to, unsigned flags) {
  int error = counted(flags & EXCHANGE ? "exchange" : "rename", to, 0, NULL);
  if (error) return refused(error);
  int result = direct(SYS_renameat2, first, from, second, to, flags);
  if (result == 0 && isTarget) noteName(flags & EXCHANGE ? EXCHANGED : RENAMED, from, to);
  return result;
}
int rename(const char *from, const char *to) { return renamed(AT_FDCWD, from, AT_FDCWD, to, 0); }
int renameat(int first, const char *from, int second, const char *to) {
  return renamed(first, from, second, to, 0);
}
int renameat2(int first, const char *from, int second, const char *to, unsigned flags) {
  return renamed(first, from, second, to, flags);
}

int linkat(int first, const char *from, int second, const char *to, int flags) {
  int error = counted("link", to, 1, NULL);
  if (error) return refused(error);
  int result = direct(SYS_linkat, first, from, second, to, flags);
  if (result == 0 && isTarget) noteName(CREATED, NULL, to);
  return result;
}

int mkdir(const char *path, mode_t mode) {
  int error = counted("mkdir", path, 1, NULL);
  return error ? refused(error) : (int)direct(SYS_mkdir, path, mode);
}
int mkdirat(int folder, const char *path, mode_t mode) {
  int error = counted("mkdir", path, 1, NULL);
  return error ? refused(error) : (int)direct(SYS_mkdirat, folder, path, mode);
}
int unlink(const char *path) {
  int error = counted("unlink", path, 0, NULL);
  return error ? refused(error) : (int)direct(SYS_unlink, path);
}
int unlinkat(int folder, const char *path, int flags) {
  int error = counted("unlink", path, 0, NULL);
  return error ? refused(error) : (int)direct(SYS_unlinkat, folder, path, flags);
}
int rmdir(const char *path) {
  int error = counted("rmdir", path, 0, NULL);
  return error ? refused(error) : (int)direct(SYS_rmdir, path);
}

// `renameat2` may be called by its number, where the C library has no function for it.
long syscall(long number, ...) {
  long a[6];
  va_list rest;
  va_start(rest, number);
  for (int i = 0; i < 6; i++) a[i] = va_arg(rest, long);
  va_end(rest);
  if (number != SYS_renameat2) return direct(number, a[0], a[1], a[2], a[3], a[4], a[5]);
  return renamed((int)a[0], (const char *)a[1], (int)a[2], (const char *)a[3], (unsigned)a[4]);
}
