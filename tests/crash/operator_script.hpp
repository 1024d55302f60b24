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

/// One story to its end. `silent_lead`: nobody ever replies; `answering_lead`: the lead replies to the first mail.
enum class story { weekly_update, silent_lead, answering_lead };
BOOST_DESCRIBE_ENUM(story, weekly_update, silent_lead, answering_lead)

inline constexpr auto lead_address = "frida@lindqvist-books.example";

/// The journal as far as it was read, and what it says is open.
struct told_so_far {
  std::vector<told> events;
  std::map<std::string, event::approval_asked> open_approvals;
  std::map<std::string, event::step_started> open_waits;  // by run
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
  void approve(const std::string& approval);
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
