/* The first process of a guest: sets up what traces need, runs the program, and powers off. */
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
    if (syscall(SYS_finit_module, fd, "rd_nr=1 rd_size=40960", strstr(path, ".ko.") ? 4 : 0) != 0)
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

/* /arguments holds a word a line. */
static char** arguments(void) {
  static char text[1 << 16], *words[4096] = {"/program"};
  FILE* file = fopen("/arguments", "r");
  size_t count = 1, size = file ? fread(text, 1, sizeof(text) - 1, file) : 0;
  char* word;

  text[size] = 0;
  for (word = strtok(text, "\n"); word && count < 4095; word = strtok(NULL, "\n"))
    words[count++] = word;
  if (file) fclose(file);
  return words;
}

/* Through a pipe: what it says on a console is meant for people. */
static int run(char** words) {
  static char text[4096];
  int status = 0, said[2];
  ssize_t size;
  pid_t pid;

  if (pipe2(said, O_CLOEXEC) != 0) complain("make a pipe");
  pid = fork();
  if (pid == 0) {
    dup2(said[1], 1);
    dup2(said[1], 2);
    if (chdir("/traces") == 0) execv(words[0], words);
    complain("run the program");
    _exit(127);
  }
  close(said[1]);
  while ((size = read(said[0], text, sizeof(text))) > 0) fwrite(text, 1, (size_t)size, stdout);
  if (waitpid(pid, &status, 0) != pid) complain("wait");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(void) {
  struct timespec begin, end;
  struct utsname kernel;
  int status;

  mount_at("proc", "/proc", "proc");
  mount_at("sys", "/sys", "sysfs");
  mount_at("dev", "/dev", "devtmpfs");
  load_modules();
  make_disk();
  mkdir("/tmp", 01777);
  setenv("TMPDIR", "/disk", 1);
  uname(&kernel);
  /* The firmware's last line has no end. */
  printf("\n@@ kernel %s\n", kernel.release);
  fflush(stdout);
  clock_gettime(CLOCK_MONOTONIC, &begin);
  status = run(arguments());
  clock_gettime(CLOCK_MONOTONIC, &end);
  printf("@@ done %d %lld\n", status,
         (end.tv_sec - begin.tv_sec) * 1000LL + (end.tv_nsec - begin.tv_nsec) / 1000000);
  fflush(stdout);
  sync();
  sleep(1);
  reboot(RB_AUTOBOOT);
  return 1;
}
