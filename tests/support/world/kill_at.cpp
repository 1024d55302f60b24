/// Kills the process it is preloaded into (SIGKILL, to itself) at the N-th call by which it changes anything outside its memory.
///
/// Counted are the calls that touch a file below STEWARD_KILL_IN, and what is sent over a socket. The rest is not: nobody
/// outside could tell the difference. Environment:
///   STEWARD_KILL_IN    folder whose files count; without it nothing is counted
///   STEWARD_KILL_AT    "57:before", "57:half" (a write stops in the middle of its bytes) or "57:after"; empty: only counts
///   STEWARD_KILL_NOTE  file of two parts: the count (8 bytes, kept up to date), then the sentence of the kill
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

namespace {

constexpr std::size_t note_bytes = 4096;
enum class moment { before, half, after };

struct plan {
  const char* folder = nullptr;
  long at = 0;  // 0: only count
  moment when = moment::before;
  std::atomic<long>* count = nullptr;
  char* sentence = nullptr;
};

plan read_plan() {
  plan p;
  p.folder = std::getenv("STEWARD_KILL_IN");
  const char* note = std::getenv("STEWARD_KILL_NOTE");
  if (!p.folder || !note) return {};
  // A shared mapping: what stands in it outlives the process, whatever ends it.
  const int fd = ::open(note, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0 || ::syscall(SYS_ftruncate, fd, note_bytes) != 0) return {};
  void* mapped = ::mmap(nullptr, note_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ::close(fd);
  if (mapped == MAP_FAILED) return {};
  p.count = new (mapped) std::atomic<long>(0);
  p.sentence = static_cast<char*>(mapped) + sizeof(std::atomic<long>);
  if (const char* at = std::getenv("STEWARD_KILL_AT")) {
    p.at = std::atol(at);
    const char* when = std::strchr(at, ':');
    if (when) p.when = std::strcmp(when, ":half") == 0 ? moment::half : std::strcmp(when, ":after") == 0 ? moment::after : moment::before;
  }
  return p;
}

const plan& the_plan() {
  static const plan p = read_plan();
  return p;
}

bool is_inside(const char* path) {
  const auto& p = the_plan();
  if (!p.count || !path) return false;
  const auto length = std::strlen(p.folder);
  return std::strncmp(path, p.folder, length) == 0 && path[length] == '/';
}

bool path_of(int fd, char (&path)[512]) {
  char link[40];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const auto n = ::readlink(link, path, sizeof path - 1);
  if (n <= 0) return false;
  path[n] = 0;
  return true;
}

[[noreturn]] void die(const char* call, const char* what) {
  const auto& p = the_plan();
  static const char* const words[] = {"before", "half-way through", "after"};
  std::snprintf(p.sentence, note_bytes - sizeof(std::atomic<long>), "%s %s %s", words[int(p.when)], call, what);
  for (;;) ::syscall(SYS_kill, ::getpid(), 9);
}

/// Counts one call on `what`; gives `act`'s answer unless this is the call to die at. `half` does half of it.
template <class Act, class Half>
auto counted(const char* call, const char* what, Act act, Half half) {
  const auto& p = the_plan();
  const long number = p.count->fetch_add(1) + 1;
  if (p.at == 0 || number != p.at) return act();
  if (p.when == moment::half) half();
  if (p.when == moment::after) act();
  die(call, what);
}

template <class F>
F next(const char* name) {
  return reinterpret_cast<F>(::dlsym(RTLD_NEXT, name));
}

template <class Act, class Half>
auto on_descriptor(const char* call, int fd, bool sockets_too, Act act, Half half) {
  const int saved = errno;
  char path[512] = "";
  const bool known = the_plan().count && path_of(fd, path);
  errno = saved;
  if (known && (is_inside(path) || (sockets_too && std::strncmp(path, "socket:", 7) == 0))) return counted(call, path, act, half);
  return act();
}

template <class Act>
auto on_path(const char* call, const char* path, Act act) {
  return is_inside(path) ? counted(call, path, act, act) : act();
}

}  // namespace

extern "C" {

ssize_t write(int fd, const void* bytes, size_t n) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t)>("write");
  return on_descriptor("write", fd, true, [&] { return real(fd, bytes, n); }, [&] { real(fd, bytes, n / 2); });
}
ssize_t writev(int fd, const iovec* parts, int n) {
  static const auto real = next<ssize_t (*)(int, const iovec*, int)>("writev");
  return on_descriptor("writev", fd, true, [&] { return real(fd, parts, n); }, [&] { real(fd, parts, n / 2); });
}
ssize_t pwrite(int fd, const void* bytes, size_t n, off_t at) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite");
  return on_descriptor("pwrite", fd, false, [&] { return real(fd, bytes, n, at); }, [&] { real(fd, bytes, n / 2, at); });
}
ssize_t pwrite64(int fd, const void* bytes, size_t n, off64_t at) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64");
  return on_descriptor("pwrite", fd, false, [&] { return real(fd, bytes, n, at); }, [&] { real(fd, bytes, n / 2, at); });
}
ssize_t send(int fd, const void* bytes, size_t n, int flags) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t, int)>("send");
  return on_descriptor("send", fd, true, [&] { return real(fd, bytes, n, flags); }, [&] { real(fd, bytes, n / 2, flags); });
}
int fsync(int fd) {
  static const auto real = next<int (*)(int)>("fsync");
  const auto act = [&] { return real(fd); };
  return on_descriptor("fsync", fd, false, act, act);
}
int fdatasync(int fd) {
  static const auto real = next<int (*)(int)>("fdatasync");
  const auto act = [&] { return real(fd); };
  return on_descriptor("fdatasync", fd, false, act, act);
}
int ftruncate(int fd, off_t size) noexcept {
  static const auto real = next<int (*)(int, off_t)>("ftruncate");
  const auto act = [&] { return real(fd, size); };
  return on_descriptor("ftruncate", fd, false, act, act);
}
int ftruncate64(int fd, off64_t size) noexcept {
  static const auto real = next<int (*)(int, off64_t)>("ftruncate64");
  const auto act = [&] { return real(fd, size); };
  return on_descriptor("ftruncate", fd, false, act, act);
}
int unlink(const char* path) noexcept {
  static const auto real = next<int (*)(const char*)>("unlink");
  return on_path("unlink", path, [&] { return real(path); });
}
int remove(const char* path) noexcept {
  static const auto real = next<int (*)(const char*)>("remove");
  return on_path("remove", path, [&] { return real(path); });
}
int rename(const char* from, const char* to) noexcept {
  static const auto real = next<int (*)(const char*, const char*)>("rename");
  return on_path("rename", to, [&] { return real(from, to); });
}
int link(const char* from, const char* to) noexcept {
  static const auto real = next<int (*)(const char*, const char*)>("link");
  return on_path("link", to, [&] { return real(from, to); });
}
int mkdir(const char* path, mode_t mode) noexcept {
  static const auto real = next<int (*)(const char*, mode_t)>("mkdir");
  return on_path("mkdir", path, [&] { return real(path, mode); });
}

}  // extern "C"
