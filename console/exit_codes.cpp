#include "console/exit_codes.hpp"

#include <algorithm>
#include <iterator>

namespace steward {
namespace {

constexpr std::string_view misused[] = {"bad_usage",    "unknown_command", "unknown_option", "no_workspace",   "bad_manifests",
                                        "bad_input",    "bad_address",     "not_a_terminal", "unknown_template"};
constexpr std::string_view not_found[] = {"not_open",     "run_not_found",  "event_not_found", "card_not_found",     "approval_not_found", "effect_not_found",
                                          "no_such_file", "unknown_code",   "unknown_view",   "unknown_entity",    "entity_not_found",   "journal_not_found",  "unknown_workflow",
                                          "not_found_in_journal", "backup_not_found"};
constexpr std::string_view engine_needed[] = {"already_running", "engine_stopped", "engine_not_running", "engine_not_answering"};
constexpr std::string_view internal[] = {"internal_fault", "bad_reply"};

template <std::size_t n>
bool among(const std::string_view (&list)[n], std::string_view code) {
  return std::find(std::begin(list), std::end(list), code) != std::end(list);
}

}  // namespace

exit_code exit_code_of(std::string_view code) {
  if (among(misused, code)) return exit_code::misused;
  if (among(not_found, code)) return exit_code::not_found;
  if (among(engine_needed, code)) return exit_code::engine_needed;
  if (among(internal, code)) return exit_code::internal;
  if (code == "engine_lost") return exit_code::engine_lost;
  return exit_code::refused;
}

}  // namespace steward
