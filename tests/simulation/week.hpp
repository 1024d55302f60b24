/// One simulated week of the company: the real engine on the stage, an operator, strangers, and whatever goes wrong.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/hosting/engine.hpp"
#include "runtime/hosting/snapshot_file.hpp"
#include "tests/simulation/company.hpp"
#include "tests/simulation/oracle.hpp"
#include "tests/simulation/stage.hpp"
#include "tests/simulation/world.hpp"

namespace steward::simulation {

struct week_options {
  std::uint64_t seed = 1;
  duration lasts = std::chrono::hours{24 * 7};
  duration quiet = std::chrono::hours{24 * 3};  // afterwards, without faults, for what was begun to end
  bool tell = false;                            // prints every event
  snapshot_pace snapshots;                      // how often the engine makes one
  bool spoils_snapshots = false;                // some are damaged, or another journal's, when the next life begins
  bool looks_back = false;                      // at the end: replays, a backup, a journal that somebody changed (afterwards.hpp)
};

struct week_result {
  std::vector<std::string> broken;
  std::string trace;
  std::map<std::string, std::int64_t> seen;
  std::vector<std::string> last_words;          // of each life of the engine
  std::int64_t events = 0, lives = 0;
  std::uint64_t steps = 0;
};

/// A clock on the wall: it may be set back, and a process never sees it run backwards.
class wall_clock final : public clock {
public:
  explicit wall_clock(const world& outside) : world_(outside) {}
  time_point now() const override {
    last_ = std::max(last_, world_.wall());
    return last_;
  }

private:
  const world& world_;
  mutable time_point last_{};
};

class company_week {
public:
  company_week(week_options options, std::unique_ptr<fault_plan> plan, company_manifests manifests = simulated_company());
  ~company_week();

  // ---- for drills: what happens beside the plan
  void at(duration when, std::function<void()> what) { stage_.at(when, [this, what = std::move(what)] { to_do_.push_back(what); }); }
  /// A command of the operator; {"error": …} when no engine runs.
  json command(const json& what);
  void order(const std::string& from, const std::string& what);
  void mail(const std::string& from);
  void start_run(const std::string& workflow, const std::string& text);
  void crash(std::string why) { world_.die(std::move(why)); }
  void stop_cleanly();
  void switch_off(duration how_long);
  world& outside() { return world_; }
  stage& theatre() { return stage_; }
  oracle& judge() { return oracle_; }
  bool operator_is_there = true;  // looks into the inbox, and acts
  void strangers_and_habits(std::uint64_t seed);  // orders, replies, chores, pauses and clock jumps of an ordinary week

  week_result play();

private:
  engine_parts parts_in(const std::string& folder);
  bool begin_life();
  void look_at_snapshot();
  void spoil_snapshot();
  result<void> start_in(const std::string& folder);
  void end_life();
  bool turn(duration until);
  void play_until(duration until);
  void look_into_inbox();
  void decide(const json& card);
  void compare_states();
  std::string pending(const std::string& id, const std::string& what);

  week_options options_;
  stage stage_;
  world world_;
  company_manifests manifests_;
  std::string folder_;
  oracle oracle_;
  std::shared_ptr<action_book> book_;
  std::shared_ptr<const clock> clock_;     // of this life of the engine
  std::unique_ptr<random_source> random_;  // of the stage's processes
  std::unique_ptr<random_source> spoiler_; // of snapshots
  std::unique_ptr<engine> engine_;
  std::deque<std::function<void()>> to_do_;
  std::map<std::string, std::string> known_questions_;  // card -> manner
  std::int64_t questions_ = 0, orders_ = 0, mails_ = 0, lives_ = 0, writes_looked_at_ = 0;
  duration may_start_at_{};
  std::vector<std::string> broken_, last_words_;
};

/// A week drawn from a seed.
week_result play_week(week_options options);

}  // namespace steward::simulation
