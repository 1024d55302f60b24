/// Checks one workflow: its steps one by one, the ways between them, and the names that flow along these ways.
#include <charconv>
#include <deque>
#include <sstream>

#include "config/check_parts.hpp"
#include "config/step_graph.hpp"
#include "config/step_keys.hpp"
#include "runtime/coordination/hold.hpp"
#include "runtime/schedule.hpp"

namespace steward {
namespace {

const std::set<std::string> targets_that_are_no_steps{"ask_operator", "stop", "discard"};
const std::set<std::string> names_of_the_engine{"input", "event", "now", "run"};
const std::set<std::string> words_of_cel{"true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package", "namespace", "return",
                                         "var", "void", "while"};

bool is_identifier(std::string_view name) {
  if (name.empty() || !((name[0] >= 'a' && name[0] <= 'z') || (name[0] >= 'A' && name[0] <= 'Z') || name[0] == '_')) return false;
  for (const char c : name)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_')) return false;
  return !words_of_cel.contains(std::string(name));
}

/// What a prompt asks of its material, outside its sections.
struct prompt_holes {
  std::set<std::string> needed;  // {{name}}, {{helper name}}
  std::set<std::string> known;   // these, and {{#sections}}, which may stay empty
};

prompt_holes holes_of(const std::string& text) {
  prompt_holes holes;
  int depth = 0;
  for (auto open = text.find("{{"); open != std::string::npos; open = text.find("{{", open + 2)) {
    const auto close = text.find("}}", open);
    if (close == std::string::npos) break;
    std::istringstream words(text.substr(open + 2, close - open - 2));
    std::string name, path;
    if (!(words >> name) || name[0] == '!') continue;  // {{! a remark }}
    const bool is_section = name[0] == '#' || name[0] == '^';
    if (name[0] == '/') --depth;
    else if (depth == 0) {
      if (is_section) path = name.substr(1);
      else if (!(words >> path)) path = name;  // {{helper path}} has two words
      const auto root = path.substr(0, path.find('.'));
      holes.known.insert(root);
      if (!is_section) holes.needed.insert(root);
    }
    if (is_section) ++depth;
  }
  holes.known.erase("");
  holes.needed.erase("");
  return holes;
}

class workflow_check {
public:
  workflow_check(check_pass& pass, const std::string& name, const workflow_definition& workflow)
      : pass_(pass), e_(pass.found), w_(workflow), root_(pass.space.sources.at("workflows/" + name)->root()), graph_(workflow) {}

  void run() {
    check_count(root_, "version", w_.version, 1, e_);
    check_input();
    check_start();
    if (w_.limits) check_spending(pass_, root_.at("limits"), w_.limits->spend, w_.limits->tokens, w_.limits->calls);
    check_sla(pass_, root_, w_.sla);
    if (w_.caps) {
      const auto caps = root_.at("caps");
      check_count(caps, "events", w_.caps->events, 1, e_);
      check_count(caps, "model_calls", w_.caps->model_calls, 0, e_);
      check_count(caps, "fan_out", w_.caps->fan_out, 1, e_);
      check_count(caps, "depth", w_.caps->depth, 0, e_);
    }
    for (const auto& [name, value] : w_.constants)
      if (!is_identifier(name) || names_of_the_engine.contains(name)) bad_name(root_.at("constants").at(name).where_key(), name);
    if (w_.steps.empty())
      e_.push_back({"missing_key", root_.at("steps").where_key(), "the workflow has no steps", "at least one", ""});
    if (root_.has("if_a_step_fails")) target(root_.at("if_a_step_fails"), *w_.if_a_step_fails, {"ask_operator", "stop", "undo"});
    check_step_names();
    know_what_steps_give();
    for (std::size_t i = 0; i < w_.steps.size(); ++i) check_step(i);
    check_ways();
  }

private:
  yaml_place step_place(std::size_t i) const { return root_.at("steps").item(i).at(w_.steps[i].name); }

  void bad_name(const std::string& where, const std::string& name) {
    if (names_of_the_engine.contains(name)) e_.push_back({"bad_name", where, "'" + name + "' is a name of the engine's own", "another name", "Rename it"});
    else e_.push_back({"bad_name", where, "'" + name + "' can't be used in expressions", "letters, digits and _, a letter first, no word of CEL", "Rename it"});
  }

  /// A step to go on with, or one of `words`.
  void target(const yaml_place& at, const std::string& name, std::vector<std::string> words, std::string advice = {}) {
    if (std::find(words.begin(), words.end(), name) != words.end()) return;
    for (const auto& step : w_.steps)
      if (step.name == name) return;
    for (const auto& step : w_.steps) words.push_back(step.name);
    refuse_name("unknown_step", at.where(), "step", name, words, e_, std::move(advice));
    lost_ways_ = true;
  }

  void check_input() {
    if (!w_.input) return;
    if (!pass_.space.schemas.contains(*w_.input)) {
      std::vector<std::string> names;
      for (const auto& [known, _] : pass_.space.schemas) names.push_back(known);
      refuse_name("no_such_file", root_.at("input").where(), "schema", *w_.input, names, e_, "Schemas are files schemas/NAME.json");
    }
  }

  void check_start() {
    base_.bound["now"] = {};
    if (w_.input_schema.is_object() && !pass_.bad_schemas.contains(*w_.input)) input_ = shape::of(w_.input_schema);
    if (!w_.starts_on) return finish_base();
    const auto& s = *w_.starts_on;
    const auto at = root_.at("starts_on");
    const int ways = int(s.event.has_value()) + int(s.schedule.has_value()) + int(s.by_hand.has_value());
    if (ways != 1)
      e_.push_back({"bad_start", at.where_key(), ways == 0 ? "'starts_on' doesn't say when" : "'starts_on' says several things at once", "exactly one of event, schedule, by_hand",
                    ways > 1 ? "Make a workflow for each" : ""});
    const signal_manifest* signal = nullptr;
    if (s.event) {
      signal = find_signal(pass_.known, *s.event);
      if (!signal)
        refuse_name("unknown_signal", at.has("event") ? at.at("event").where() : at.where(), "signal", *s.event, pass_.signals, e_, at.has("event") ? "" : "For a start by hand write 'starts_on: by_hand'");
    }
    if (signal && input_.is_open() && !w_.input) input_ = shape::of(signal->body);
    for (const auto* key : {"key", "when"})
      if (at.has(key) && !s.event) e_.push_back({"misplaced_key", at.at(key).where_key(), "'" + std::string(key) + "' means nothing without 'event'", "", "Remove it, or add 'event: mail_received'"});
    name_scope scope;
    const auto body = signal ? shape::of(signal->body) : shape{};
    for (const auto& member : members_of_shape(body)) scope.bound[member] = member_of(body, member).what;
    scope.bound["event"] = scope.bound["input"] = body;
    scope.bound["now"] = {};
    if (s.event && at.has("when")) check_condition(at.at("when"), scope, e_);
    if (s.event && at.has("key")) check_text(at.at("key"), scope, e_);
    if (s.schedule) {
      std::size_t error_at = 0;
      const auto zone = s.zone.value_or(pass_.space.company.zone);
      if (const auto parsed = schedule::parse(*s.schedule, zone_exists(zone) ? zone : "UTC", &error_at); !parsed) {
        auto trouble = parsed.error();
        trouble.where = at.at("schedule").where_in(error_at);
        e_.push_back(std::move(trouble));
      }
    }
    if (s.zone) {
      if (!s.schedule) e_.push_back({"misplaced_key", at.at("zone").where_key(), "'zone' means nothing without 'schedule'", "", "Remove it"});
      if (!zone_exists(*s.zone)) {
        const auto near = nearest_zone(*s.zone);
        e_.push_back({"unknown_zone", at.at("zone").where(), "the time zone '" + *s.zone + "' is not known", "an IANA name such as Europe/Berlin or UTC", near.empty() ? "" : "Did you mean '" + near + "'?"});
      }
    }
    finish_base();
  }

  /// The names that every step sees: the input and its members, the constants, now, run.
  void finish_base() {
    for (const auto& member : members_of_shape(input_)) base_.bound[member] = member_of(input_, member).what;
    base_.bound["input"] = input_;
    static const json run_schema{{"type", "object"},
                                 {"properties", {{"id", {{"type", "string"}}}, {"workflow", {{"type", "string"}}}, {"visit", {{"type", "integer"}}}, {"started_at", {{"type", "string"}}}}},
                                 {"additionalProperties", false}};
    base_.bound["run"] = shape::of(run_schema);
    for (const auto& [name, value] : w_.constants) base_.bound[name] = shape::of(made_.emplace_back(schema_of_value(value)));
  }

  void check_step_names() {
    std::map<std::string, std::size_t> seen;
    for (std::size_t i = 0; i < w_.steps.size(); ++i) {
      const auto& name = w_.steps[i].name;
      const auto at = step_place(i);
      if (targets_that_are_no_steps.contains(name)) e_.push_back({"bad_name", at.where_key(), "'" + name + "' means something else where a step is named", "another name", "Rename it"});
      else if (!is_identifier(name)) e_.push_back({"bad_name", at.where_key(), "'" + name + "' is no name of a step", "letters, digits and _, a letter first", "Rename it"});
      if (const auto [first, fresh] = seen.emplace(name, i); !fresh)
        e_.push_back({"duplicate_name", at.where_key(), "the step '" + name + "' is there a second time", "each name once; the first is at " + step_place(first->second).where_key(), "Rename one of them"});
      if (const auto& gives = w_.steps[i].value.gives; gives && (!is_identifier(*gives) || names_of_the_engine.contains(*gives) || w_.constants.contains(*gives))) {
        if (w_.constants.contains(*gives)) e_.push_back({"bad_name", at.at("gives").where(), "'" + *gives + "' is a constant of this workflow", "another name", "Rename one of them"});
        else bad_name(at.at("gives").where(), *gives);
      }
    }
  }

  // ---- what is known of the names

  void know_what_steps_give() {
    for (const auto& [name, s] : w_.steps) {
      if (!s.gives) continue;
      auto known = given_by(s);
      if (!s.for_each.empty()) known = shape::of(made_.emplace_back(list_of(known)));
      const auto [there, fresh] = given_.emplace(*s.gives, known);
      if (!fresh && (known.is_open() || there->second.is_open() || *known.schema != *there->second.schema)) there->second = {};  // two steps give it: trust only what both agree on
      givers_[*s.gives].push_back(name);
    }
  }

  /// What an effect among several leaves behind.
  static const json& effect_result() {
    static const json text{{"type", "string"}};
    static const json schema{{"type", "object"},
                             {"properties", {{"effect", text}, {"action", text}, {"how", text}, {"reason", text}, {"answer", boost::json::object{}}}},
                             {"additionalProperties", false}};
    return schema;
  }

  shape given_by(const step_definition& s) {
    if (s.role) {
      const auto role = pass_.space.roles.find(*s.role);
      if (role == pass_.space.roles.end() || !pass_.space.is_whole("roles/" + *s.role)) return {};
      if (role->second.agent == "prompted") {
        if (!role->second.model || !role->second.model->answer) return {};
        const auto schema = pass_.space.schemas.find(*role->second.model->answer);
        return schema == pass_.space.schemas.end() || pass_.bad_schemas.contains(schema->first) ? shape{} : shape::of(schema->second);
      }
      const auto* agent = find_agent(pass_.known, role->second.agent);
      return agent ? shape::of(agent->gives) : shape{};
    }
    if (s.effect) {
      if (!s.for_each.empty()) return shape::of(effect_result());
      const auto* action = find_action(pass_.known, *s.effect);
      return action ? shape::of(action->answer) : shape{};
    }
    if (!s.effects.empty()) return shape::of(made_.emplace_back(list_of(shape::of(effect_result()))));
    if (s.person) {
      static const json answer{{"type", "object"}, {"properties", {{"answer", {{"type", "string"}}}}}, {"additionalProperties", false}};
      return shape::of(answer);
    }
    if (s.for_) {
      const auto* signal = find_signal(pass_.known, *s.for_);
      return signal ? shape::of(signal->body) : shape{};
    }
    if (s.record) {
      const auto entity = pass_.space.entities.find(*s.record);
      return entity == pass_.space.entities.end() || !pass_.space.is_whole("entities/" + *s.record) ? shape{} : shape::of(made_.emplace_back(entity_schema(entity->second)));
    }
    return {};
  }

  name_scope scope_at(std::size_t i) {
    auto scope = base_;
    for (const auto& name : graph_.bound_at(i)) scope.bound[name] = given_.contains(name) ? given_.at(name) : shape{};
    for (const auto& [name, steps] : givers_) {
      if (scope.bound.contains(name)) continue;
      const bool sometimes = graph_.maybe_bound_at(i).contains(name);
      scope.not_yet[name] = sometimes ? "The step '" + steps.front() + "' gives it, but not every way to here leads through it"
                                      : "The step '" + steps.front() + "' gives it, and comes later; move it before this one";
    }
    return scope;
  }

  /// `for_each: {letter: "${letters}"}` adds the item's name.
  void add_item(const yaml_place& owner, const std::map<std::string, std::string>& for_each, name_scope& scope) {
    if (for_each.empty()) return;
    const auto at = owner.at("for_each");
    if (for_each.size() > 1) {
      e_.push_back({"bad_for_each", at.where(), "'for_each' has " + std::to_string(for_each.size()) + " names", "one: {item: \"${list}\"}", "Make two steps of it"});
      return;
    }
    const auto& name = for_each.begin()->first;
    const auto list = check_text(at.at(name), scope, e_);
    if (!has_hole(for_each.begin()->second))
      e_.push_back({"bad_for_each", at.at(name).where(), "found " + at.at(name).shown(), "a list from an expression, such as \"${" + name + "s}\"", ""});
    else if (const auto kind = kind_of_shape(list); !kind.empty() && kind != "a list")
      e_.push_back({"bad_for_each", at.at(name).where(), "this is " + kind, "a list", ""});
    if (!is_identifier(name) || names_of_the_engine.contains(name)) bad_name(at.at(name).where_key(), name);
    scope.not_yet.erase(name);
    scope.bound[name] = items_of(list);
  }

  // ---- one step

  void check_step(std::size_t i) {
    const auto& s = w_.steps[i].value;
    const auto at = step_place(i);
    const auto* shape_of_step = check_step_keys(at, e_);
    auto scope = scope_at(i);
    if (at.has("when")) check_condition(at.at("when"), scope, e_);
    if (!shape_of_step) return;
    check_jumps(at, s, shape_of_step->teller == "for" || shape_of_step->teller == "person");
    if (!graph_.is_reachable(i)) return;  // its names have no meaning; that it is never reached is said once
    if (shape_of_step->teller == "effects") {
      check_effects(at, s, scope);
    } else {
      add_item(at, s.for_each, scope);
      if (s.role) check_role_step(at, s, scope);
      if (s.effect) check_effect(at, *s.effect, s.undo, s.hold, scope);
      if (s.record) check_record(at, *s.record, scope);
      if (s.as && s.undo && *s.undo != "run") e_.push_back({"wrong_undo", at.at("undo").where(), "an end takes back all that its run did, or nothing; found " + at.at("undo").shown(), "run", "Write 'undo: run', or remove it"});
    }
    if (s.for_ && !find_signal(pass_.known, *s.for_)) refuse_name("unknown_signal", at.at("for").where(), "signal", *s.for_, pass_.signals, e_);
    if (at.has("where")) {
      auto with_event = scope;
      const auto* signal = s.for_ ? find_signal(pass_.known, *s.for_) : nullptr;
      with_event.bound["event"] = signal ? shape::of(signal->body) : shape{};
      check_condition(at.at("where"), with_event, e_);
    }
    for (const auto* key : {"from", "until", "person", "id", "about", "text", "source"})
      if (at.has(key)) check_text(at.at(key), scope, e_);
    if (s.until && !has_hole(*s.until))
      if (!parse_time(*s.until)) e_.push_back({"bad_time", at.at("until").where(), "found " + at.at("until").shown(), "a time such as 2026-11-21T09:30:00Z, or \"${...}\"", ""});
    if (s.remember) {
      const auto near = nearest_name(*s.remember, pass_.scopes);
      if (std::find(pass_.scopes.begin(), pass_.scopes.end(), *s.remember) == pass_.scopes.end() && !near.empty())
        e_.push_back({"unknown_scope", at.at("remember").where(), "no role may know the scope '" + *s.remember + "'", "a scope of some role's 'may_know'", "Did you mean '" + near + "'?"});
    }
    check_length(at, "after", s.after, e_);
    check_length(at, "within", s.within, e_);
    check_length(at, "keep_for", s.keep_for, e_);
    if (s.retry) {
      const auto retry = at.at("retry");
      check_count(retry, "at_most", s.retry->at_most, 0, e_);
      check_length(retry, "first", s.retry->first, e_);
      check_length(retry, "most", s.retry->most, e_);
      if (s.retry->first && s.retry->most && *s.retry->first > *s.retry->most)
        e_.push_back({"bad_limit", retry.at("first").where(), "the first pause, " + to_text(*s.retry->first) + ", is longer than the longest, " + to_text(*s.retry->most), "'first' below 'most'", ""});
    }
    if (s.ask) check_ask(at.at("ask"), *s.ask, scope);
  }

  void check_jumps(const yaml_place& at, const step_definition& s, bool is_wait) {
    if (s.then) target(at.at("then"), *s.then, {});
    if (s.if_late) target(at.at("if_late"), *s.if_late, {});
    if (s.used_up) target(at.at("used_up"), *s.used_up, {"ask_operator"});
    if (s.if_fails) target(at.at("if_fails"), *s.if_fails, {"ask_operator", "stop"});
    if (!s.at_most) return;
    const auto& text = *s.at_most;
    std::int64_t visits = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), visits);
    const bool is_count = problem == std::errc{} && end == text.data() + text.size();
    const auto length = parse_duration(text);
    if (is_wait) {
      if (!length || length->count() <= 0)
        e_.push_back({"bad_duration", at.at("at_most").where(), "found " + at.at("at_most").shown(), "the longest time to wait, such as 3d", is_count ? "Write " + text + "d, " + text + "h or " + text + "m" : ""});
    } else if (!is_count || visits < 1) {
      e_.push_back({"bad_limit", at.at("at_most").where(), "found " + at.at("at_most").shown(), "how often the run may come to this step, such as 2",
                    length ? "Only a wait takes a length of time here; 'within' limits the time of other steps" : ""});
    }
  }

  void check_role_step(const yaml_place& at, const step_definition& s, const name_scope& scope) {
    const auto role = pass_.space.roles.find(*s.role);
    if (role == pass_.space.roles.end()) {
      std::vector<std::string> names;
      for (const auto& [known, _] : pass_.space.roles) names.push_back(known);
      refuse_name("unknown_role", at.at("role").where(), "role", *s.role, names, e_, "Roles are files roles/NAME.yaml");
      return check_texts_of(at, scope);
    }
    if (!pass_.space.is_whole("roles/" + *s.role)) return check_texts_of(at, scope);
    const auto* agent = find_agent(pass_.known, role->second.agent);
    if (agent && agent->takes.is_object() && role->second.agent != "prompted") return check_arguments(at, agent->takes, "the role '" + *s.role + "' takes", scope, e_);
    check_texts_of(at, scope);
    if (role->second.agent != "prompted" || !role->second.model || !role->second.model->prompt) return;
    const auto prompt = pass_.space.prompts.find(*role->second.model->prompt);
    const auto with = at.at("with");
    if (prompt == pass_.space.prompts.end() || !pass_.space.is_whole(prompt->first) || (at.has("with") && with.node().is != yaml_node::form::map)) return;
    const auto holes = holes_of(prompt->second.text);
    for (const auto& hole : holes.needed)
      if (!at.has("with") || !with.has(hole))
        e_.push_back({"missing_argument", at.has("with") ? with.where_key() : at.where_key(), "the prompt " + *role->second.model->prompt + " has the hole {{" + hole + "}}, which nothing fills", "",
                      "Add '" + hole + ":' to 'with', or take the hole out of the prompt"});
    if (!at.has("with")) return;
    for (const auto& key : with.node().keys)
      if (!holes.known.contains(key.text)) {
        const auto near = nearest_name(key.text, holes.known);
        if (!near.empty() && !with.has(near)) e_.push_back({"unknown_argument", with.at(key.text).where_key(), "the prompt has no hole {{" + key.text + "}}", "a hole of " + *role->second.model->prompt, "Did you mean '" + near + "'?"});
      }
  }

  void check_texts_of(const yaml_place& at, const name_scope& scope) {
    if (at.has("with")) check_texts(at.at("with"), scope, e_);
  }

  void check_effects(const yaml_place& at, const step_definition& s, const name_scope& scope) {
    if (s.effects.empty()) e_.push_back({"missing_key", at.at("effects").where_key(), "'effects' is empty", "at least one effect", ""});
    for (std::size_t k = 0; k < s.effects.size(); ++k) {
      const auto one = at.at("effects").item(k);
      auto own = scope;
      add_item(one, s.effects[k].for_each, own);
      if (one.has("when")) check_condition(one.at("when"), own, e_);
      check_effect(one, s.effects[k].effect, s.effects[k].undo, s.effects[k].hold, own);
    }
  }

  /// Longer than the company's, never shorter: what one workflow takes for harmless is the company's money all the same.
  void check_hold(const yaml_place& at, const action_manifest& action, const duration& hold) {
    if (action.repeats == effect_class::read_only)
      e_.push_back({"misplaced_key", at.at("hold").where_key(), action.name + " only reads, nothing of it leaves", "no 'hold'", "Remove it"});
    else if (const auto least = hold_for(pass_.space.company, action.risk); hold < least)
      e_.push_back({"bad_limit", at.at("hold").where(), "'hold' is " + to_text(hold) + ", and the company holds what is " + std::string(to_word(action.risk)) + " for " + to_text(least), "at least " + to_text(least),
                    "Raise it, or lower 'hold' in company.yaml"});
  }

  void check_effect(const yaml_place& at, const std::string& name, const std::optional<std::string>& undo, const std::optional<duration>& hold, const name_scope& scope) {
    const auto* action = find_action(pass_.known, name);
    if (!action) {
      refuse_name("unknown_action", at.at("effect").where(), "action", name, pass_.actions, e_);
      return check_texts_of(at, scope);
    }
    check_arguments(at, action->arguments, name + " takes", scope, e_);
    if (hold) check_hold(at, *action, *hold);
    const auto declared = action->undo.empty() ? std::string("none") : action->undo;
    if (action->repeats == effect_class::read_only) {
      if (undo && *undo != "none") e_.push_back({"wrong_undo", at.at("undo").where(), name + " only reads, there is nothing to undo", "no 'undo'", "Remove it"});
    } else if (!undo) {
      e_.push_back({"missing_undo", at.at("effect").where(), name + " changes the outside, and the step doesn't say how it is taken back", "'undo', even if it is none",
                    "Add 'undo: " + declared + "'" + (declared == "none" ? ": it can't be taken back" : "")});
    } else if (*undo != declared) {
      e_.push_back({"wrong_undo", at.at("undo").where(), "the undo of " + name + " is " + declared + ", not '" + *undo + "'", declared, "Write 'undo: " + declared + "'"});
    }
  }

  void check_record(const yaml_place& at, const std::string& type, const name_scope& scope) {
    const auto entity = pass_.space.entities.find(type);
    if (entity == pass_.space.entities.end()) {
      std::vector<std::string> names;
      for (const auto& [known, _] : pass_.space.entities) names.push_back(known);
      refuse_name("unknown_entity", at.at("record").where(), "entity type", type, names, e_, "Entity types are files entities/NAME.yaml");
      return check_texts_of(at, scope);
    }
    if (!pass_.space.is_whole("entities/" + type)) return check_texts_of(at, scope);
    boost::json::object properties;
    for (const auto& [field, definition] : entity->second.fields) {
      auto schema = field_schema(definition);
      properties[field] = schema.is_null() ? json(boost::json::object{}) : std::move(schema);
    }
    if (at.has("with")) check_arguments(at, {{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}}, "the entity '" + type + "' has", scope, e_);
  }

  void check_ask(const yaml_place& at, const approval_definition& ask, const name_scope& scope) {
    check_length(at, "expires_in", ask.expires_in, e_);
    if (ask.if_expired) {
      target(at.at("if_expired"), *ask.if_expired, {"discard", "ask_operator"}, "Nothing expires into a yes: the effect is discarded, or you are asked again");
      if (!ask.expires_in) e_.push_back({"misplaced_key", at.at("if_expired").where_key(), "'if_expired' means nothing without 'expires_in'", "", "Add 'expires_in: 24h'"});
    }
    if (ask.if_rejected) target(at.at("if_rejected"), *ask.if_rejected, {});
    std::vector<std::string> names;
    for (const auto& [name, _] : scope.bound) names.push_back(name);
    names.push_back("cost");
    for (std::size_t k = 0; k < ask.shows.size(); ++k) {
      const auto& name = ask.shows[k];
      if (std::find(names.begin(), names.end(), name) != names.end()) continue;
      const auto where = at.at("shows").item(k).where();
      if (const auto later = scope.not_yet.find(name); later != scope.not_yet.end())
        e_.push_back({"name_not_bound", where, "'" + name + "' may have no value when the operator is asked", "a name that every way to this step has bound", later->second});
      else refuse_name("unknown_name", where, "name", name, names, e_);
    }
  }

  // ---- the ways

  void check_ways() {
    for (std::size_t i = 0; i < w_.steps.size(); ++i) {
      if (lost_ways_ || graph_.is_reachable(i)) continue;  // with a misspelt jump nobody knows what is reached
      const auto before = i > 0 ? w_.steps[i - 1].name : "";
      e_.push_back({"unreachable_step", step_place(i).where_key(), "no way leads to the step '" + w_.steps[i].name + "'",
                    "a step that follows another, or a jump (then, if_late, if_fails …)",
                    before.empty() ? "" : "The step '" + before + "' before it goes elsewhere or ends the run; jump here from a step, or remove it"});
      // What only follows from here needs no error of its own.
      while (i + 1 < w_.steps.size() && !graph_.is_reachable(i + 1)) ++i;
    }
    const auto circle = graph_.endless_circle();
    if (circle.empty()) return;
    std::string path;
    for (const auto i : circle) path += w_.steps[i].name + " -> ";
    const auto last = circle.back();
    std::string by;
    for (const auto& way : graph_.ways_from(last))
      if (way.to == circle.front()) by = way.by;
    const auto at = step_place(last);
    e_.push_back({"endless_loop", by.empty() || !at.has(by) ? at.where_key() : at.at(by).where(), "the steps " + path + w_.steps[circle.front()].name + " can go in circles for ever",
                  "a step in the circle with 'at_most', or a wait", "Add 'at_most: 3' to '" + w_.steps[circle.front()].name + "', or end the circle"});
  }

  check_pass& pass_;
  errors& e_;
  const workflow_definition& w_;
  yaml_place root_;
  step_graph graph_;
  bool lost_ways_ = false;  // a jump leads to a step that is not there
  shape input_;
  name_scope base_;
  std::deque<json> made_;  // schemas that are composed here
  std::map<std::string, shape> given_;
  std::map<std::string, std::vector<std::string>> givers_;
};

}  // namespace

void check_workflow(check_pass& pass, const std::string& name, const workflow_definition& workflow) { workflow_check(pass, name, workflow).run(); }

}  // namespace steward
