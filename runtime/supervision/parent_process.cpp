#include "runtime/supervision/parent_process.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace steward {
namespace {

using news = process_news::what;

class engine_parent {
public:
  engine_parent(const parent_settings& settings, process_door& door, const clock& now, random_source& random)
      : settings_(settings), door_(door), now_(now), random_(random), window_(settings.at_most) {}

  result<int> run() {
    for (;;) {
      if (const auto started = door_.start(settings_.engine); !started) return started.error();
      const auto up_since = now_.now();
      const auto heard = door_.wait(std::nullopt);  // without a limit it never hears nothing
      if (heard.happened == news::asked_to_stop) return stop();
      const auto& end = heard.end;
      if (std::find(settings_.final_codes.begin(), settings_.final_codes.end(), end.code) != settings_.final_codes.end()) return end.code;
      const auto now = now_.now();
      faults_ = now - up_since > settings_.at_most.within ? 1 : faults_ + 1;
      if (window_.fault_at(now) == window_verdict::used_up) {
        say(fmt::format("The engine {}. It was restarted {} times within {}, so it is not started again. All that is on disk is safe; 'steward doctor' looks for the cause.",
                        to_words(end), settings_.at_most.at_most, to_text(settings_.at_most.within)));
        return end.code;
      }
      const auto wait = backoff(settings_.waits, faults_, random_);
      say(fmt::format("The engine {}. It is started again in {} (restart {} of {} within {}).", to_words(end), to_text(std::chrono::floor<std::chrono::milliseconds>(wait)),
                      window_.used(now), settings_.at_most.at_most, to_text(settings_.at_most.within)));
      if (door_.wait(wait).happened == news::asked_to_stop) return 0;  // Nothing runs: there is nothing to stop.
    }
  }

private:
  int stop() {
    door_.ask_to_end();
    auto heard = door_.wait(settings_.stop_within);
    if (heard.happened != news::ended) {
      say((heard.happened == news::asked_to_stop ? std::string("Asked twice") : fmt::format("The engine did not end within {}", to_text(settings_.stop_within))) +
          ": it is killed. What was under way is taken up at the next start.");
      door_.kill();
    }
    while (heard.happened != news::ended) heard = door_.wait(std::nullopt);  // Nothing survives a kill.
    return heard.end.code;
  }

  void say(const std::string& sentence) const {
    if (settings_.say) settings_.say(sentence);
  }

  const parent_settings& settings_;
  process_door& door_;
  const clock& now_;
  random_source& random_;
  restart_window window_;
  int faults_ = 0;  // in a row; forgotten once the engine lives longer than the window
};

}  // namespace

result<int> run_parent(const parent_settings& settings, process_door& door, const clock& now, random_source& random) {
  return engine_parent(settings, door, now, random).run();
}

}  // namespace steward
