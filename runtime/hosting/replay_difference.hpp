/// Where two values part, said in a line: the first member that differs, and of long texts only the part that does.
#pragma once
#include <optional>
#include <string>

#include "runtime/json.hpp"

namespace steward {

struct changed_part {
  std::string path;           // "with.subject"; empty: the value itself
  std::string before, after;  // as JSON; "nothing" where there is none
};

/// The first difference of two values, below `path`; nothing where they are the same.
std::optional<changed_part> first_change(const json& before, const json& after, const std::string& path = {});

/// "with.subject was "Hello", would be "Hi"".
std::string in_words(const changed_part& part);

}  // namespace steward
