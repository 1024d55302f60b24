#include "config/step_keys.hpp"

namespace steward {

const std::vector<step_shape>& step_shapes() {
  // clang-format off
  static const std::vector<step_shape> shapes{
      // teller     does                                    may have                                                                                        must have
      {"role",     "lets a role work",                      {"with", "for_each", "when", "gives", "within", "retry", "then", "at_most", "used_up", "if_fails"}, {}},
      {"effect",   "acts on the outside",                   {"with", "for_each", "undo", "hold", "ask", "when", "gives", "within", "retry", "then", "at_most", "used_up", "if_fails"}, {}},
      {"effects",  "acts on the outside several times",     {"hold", "ask", "when", "gives", "within", "retry", "then", "at_most", "used_up", "if_fails"}, {}},
      {"for",      "waits for a signal",                    {"from", "where", "at_most", "if_late", "when", "gives", "then", "if_fails"}, {}},
      {"after",    "waits for some time",                   {"when", "then", "if_fails"}, {}},
      {"until",    "waits until a time",                    {"when", "then", "if_fails"}, {}},
      {"person",   "asks the operator",                     {"options", "at_most", "if_late", "when", "gives", "then", "if_fails"}, {}},
      {"record",   "writes an entity",                      {"id", "with", "for_each", "when", "gives", "then", "at_most", "used_up", "if_fails"}, {"id"}},
      {"remember", "writes memory",                         {"about", "text", "source", "keep_for", "for_each", "when", "then", "at_most", "used_up", "if_fails"}, {"text"}},
      {"as",       "ends the run",                          {"when", "undo"}, {}},
  };
  // clang-format on
  return shapes;
}

namespace {

bool contains(const std::vector<std::string_view>& list, std::string_view key) { return std::find(list.begin(), list.end(), key) != list.end(); }

/// What to do about a key that is fine elsewhere but not in this shape.
std::string advice_for(std::string_view key, const step_shape& shape) {
  if (shape.teller == "effects" && (key == "with" || key == "undo" || key == "for_each")) return "Put it into each item of 'effects'";
  if (shape.teller == "as") return "The run ends here: nothing of this step comes after it";
  if (key == "within" && (shape.teller == "for" || shape.teller == "person")) return "The longest time of a wait is 'at_most'";
  if (key == "within" || key == "retry") return "Remove it: this step has nothing that takes long or is tried again";
  if (key == "undo" && shape.teller == "role") return "A role's own actions declare theirs; remove it";
  if (key == "ask" && shape.teller == "role") return "Set the rung in the role's 'may_do', or make the effect a step of its own";
  std::string owners;
  for (const auto& other : step_shapes())
    if (contains(other.may_have, key)) owners += (owners.empty() ? "'" : ", '") + std::string(other.teller) + "'";
  return "'" + std::string(key) + "' goes with " + owners;
}

}  // namespace

const step_shape* check_step_keys(const yaml_place& at, errors& e) {
  const step_shape* shape = nullptr;
  for (const auto& key : at.node().keys)
    for (const auto& candidate : step_shapes()) {
      if (candidate.teller != key.text) continue;
      if (shape) {
        e.push_back({"unclear_step", at.at(key.text).where_key(), "the step '" + std::string(at.key()) + "' has both '" + std::string(shape->teller) + "' and '" + key.text + "'",
                     "one of them: a step does one thing", "Make two steps of it, one after the other"});
        return nullptr;
      }
      shape = &candidate;
    }
  if (!shape) {
    std::string all;
    for (const auto& candidate : step_shapes()) all += (all.empty() ? "" : ", ") + std::string(candidate.teller);
    e.push_back({"unclear_step", at.where_key(), "the step '" + std::string(at.key()) + "' doesn't say what it does", "one of " + all, ""});
    return nullptr;
  }
  for (const auto& key : at.node().keys) {
    if (key.text == shape->teller || contains(shape->may_have, key.text)) continue;
    e.push_back({"misplaced_key", at.at(key.text).where_key(), "'" + key.text + "' means nothing in a step that " + std::string(shape->does) + " ('" + std::string(shape->teller) + "')",
                 "", advice_for(key.text, *shape)});
  }
  for (const auto key : shape->must_have)
    if (!at.has(key)) missing_key(at, key, e);
  const auto needs = [&](std::string_view key, std::string_view other, std::string advice) {
    if (at.has(key) && !at.has(other))
      e.push_back({"misplaced_key", at.at(key).where_key(), "'" + std::string(key) + "' means nothing without '" + std::string(other) + "'", "", std::move(advice)});
  };
  if (contains(shape->may_have, "if_late")) needs("if_late", "at_most", "Add 'at_most: 3d', the longest time to wait");
  if (contains(shape->may_have, "used_up")) needs("used_up", "at_most", "Add 'at_most: 2', how often the run may come here");
  return shape;
}

}  // namespace steward
