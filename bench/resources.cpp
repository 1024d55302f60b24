#include "bench/resources.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>

#include <linux/magic.h>
#include <sys/resource.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace steward::bench {
namespace {

/// A line "Name:   123 kB" of a file below /proc, in MB.
double proc_mb(const std::string& path, const std::string& name) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);)
    if (line.starts_with(name)) return std::strtod(line.c_str() + name.size(), nullptr) / 1024;
  return 0;
}

}  // namespace

double seconds_now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

double cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto of = [](const timeval& t) { return double(t.tv_sec) + double(t.tv_usec) / 1e6; };
  return of(used.ru_utime) + of(used.ru_stime);
}

double rss_mb() { return rss_mb(::getpid()); }
double rss_mb(pid_t process) { return proc_mb("/proc/" + std::to_string(process) + "/status", "VmRSS:"); }
double pss_mb(pid_t process) { return proc_mb("/proc/" + std::to_string(process) + "/smaps_rollup", "Pss:"); }

double folder_kb(const std::string& folder) {
  double bytes = 0;
  std::error_code gone;  // an engine at work deletes files while they are counted, such as a rollback journal
  for (auto entry = std::filesystem::recursive_directory_iterator(folder, gone), end = decltype(entry){}; entry != end; entry.increment(gone)) {
    const auto size = entry->file_size(gone);
    if (!gone) bytes += double(size);
  }
  return bytes / 1024;
}

scratch::scratch(std::string where) : path(std::move(where)) {
  std::filesystem::remove_all(path);
  std::filesystem::create_directories(path);
}
scratch::~scratch() {
  std::error_code ignored;
  std::filesystem::remove_all(path, ignored);
}

result<void> must_be_a_disk(const std::string& folder) {
  struct statfs info{};
  if (::statfs(folder.c_str(), &info) != 0) return error{"bad_argument", folder, "it can't be looked at", "a folder", "--folder names another"};
  if (info.f_type == TMPFS_MAGIC || info.f_type == RAMFS_MAGIC)
    return error{"bad_argument", folder, "it is in memory, where a flush costs nothing", "a folder on a disk", "--folder names another"};
  return {};
}

}  // namespace steward::bench
