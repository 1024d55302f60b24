#include "tests/simulation/plan.hpp"

#include <array>

namespace steward::simulation {
namespace {

class seeded_plan final : public fault_plan {
public:
  explicit seeded_plan(std::uint64_t seed) : random_(make_seeded_random(seed)) {
    // One week in eight is calm; the others are as rough as this says, each in its own mixture.
    if (random_->next() % 8 == 0) return;
    mood_ = {0.25 * random_->fraction(), 0.01 * random_->fraction(), 0.06 * random_->fraction(), 0.0004 * random_->fraction(), 0.5 * random_->fraction()};
  }

  misbehaviour at_call(const std::string& what, std::int64_t) override {
    if (!happens(mood_.bad_call)) return misbehaviour::none;
    using enum misbehaviour;
    static constexpr std::array acting{unreachable, request_lost, answer_lost, answer_lost, busy, fails_after, refuses, slow, slow, very_slow, throws, crash_before, crash_after, crash_after};
    static constexpr std::array thinking{unreachable, request_lost, busy, busy, slow, very_slow, garbage, throws, crash_before, crash_after};
    if (what == "poll") return unreachable;
    return what == "model" ? one_of(thinking) : one_of(acting);
  }
  disk_fault at_flush(std::int64_t) override {
    if (!happens(mood_.bad_flush)) return disk_fault::none;
    static constexpr std::array all{disk_fault::crash_before, disk_fault::crash_before, disk_fault::crash_after, disk_fault::crash_after, disk_fault::full};
    return one_of(all);
  }
  agent_fault at_turn(const std::string&, std::int64_t) override {
    if (!happens(mood_.bad_turn)) return agent_fault::none;
    const auto draw = random_->next() % 8;
    return draw < 2 ? agent_fault::hangs : draw == 2 ? agent_fault::kills : agent_fault::throws;
  }
  answer_manner at_question(std::int64_t) override {
    if (!happens(mood_.odd_operator)) return answer_manner::at_once;
    using enum answer_manner;
    static constexpr std::array all{late, late, twice, twice, never, reject, modify, while_dying};
    return one_of(all);
  }
  bool dies_now(std::uint64_t) override { return happens(mood_.sudden_death); }

private:
  bool happens(double chance) { return chance > 0 && random_->fraction() < chance; }
  template <class T, std::size_t N>
  T one_of(const std::array<T, N>& all) { return all[std::size_t(random_->next() % N)]; }

  std::unique_ptr<random_source> random_;
  mood mood_;
};

}  // namespace

std::unique_ptr<fault_plan> make_seeded_plan(std::uint64_t seed) { return std::make_unique<seeded_plan>(seed); }

}  // namespace steward::simulation
