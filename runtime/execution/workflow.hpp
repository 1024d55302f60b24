/// A workflow ready to run: its definition with every expression parsed once.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/execution/workflow_definition.hpp"
#include "runtime/expression/expression.hpp"
#include "runtime/schedule.hpp"
#include "runtime/schema/schema.hpp"

namespace steward {

enum class step_kind { role, effect, wait, record, remember, end };
BOOST_DESCRIBE_ENUM(step_kind, role, effect, wait, record, remember, end)

/// `for_each: {letter: "${letters}"}`.
struct each_item {
  std::string name;
  text_template list;
};

struct compiled_effect {
  std::string action;
  json_template with;
  std::optional<each_item> each;
  std::optional<expression> when;
  std::string undo;
};

struct compiled_step {
  std::string name;
  step_kind kind = step_kind::end;
  const step_definition* said = nullptr;  // into workflow::definition
  json_template with;
  std::optional<each_item> each;
  std::optional<expression> when, where;
  std::optional<text_template> from, until, person, id, about, text, source;
  std::vector<compiled_effect> effects;
  std::optional<std::int64_t> visits_at_most;
  std::optional<duration> wait_at_most;
};

class workflow {
public:
  /// Errors carry the step's name in `where`: expression_error, unclear_step (no kind, or two), bad_limit, bad_cron, unknown_zone, bad_schema.
  static result<std::shared_ptr<const workflow>> compile(workflow_definition definition, const std::string& company_zone);

  workflow_definition definition;
  std::vector<compiled_step> steps;
  std::optional<schema> input;
  std::optional<expression> start_when;
  std::optional<text_template> start_key;
  std::optional<schedule> starts_at;

  const compiled_step* find(std::string_view step) const;
  /// The step after `step` in the list, or nullptr at the end.
  const compiled_step* after(std::string_view step) const;
  /// `ask_operator`, `stop`, or a step's name: what follows when `step` fails for good.
  std::string if_fails(const compiled_step& step) const;

private:
  std::map<std::string, std::size_t, std::less<>> index_;
};

/// Which kind of step the definition describes; an error `unclear_step` when it tells none, or several.
result<step_kind> kind_of(const step_definition& s);

/// The digest that a run keeps: of the definition's canonical JSON.
std::string digest_of_definition(const workflow_definition& definition);

}  // namespace steward
