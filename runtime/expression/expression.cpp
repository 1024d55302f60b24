#include "runtime/expression/expression.hpp"

#include <fmt/format.h>

#include "runtime/expression/evaluator.hpp"
#include "runtime/expression/parser.hpp"

namespace steward {
namespace {

result<void> check_tree(const cel::syntax_tree& tree, const std::vector<std::string>& known) {
  for (std::size_t i = 0; i < tree.names.size(); ++i) {
    const auto& name = tree.names[i];
    if (cel::type_named(name) || std::find(known.begin(), known.end(), name) != known.end()) continue;
    std::string all;
    for (const auto& k : known) all += (all.empty() ? "one of " : ", ") + k;
    const auto near = nearest_name(name, known);
    return cel::error_at(*tree.text, tree.used_at[i], fmt::format("nothing here is called '{}'", name), all.empty() ? "no names at all" : all,
                         near.empty() ? "" : "Did you mean '" + near + "'?");
  }
  return {};
}

}  // namespace

bindings& bindings::bind(std::string name, value v) {
  for (auto& [known, what] : bound_)
    if (known == name) {
      what = std::move(v);
      return *this;
    }
  dotted_ = dotted_ || name.find('.') != name.npos;
  bound_.emplace_back(std::move(name), std::move(v));
  return *this;
}

bindings& bindings::bind_members(const boost::json::object& object) {
  if (!bound_.empty()) {
    for (const auto& pair : object) bind(std::string(pair.key()), pair.value());
    return *this;
  }
  bound_.reserve(object.size());  // Keys of one object differ: among a hundred thousand nothing has to be searched.
  for (const auto& pair : object) {
    dotted_ = dotted_ || pair.key().find('.') != pair.key().npos;
    bound_.emplace_back(std::string(pair.key()), value::view(pair.value()));
  }
  return *this;
}

bindings& bindings::within(std::string container) {
  dotted_ = dotted_ || !container.empty();
  container_ = std::move(container);
  return *this;
}

std::optional<value> bindings::find(std::string_view name) const {
  for (const auto& [known, what] : bound_)
    if (known == name) return what;
  return outer_ ? outer_->find(name) : std::nullopt;
}

std::vector<std::string> bindings::names() const {
  auto all = outer_ ? outer_->names() : std::vector<std::string>{};
  for (const auto& pair : bound_) all.push_back(pair.first);
  return all;
}

result<expression> expression::parse(std::string_view text) {
  auto parsed = cel::parse(std::make_shared<const std::string>(text), 0, cel::ends_at::end_of_text);
  if (!parsed) return parsed.error();
  return expression(std::move(parsed->tree));
}

result<expression> expression::parse_late_checked(std::string_view text) {
  auto parsed = cel::parse(std::make_shared<const std::string>(text), 0, cel::ends_at::end_of_text, cel::wrong_calls::keep);
  if (!parsed) return parsed.error();
  return expression(std::move(parsed->tree));
}

result<value> expression::evaluate(const variables& vars, evaluation_limit limit) const {
  auto found = cel::evaluate(*tree_, vars, limit);
  if (!found) return found;
  return found->owned();
}

result<bool> expression::holds(const variables& vars, evaluation_limit limit) const {
  const auto found = cel::evaluate(*tree_, vars, limit);
  if (!found) return found.error();
  if (!found->is(value_kind::boolean))
    return cel::error_at(*tree_->text, tree_->nodes[tree_->top].at, fmt::format("the condition is a value of type {}", cel_type_name(found->kind())),
                         "true or false");
  return found->boolean();
}

const std::string& expression::text() const { return *tree_->text; }

std::vector<std::string> expression::names() const {
  std::vector<std::string> free;
  for (const auto& name : tree_->names)
    if (!cel::type_named(name)) free.push_back(name);
  return free;
}

result<void> expression::check_names(const std::vector<std::string>& known) const { return check_tree(*tree_, known); }

}  // namespace steward
