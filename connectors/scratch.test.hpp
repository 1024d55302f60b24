/// Empty folders for tests, in memory where the machine has such a disk: the suites sync thousands of files.
#pragma once
#include <filesystem>
#include <string>

#include <unistd.h>

namespace steward {

/// An empty folder of that name; all of them go when the test program ends.
inline std::string scratch_folder(const std::string& name) {
  namespace fs = std::filesystem;
  struct root {
    fs::path path = (fs::is_directory("/dev/shm") ? fs::path("/dev/shm") : fs::temp_directory_path()) / ("steward-connectors-" + std::to_string(::getpid()));
    ~root() {
      std::error_code ec;
      fs::remove_all(path, ec);
    }
  };
  static const root all;
  const auto folder = all.path / name;
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder.string();
}

}  // namespace steward
