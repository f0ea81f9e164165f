/* The first process of a guest: sets up what traces need, runs each, and powers off. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TRACE(number, name) int trace_##number(void);
#include "names.h"
#undef TRACE

static const struct {
  const char* name;
  int (*run)(void);
} traces[] = {
#define TRACE(number, name) {name, trace_##number},
#include "names.h"
#undef TRACE
};

static void complain(const char* what) { printf("@@ cannot %s: %s\n", what, strerror(errno)); }

static void mount_at(const char* what, const char* where, const char* type) {
  mkdir(where, 0755);
  if (mount(what, where, type, 0, NULL) != 0) complain(where);
}

static void load_modules(void) {
  struct dirent* entry;
  DIR* folder = opendir("/modules");

  while (folder && (entry = readdir(folder))) {
    char path[300];
    int fd;

    if (entry->d_name[0] == '.') continue;
    snprintf(path, sizeof(path), "/modules/%s", entry->d_name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    /* The flag: the kernel itself unpacks the module, where it is packed. */
    if (syscall(SYS_finit_module, fd, "rd_nr=1 rd_size=16384", strstr(path, ".ko.") ? 4 : 0) != 0)
      complain(path);
    close(fd);
  }
  if (folder) closedir(folder);
}

static void make_disk(void) {
  static char block[1 << 16];
  int from = open("/disk.img", O_RDONLY | O_CLOEXEC), to = open("/dev/ram0", O_WRONLY | O_CLOEXEC);
  ssize_t size;

  while ((size = read(from, block, sizeof(block))) > 0)
    if (write(to, block, (size_t)size) != size) break;
  if (size != 0) complain("fill the disk");
  close(from);
  close(to);
  mount_at("/dev/ram0", "/disk", "ext4");
}

static int run(size_t number) {
  int status = 0;
  pid_t pid;

  printf("@@ begin %s\n", traces[number].name);
  fflush(stdout);
  pid = fork();
  if (pid == 0) exit(traces[number].run());
  if (waitpid(pid, &status, 0) != pid) complain("wait");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(void) {
  struct timespec begin, end;
  struct utsname kernel;
  size_t i;

  mount_at("proc", "/proc", "proc");
  mount_at("sys", "/sys", "sysfs");
  mount_at("dev", "/dev", "devtmpfs");
  load_modules();
  make_disk();
  setenv("TMPDIR", "/disk", 1);
  uname(&kernel);
  /* The firmware's last line has no end. */
  printf("\n@@ kernel %s\n", kernel.release);
  clock_gettime(CLOCK_MONOTONIC, &begin);
  for (i = 0; i < sizeof(traces) / sizeof(traces[0]); i++)
    printf("@@ end %s %d\n", traces[i].name, run(i));
  clock_gettime(CLOCK_MONOTONIC, &end);
  printf("@@ done 0 %lld\n",
         (end.tv_sec - begin.tv_sec) * 1000LL + (end.tv_nsec - begin.tv_nsec) / 1000000);
  fflush(stdout);
  sync();
  sleep(1);
  reboot(RB_AUTOBOOT);
  return 1;
}
