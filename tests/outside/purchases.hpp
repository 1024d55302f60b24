/// A company that buys from services that misbehave, its operator, and what came of it.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/support/world/test_company.hpp"

namespace steward::outside_test {

/// Makes a workspace to copy from: four services, a far model, and a workflow that uses each of them.
void make_buying_model(const std::string& folder);

/// Everything about one game; the same words, the same faults.
struct game {
  std::uint64_t seed = 1;
  int orders = 3;
  int percent = 40;                        // of the requests that are answered wrongly
  std::vector<proof::kill_moment> kills;   // where the first lives of the engine end
};
/// A game for each seed: how much goes wrong, and whether and where the engine is killed.
game game_of(std::uint64_t seed);

class purchases {
public:
  purchases(const std::string& model, const std::string& folder, game what);

  /// Plays until every run has ended or stands in the inbox with nothing to be done about it. Throws when that never comes.
  void play();
  /// The broken promises, by the world's ledger and the journal.
  std::vector<std::string> judge();
  /// What happened to whom how often: "drops_answer of POST /payments", "killed", "in doubt", "asked the operator" …
  const std::map<std::string, long>& seen() const { return seen_; }

private:
  struct effect_story {
    event::effect_proposed said;
    bool dispatched = false;
    std::string ended;  // confirmed | refused | failed | in_doubt | dropped; empty: not yet
    std::string who;    // said so
  };

  bool live(const proof::kill_moment& kill);
  void take(std::vector<proof::told> news);
  bool move();
  bool begin_orders();
  bool answer(const event::card_raised& card);
  bool over() const;
  int deeds_of(const effect_story& e) const;
  proof::program_result say(std::vector<std::string> words);

  proof::test_company company_;
  game game_;
  std::string ledger_;
  std::unique_ptr<proof::program> services_;
  std::vector<proof::told> events_;
  std::map<std::string, effect_story> effects_;
  std::map<std::string, event::card_raised> cards_;  // open
  std::map<std::string, std::string> open_runs_;     // run: order
  std::map<std::string, int> retries_;
  std::set<std::string> begun_;                      // orders
  std::map<std::string, std::string> ended_;         // run: outcome
  std::map<std::string, std::string> order_of_;      // run: order
  std::map<std::string, long> seen_;
  std::map<std::string, std::int64_t> reserved_;     // by open call of the model
  std::int64_t accounted_nano_ = 0;                  // what the company believes to have spent on the model, at most
  bool calm_ = false;
  int misunderstood_ = 0;
};

}  // namespace steward::outside_test
