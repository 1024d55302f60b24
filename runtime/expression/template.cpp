/// Texts with holes, alone and as the leaves of a json tree.
#include <algorithm>

#include <fmt/format.h>

#include "runtime/expression/evaluator.hpp"
#include "runtime/expression/expression.hpp"
#include "runtime/expression/parser.hpp"

namespace steward {
namespace {

// Half of what a text of JSON may have: a value that is kept stands some levels deep in events and requests, and has to be read again.
// A loop whose step gives "${[x]}" would otherwise write, one day, what no start can read.
constexpr int levels_most = 32;

bool deeper_than(int levels, const json& v) {
  const auto inside = [&](const json& item) { return deeper_than(levels - 1, item); };
  if (const auto* array = v.if_array()) return levels == 0 || std::any_of(array->begin(), array->end(), inside);
  if (const auto* object = v.if_object()) return levels == 0 || std::any_of(object->begin(), object->end(), [&](const auto& pair) { return inside(pair.value()); });
  return false;
}

void add_new(std::vector<std::string>& all, std::vector<std::string> more) {
  for (auto& name : more)
    if (std::find(all.begin(), all.end(), name) == all.end()) all.push_back(std::move(name));
}

error below(const std::vector<std::string>& path, error e) {
  std::string where;
  for (const auto& part : path) where += (where.empty() || part.starts_with('[') ? "" : ".") + part;
  if (!where.empty()) e.where = where + ":" + e.where;
  return e;
}

}  // namespace

result<text_template> text_template::parse(std::string_view text) {
  text_template made;
  made.text_ = std::make_shared<const std::string>(text);
  const std::string_view whole(*made.text_);
  std::string before;
  for (std::size_t at = 0; at < whole.size();) {
    const auto dollar = whole.find('$', at);
    before += whole.substr(at, dollar - at);
    if (dollar == whole.npos) break;
    const auto rest = whole.substr(dollar);
    if (rest.starts_with("$${")) {
      before += "${";
      at = dollar + 3;
    } else if (!rest.starts_with("${")) {
      before += '$';
      at = dollar + 1;
    } else {
      auto hole = cel::parse(made.text_, dollar + 2, cel::ends_at::right_brace);
      if (!hole) {
        auto e = hole.error();
        // The hole that was never closed matters more than where the text ended.
        if (rest.find('}') == rest.npos)
          e = cel::error_at(whole, dollar, "'${' is never closed", "a '}' behind the expression", "Write $${ for the two characters themselves");
        return e;
      }
      made.between_.push_back(std::exchange(before, {}));
      made.holes_.push_back(expression(std::move(hole->tree)));
      made.holes_at_.push_back(dollar);
      at = hole->end + 1;
    }
  }
  made.between_.push_back(std::move(before));
  return made;
}

result<json> text_template::evaluate(const variables& vars, evaluation_limit limit) const {
  if (holes_.empty()) return json(std::string_view(between_.empty() ? std::string_view{} : between_[0]));
  if (one_hole()) {
    const auto found = cel::evaluate(*holes_[0].tree_, vars, limit);
    if (!found) return found.error();
    auto made = found->to_json();
    if (!made) return cel::error_at(*text_, holes_at_[0], made.error().found, made.error().expected);
    if (deeper_than(levels_most, *made))
      return cel::error_at(*text_, holes_at_[0], "the value of this hole is nested too deeply to be kept", fmt::format("at most {} lists and maps in each other", levels_most));
    return made;
  }
  std::string out = between_[0];
  for (std::size_t i = 0; i < holes_.size(); ++i) {
    const auto found = cel::evaluate(*holes_[i].tree_, vars, limit);
    if (!found) return found.error();
    if (found->is(value_kind::text)) {
      out += found->text();
    } else {
      const auto shown = to_text(*found);
      if (!shown)
        return cel::error_at(*text_, holes_at_[i], fmt::format("this hole is a value of type {}, which has no text", cel_type_name(found->kind())),
                             "a text, a number, a bool, a timestamp or a duration",
                             found->is(value_kind::null)   ? "Say what stands there instead: ${x == null ? '' : x}"
                             : found->is(value_kind::list) ? "Join it: ${x.join(', ')}"
                                                           : "");
      out += *shown;
    }
    out += between_[i + 1];
  }
  return json(std::string_view(out));
}

std::vector<std::string> text_template::names() const {
  std::vector<std::string> all;
  for (const auto& hole : holes_) add_new(all, hole.names());
  return all;
}

result<void> text_template::check_names(const std::vector<std::string>& known) const {
  for (const auto& hole : holes_)
    if (auto r = hole.check_names(known); !r) return r;
  return {};
}

result<void> json_template::collect(const json& at, hole& here, std::vector<hole>& all) {
  const auto child = [&](std::size_t step, std::string name, const json& what) {
    here.path.push_back(std::move(name));
    here.steps.push_back(step);
    auto r = collect(what, here, all);
    here.path.pop_back();
    here.steps.pop_back();
    return r;
  };
  std::size_t i = 0;
  if (const auto* text = at.if_string()) {
    if (text->find('$') == text->npos) return {};
    auto parsed = text_template::parse(std::string_view(*text));
    if (!parsed) return below(here.path, parsed.error());
    all.push_back({here.path, here.steps, std::move(*parsed)});
  } else if (const auto* array = at.if_array()) {
    for (const auto& item : *array) {
      if (auto r = child(i, fmt::format("[{}]", i), item); !r) return r;
      ++i;
    }
  } else if (const auto* object = at.if_object()) {
    for (const auto& pair : *object)
      if (auto r = child(i++, std::string(pair.key()), pair.value()); !r) return r;
  }
  return {};
}

result<json_template> json_template::parse(const json& tree) {
  json_template made;
  hole here;
  if (auto r = collect(tree, here, made.holes_); !r) return r.error();
  made.tree_ = tree;
  return made;
}

result<json> json_template::evaluate(const variables& vars, evaluation_limit limit) const {
  json out = tree_;
  for (const auto& hole : holes_) {
    auto filled = hole.text.evaluate(vars, limit);
    if (!filled) return below(hole.path, filled.error());
    json* place = &out;
    for (const auto step : hole.steps) place = place->is_array() ? &place->get_array()[step] : &(place->get_object().begin() + std::ptrdiff_t(step))->value();
    *place = std::move(*filled);
  }
  return out;
}

std::vector<std::string> json_template::names() const {
  std::vector<std::string> all;
  for (const auto& hole : holes_) add_new(all, hole.text.names());
  return all;
}

result<void> json_template::check_names(const std::vector<std::string>& known) const {
  for (const auto& hole : holes_)
    if (auto r = hole.text.check_names(known); !r) return below(hole.path, r.error());
  return {};
}

result<json> evaluate_all(const json& tree, const variables& vars, evaluation_limit limit) {
  const auto parsed = json_template::parse(tree);
  if (!parsed) return parsed.error();
  return parsed->evaluate(vars, limit);
}

}  // namespace steward
