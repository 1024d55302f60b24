/// Watches every event that reaches the disk and every deed outside, and says which promise was broken, and when.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "runtime/hosting/open_company.hpp"
#include "runtime/journal/reader.hpp"
#include "tests/simulation/world.hpp"

namespace steward::simulation {

class oracle {
public:
  oracle(world& outside, std::string folder, const company_manifests& manifests);

  /// Takes in what has been committed since the last call, and checks.
  void look();
  /// The engine has gone; its files may be opened anew.
  void forget_files() { source_.reset(); }
  /// The liveness promise: nothing is under way that neither moves by itself nor stands in the inbox.
  void judge_the_end(time_point quiet_since);
  /// Recomputes the whole chain.
  void judge_the_chain();

  const company_state& folded() const { return state_; }
  const std::vector<std::string>& broken() const { return broken_; }
  std::int64_t events() const { return seen_; }
  std::int64_t cards(const std::string& about) const { return cards_.contains(about) ? cards_.at(about) : 0; }
  std::int64_t ended(const std::string& how) const { return endings_.contains(how) ? endings_.at(how) : 0; }  // "letter silence"
  std::int64_t most_at_work() const { return most_at_work_; }
  money booked() const { return {accounted_, "EUR"}; }  // what models cost and what is still reserved for them, as the journal has it
  std::int64_t count(const std::string& kind) const { return kinds_.contains(kind) ? kinds_.at(kind) : 0; }
  /// Digest over every event's kind, body and time: two equal traces are the same history.
  std::string trace() const;
  /// For a readable trace of one failing seed.
  std::function<void(const event::header&, const event::any&)> tells;

private:
  template <class... Parts>
  void must(bool holds, fmt::format_string<Parts...> sentence, Parts&&... parts) {
    if (!holds) broken_.push_back(fmt::format("event {}: {}", at_, fmt::format(sentence, std::forward<Parts>(parts)...)));
  }
  void once(std::map<std::string, int>& counted, const std::string& id, const char* what) { must(++counted[id] == 1, "{} {} {} times", id, what, counted[id]); }

  void see(const event::header& h, const event::any& e);
  template <class Event>
  void on(const event::header&, const Event&) {}
  void on(const event::header& h, const event::step_finished& e);
  void on(const event::header& h, const event::item_finished& e);
  void on(const event::header& h, const event::run_finished& e);
  void on(const event::header& h, const event::model_asked& e);
  void on(const event::header& h, const event::model_answered& e);
  void on(const event::header& h, const event::model_failed& e);
  void on(const event::header& h, const event::turn_taken& e);
  void on(const event::header& h, const event::approval_asked& e);
  void on(const event::header& h, const event::approval_decided& e);
  void on(const event::header& h, const event::effect_proposed& e);
  void on(const event::header& h, const event::effect_modified& e);
  void on(const event::header& h, const event::effect_dispatched& e);
  void on(const event::header& h, const event::effect_settled& e);
  void on(const event::header& h, const event::effect_dropped& e);
  void on(const event::header& h, const event::autonomy_changed& e);
  void on(const event::header& h, const event::paused& e);
  void on(const event::header& h, const event::resumed& e);
  void on(const event::header& h, const event::event_parked& e);
  void on(const event::header& h, const event::signal_arrived& e);
  void on(const event::header& h, const event::schedule_fired& e);
  void on(const event::header& h, const event::child_ended& e);
  void on(const event::header& h, const event::card_raised& e);
  bool must_be_asked(const event::effect_proposed& said) const;
  void judge_deeds();
  void judge_spending();
  void book(const std::string& role, time_point at, std::int64_t nano);

  struct known_effect {
    event::effect_proposed said;
    bool confirmed = false, dropped = false, settled = false, asks = false;
    std::int64_t dispatched = 0;
    std::string approval;
  };

  world& world_;
  std::string folder_;
  const company_manifests& manifests_;
  std::map<std::pair<std::string, std::string>, autonomy> rungs_;  // role and action -> what an event said last
  std::shared_ptr<const event_kinds> known_kinds_ = all_event_kinds();
  std::unique_ptr<reader> source_;
  company_state state_;
  std::int64_t seen_ = 0, at_ = 0, flushes_before_ = -1;
  std::string chain_;
  time_point last_time_;
  std::map<std::string, std::int64_t> kinds_, cards_, endings_;
  std::int64_t most_at_work_ = 0;
  std::map<std::string, int> steps_, items_, ended_, asked_again_, answered_, decided_, turns_, arrived_, fired_;
  std::map<std::string, known_effect> effects_;
  std::map<std::string, std::string> effect_of_key_;
  std::map<std::string, event::approval_asked> questions_;
  std::map<std::string, std::string> decisions_;          // approval -> decision
  std::set<std::string> approved_digests_, used_;          // "apr-1 digest"
  std::set<std::string> pauses_;
  std::size_t deeds_judged_ = 0, charges_judged_ = 0, complaints_told_ = 0;
  struct open_call {
    std::string role;
    time_point at;
    std::int64_t nano = 0;
  };
  std::map<std::string, open_call> open_calls_;
  std::map<std::string, std::int64_t> spent_;              // by role and day, reserved and settled, in nano-units
  std::int64_t accounted_ = 0, billed_ = 0;
  std::vector<std::string> broken_;
};

}  // namespace steward::simulation
