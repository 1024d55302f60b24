#include "runtime/hosting/journal_command.hpp"

#include <algorithm>
#include <set>

#include "runtime/coordination/undo.hpp"
#include "runtime/hosting/remap.hpp"
#include "runtime/hosting/replay.hpp"
#include "runtime/observation/typed_events.hpp"

namespace steward {
namespace {

/// Calls f with each event of a kind, oldest first.
template <class Event>
result<void> each_of(reader& source, const std::function<void(const Event&)>& f) {
  event_query query;
  query.kind = Event::kind;
  query.limit = SIZE_MAX;
  return each_event(source, query, [&](const event::header&, event::any&& e) {
    f(std::get<Event>(e));
    return true;
  });
}

result<std::string> run_of_effect(reader& source, const std::string& effect) {
  std::string run;
  if (auto r = each_of<event::effect_proposed>(source, [&](const event::effect_proposed& e) {
        if (e.effect == effect) run = e.run;
      });
      !r)
    return r.error();
  if (run.empty()) return error{"not_found_in_journal", "", "no effect in the journal goes by '" + effect + "'", "an effect (eff-3) or a run (run-2)", "'steward why run-2' names the effects of a run"};
  return run;
}

/// Which run took each effect back, or means to.
result<std::map<std::string, std::string>> undone(reader& source, const std::vector<done_effect>& done) {
  std::vector<std::string> runs;
  const auto concerns = [&](const json& meant) {
    return meant.is_array() && std::any_of(meant.get_array().begin(), meant.get_array().end(),
                                           [&](const json& one) { return std::any_of(done.begin(), done.end(), [&](const auto& d) { return one.is_string() && d.effect == one.get_string(); }); });
  };
  auto read = each_of<event::run_started>(source, [&](const event::run_started& e) {
    if (!e.because.starts_with("undo of ")) return;
    if (const auto* meant = at_path(e.input, "undoes"); meant && concerns(*meant)) runs.push_back(e.run);
  });
  if (!read) return read.error();
  std::map<std::string, std::string> by;
  for (const auto& run : runs) {
    const auto told = events_of_run(source, run);
    if (!told) return told.error();
    for (const auto& effect : undone_in(*told)) by.emplace(effect, run);
  }
  return by;
}

result<json> with_what_was_done(reader& source, const json& command) {
  const auto what = text_at(command, "what");
  const auto run = what.starts_with("run-") ? result<std::string>(what) : run_of_effect(source, what);
  if (!run) return run.error();
  const auto told = events_of_run(source, *run);
  if (!told) return told.error();
  auto done = done_by(*told);
  if (what != *run) std::erase_if(done, [&](const done_effect& d) { return d.effect != what; });
  const auto by = undone(source, done);
  if (!by) return by.error();
  for (auto& d : done)
    if (const auto taken = by->find(d.effect); taken != by->end()) d.undone_by = taken->second;
  auto whole = command;
  whole.as_object()["done"] = to_json(done);
  if (what == *run) whole.as_object()["records"] = to_json(recorded_by(*told));
  return whole;
}

}  // namespace

result<json> completed(const std::string& folder, const event_kinds& kinds, const company_manifests& manifests, json command) {
  const auto verb = text_at(command, "do");
  if (verb == "fork") return with_fork_point(folder, kinds, command);
  if (verb != "undo" && verb != "remap") return command;
  auto source = reader::open({.folder = folder, .erased = erased_as::text}, kinds);
  if (!source) return source.error();
  if (verb == "undo") return with_what_was_done(**source, command);
  const auto told = told_by_records(**source, manifests, text_at(command, "type"));
  if (!told) return told.error();
  command.as_object()["told"] = to_json(*told);
  return command;
}

}  // namespace steward
