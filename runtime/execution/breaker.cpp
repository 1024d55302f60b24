#include "runtime/execution/breaker.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <fmt/format.h>

namespace steward {

void breaker::take(breaker_trigger on) {
  const auto next = breaker_table.next(memory_.state, on);
  if (!next) throw std::logic_error(fmt::format("the breaker has no row {} -{}->", to_word(memory_.state), to_word(on)));
  memory_.state = *next;
}

void breaker::rest_from(time_point now) {
  const double grown = double(limits_.open_for.count()) * std::pow(limits_.growth, double(memory_.opened));
  ++memory_.opened;
  memory_.faults.clear();
  memory_.probing_until.reset();
  memory_.until = now + duration{std::llround(std::min(grown, double(limits_.open_most.count())))};
}

admission breaker::admit(time_point now) {
  if (memory_.state == breaker_state::closed) return admission::pass;
  if (memory_.state == breaker_state::open) {
    if (memory_.until && now < *memory_.until) return admission::wait;
    take(breaker_trigger::cool_down);
    memory_.until.reset();
  }
  if (memory_.probing_until && now < *memory_.probing_until) return admission::wait;
  memory_.probing_until = now + limits_.probe_within;
  return admission::probe;
}

bool breaker::record(call_outcome outcome, time_point now) {
  if (memory_.state == breaker_state::open) return false;
  if (memory_.state == breaker_state::half_open) {
    // A straggler from before the breaker opened counts like the probe: it is news from the same provider.
    if (outcome == call_outcome::answered) {
      take(breaker_trigger::recover);
      memory_ = {};
    } else {
      take(breaker_trigger::relapse);
      rest_from(now);
    }
    return true;
  }
  if (outcome == call_outcome::answered) {
    memory_.faults.clear();
    return false;
  }
  std::erase_if(memory_.faults, [&](time_point t) { return now - t > limits_.within; });
  memory_.faults.push_back(now);
  if (std::int64_t(memory_.faults.size()) < limits_.opens_after) return false;
  take(breaker_trigger::trip);
  rest_from(now);
  return true;
}

std::optional<time_point> breaker::may_try_at() const { return memory_.state == breaker_state::open ? memory_.until : memory_.probing_until; }

std::string breaker::to_sentence(std::string_view name) const {
  switch (memory_.state) {
    case breaker_state::closed: return fmt::format("{} answers; calls to it pass", name);
    case breaker_state::half_open: return fmt::format("{} had its rest; one call tries whether it answers again, the others wait", name);
    case breaker_state::open: break;
  }
  const auto until = memory_.until ? to_text(*memory_.until) : std::string("the next try");
  if (memory_.opened > 1) return fmt::format("{} still does not answer (tries since: {}), so calls to it wait until {}", name, memory_.opened - 1, until);
  return fmt::format("{} did not answer {} times in a row within {}, so calls to it wait until {}", name, limits_.opens_after, to_text(limits_.within), until);
}

}  // namespace steward
