/// What operator, strangers and calendar do while a company under test works: decided from the journal alone, so that it can be
/// taken up after every crash.
#pragma once
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/support/world/test_company.hpp"

namespace steward::proof {

/// One story to its end. `silent_lead`: nobody ever replies; `answering_lead`: the lead replies to the first mail. `onboarding`: a new
/// client is taken in, and then all of it is taken back by `steward undo`; `undo`: the operator does not let the bill go, and the run
/// takes back by itself what it did.
enum class story { weekly_update, silent_lead, answering_lead, onboarding, undo };
BOOST_DESCRIBE_ENUM(story, weekly_update, silent_lead, answering_lead, onboarding, undo)

/// Those of one workflow.
inline bool is_update(story s) { return s == story::weekly_update; }
inline bool is_onboarding(story s) { return s == story::onboarding || s == story::undo; }
inline bool is_lead(story s) { return s == story::silent_lead || s == story::answering_lead; }

/// Of the lead, and of the client that she becomes.
inline constexpr auto lead_address = "frida@lindqvist-books.example";

/// The journal as far as it was read, and what it says is open.
struct told_so_far {
  std::vector<told> events;
  std::map<std::string, event::approval_asked> open_approvals;
  std::map<std::string, event::step_started> open_waits;  // by run
  std::set<std::string> open_questions;                   // cards that ask a person
  std::set<std::string> open_runs;
  std::size_t runs = 0;
  bool visits_used_up = false;
  std::string surprise;  // what a card says that no story has

  void take(std::vector<told> news);
};

class operator_script {
public:
  operator_script(test_company& company, story which) : company_(company), story_(which) {}

  /// Starts the engine again and again, until the story has ended and the engine was asked to stop and did; the first life ends
  /// at the first of `kills`, the second at the next, and those after the last live to the end. Throws what can't be mended.
  void play(const std::vector<kill_moment>& kills);

  const told_so_far& known() const { return known_; }
  /// What kill_at noted of each life of the engine.
  struct life {
    std::vector<std::string> calls;  // if they were traced
    std::string killed_at;           // empty: it was not
  };
  const std::vector<life>& lives() const { return lives_; }
  int kills() const { return kills_; }
  /// Broken promises that only who was there could see.
  const std::vector<std::string>& complaints() const { return complaints_; }

private:
  /// One life of the engine. True when the story has ended and the engine stopped when it was asked to.
  bool live(const kill_moment& kill);
  bool has_ended() const;
  bool begun() const { return known_.runs > 0; }
  /// One thing to do now; false when there is nothing.
  bool move();
  void begin();
  void decide(const event::approval_asked& asked);
  /// A command that a crash may swallow, with its answer; what it says must be true. `open`: whether there is still something to do.
  void insist(const std::vector<std::string>& words, const std::function<bool()>& open);
  bool let_wait_pass(const event::step_started& wait);
  void still_asks();

  test_company& company_;
  story story_;
  told_so_far known_;
  std::vector<life> lives_;
  std::vector<std::string> complaints_;
  bool mail_is_out_ = false, reply_is_out_ = false, first_life_ = true;
  int kills_ = 0;
};

}  // namespace steward::proof
