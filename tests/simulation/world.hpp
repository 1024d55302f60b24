/// The outside of a simulated company: mail, payments and a model with a ledger of their own. The ledger outlives every crash
/// of the engine, and what it says is what happened.
#pragma once
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "runtime/connector.hpp"
#include "runtime/model.hpp"
#include "tests/simulation/plan.hpp"
#include "tests/simulation/stage.hpp"

namespace steward::simulation {

/// One thing that really happened outside.
struct deed {
  std::string action, key, bytes;
  time_point at;
};

/// What a model charged for, whether its answer arrived or not.
struct charge {
  std::string role;
  money cost;
  time_point at;
};

class world {
public:
  world(stage& on, std::unique_ptr<fault_plan> plan);

  // ---- what the tests ask
  const std::vector<deed>& deeds() const { return deeds_; }
  const std::vector<charge>& charges() const { return charges_; }
  bool happened(const std::string& key) const;
  /// Broken promises that only the outside can see.
  const std::vector<std::string>& complaints() const { return complaints_; }
  const std::map<std::string, std::int64_t>& calls() const { return calls_; }

  // ---- time and death, shared by everything simulated
  time_point wall() const;           // what the machine's clock shows
  void jump_clock(duration by) { skew_ += by; }
  bool dead = false;                 // the engine's process is gone: nothing that it still does has an effect
  std::string last_words;            // why
  void die(std::string why);
  bool calm = false;                 // the faults are over
  bool network = true;               // false: not one byte leaves
  bool disk_full = false;

  fault_plan& plan() { return *plan_; }
  stage& theatre() { return stage_; }
  misbehaviour at_call(const std::string& what);
  int at_disk(bool is_flush);        // SQLITE_OK, or what the journal's write answers
  std::int64_t flushes() const { return flushes_; }
  std::int64_t writes() const { return writes_; }
  /// What befalls an agent that is given an event. True: it hung so long that it was given up, and what it says is out of date.
  bool agent_turn(const std::string& text);

  // ---- what the connector and the model do
  answer perform(const request& what);
  answer look_up(const request& what);
  result<model_reply> ask(const model_question& q);

  // ---- what arrives
  void deliver(signal s) { inbox_.push_back(std::move(s)); }
  std::vector<signal>& inbox() { return inbox_; }
  std::map<std::string, std::int64_t> seen;  // "sometimes": states that were reached, and how often

private:
  void apply(const request& what);

  stage& stage_;
  std::unique_ptr<fault_plan> plan_;
  duration skew_{};
  std::vector<deed> deeds_;
  std::map<std::string, std::vector<std::size_t>> by_key_;
  std::vector<charge> charges_;
  std::vector<std::string> complaints_;
  std::map<std::string, std::int64_t> calls_, turns_;
  std::int64_t flushes_ = 0, writes_ = 0;
  std::vector<signal> inbox_;
};

/// The simulated world as a connector `world`: pay (K, forgets keys after a day), mail (Q), sms (N), look (R), and what arrives.
std::shared_ptr<connector> make_world_connector(world& outside);
std::shared_ptr<model_provider> make_world_model(world& outside);

/// The world whose engine runs on this thread, for agents.
world*& current_world();

inline constexpr auto key_window = std::chrono::hours{24};
inline constexpr auto surely_given_up = std::chrono::hours{3};  // a lane may hang for one hour (company_week)
inline constexpr auto outdated_words = "what was true long ago";  // of an agent that comes back after it was given up

}  // namespace steward::simulation
