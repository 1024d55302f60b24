/// A whole company under test: a workspace, the real program, a clock file that the test moves, and the outside world.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "runtime/clock.hpp"
#include "runtime/event.hpp"
#include "runtime/hosting/open_company.hpp"
#include "runtime/journal/reader.hpp"
#include "tests/support/world/program.hpp"

namespace steward::proof {

struct told {
  event::header head;
  event::any what;
};

/// A line of the world's ledger: what, order, then its fields (see world.cpp).
using ledger_line = std::vector<std::string>;

/// A folder in memory where there is one: many small syncs are slow on a disk. Removed with its owner unless `keep` is called.
class scratch_folder {
public:
  scratch_folder();
  ~scratch_folder();
  scratch_folder(scratch_folder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  const std::string& path() const { return path_; }
  std::string keep() { return std::exchange(path_, {}); }

private:
  std::string path_;
};

/// The program that STEWARD names, or else the one that was built beside this.
std::string program_under_test();

/// Makes a workspace to copy from: `folder`/workspace as `steward init` lays it down, with contacts, notes and a git repository
/// (`folder`/repository) that are the same at every run, down to the commits' ids.
void make_model_company(const std::string& folder);
/// The same of a company that takes in a new client: `folder`/workspace as `steward init --template onboarding` lays it down, with the
/// company.yaml of the example.
void make_onboarding_company(const std::string& folder);
/// The client of the example, as the input of client_onboarding.
std::string new_client();
/// Five contacts; this is the one who must never be written to.
inline constexpr auto do_not_contact = "dan@whitfield.example";
/// The four others.
const std::vector<std::string>& readers();
/// When the test clock begins: a Thursday, 8:00 in UTC.
time_point company_begins();

/// Where to kill the engine: see kill_at.cpp. Empty: not at all.
using kill_moment = std::string;

class test_company {
public:
  /// Copies the model into `folder`.
  test_company(std::string model, std::string folder);
  ~test_company();

  std::string program_path = program_under_test();  // another one before the engine starts, if need be
  const std::string& folder() const { return folder_; }
  std::string workspace() const { return folder_ + "/workspace"; }

  // ---- the engine
  void start_engine(const kill_moment& kill = {}, const std::vector<std::string>& options = {"--foreground"});
  /// Waits until it serves; false when it ended before.
  bool engine_is_ready();
  std::optional<program_end> engine_ended(std::chrono::milliseconds at_most);
  program& engine() { return *engine_; }
  bool engine_runs() { return engine_ && !engine_->ended(std::chrono::milliseconds{0}); }
  /// SIGTERM; gives how it ended. Throws when it doesn't within half a minute.
  program_end stop_engine();
  std::string engine_said() const { return text_of_file(folder_ + "/engine.err"); }
  /// What kill_at noted of the engine's last life: each call that changed something ("OPERATION@FILE STACK"), if they were
  /// traced, and the one that it was killed at ("MODE OPERATION@FILE STACK", or nothing).
  bool trace_calls = false;
  std::vector<std::string> calls() const;
  std::string killed_at() const;

  // ---- the operator
  program_result command(std::vector<std::string> words, std::chrono::milliseconds at_most = std::chrono::seconds{40}) const;
  time_point now() const { return now_; }
  void move_clock_to(time_point t);

  // ---- what happened
  /// The events since the last call.
  std::vector<told> news();
  /// The whole chain; the sentence of what is wrong, or empty.
  std::string broken_chain() const;

  // ---- the world
  void look() { world_->ask("look"); }
  void deliver(const std::string& name, const std::string& mail);
  std::vector<ledger_line> ledger(const std::string& what = {}) const;

private:
  std::string folder_;
  std::shared_ptr<const event_kinds> kinds_ = all_event_kinds();
  std::unique_ptr<program> world_, engine_;
  std::unique_ptr<reader> reader_;
  std::size_t engine_begins_at_ = 0;  // in engine.err
  std::int64_t seen_ = 0;
  time_point now_;
};

/// A mail as a stranger would send it.
std::string mail_text(const std::string& from, const std::string& message_id, time_point date, const std::string& subject, const std::string& text, const std::string& in_reply_to = {});

}  // namespace steward::proof
