// Part of faults.c: what the disk does not hold yet, to be lost when the power fails.

// A change is safe once the file that it was made to, or
// the folder that holds the name, has been flushed.
static struct change {
  enum { NONE, DATA, CREATED, RENAMED, EXCHANGED } what;
  dev_t device;
  ino_t inode;
  int file;  // the file, or the folder that holds the name
  char name[NAME_MAX + 1];
  char from[PATH_MAX], to[PATH_MAX];
} changes[512];
static int changed;

static struct change *noted(int what, int file, const struct stat *status) {
  if (kind != POWER || changed == 512) return NULL;
  struct change *change = &changes[changed++];
  change->what = what, change->file = file;
  change->device = status->st_dev, change->inode = status->st_ino;
  return change;
}

static void noteData(int file) {
  struct stat status;
  if (kind != POWER || fstat(file, &status) != 0) return;
  for (int i = 0; i < changed; i++)
    if (changes[i].what == DATA && changes[i].inode == status.st_ino
        && changes[i].device == status.st_dev) return;
  // Opened again rather than duplicated: a duplicate would keep a lock on the file.
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", file);
  noted(DATA, direct(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CLOEXEC), &status);
}

// `to` is the name in question; for a renaming `from` is the one before.
static void noteName(int what, const char *from, const char *to) {
  if (kind != POWER || strlen(to) >= PATH_MAX) return;
  char folder[PATH_MAX];
  strcpy(folder, to);
  char *slash = strrchr(folder, '/');
  const char *name = slash ? to + (slash - folder) + 1 : to;
  if (slash) *slash = 0; else strcpy(folder, ".");
  int file = direct(SYS_openat, AT_FDCWD, *folder ? folder : "/", O_PATH | O_CLOEXEC);
  struct stat status;
  if (file < 0 || fstat(file, &status) != 0) return;
  struct change *change = noted(what, file, &status);
  if (!change) return;
  snprintf(change->name, sizeof change->name, "%s", name);
  snprintf(change->from, PATH_MAX, "%s", from ? from : "");
  snprintf(change->to, PATH_MAX, "%s", to);
}

static void flushed(int file) {
  struct stat status;
  if (kind != POWER || fstat(file, &status) != 0) return;
  for (int i = 0; i < changed; i++)
    if (changes[i].inode == status.st_ino && changes[i].device == status.st_dev)
      changes[i].what = NONE;
}

// The power fails: what was not flushed is undone, the last change first.
static void loseUnflushed(void) {
  for (int i = changed - 1; i >= 0; i--) {
    struct change *change = &changes[i];
    unsigned flags = change->what == EXCHANGED ? EXCHANGE : 0;
    switch (change->what) {
    case NONE: break;
    case DATA: (void)!direct(SYS_ftruncate, change->file, 0); break;
    case CREATED: direct(SYS_unlinkat, change->file, change->name, 0); break;
    case RENAMED:
    case EXCHANGED:
      direct(SYS_renameat2, AT_FDCWD, change->to, AT_FDCWD, change->from, flags);
    }
  }
}
