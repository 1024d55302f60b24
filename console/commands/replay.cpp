/// `steward replay RUN`: takes every turn of a run again from the journal and names the first that differs. Asks nobody, writes nothing.
#include <filesystem>

#include <fmt/format.h>

#include "config/check.hpp"
#include "console/commands.hpp"
#include "console/invocation.hpp"
#include "runtime/hosting/open_company.hpp"
#include "runtime/hosting/replay.hpp"
#include "runtime/visible_text.hpp"

namespace steward {
namespace {

/// Read and checked like the company's own, without making anything of it.
company_manifests manifests_in(const std::string& folder, const catalogues& known, errors& found) {
  const auto files = make_system_disk();
  auto checked = check_folder(*files, folder, known_of(known));
  found = std::move(checked.found);
  return manifests_of(std::move(checked.value));
}

std::string count(std::int64_t n, const char* one) { return fmt::format("{} {}{}", n, one, n == 1 ? "" : "s"); }

std::string replay_text(const json& told, const paint& p) {
  const auto& o = told.as_object();
  const bool same = o.at("same").as_bool();
  std::string text = fmt::format("{}  {}  {} and {} taken again from {}: {}\n", p.bold(text_at(told, "run")), visible_text(text_at(told, "workflow")), count(o.at("turns").as_int64(), "turn"),
                                 count(o.at("decisions").as_int64(), "decision"), count(o.at("events").as_int64(), "event"), same ? "the same" : "not the same");
  for (const auto& note : o.at("notes").as_array()) text += "  " + visible_text(std::string(note.as_string())) + "\n";
  for (const auto& difference : o.at("differences").as_array()) text += "  " + visible_text(text_at(difference, "sentence")) + "\n";
  for (const auto& step : o.at("steps").as_array()) {
    const auto& s = step.as_object();
    const auto& differences = s.at("differences").as_array();
    const auto turns = s.at("turns").as_int64();
    text += fmt::format("  {}  {} ({})  {}\n", text_at(step, "instance"), text_at(step, "role"), text_at(step, "agent", "no agent"),
                        !differences.empty() ? count(std::int64_t(differences.size()), "difference") : turns == 0 ? "not taken again" : count(turns, "turn") + ", the same");
    for (const auto& note : s.at("notes").as_array()) text += "    " + visible_text(std::string(note.as_string())) + "\n";
    for (const auto& difference : differences) text += "    " + visible_text(text_at(difference, "sentence")) + "\n";
  }
  if (!same) text += "The first difference is at event " + std::to_string(o.at("first").as_object().at("seq").as_int64()) + (text_at(o.at("first"), "step").empty() ? "" : ", step '" + text_at(o.at("first"), "step") + "'") + " (steward trace " + text_at(told, "run") + " --bodies)\n";
  return text;
}

int act(const arguments& given, invocation& s) {
  const auto own = s.workspace();
  if (!own) return s.fail(own.error());
  auto folder = *own;
  if (given.has("--with")) {
    folder = given.text("--with");
    std::error_code ignored;
    if (!std::filesystem::exists(folder + "/company.yaml", ignored))
      return s.fail(error{"no_workspace", folder, "there is no company.yaml in it", "the folder of a workspace", "A copy of this one will do: change what you want to try there"});
  }
  auto journal = s.journal();
  if (!journal) return s.fail(journal.error());
  const auto run = given.text("RUN");
  const auto events = events_of_run(**journal, run);
  if (!events) return s.fail(events.error());
  errors found;
  const auto manifests = manifests_in(folder, s.known, found);
  if (!found.empty()) return s.fail(found);
  replay_order order;
  auto then = workflow_of_run(**journal, *events);
  if (!then) return s.fail(then.error());
  order.workflow_then = std::move(*then);
  company_manifests before;
  replay_world world;
  if (given.has("--with")) {
    order.what = replay_of::manifests;
    errors ignored;  // the company's own may stand broken while another folder is tried
    before = manifests_in(*own, s.known, ignored);
    if (ignored.empty()) order.before = &before;
    for (const auto& connector : known_of(s.known).connectors)
      for (const auto& action : connector.actions) world.actions[action.name] = action;
    world.policies = s.known.policies;
    auto salt = make_system_disk()->read(state_folder(*own) + "/salt");
    if (!salt) return s.fail(salt.error());
    world.salt = std::move(*salt);
    world.fold_up_to = [&](company_state& state, std::int64_t seq) { return fold_on(state, **journal, {.seq = seq}); };
    order.world = &world;
  }
  const auto told = replay(*events, run, agents_to_replay(s.known.agents), manifests, order);
  if (!told) return s.fail(told.error());
  if (s.asked.as_json) s.print_json(*told);
  else s.print(replay_text(*told, s.out));
  return int(told->as_object().at("same").as_bool() ? exit_code::done : exit_code::differs);
}

}  // namespace

command replay_command() {
  return {.name = "replay",
          .group = "Understand",
          .summary = "Takes every turn and every decision of a run again, offline and free of charge, and names the first that differs",
          .details = "Reads the journal alone: no engine, no model, no network, and nothing is written. Each agent is given its past events again, with the answers of then, and "
                     "what it says is compared with what it said, by kind and digest. The workflow that the run worked by decides again what comes next, what each step does and "
                     "how the run ends. Exit code 0: the same; 6: something differs, and it is named.\n"
                     "--with takes the manifests of another folder: which step would come, what it would do, record, remember or ask, what the gate would say of each effect, and "
                     "what a model would be asked. What differs there and can't be decided again is named as 'changed, not replayed'.",
          .examples = {"steward replay run-1", "steward replay run-1 --with ../tryout", "steward replay run-1 --with . --json"},
          .words = {{"RUN", "", "its name, such as run-1; finished or open", word::count::required, {}, false},
                    {"--with", "FOLDER", "a workspace whose manifests are used instead", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
