#include "runtime/supervision/supervision_tree.hpp"

#include <set>

#include <fmt/format.h>

namespace steward {
namespace {

using namespace std::chrono_literals;

// A supervisor below gets time to stop all of its own; the engine's parent process allows 30 s for everything.
constexpr duration group_stops_within = 15s;
// Supervisors only pass messages on; one that is silent for so long sits in a factory that never returns.
constexpr duration group_hangs_after = 30s;

supervision_tree group(std::string id, group_spec spec, std::vector<supervision_tree> children = {}) {
  return {child_spec{.id = std::move(id), .stop_within = group_stops_within, .hangs_after = group_hangs_after, .when_hung = hang_answer::end_engine},
          std::move(spec), std::move(children)};
}

supervision_tree leaf(child_spec spec) { return {std::move(spec), std::nullopt, {}}; }

}  // namespace

supervision_tree engine_tree() {
  // The order is the order of need: without a journal nobody may decide, without decisions nobody may work.
  return group("engine", {.how = strategy::rest_for_one, .at_most = {3, 10min}},
               {
                   // A sync may take long on a busy disk; past 60 s the disk is gone. A second journal beside a hung one would be a second writer.
                   leaf({.id = "journal", .stop_within = 10s, .hangs_after = 60s, .when_hung = hang_answer::end_engine}),
                   leaf({.id = "coordinator", .hangs_after = 30s, .when_hung = hang_answer::end_engine}),
                   group("desk", {.how = strategy::one_for_one, .at_most = {3, 10min}},
                         {
                             group("connectors", {.each = child_spec{.id = "connector", .hangs_after = 60s, .at_most = restart_limit{5, 10min}}}),
                             group("memory", {.each = child_spec{.id = "store", .hangs_after = 60s, .at_most = restart_limit{3, 10min}}}),
                             group("roles", {.each = child_spec{.id = "role lane", .hangs_after = 10s, .at_most = restart_limit{3, 10min}}}),
                         }),
               });
}

result<child_spec> child_of(const supervision_tree& tree, std::string_view path, std::string id) {
  const supervision_tree* at = &tree;
  for (std::size_t from = 0; from < path.size();) {
    const auto end = std::min(path.find('/', from), path.size());
    const auto name = path.substr(from, end - from);
    const auto found = std::find_if(at->children.begin(), at->children.end(), [&](const supervision_tree& c) { return c.child.id == name; });
    if (found == at->children.end()) return error{"no_such_child", std::string(path), fmt::format("there is no '{}'", name), "a path of the supervision tree", ""};
    at = &*found;
    from = end + 1;
  }
  if (!at->group || !at->group->each) return error{"no_such_child", std::string(path), "nothing is added here while it runs", "a supervisor with a pattern for new children", ""};
  auto spec = *at->group->each;
  spec.id = std::move(id);
  return spec;
}

namespace {

std::string words_of(const child_spec& c, const std::optional<group_spec>& g) {
  std::string text(g ? to_word(g->how) : to_word(c.kind));
  if (g) text += ", gives up after " + to_text(g->at_most);
  if (c.at_most) text += ", stays down after " + to_text(*c.at_most);
  if (g && c.kind != child_kind::permanent) text += fmt::format(", {}", to_word(c.kind));
  text += c.hangs_after ? ", hangs after " + to_text(*c.hangs_after) : ", not watched";
  if (c.when_hung == hang_answer::end_engine) text += " (ends the engine)";
  return text + ", stops within " + to_text(c.stop_within);
}

void draw(const supervision_tree& node, const std::string& indent, std::string& out) {
  struct row {
    std::string id;
    const child_spec* child;
    const supervision_tree* below;
  };
  std::vector<row> rows;
  for (const auto& c : node.children) rows.push_back({c.child.id, &c.child, &c});
  if (node.group && node.group->each) rows.push_back({"(each " + node.group->each->id + ")", &*node.group->each, nullptr});
  for (const auto& r : rows) {
    const bool last = &r == &rows.back();
    out += fmt::format("{}{} {}  {}\n", indent, last ? "└─" : "├─", r.id, words_of(*r.child, r.below ? r.below->group : std::nullopt));
    if (r.below) draw(*r.below, indent + (last ? "   " : "│  "), out);
  }
}

result<void> check_at(const supervision_tree& node, const std::string& path) {
  const auto fail = [](const std::string& where, std::string found, std::string expected) {
    return error{"bad_supervision_tree", where, std::move(found), std::move(expected), ""};
  };
  const auto& c = node.child;
  if (c.id.empty() || c.id.find('/') != c.id.npos) return fail(path, fmt::format("a child is called '{}'", c.id), "a name without '/'");
  if (c.stop_within <= duration::zero()) return fail(path, "it has no time to stop", "stop_within above 0s");
  if (c.hangs_after && *c.hangs_after <= duration::zero()) return fail(path, "it would count as hung at once", "hangs_after above 0s, or none");
  if (auto waits = check(c.waits); !waits) return fail(path, waits.error().found, waits.error().expected);
  if (!node.group && !node.children.empty()) return fail(path, "it has children but is no supervisor", "a group");
  if (!node.group) return {};
  std::set<std::string> ids;
  std::vector<const child_spec*> below;
  for (const auto& child : node.children) below.push_back(&child.child);
  if (node.group->each) below.push_back(&*node.group->each);
  for (const auto* child : below) {
    if (!ids.insert(child->id).second) return fail(path, fmt::format("two children are called '{}'", child->id), "a name for each");
    // A child that stays down leaves a hole, and those who fall with it would come back around the hole.
    if (child->at_most && node.group->how != strategy::one_for_one)
      return fail(path + "/" + child->id, fmt::format("it has its own window under {}", to_word(node.group->how)), "its own window only under one_for_one");
  }
  for (const auto& child : node.children)
    if (auto r = check_at(child, path + "/" + child.child.id); !r) return r;
  if (node.group->each) return check_at({*node.group->each, std::nullopt, {}}, path + "/" + node.group->each->id);
  return {};
}

}  // namespace

std::string to_text(const supervision_tree& tree) {
  std::string out = fmt::format("{}  {}\n", tree.child.id, words_of(tree.child, tree.group));
  draw(tree, "", out);
  return out;
}

result<void> check(const supervision_tree& tree) { return check_at(tree, tree.child.id); }

}  // namespace steward
