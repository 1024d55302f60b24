#include "console/invocation.hpp"

#include <cstdio>
#include <cstdlib>
#include <thread>

#include <unistd.h>

#include "config/explain.hpp"
#include "runtime/visible_text.hpp"
#include "runtime/hosting/open_company.hpp"
#include "runtime/journal/lock.hpp"

namespace steward {

std::string error_text(const error& e, const paint& p) {
  auto sentence = visible_text(to_sentence(e));
  const auto mark = sentence.rfind(" [" + e.code + "]");
  std::string text = mark == std::string::npos ? sentence : sentence.substr(0, mark) + p.dim(sentence.substr(mark));
  if (explain(e.code)) text += "\n  " + p.dim("steward explain " + e.code);
  return text + "\n";
}

result<json> opened(const json& reply) {
  if (const auto* ok = at_path(reply, "ok")) return *ok;
  if (const auto* bad = at_path(reply, "error")) {
    error e;
    if (read_json(*bad, e, "error")) return e;
  }
  return error{"bad_reply", "the engine", "its answer has neither 'ok' nor 'error'", "", "Is it of another version? Restart it with 'steward stop' and 'steward up'"};
}

invocation::invocation(const catalogues& known, global_options asked, const std::vector<command>& commands)
    : known(known),
      asked(std::move(asked)),
      commands(commands),
      out(wants_colours(STDOUT_FILENO, this->asked.no_color) && !this->asked.as_json),
      err(wants_colours(STDERR_FILENO, this->asked.no_color)),
      out_is_terminal(is_terminal(STDOUT_FILENO)) {
  if (const char* file = std::getenv("STEWARD_TEST_CLOCK")) test_clock = file;
}

invocation::~invocation() = default;

result<std::string> invocation::workspace() {
  if (!workspace_) workspace_ = find_workspace(asked.workspace);
  return *workspace_;
}

result<assembled*> invocation::company() {
  if (!company_) {
    const auto folder = workspace();
    if (!folder) return folder.error();
    company_ = std::make_unique<assembled>(assemble(*folder, known, test_clock));
  }
  return company_.get();
}

result<void> invocation::need_engine() {
  const auto folder = workspace();
  if (!folder) return folder.error();
  if (engine_runs()) return {};
  const auto made = company();
  if (!made) return made.error();
  if (!(*made)->found.empty()) return (*made)->found.front();
  desk_.reset();  // it may hold the lock
  auto started = engine_service::start((*made)->parts);
  if (!started) return started.error();
  service_ = std::move(*started);
  return {};
}

bool invocation::wait(duration for_) {
  if (service_) return engine_service::wait_for_signal(for_) != 0;
  std::this_thread::sleep_for(for_);
  return false;
}

result<std::unique_ptr<reader>> invocation::journal() {
  const auto folder = workspace();
  if (!folder) return folder.error();
  if (!kinds_) kinds_ = all_event_kinds();
  return reader::open({.folder = state_folder(*folder), .erased = erased_as::text}, *kinds_);
}

result<company_state> invocation::state(const fold_until& until) {
  const auto made = company();
  if (!made) return made.error();
  const auto& parts = (*made)->parts;
  return fold_journal(parts.folder, *all_event_kinds(), parts.manifests.company.zone, fold_from::snapshot, until);
}

time_point invocation::now() const { return clock_for(test_clock)->now(); }

bool invocation::engine_runs() {
  if (client_ || service_) return true;
  const auto folder = workspace();
  if (!folder) return false;
  auto reached = socket_client::connect(state_folder(*folder));
  if (!reached) return false;
  client_ = std::move(*reached);
  return true;
}

result<json> invocation::ask(const json& what, access how) {
  const auto folder = workspace();
  if (!folder) return folder.error();
  const auto lock = state_folder(*folder) + "/lock";
  // An engine that has just started holds the lock a moment before it listens.
  for (int tries = 0; !engine_runs() && process_lock::holder(lock) != 0; ++tries) {
    if (desk_ && desk_is_for_ == access::changes) break;  // it is we who hold it
    if (tries == 50)
      return error{"engine_not_answering", lock, "process " + std::to_string(process_lock::holder(lock)) + " is at work here but does not listen", "", "'steward doctor' looks into it"};
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
  }
  if (service_) return opened(service_->command(what));
  if (client_) {
    auto reply = client_->ask(what);
    if (!reply) {
      client_.reset();
      return reply.error();
    }
    return opened(*reply);
  }
  if (!desk_ || (how == access::changes && desk_is_for_ == access::reads)) {
    const auto made = company();
    if (!made) return made.error();
    if (how == access::changes && !(*made)->found.empty()) return (*made)->found.front();
    desk_.reset();
    auto desk = offline_desk::open((*made)->parts, how == access::changes);
    if (!desk) return desk.error();
    desk_ = std::move(*desk);
    desk_is_for_ = how;
  }
  return opened(desk_->command(what));
}

void invocation::print(std::string_view text) const {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

void invocation::print_json(const json& value) const { print(canonical(value) + "\n"); }

void invocation::note(std::string_view text) const {
  std::fwrite(text.data(), 1, text.size(), stderr);
  if (!text.ends_with('\n')) std::fputc('\n', stderr);
}

int invocation::fail(const error& e) const {
  if (asked.as_json) note(canonical(boost::json::object{{"error", to_json(e)}}));
  else note(error_text(e, err));
  return int(exit_code_of(e.code));
}

int invocation::fail(const errors& all) const {
  if (asked.as_json) {
    boost::json::array list;
    for (const auto& e : all) list.push_back(to_json(e));
    note(canonical(boost::json::object{{"errors", std::move(list)}}));
  } else {
    for (const auto& e : all) note(visible_text(to_sentence(e)));
    if (!all.empty()) note(err.dim("steward explain " + all.front().code));
  }
  return int(exit_code::misused);
}

}  // namespace steward
