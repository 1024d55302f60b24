/// What people see while a run is at work: a line for each step that ends, each question, and whatever went wrong. Pure.
#pragma once
#include <string>
#include <vector>

#include "console/terminal.hpp"
#include "runtime/event.hpp"

namespace steward {

/// Takes the events of one run in their order. The whole story, sentence by sentence, is `steward show RUN` or --verbose.
class progress {
public:
  explicit progress(const paint& p) : paint_(p) {}

  /// The line that this event is worth; empty for most.
  std::string tell(const event::any& e, time_point at);
  /// The step that is at work: "letters      outreach"; empty between steps.
  std::string at_work() const;

private:
  struct effect {
    std::string id;
    std::string action;
    std::string how;  // "", then confirmed, refused, denied, …
    std::string sentence;
  };
  struct step {
    std::string name;
    std::string who;  // the role, or what kind of step it is
    std::int64_t visit = 1;
    time_point since;
    bool role = false;
    std::size_t items = 0, recorded = 0, remembered = 0;
    money cost;
    std::vector<effect> effects;
  };

  void note(const event::any& e, time_point at);
  std::string line(const std::string& mark, const std::string& text) const;
  std::string trouble(const std::string& sentence) const;
  std::string details_of(const event::step_finished& e, time_point at) const;
  effect* find(const std::string& id);

  paint paint_;
  step now_;
};

}  // namespace steward
