/// `steward memory search WORDS`: what the company knows. Reads memory's index, which is derived anew where it lags behind.
#include "console/commands.hpp"
#include "console/depth.hpp"
#include "console/invocation.hpp"
#include "runtime/coordination/entity_graph.hpp"
#include "runtime/hosting/open_company.hpp"
#include "runtime/journal/lock.hpp"
#include "runtime/labels.hpp"
#include "runtime/memory/memory_index.hpp"
#include "runtime/visible_text.hpp"

namespace steward {
namespace {

/// Where no engine keeps the index up to date, we do, under the lock that the engine would hold.
void bring_index_up_to_date(invocation& s, const std::string& folder) {
  const auto lock = process_lock::take(folder + "/lock");
  if (!lock) return;
  auto source = s.journal();
  std::vector<std::unique_ptr<projection>> projections;
  projections.push_back(make_memory_index());
  auto index = derived::open(folder, std::move(projections));
  if (!source || !index) return;
  while ((*index)->catch_up(**source).value() > 0) {}
}

result<std::vector<memory_item>> look_into_memory(invocation& s, const std::string& folder, const recall& what) {
  bring_index_up_to_date(s, folder);
  const auto search = memory_search::open(folder);
  if (!search) return search.error();
  std::vector<std::string> names;
  if (!what.about.empty()) {
    std::map<std::string, entity_definition> types;  // relations stand in the manifests; names of merged records do not
    if (what.depth) {
      const auto made = s.company();
      if (!made) return made.error();
      types = (*made)->parts.manifests.entities;
    }
    if (const auto state = fold_journal(folder, *all_event_kinds(), "UTC", fold_from::snapshot)) names = names_around(state->entities, types, what.about, what.depth.value_or(0));
  }
  const auto journal = s.journal();
  if (!journal) return journal.error();
  return (*search)->find(what, s.now(), **journal, names);
}

int act(const arguments& given, invocation& s) {
  recall what;
  what.scope = given.text("--scope", "*");
  what.about = given.text("--about");
  for (const auto& part : given.all("WORDS")) what.query += (what.query.empty() ? "" : " ") + part;
  what.limit = std::atoll(given.text("--limit", "10").c_str());
  if (given.has("--depth")) {
    const auto depth = depth_of(given, "steward memory search", 0);
    if (!depth) return s.fail(depth.error());
    what.depth = *depth;
  }
  const auto folder = s.workspace();
  if (!folder) return s.fail(folder.error());
  const auto found = look_into_memory(s, state_folder(*folder), what);
  if (!found) return s.fail(found.error());
  if (s.asked.as_json) {
    s.print_json(to_json(*found));
    return invocation::done();
  }
  if (found->empty()) s.note("Nothing is known of that.");
  for (const auto& item : *found) {
    s.print(s.out.bold(item.id) + "  " + visible_text(item.text) + "\n");
    s.print(s.out.dim("  " + item.scope + (item.about.empty() ? "" : ", about " + visible_line(item.about)) + ", from " + visible_line(item.source) + (item.marks & label_untrusted ? ", untrusted" : "")) + "\n");
  }
  return invocation::done();
}

}  // namespace

command memory_search_command() {
  return {.name = "memory search",
          .group = "Understand",
          .summary = "Finds what the company remembers",
          .details = "",
          .examples = {"steward memory search office hours", "steward memory search --scope leads --about lead-1", "steward memory search --about customer-3 --depth 1"},
          .words = {{"WORDS", "", "what to look for; without them the most important and newest", word::count::many, {}, false},
                    {"--scope", "NAME", "only this scope", word::count::optional, {}, false},
                    {"--about", "TOPIC", "only about this entity or topic", word::count::optional, {}, false},
                    {"--depth", "NUMBER", "also about records so many relations away from --about; default 0", word::count::optional, {}, false},
                    {"--limit", "NUMBER", "at most so many; default 10", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
