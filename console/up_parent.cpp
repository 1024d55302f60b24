#include "console/up_parent.hpp"

#include <cstdio>

#include "console/exit_codes.hpp"
#include "console/start_pages.hpp"
#include "runtime/clock.hpp"
#include "runtime/random.hpp"
#include "runtime/supervision/parent_process.hpp"

namespace steward {

int run_as_parent(const std::vector<std::string>& words) {
  parent_settings settings;
  settings.engine = {"/proc/self/exe"};
  settings.engine.insert(settings.engine.end(), words.begin(), words.end());
  // A restart mends none of these: the command line, a manifest, somebody else at work in the workspace, a missing journal.
  settings.final_codes = {0, int(exit_code::refused), int(exit_code::misused), int(exit_code::not_found), int(exit_code::engine_needed)};
  settings.say = [](const std::string& sentence) { std::fputs((sentence + "\n").c_str(), stderr); };
  const auto door = make_process_door();
  // The machine's time, also where the engine is given a test's: the window is about processes that really die.
  const auto now = make_system_clock();
  const auto random = make_system_random();
  let_go_of_start_pages();
  const auto ended = run_parent(settings, *door, *now, *random);
  if (!ended) {
    settings.say(to_sentence(ended.error()));
    return int(exit_code::internal);
  }
  return *ended;
}

}  // namespace steward
