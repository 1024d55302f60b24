/// A company under test together with all that it has told so far, for scenarios that look at it while it works.
#pragma once
#include <algorithm>
#include <functional>
#include <stdexcept>

#include "tests/support/world/test_company.hpp"

namespace steward::proof {

/// The model company of this process, made once.
inline const std::string& model_company() {
  static const scratch_folder folder;
  static const bool made = (make_model_company(folder.path()), true);
  (void)made;
  return folder.path();
}

/// The same of a company that takes in new clients.
inline const std::string& onboarding_company() {
  static const scratch_folder folder;
  static const bool made = (make_onboarding_company(folder.path()), true);
  (void)made;
  return folder.path();
}

struct company_watch {
  std::string model = model_company();
  scratch_folder scratch{};
  test_company company{model, scratch.path()};
  std::vector<told> events{};

  void look() {
    for (auto& e : company.news()) events.push_back(std::move(e));
  }

  /// Starts the engine and waits until it serves.
  void start(const std::vector<std::string>& options = {"--foreground"}) {
    company.start_engine({}, options);
    if (!company.engine_is_ready()) throw std::runtime_error("the engine did not start: " + company.engine_said());
  }

  /// Looks until it holds, half a minute at most; the clock stands still meanwhile unless `tick` moves it.
  bool until(const std::function<bool()>& holds, duration tick = {}) {
    for (int looks = 0; looks < 6000; ++looks) {
      look();
      if (holds()) return true;
      if (tick.count() > 0 && looks % 20 == 19) company.move_clock_to(company.now() + tick);
      if (company.engine_ended(std::chrono::milliseconds{5})) break;
    }
    look();
    return holds();
  }

  /// Lets time pass on the clock, second by second, and gives the engine the chance to do something wrong in each of them.
  void let_pass(std::chrono::seconds span) {
    for (auto left = span; left.count() > 0; left -= std::chrono::seconds{1}) {
      company.move_clock_to(company.now() + std::chrono::seconds{1});
      if (company.engine_ended(std::chrono::milliseconds{25})) throw std::runtime_error("the engine ended: " + company.engine_said());
    }
    look();
  }

  template <class Event>
  std::vector<Event> all() const {
    std::vector<Event> found;
    for (const auto& e : events)
      if (const auto* one = std::get_if<Event>(&e.what)) found.push_back(*one);
    return found;
  }
  template <class Event>
  std::size_t count() const {
    return all<Event>().size();
  }
};

/// Tells a program's end in a failed check.
inline std::ostream& operator<<(std::ostream& out, const program_end& end) {
  return end.signal ? out << "ended by signal " << end.signal : out << "exit code " << end.code;
}

}  // namespace steward::proof
