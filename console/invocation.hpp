/// One call of the program: its options, its output, and its way to the company (the engine's socket, or the journal alone).
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "console/command_line.hpp"
#include "console/company.hpp"
#include "console/engine_service.hpp"
#include "console/exit_codes.hpp"
#include "console/socket_client.hpp"
#include "console/terminal.hpp"
#include "runtime/journal/reader.hpp"

namespace steward {

struct company_state;
struct fold_until;

enum class access { reads, changes };

class invocation {
public:
  invocation(const catalogues& known, global_options asked, const std::vector<command>& commands);
  ~invocation();

  const catalogues& known;
  const global_options asked;
  const std::vector<command>& commands;
  const paint out, err;   // for stdout and stderr
  const bool out_is_terminal;
  std::string test_clock; // from STEWARD_TEST_CLOCK, or an option of `up` and `run`

  /// The workspace's folder, found once.
  result<std::string> workspace();
  /// Loaded and checked, once.
  result<assembled*> company();

  /// Carries a command to whoever can do it: the running engine, or else the journal alone. The value of "ok", or the error.
  result<json> ask(const json& what, access how);
  /// True when an engine is reached: over the socket, or in this process.
  bool engine_runs();
  /// Starts an engine in this process where none runs; it ends with this process.
  result<void> need_engine();
  bool engine_is_ours() const { return service_ != nullptr; }
  /// Lets time pass; true when somebody wants this process to end.
  bool wait(duration for_);
  /// What was going on at the end of `until`, folded from the journal alone; every part of it where `until` is empty.
  result<company_state> state(const fold_until& until);
  /// A reader of the journal; journal_not_found while nothing has happened yet.
  result<std::unique_ptr<reader>> journal();
  time_point now() const;

  // Data goes to stdout, everything else to stderr.
  void print(std::string_view text) const;
  void print_json(const json& value) const;
  void note(std::string_view text) const;
  /// Says what went wrong and gives the exit code for it.
  int fail(const error& e) const;
  int fail(const errors& all) const;
  static int done() { return int(exit_code::done); }

private:
  std::optional<result<std::string>> workspace_;
  std::unique_ptr<assembled> company_;
  std::optional<socket_client> client_;
  std::unique_ptr<engine_service> service_;
  std::shared_ptr<const event_kinds> kinds_;
  std::unique_ptr<offline_desk> desk_;
  access desk_is_for_ = access::reads;
};

/// "where: found. Expected … advice [code]", and how to learn more.
std::string error_text(const error& e, const paint& p);

/// {"ok": …} -> the value; {"error": …} -> the error.
result<json> opened(const json& reply);

}  // namespace steward
