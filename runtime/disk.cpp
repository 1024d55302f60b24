#include "runtime/disk.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace steward {
namespace fs = std::filesystem;
namespace {

error failed(const std::string& path, int number) {
  const auto code = number == ENOSPC || number == EDQUOT ? "disk_full" : number == ENOENT ? "no_such_file" : number == EEXIST ? "already_there" : "disk_failed";
  const auto advice = number == ENOSPC || number == EDQUOT ? "Free some space; nothing was lost" : "";
  return {code, path, std::strerror(number), "", advice};
}

/// A new file is as open to others as its folder: below .steward (0700) it is its owner's alone.
mode_t mode_below(const std::string& folder) {
  struct stat info;
  return ::stat(folder.c_str(), &info) == 0 ? info.st_mode & 0644 : 0600;
}

class descriptor {
public:
  descriptor(const std::string& path, int flags, mode_t mode = 0600) : fd_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {}
  ~descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  int get() const { return fd_; }

private:
  int fd_;
};

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == path.npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

class system_disk final : public disk {
public:
  result<std::string> read(const std::string& path) override {
    descriptor file(path, O_RDONLY);
    if (file.get() < 0) return failed(path, errno);
    std::string bytes;
    char buffer[65536];
    for (;;) {
      const auto got = ::read(file.get(), buffer, sizeof buffer);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return failed(path, errno);
      if (got == 0) return bytes;
      bytes.append(buffer, std::size_t(got));
    }
  }

  result<std::uint64_t> size(const std::string& path) override {
    struct stat info;
    if (::stat(path.c_str(), &info) != 0) return failed(path, errno);
    return std::uint64_t(info.st_size);
  }

  result<void> write(const std::string& path, std::string_view bytes) override {
    const std::string temporary = path + ".tmp-" + std::to_string(::getpid());
    ::unlink(temporary.c_str());
    if (auto r = create(temporary, bytes); !r) return r;
    return move(temporary, path);
  }

  result<void> create(const std::string& path, std::string_view bytes) override {
    if (auto r = make_folder(folder_of(path)); !r) return r;
    {
      descriptor file(path, O_WRONLY | O_CREAT | O_EXCL, mode_below(folder_of(path)));
      if (file.get() < 0) return failed(path, errno);
      while (!bytes.empty()) {
        const auto put = ::write(file.get(), bytes.data(), bytes.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) {
          const int number = errno;
          ::unlink(path.c_str());
          return failed(path, number);
        }
        bytes.remove_prefix(std::size_t(put));
      }
      if (::fdatasync(file.get()) != 0) return failed(path, errno);
    }
    return sync_folder(folder_of(path));
  }

  result<void> link(const std::string& from, const std::string& to) override {
    if (auto r = make_folder(folder_of(to)); !r) return r;
    if (::link(from.c_str(), to.c_str()) != 0) return failed(to, errno);
    return sync_folder(folder_of(to));
  }

  result<void> move(const std::string& from, const std::string& to) override {
    if (auto r = make_folder(folder_of(to)); !r) return r;
    if (::rename(from.c_str(), to.c_str()) != 0) return failed(from, errno);
    if (auto r = sync_folder(folder_of(to)); !r) return r;
    return folder_of(from) == folder_of(to) ? result<void>{} : sync_folder(folder_of(from));
  }

  result<void> remove(const std::string& path) override {
    if (::unlink(path.c_str()) == 0) return sync_folder(folder_of(path));
    return errno == ENOENT ? result<void>{} : failed(path, errno);
  }

  bool exists(const std::string& path) override { return ::access(path.c_str(), F_OK) == 0; }

  std::vector<std::string> list(const std::string& folder) override {
    std::vector<std::string> names;
    std::error_code ec;
    for (fs::directory_iterator it(folder, ec), end; !ec && it != end; it.increment(ec)) names.push_back(it->path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
  }

  bool is_folder(const std::string& path) override {
    struct stat info;
    return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
  }

private:
  static result<void> make_folder(const std::string& folder) {
    std::error_code ec;
    fs::create_directories(folder, ec);
    if (ec) return failed(folder, ec.value());
    return {};
  }
  static result<void> sync_folder(const std::string& folder) {
    descriptor d(folder, O_RDONLY | O_DIRECTORY);
    if (d.get() < 0) return failed(folder, errno);
    if (::fsync(d.get()) != 0 && errno != EINVAL) return failed(folder, errno);
    return {};
  }
};

}  // namespace

std::unique_ptr<disk> make_system_disk() { return std::make_unique<system_disk>(); }

result<std::string> inside(const std::string& folder, std::string_view relative) {
  const auto fail = [&](std::string why) {
    return error{"path_climbs_out", "", "the path '" + std::string(relative) + "' " + why, "a path inside " + folder, ""};
  };
  if (relative.empty()) return fail("is empty");
  if (relative.find('\0') != relative.npos) return fail("holds a NUL byte");
  const fs::path path{std::string(relative)};
  if (path.is_absolute()) return fail("is absolute");
  fs::path here{folder};
  for (const auto& part : path) {
    if (part == "..") return fail("climbs out");
    here /= part;
    std::error_code ec;
    if (fs::is_symlink(fs::symlink_status(here, ec))) return fail("passes through a symbolic link");
  }
  return here.string();
}

}  // namespace steward
