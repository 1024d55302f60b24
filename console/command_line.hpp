/// From argv to a command and its arguments, with the nearest name for what is misspelt.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "console/command.hpp"
#include "runtime/error.hpp"

namespace steward {

/// What may stand before or behind any command.
struct global_options {
  std::string workspace;  // empty: the nearest folder upwards with a company.yaml
  bool as_json = false;
  bool no_color = false;
  bool help = false;
  bool version = false;
};

struct command_line {
  global_options global;
  const command* chosen = nullptr;  // none: the overview is wanted
  std::string group;                // "memory": its commands are wanted
  arguments given;
};

/// The words of `global_options`, for help, completions and man page.
const std::vector<word>& global_words();

/// Errors: unknown_command, unknown_option, bad_usage.
result<command_line> read_command_line(const std::vector<std::string>& words, const std::vector<command>& all);

std::string overview(const std::vector<command>& all, const std::string& version);
std::string help_of(const command& c);
/// "steward approve CARD [--reason TEXT]"
std::string usage_of(const command& c);

}  // namespace steward
