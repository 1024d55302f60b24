/// Which keys a step of each kind may have, and which it must have.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/yaml_reader.hpp"

namespace steward {

/// What a step does; told by exactly one of its keys.
struct step_shape {
  std::string_view teller;                  // the key that tells: "role", "effects", "for" …
  std::string_view does;                    // "lets a role work"
  std::vector<std::string_view> may_have;   // besides the teller
  std::vector<std::string_view> must_have;
};

/// All shapes, in the order of the docs.
const std::vector<step_shape>& step_shapes();

/// The shape of the step at `at`, or nullptr with an error (unclear_step). Keys of other shapes are refused (misplaced_key),
/// missing ones named (missing_key).
const step_shape* check_step_keys(const yaml_place& at, errors& e);

}  // namespace steward
