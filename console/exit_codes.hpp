/// What the program's exit code means; `steward help exit-codes` prints this table.
#pragma once
#include <string_view>

namespace steward {

enum class exit_code : int {
  done = 0,
  refused = 1,
  misused = 2,
  not_found = 3,
  engine_needed = 4,
  internal = 5,
  differs = 6,
  engine_lost = 75,
  interrupted = 130,
};

struct exit_code_meaning {
  exit_code code;
  std::string_view meaning;
};

inline constexpr exit_code_meaning exit_code_meanings[] = {
    {exit_code::done, "done; a run that waits for you has been started as asked"},
    {exit_code::refused, "what was asked for failed or was refused; the message says why"},
    {exit_code::misused, "the command line or a manifest is wrong"},
    {exit_code::not_found, "there is no such run, card, approval, entity or code"},
    {exit_code::engine_needed, "a running engine is needed, or one is in the way"},
    {exit_code::internal, "a fault in Steward itself; please report it"},
    {exit_code::differs, "a replay says something else than the journal does; the first difference is named"},
    {exit_code::engine_lost, "the engine ended unexpectedly; 'steward up' starts it again (EX_TEMPFAIL of sysexits.h)"},
    {exit_code::interrupted, "Ctrl-C, or a signal, while a run was watched; the run goes on with 'steward up'"},
};

/// The exit code for an error, by its code.
exit_code exit_code_of(std::string_view error_code);

}  // namespace steward
