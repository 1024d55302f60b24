#include "runtime/execution/workflow.hpp"

#include <charconv>

#include "runtime/digest.hpp"

namespace steward {
namespace {

/// Collects the first error of a step; parsing goes on quietly after it, so that compile reads as a list.
class step_reader {
public:
  explicit step_reader(std::string where) : where_(std::move(where)) {}
  template <class T>
  std::optional<T> take(result<T> r, std::string_view key) {
    if (r) return std::move(*r);
    if (!failed_) {
      failed_ = r.error();
      failed_->where = where_ + "." + std::string(key) + (failed_->where.empty() ? "" : ":" + failed_->where);
    }
    return std::nullopt;
  }
  std::optional<text_template> text(const std::optional<std::string>& source, std::string_view key) {
    if (!source) return std::nullopt;
    return take(text_template::parse(*source), key);
  }
  std::optional<expression> condition(const std::optional<std::string>& source, std::string_view key) {
    if (!source) return std::nullopt;
    return take(expression::parse(*source), key);
  }
  json_template tree(const json& source, std::string_view key) { return take(json_template::parse(source), key).value_or(json_template{}); }
  std::optional<each_item> each(const std::map<std::string, std::string>& source) {
    if (source.empty()) return std::nullopt;
    auto list = take(text_template::parse(source.begin()->second), "for_each");
    if (!list) return std::nullopt;
    return each_item{source.begin()->first, std::move(*list)};
  }
  void fail(error e) {
    if (failed_) return;
    e.where = where_ + (e.where.empty() ? "" : "." + e.where);
    failed_ = std::move(e);
  }
  const std::optional<error>& failed() const { return failed_; }

private:
  std::string where_;
  std::optional<error> failed_;
};

compiled_effect compile_effect(step_reader& read, const effect_definition& e) {
  return {e.effect, read.tree(e.with, "with"), read.each(e.for_each), read.condition(e.when, "when"), e.undo.value_or("none")};
}

}  // namespace

result<step_kind> kind_of(const step_definition& s) {
  std::vector<std::pair<step_kind, std::string>> told;
  if (s.role) told.emplace_back(step_kind::role, "role");
  if (s.effect) told.emplace_back(step_kind::effect, "effect");
  if (!s.effects.empty()) told.emplace_back(step_kind::effect, "effects");
  if (s.for_) told.emplace_back(step_kind::wait, "for");
  if (s.after) told.emplace_back(step_kind::wait, "after");
  if (s.until) told.emplace_back(step_kind::wait, "until");
  if (s.person) told.emplace_back(step_kind::wait, "person");
  if (s.record) told.emplace_back(step_kind::record, "record");
  if (s.remember) told.emplace_back(step_kind::remember, "remember");
  if (s.as) told.emplace_back(step_kind::end, "as");
  if (told.size() == 1) return told.front().first;
  const std::string choice = "exactly one of role, effect, effects, for, after, until, person, record, remember, as";
  if (told.empty()) return error{"unclear_step", "", "the step doesn't say what it does", choice};
  return error{"unclear_step", "", "the step says both '" + told[0].second + "' and '" + told[1].second + "'", choice, "Make two steps of it"};
}

std::string digest_of_definition(const workflow_definition& definition) { return hex_digest(to_json_text(definition)); }

result<std::shared_ptr<const workflow>> workflow::compile(workflow_definition said, const std::string& company_zone) {
  auto w = std::make_shared<workflow>();
  w->definition = std::move(said);
  const auto& d = w->definition;
  w->steps.reserve(d.steps.size());
  for (const auto& [name, s] : d.steps) {
    step_reader read(name);
    compiled_step c;
    c.name = name;
    c.said = &s;
    c.kind = read.take(kind_of(s), "").value_or(step_kind::end);
    c.with = read.tree(s.with, "with");
    c.each = read.each(s.for_each);
    c.when = read.condition(s.when, "when");
    c.where = read.condition(s.where, "where");
    c.from = read.text(s.from, "from");
    c.until = read.text(s.until, "until");
    c.person = read.text(s.person, "person");
    c.id = read.text(s.id, "id");
    c.about = read.text(s.about, "about");
    c.text = read.text(s.text, "text");
    c.source = read.text(s.source, "source");
    if (s.effect) {
      effect_definition only{*s.effect, s.with, s.for_each, {}, s.undo};
      c.effects.push_back(compile_effect(read, only));
    }
    for (const auto& e : s.effects) c.effects.push_back(compile_effect(read, e));
    if (s.at_most && c.kind == step_kind::wait) {
      c.wait_at_most = read.take(parse_duration(*s.at_most), "at_most");
    } else if (s.at_most) {
      std::int64_t visits = 0;
      const auto end = s.at_most->data() + s.at_most->size();
      if (std::from_chars(s.at_most->data(), end, visits).ptr != end || visits < 1)
        read.fail({"bad_limit", "at_most", "found '" + *s.at_most + "'", "how often the step may be visited, such as 2", "Only a wait takes a length of time here"});
      c.visits_at_most = visits;
    }
    if (read.failed()) return *read.failed();
    w->index_[name] = w->steps.size();
    w->steps.push_back(std::move(c));
  }
  step_reader read("starts_on");
  if (d.starts_on) {
    w->start_when = read.condition(d.starts_on->when, "when");
    w->start_key = read.text(d.starts_on->key, "key");
    if (d.starts_on->schedule) {
      auto at = schedule::parse(*d.starts_on->schedule, d.starts_on->zone.value_or(company_zone));
      if (!at) return at.error();
      w->starts_at = std::move(*at);
    }
  }
  if (!d.input_schema.is_null()) {
    auto s = schema::parse(d.input_schema);
    if (!s) return s.error();
    w->input = std::move(*s);
  }
  if (read.failed()) return *read.failed();
  return std::shared_ptr<const workflow>(std::move(w));
}

const compiled_step* workflow::find(std::string_view step) const {
  const auto it = index_.find(step);
  return it == index_.end() ? nullptr : &steps[it->second];
}

const compiled_step* workflow::after(std::string_view step) const {
  const auto it = index_.find(step);
  return it == index_.end() || it->second + 1 >= steps.size() ? nullptr : &steps[it->second + 1];
}

std::string workflow::if_fails(const compiled_step& step) const {
  if (step.said->if_fails) return *step.said->if_fails;
  return definition.if_a_step_fails.value_or("ask_operator");
}

}  // namespace steward
