/*
 * Preloaded into the process under test: writes down, in order, every change that it makes below one
 * directory (POWERLOSS_DIR) into POWERLOSS_LOG, and makes calls fail on demand. A rule file
 * (POWERLOSS_RULES, read again when its size changes) holds lines "CALL ERRNO PERMILLE":
 *   fsync 5 200      every fifth fsync or fdatasync answers EIO
 *   write 28 200     pwrite and write answer ENOSPC; open 24 … answers EMFILE
 *   short 0 200      a write takes only half of what it was given
 *   delay MS 1000    fsync takes MS longer
 *   nth N COUNT      the N-th fsync since these rules were read, and COUNT in all, answer EIO
 * Record: op(1) name length(2) name offset(8) length(4) data. Ops: W write, T truncate, S sync,
 * F failed sync, C create, U unlink, R rename (data = new name).
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *dir, *rules_path;
static size_t dir_length;
static int log_fd = -1, ready;
static uint64_t seed;

struct rule { char call[8]; int value; int permille; };
static struct rule rules[8];
static int rule_count;
static off_t rules_size = -1;
static int syncs;

static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_write)(int, const void *, size_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_ftruncate)(int, off_t);
static int (*real_unlink)(const char *);
static int (*real_rename)(const char *, const char *);
static int (*real_open)(const char *, int, ...);
static int (*real_openat)(int, const char *, int, ...);

static void set_up(void) {
  if (ready) return;
  ready = 1;
  real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
  real_write = dlsym(RTLD_NEXT, "write");
  real_fsync = dlsym(RTLD_NEXT, "fsync");
  real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
  real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
  real_unlink = dlsym(RTLD_NEXT, "unlink");
  real_rename = dlsym(RTLD_NEXT, "rename");
  real_open = dlsym(RTLD_NEXT, "open64");
  real_openat = dlsym(RTLD_NEXT, "openat64");
  dir = getenv("POWERLOSS_DIR");
  rules_path = getenv("POWERLOSS_RULES");
  const char *log = getenv("POWERLOSS_LOG");
  const char *start = getenv("POWERLOSS_SEED");
  seed = start ? strtoull(start, NULL, 10) * 2654435761u + 1 : 1;
  if (dir) dir_length = strlen(dir);
  if (log) log_fd = real_open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int below(const char *path) {
  return dir && path && strncmp(path, dir, dir_length) == 0 &&
         (path[dir_length] == '/' || path[dir_length] == 0);
}

static int path_of(int fd, char *path, size_t size) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, size - 1);
  if (n < 0) return 0;
  path[n] = 0;
  return below(path);
}

static void note(char op, const char *path, uint64_t offset, const void *data, uint32_t length) {
  if (log_fd < 0) return;
  const char *name = path[dir_length] ? path + dir_length + 1 : "";
  uint16_t name_length = (uint16_t)strlen(name);
  struct iovec parts[6] = {{&op, 1}, {&name_length, 2}, {(void *)name, name_length},
                           {&offset, 8}, {&length, 4}, {(void *)data, length}};
  if (writev(log_fd, parts, 6) < 0) abort();
}

static void read_rules(void) {
  struct stat facts;
  if (!rules_path || stat(rules_path, &facts) != 0) { rule_count = 0; rules_size = -1; return; }
  if (facts.st_size == rules_size) return;
  rules_size = facts.st_size;
  rule_count = 0;
  syncs = 0;
  FILE *file = fopen(rules_path, "r");
  if (!file) return;
  while (rule_count < 8 && fscanf(file, "%7s %d %d", rules[rule_count].call,
                                  &rules[rule_count].value, &rules[rule_count].permille) == 3)
    rule_count++;
  fclose(file);
}

static int chance(int permille) {
  seed ^= seed << 13; seed ^= seed >> 7; seed ^= seed << 17;
  return (int)(seed % 1000) < permille;
}

/* The value of the rule that strikes now, -1 when none does. */
static int strikes(const char *call) {
  read_rules();
  for (int i = 0; i < rule_count; i++)
    if (strcmp(rules[i].call, call) == 0 && chance(rules[i].permille)) return rules[i].value;
  return -1;
}

/* Whether this fsync is one of those that "nth" names. */
static int counted(void) {
  syncs++;
  for (int i = 0; i < rule_count; i++)
    if (strcmp(rules[i].call, "nth") == 0 && syncs >= rules[i].value &&
        syncs < rules[i].value + rules[i].permille)
      return 1;
  return 0;
}

static ssize_t wrote(int fd, const void *data, size_t length, off_t offset, int positioned) {
  char path[4096];
  set_up();
  if (!dir || !path_of(fd, path, sizeof path))
    return positioned ? real_pwrite(fd, data, length, offset) : real_write(fd, data, length);
  pthread_mutex_lock(&lock);
  /* The file of acknowledgements is the test's own paper, not part of the disk under test. */
  size_t end = strlen(path);
  int own = end >= 5 && strcmp(path + end - 5, "/acks") == 0;
  int fault = own ? -1 : strikes("write");
  ssize_t done;
  if (fault > 0) { errno = fault; done = -1; }
  else {
    if (!own && length > 1 && strikes("short") >= 0) length /= 2;
    if (!positioned) {
      offset = lseek(fd, 0, SEEK_CUR);
      if (fcntl(fd, F_GETFL) & O_APPEND) { struct stat facts; fstat(fd, &facts); offset = facts.st_size; }
    }
    done = positioned ? real_pwrite(fd, data, length, offset) : real_write(fd, data, length);
    if (done > 0) note('W', path, (uint64_t)offset, data, (uint32_t)done);
  }
  int saved = errno;
  pthread_mutex_unlock(&lock);
  errno = saved;
  return done;
}

ssize_t pwrite64(int fd, const void *d, size_t n, off_t at) { return wrote(fd, d, n, at, 1); }
ssize_t pwrite(int fd, const void *d, size_t n, off_t at) { return wrote(fd, d, n, at, 1); }
ssize_t write(int fd, const void *d, size_t n) { return wrote(fd, d, n, 0, 0); }

static int synced(int fd, int (*call)(int)) {
  char path[4096];
  if (!dir || !path_of(fd, path, sizeof path)) return call(fd);
  pthread_mutex_lock(&lock);
  int wait = strikes("delay");
  if (wait > 0) usleep((useconds_t)wait * 1000);
  int fault = strikes("fsync");
  if (counted()) fault = EIO;
  int done = 0;
  if (fault > 0) { errno = fault; done = -1; note('F', path, 0, "", 0); }
  else {
    /* A real fsync would only make the test slower: the disk is the recorded one. */
    note('S', path, 0, "", 0);
  }
  int saved = errno;
  pthread_mutex_unlock(&lock);
  errno = saved;
  return done;
}

int fsync(int fd) { set_up(); return synced(fd, real_fsync); }
int fdatasync(int fd) { set_up(); return synced(fd, real_fdatasync); }

static int truncated(int fd, off_t size) {
  char path[4096];
  set_up();
  if (!dir || !path_of(fd, path, sizeof path)) return real_ftruncate(fd, size);
  pthread_mutex_lock(&lock);
  int fault = strikes("trunc");
  int done = -1;
  if (fault > 0) errno = fault;
  else if ((done = real_ftruncate(fd, size)) == 0) note('T', path, (uint64_t)size, "", 0);
  int saved = errno;
  pthread_mutex_unlock(&lock);
  errno = saved;
  return done;
}

int ftruncate(int fd, off_t size) { return truncated(fd, size); }
int ftruncate64(int fd, off_t size) { return truncated(fd, size); }

int unlink(const char *path) {
  set_up();
  if (!below(path)) return real_unlink(path);
  pthread_mutex_lock(&lock);
  int done = real_unlink(path);
  int saved = errno;
  if (done == 0) note('U', path, 0, "", 0);
  pthread_mutex_unlock(&lock);
  errno = saved;
  return done;
}

int rename(const char *from, const char *to) {
  set_up();
  if (!below(from)) return real_rename(from, to);
  pthread_mutex_lock(&lock);
  int done = real_rename(from, to);
  int saved = errno;
  if (done == 0) note('R', from, 0, to + dir_length + 1, (uint32_t)strlen(to + dir_length + 1));
  pthread_mutex_unlock(&lock);
  errno = saved;
  return done;
}

static int opened(int at, const char *path, int flags, mode_t mode) {
  set_up();
  if (!below(path)) return at == AT_FDCWD ? real_open(path, flags, mode) : real_openat(at, path, flags, mode);
  pthread_mutex_lock(&lock);
  int fault = strikes("open");
  int fd = -1;
  struct stat facts;
  int is_new = (flags & O_CREAT) && stat(path, &facts) != 0;
  if (fault > 0) errno = fault;
  else fd = real_open(path, flags, mode);
  int saved = errno;
  if (fd >= 0 && is_new) note('C', path, 0, "", 0);
  if (fd >= 0 && (flags & O_TRUNC) && !is_new) note('T', path, 0, "", 0);
  pthread_mutex_unlock(&lock);
  errno = saved;
  return fd;
}

#define MODE_OF(flags) \
  mode_t mode = 0; \
  if (flags & (O_CREAT | O_TMPFILE)) { va_list rest; va_start(rest, flags); mode = va_arg(rest, mode_t); va_end(rest); }

int open(const char *path, int flags, ...) { MODE_OF(flags) return opened(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE_OF(flags) return opened(AT_FDCWD, path, flags, mode); }
int openat(int at, const char *path, int flags, ...) { MODE_OF(flags) return opened(at, path, flags, mode); }
int openat64(int at, const char *path, int flags, ...) { MODE_OF(flags) return opened(at, path, flags, mode); }
