/// What a process has used: time, processor, memory, disk; and folders on a real disk for what a workload writes.
#pragma once
#include <cstdint>
#include <string>

#include <sys/types.h>

#include "runtime/error.hpp"

namespace steward::bench {

double seconds_now();      // of a steady clock
double cpu_seconds();      // user and system time of this process
double rss_mb();           // resident memory of this process
double rss_mb(pid_t process);
double pss_mb(pid_t process);  // its share of what it has in common with others
double folder_kb(const std::string& folder);

/// A folder of this name below the place that was chosen, empty at first and removed at the end.
class scratch {
public:
  explicit scratch(std::string path);
  ~scratch();
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;
  const std::string path;
};

/// Is this on a disk that flushes? A memory disk answers fdatasync at once, and every figure would be a fairy tale.
result<void> must_be_a_disk(const std::string& folder);

}  // namespace steward::bench
