/// Kills the process it is preloaded into (SIGKILL, to itself) at one of the calls by which it changes anything outside its memory.
///
/// Counted are the calls that touch a file below STEWARD_KILL_IN, and what is sent over a socket. The rest is not: nobody
/// outside could tell the difference. A call is named OPERATION@FILE, and counted by that name: what other threads do
/// meanwhile does not move it. FILE is relative to the folder, with * for what differs from run to run; "socket" for a socket.
/// Environment:
///   STEWARD_KILL_IN     folder whose files count; without it nothing is counted
///   STEWARD_KILL_AT     "pwrite@.steward/head@57:before", "…:half" (a write stops in the middle of its bytes) or "…:after";
///                       "pwrite@.steward/head#1f2e3d4c@2:before" is the second from that place in the code, told by the digest of
///                       its call stack, which is another in another build; "any@57:before" the 57th call of whatever name; empty:
///                       only counts
///   STEWARD_KILL_NOTE   file that gets the sentence of the kill: MODE, OPERATION@FILE and the digest of the call stack
///   STEWARD_KILL_TRACE  file to which each call is added, a line "OPERATION@FILE STACK"; empty: not written
#include <atomic>
#include <cctype>
#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <dlfcn.h>
#include <execinfo.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

namespace {

constexpr std::size_t note_bytes = 4096, name_bytes = 256;
enum class moment { before, half, after };

struct plan {
  const char* folder = nullptr;
  char name[name_bytes] = "";  // empty: only count
  bool from_place = false;     // only calls with this stack are counted
  std::uint64_t stack = 0;
  long at = 0;
  moment when = moment::before;
  char* sentence = nullptr;
  int trace = -1;
};

/// "OPERATION@FILE[#STACK]@N:MODE", taken apart from its end.
void read_moment(const char* text, plan& p) {
  const char* mode = std::strrchr(text, ':');
  const char* number = mode;
  while (number && number > text && *number != '@') --number;
  if (!number || *number != '@' || std::size_t(number - text) >= name_bytes) return;
  p.at = std::atol(number + 1);
  p.when = std::strcmp(mode, ":half") == 0 ? moment::half : std::strcmp(mode, ":after") == 0 ? moment::after : moment::before;
  std::memcpy(p.name, text, std::size_t(number - text));
  char* stack = std::strrchr(p.name, '#');
  if (!stack) return;
  p.from_place = true;
  p.stack = std::strtoull(stack + 1, nullptr, 16);
  *stack = 0;
}

plan read_plan() {
  plan p;
  p.folder = std::getenv("STEWARD_KILL_IN");
  const char* note = std::getenv("STEWARD_KILL_NOTE");
  if (!p.folder || !note) return {};
  // A shared mapping: what stands in it outlives the process, whatever ends it.
  const int fd = int(::syscall(SYS_openat, AT_FDCWD, note, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (fd < 0 || ::syscall(SYS_ftruncate, fd, note_bytes) != 0) return {};
  void* mapped = ::mmap(nullptr, note_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ::close(fd);
  if (mapped == MAP_FAILED) return {};
  p.sentence = static_cast<char*>(mapped);
  if (const char* at = std::getenv("STEWARD_KILL_AT")) read_moment(at, p);
  if (const char* trace = std::getenv("STEWARD_KILL_TRACE"); trace && *trace) p.trace = int(::syscall(SYS_openat, AT_FDCWD, trace, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  return p;
}

const plan& the_plan() {
  static const plan p = read_plan();
  return p;
}

bool is_inside(const char* path) {
  const auto& p = the_plan();
  if (!p.sentence || !path) return false;
  const auto length = std::strlen(p.folder);
  return std::strncmp(path, p.folder, length) == 0 && (path[length] == '/' || path[length] == 0);
}

bool path_of(int fd, char (&path)[512]) {
  char link[40];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const auto n = ::readlink(link, path, sizeof path - 1);
  if (n <= 0) return false;
  path[n] = 0;
  return true;
}

/// OPERATION@FILE. Keys (eight hexadecimal digits and more) and numbers of three digits and more become *; a Maildir name ends before its flags.
void name_of(const char* call, const char* path, char (&name)[name_bytes]) {
  if (std::strncmp(path, "socket", 6) == 0) path = "socket";
  else path += std::strlen(the_plan().folder);
  if (*path == '/') ++path;
  auto n = std::size_t(std::snprintf(name, sizeof name, "%s@", call));
  while (*path && *path != ':' && n + 2 < sizeof name) {
    std::size_t hex = 0, digits = 0;
    while (std::isxdigit(static_cast<unsigned char>(path[hex])) && !std::isupper(static_cast<unsigned char>(path[hex]))) ++hex;
    while (std::isdigit(static_cast<unsigned char>(path[digits]))) ++digits;
    const auto word = hex >= 8 ? hex : digits >= 3 ? digits : 0;
    name[n++] = word ? '*' : *path == ' ' || *path == ',' ? '_' : *path;  // neither stands in the name of a moment
    path += word ? word : 1;
  }
  name[n] = 0;
}

/// Tells the places in the code apart from which the same name is called: the innermost frames, as offsets in their files.
std::uint64_t stack_digest() {
  void* frames[16];
  const int n = ::backtrace(frames, 16);
  std::uint64_t digest = 1469598103934665603u;  // FNV-1a
  for (int i = 0; i < n; ++i) {
    dl_find_object where{};  // dladdr would look for the symbol's name too, and takes a fifth of the whole test
    const auto offset = ::_dl_find_object(frames[i], &where) == 0 ? std::uint64_t(static_cast<char*>(frames[i]) - static_cast<char*>(where.dlfo_map_start)) : 0;
    digest = (digest ^ offset) * 1099511628211u;
  }
  return digest & 0xffffffffu;
}

/// The calls of one name so far. A fixed table: this runs inside every write of the process.
class call_counts {
public:
  long next(const char* name) {
    while (busy_.test_and_set(std::memory_order_acquire)) {}
    long number = 0;
    for (auto& row : rows_) {
      if (!*row.name) std::strcpy(row.name, name);
      if (std::strcmp(row.name, name) != 0) continue;
      number = ++row.calls;
      break;
    }
    busy_.clear(std::memory_order_release);
    return number;
  }

private:
  struct row {
    char name[name_bytes] = "";
    long calls = 0;
  };
  row rows_[200];
  std::atomic_flag busy_ = ATOMIC_FLAG_INIT;
};

/// Counts one call on `path`; gives `act`'s answer unless this is the call to die at. `half` does half of it.
template <class Act, class Half>
auto counted(const char* call, const char* path, Act act, Half half) {
  static call_counts of_name;
  static std::atomic<long> of_all{0}, of_place{0};
  const auto& p = the_plan();
  const int saved = errno;
  char name[name_bytes];
  name_of(call, path, name);
  const long number = of_name.next(name), overall = of_all.fetch_add(1) + 1;
  const bool named = p.at != 0 && std::strcmp(p.name, name) == 0;
  const auto stack = p.trace >= 0 || (named && p.from_place) ? stack_digest() : 0;
  const bool last = p.from_place ? named && stack == p.stack && of_place.fetch_add(1) + 1 == p.at : named ? number == p.at : p.at == overall && std::strcmp(p.name, "any") == 0;
  if (p.trace >= 0 || last) {
    char line[name_bytes + 40];
    const auto n = std::snprintf(line, sizeof line, "%s %08lx\n", name, static_cast<unsigned long>(stack));
    if (p.trace >= 0) ::syscall(SYS_write, p.trace, line, std::size_t(n));
    if (last) {
      if (p.when == moment::half) half();
      if (p.when == moment::after) act();
      static const char* const words[] = {"before", "half", "after"};
      std::snprintf(p.sentence, note_bytes, "%s %.*s", words[int(p.when)], n - 1, line);
      for (;;) ::syscall(SYS_kill, ::getpid(), 9);
    }
  }
  errno = saved;
  return act();
}

template <class F>
F next(const char* name) {
  return reinterpret_cast<F>(::dlsym(RTLD_NEXT, name));
}

template <class Act, class Half>
auto on_descriptor(const char* call, int fd, bool sockets_too, Act act, Half half) {
  const int saved = errno;
  char path[512] = "";
  const bool known = the_plan().sentence && path_of(fd, path);
  errno = saved;
  if (known && (is_inside(path) || (sockets_too && std::strncmp(path, "socket:", 7) == 0))) return counted(call, path, act, half);
  return act();
}

template <class Act>
auto on_path(const char* call, const char* path, Act act) {
  return is_inside(path) ? counted(call, path, act, act) : act();
}

/// Opening changes something when it makes the file or empties it.
template <class Act>
int on_open(const char* path, int flags, Act act) {
  const int saved = errno;
  const bool changes = (flags & O_TRUNC) != 0 || ((flags & O_CREAT) != 0 && is_inside(path) && ::access(path, F_OK) != 0);
  errno = saved;
  return changes ? on_path("open", path, act) : act();
}

mode_t mode_in(va_list rest, int flags) { return (flags & O_CREAT) != 0 ? mode_t(va_arg(rest, int)) : 0; }

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
ssize_t sendto(int fd, const void* bytes, size_t n, int flags, const sockaddr* to, socklen_t length) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t, int, const sockaddr*, socklen_t)>("sendto");
  return on_descriptor("send", fd, true, [&] { return real(fd, bytes, n, flags, to, length); }, [&] { real(fd, bytes, n / 2, flags, to, length); });
}
ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  static const auto real = next<ssize_t (*)(int, const msghdr*, int)>("sendmsg");
  const auto half = [&] {
    auto less = *message;
    if (less.msg_iovlen > 1) less.msg_iovlen /= 2;
    real(fd, &less, flags);
  };
  return on_descriptor("send", fd, true, [&] { return real(fd, message, flags); }, half);
}
int open(const char* path, int flags, ...) {
  static const auto real = next<int (*)(const char*, int, ...)>("open");
  va_list rest;
  va_start(rest, flags);
  const auto mode = mode_in(rest, flags);
  va_end(rest);
  return on_open(path, flags, [&] { return real(path, flags, mode); });
}
int open64(const char* path, int flags, ...) {
  static const auto real = next<int (*)(const char*, int, ...)>("open64");
  va_list rest;
  va_start(rest, flags);
  const auto mode = mode_in(rest, flags);
  va_end(rest);
  return on_open(path, flags, [&] { return real(path, flags, mode); });
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

int rmdir(const char* path) noexcept {
  static const auto real = next<int (*)(const char*)>("rmdir");
  return on_path("rmdir", path, [&] { return real(path); });
}
int chmod(const char* path, mode_t mode) noexcept {
  static const auto real = next<int (*)(const char*, mode_t)>("chmod");
  return on_path("chmod", path, [&] { return real(path, mode); });
}
int fchmod(int fd, mode_t mode) noexcept {
  static const auto real = next<int (*)(int, mode_t)>("fchmod");
  const auto act = [&] { return real(fd, mode); };
  return on_descriptor("fchmod", fd, false, act, act);
}
int bind(int fd, const sockaddr* to, socklen_t length) noexcept {
  static const auto real = next<int (*)(int, const sockaddr*, socklen_t)>("bind");
  const auto act = [&] { return real(fd, to, length); };
  return on_descriptor("bind", fd, true, act, act);
}

}  // extern "C"
