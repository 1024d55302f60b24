/// Text files that travel inside the binary; cmake/embed.cmake turns them into code at build time.
#pragma once
#include <span>
#include <string_view>

namespace steward {

struct embedded_file {
  std::string_view path;
  std::string_view text;
};

/// docs/errors/<code>.md, sorted by path.
std::span<const embedded_file> error_pages();

}  // namespace steward
