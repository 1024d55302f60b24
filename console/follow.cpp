#include "console/follow.hpp"

#include <cstdio>
#include <iostream>

#include <poll.h>
#include <unistd.h>

#include <fmt/format.h>

#include "runtime/visible_text.hpp"
#include "console/cards.hpp"
#include "console/progress.hpp"
#include "runtime/hosting/open_company.hpp"
#include "runtime/observation/sentence.hpp"

namespace steward {
namespace {

constexpr duration first_look = std::chrono::milliseconds{1};   // While something moves we look again soon, then ever more seldom,
constexpr duration look_every = std::chrono::milliseconds{40};  // up to what a person takes for "at once".
constexpr auto quiet_at_most = std::chrono::seconds{60};     // Then nothing moves soon: say what it waits for and leave.

class run_watch {
public:
  run_watch(invocation& s, std::string run, follow_options o) : s_(s), run_(std::move(run)), options_(o), told_(s.err) {}

  int watch() {
    const auto ended = follow();
    clear();
    return ended;
  }

private:
  enum class said { decided, later, interrupted, failed };

  int follow() {
    auto quiet = duration::zero(), pause = first_look;
    for (;;) {
      if (show_progress()) quiet = duration::zero(), pause = first_look;
      const auto seen = s_.ask(boost::json::object{{"do", "view"}, {"view", "run"}, {"run", run_}}, access::reads);
      if (!seen) return s_.fail(seen.error());
      if (const auto status = text_at(*seen, "status"); status != "running" && status != "queued") {
        show_progress();
        return finished(*seen, status);
      }
      const auto* parked = at_path(*seen, "parked");
      if (parked && parked->is_bool() && parked->get_bool()) {
        show_progress();
        const auto answer = ask_operator(*seen);
        if (answer == said::later) return waiting(*seen);
        if (answer == said::interrupted) return interrupted();
        if (answer == said::failed) return failed_;
        quiet = duration::zero();
        continue;
      }
      quiet += pause;
      if (quiet > quiet_at_most) return waiting(*seen);
      show_at_work(quiet);
      if (s_.wait(pause)) return interrupted();
      pause = std::min(pause * 2, look_every);
    }
  }

  /// The step at work stands in a line that is written over; on a terminal only.
  void show_at_work(duration quiet) {
    if (!live_) return;
    auto text = told_.at_work();
    if (!text.empty() && quiet >= std::chrono::seconds{1}) text += fmt::format("  {} s", quiet / std::chrono::seconds{1});
    if (text == live_text_) return;
    std::fputs(("\r\x1b[K" + (text.empty() ? "" : "  " + text)).c_str(), stderr);
    live_text_ = text;
  }
  void clear() {
    if (!live_text_.empty()) std::fputs("\r\x1b[K", stderr);
    live_text_.clear();
  }

  /// Tells what has happened since the last look. True when there was something.
  bool show_progress() {
    auto journal = s_.journal();
    if (!journal) return false;
    event_query query;
    query.from_seq = seen_ + 1;
    query.correlation = run_;
    query.limit = 10'000;
    const auto events = (*journal)->read(query);
    if (!events) return false;
    bool something = false;
    for (const auto& stored : *events) {
      seen_ = std::max(seen_, stored.seq);
      const auto e = typed(stored);
      if (!e) continue;
      const auto line = told_.tell(e->second, stored.header.time);  // also of what was shown before: it knows the step then
      if (stored.seq <= options_.after) continue;
      something = true;
      const auto sentence = is_for_people(e->second) ? sentence_of(e->second) : std::string{};
      if (s_.asked.as_json) {
        if (!sentence.empty()) s_.note(canonical(boost::json::object{{"seq", stored.seq}, {"kind", stored.header.kind}, {"sentence", sentence}}));
        continue;
      }
      const auto text = options_.verbose && !sentence.empty() ? s_.err.dim(to_text(stored.header.time).substr(11, 8)) + "  " + shortened(sentence, 140) : options_.verbose ? "" : line;
      if (text.empty()) continue;
      clear();
      s_.note("  " + text);
    }
    return something;
  }

  int finished(const json& seen, const std::string& status) {
    clear();
    if (s_.asked.as_json) s_.print_json(seen);
    else {
      const auto outcome = text_at(seen, "outcome");
      const auto text = fmt::format("{} {}{}\n", run_, status, outcome.empty() ? "" : ": " + visible_line(outcome));
      s_.print(status == "finished" ? s_.out.good(text) : s_.out.bad(text));
      s_.note(s_.err.dim("  steward show " + run_ + "    steward why " + run_));
    }
    return status == "finished" ? invocation::done() : int(exit_code::refused);
  }

  int waiting(const json& seen) {
    clear();
    if (s_.asked.as_json) {
      s_.print_json(seen);
      return invocation::done();
    }
    s_.print(fmt::format("{} waits for {}\n", run_, visible_line(text_at(seen, "waits_for"))));
    const auto held = text_at(seen, "waits_for");
    const auto approval = open_approval();
    if (!approval.empty() && may_ask()) {
      return invocation::done();  // the card and its commands have just been shown
    } else if (!approval.empty()) {
      const auto* asked = at_path(card_, "approval");
      s_.note("Next:\n  steward show " + approval + "\n" + (asked ? ways_to_decide(*asked, s_.err) : ""));
    } else if (held.starts_with("you, before")) {
      s_.note("Next:\n  steward show " + run_ + "\n  steward step " + run_);
    } else if (held.starts_with("you")) {
      s_.note("Next:\n  steward inbox");
    } else if (s_.engine_is_ours()) {
      s_.note("Next:\n  steward up    keeps the company running; the run goes on when it is time");
    }
    return invocation::done();
  }

  int interrupted() {
    clear();
    s_.note("Stopped here. The run goes on with 'steward up'; nothing that was on disk is lost.");
    return int(exit_code::interrupted);
  }

  /// The open question of this run, or empty.
  std::string open_approval() {
    const auto cards = s_.ask(boost::json::object{{"do", "view"}, {"view", "inbox"}, {"all", true}}, access::reads);
    if (!cards || !cards->is_array()) return {};
    for (const auto& card : cards->get_array())
      if (text_at(card, "run") == run_ && text_at(card, "about") == "approval") {
        card_ = card;
        return text_at(card, "subject");
      }
    return {};
  }

  said give(const json& command) {
    clear();
    const auto outcome = s_.ask(command, access::changes);
    if (outcome) return said::decided;
    failed_ = s_.fail(outcome.error());
    return said::failed;
  }

  /// Why `line` gave nothing: the terminal has no more to say (then it waits), or somebody wants this process to end.
  said nothing_said() const { return input_ended_ ? said::later : said::interrupted; }

  /// One line from the terminal; nothing when it ended or a signal came.
  std::optional<std::string> line() {
    for (;;) {
      pollfd watched{STDIN_FILENO, POLLIN, 0};
      if (::poll(&watched, 1, 100) > 0) {
        std::string text;
        if (!std::getline(std::cin, text)) return input_ended_ = true, std::nullopt;
        return text;
      }
      if (s_.engine_is_ours() && s_.wait(std::chrono::milliseconds{1})) return std::nullopt;
    }
  }

  bool may_ask() const { return is_terminal(STDIN_FILENO) && is_terminal(STDERR_FILENO) && !s_.asked.as_json; }

  said ask_operator(const json& seen) {
    clear();
    const auto waits_for = text_at(seen, "waits_for");
    if (waits_for.starts_with("you, before")) {
      const json go_on = boost::json::object{{"do", "step"}, {"run", run_}};
      if (!may_ask()) return said::later;
      for (;;) {
        s_.note(s_.err.bold("Held") + " " + waits_for.substr(5, waits_for.find(" (") - 5) + ".  [g]o on, [s]how, [l]ater?");
        const auto answer = line();
        if (!answer) return nothing_said();
        if (*answer == "g" || answer->empty()) return give(go_on);
        if (*answer == "s") s_.note(readable(seen, "  ", 200));
        if (*answer == "l") return said::later;
      }
    }
    const auto approval = open_approval();
    if (approval.empty()) return said::later;
    const json approve = boost::json::object{{"do", "approve"}, {"approval", approval}, {"reason", options_.approve_all ? "--yes" : ""}};
    if (options_.approve_all) return give(approve);
    if (!may_ask()) return said::later;
    s_.note("\n" + card_text(card_, s_.now(), s_.err, false));
    for (;;) {
      s_.note(s_.err.bold("[a]pprove, [m]odify, [r]eject, [s]how all, [l]ater?"));
      const auto answer = line();
      if (!answer) return nothing_said();
      if (*answer == "a") return give(approve);
      if (*answer == "l" || answer->empty()) return said::later;
      if (*answer == "s") s_.note(card_text(card_, s_.now(), s_.err, true));
      if (*answer == "r") {
        s_.note("Why? (one line)");
        const auto reason = line();
        if (!reason) return nothing_said();
        return give(boost::json::object{{"do", "reject"}, {"approval", approval}, {"reason", *reason}});
      }
      if (*answer == "m") {
        s_.note("Which field? FIELD=VALUE, behind the effect where there are several: eff-3 subject=Hello");
        auto change = line();
        if (!change) return nothing_said();
        if (!change) return said::interrupted;
        std::string effect;
        if (change->starts_with("eff-") && change->find(' ') != std::string::npos) effect = change->substr(0, change->find(' ')), change = change->substr(change->find(' ') + 1);
        const auto equals = change->find('=');
        if (equals == std::string::npos) {
          s_.note("Expected FIELD=VALUE; nothing was changed.");
          continue;
        }
        const auto done = s_.ask(boost::json::object{{"do", "modify"}, {"approval", approval}, {"effect", effect}, {"changes", boost::json::object{{change->substr(0, equals), change->substr(equals + 1)}}}}, access::changes);
        if (!done) s_.note(error_text(done.error(), s_.err));
        else if (!open_approval().empty()) s_.note(card_text(card_, s_.now(), s_.err, false));
      }
    }
  }

  invocation& s_;
  std::string run_;
  follow_options options_;
  std::int64_t seen_ = 0;
  progress told_;
  const bool live_ = can_rewrite_lines(STDERR_FILENO) && !s_.asked.as_json && !options_.verbose;
  std::string live_text_;
  json card_;
  bool input_ended_ = false;
  int failed_ = int(exit_code::refused);
};

}  // namespace

int follow_run(invocation& s, const std::string& run, follow_options options) { return run_watch(s, run, options).watch(); }

std::int64_t last_event(invocation& s) {
  auto journal = s.journal();
  if (!journal) return 0;
  const auto head = (*journal)->last();
  return head ? head->seq : 0;
}

int follow_begun(invocation& s, const arguments& given, const json& begun, std::int64_t before, const std::string& said, const std::string& title) {
  const auto run = text_at(begun, "run");
  if (given.has("--no-wait") || given.has("--only-record")) {
    if (s.asked.as_json) s.print_json(begun);
    else s.print(said + "\n");
    if (s.engine_is_ours() || !s.engine_runs()) s.note("No engine is running: the run goes on with 'steward up'.");
    return invocation::done();
  }
  if (!s.asked.as_json) s.note(s.err.bold(run) + "  " + title);
  return follow_run(s, run, {.approve_all = given.has("--yes"), .after = before, .verbose = given.has("--verbose")});
}

int decide(invocation& s, const json& command, const std::string& run, const std::string& said, bool only_record) {
  const bool elsewhere = s.engine_runs();
  const auto before = last_event(s);
  if (!elsewhere && !only_record)
    if (auto started = s.need_engine(); !started) return s.fail(started.error());
  const auto outcome = s.ask(command, access::changes);
  if (!outcome) return s.fail(outcome.error());
  if (!elsewhere && !only_record && !run.empty()) {
    if (!s.asked.as_json) s.note(said);
    return follow_run(s, run, {.approve_all = false, .after = before});
  }
  if (s.asked.as_json) s.print_json(outcome->is_object() && !outcome->get_object().empty() ? *outcome : json(boost::json::object{{"said", said}}));
  else s.print(said + "\n");
  if (only_record && !elsewhere) s.note("Written down. It is carried out when the company runs: steward up");
  return invocation::done();
}

}  // namespace steward
