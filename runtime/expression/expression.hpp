/// CEL, the Common Expression Language: conditions (`when:`), texts with holes (`"Hello ${lead.name}"`), policies.
/// Side-effect free, always ends, one language everywhere. Language definition: github.com/google/cel-spec.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/error.hpp"
#include "runtime/expression/value.hpp"
#include "runtime/json.hpp"

namespace steward {

namespace cel {
struct syntax_tree;
}

/// What the names in an expression stand for.
class variables {
public:
  virtual ~variables() = default;
  /// A value::view is enough: what an evaluation returns owns itself.
  virtual std::optional<value> find(std::string_view name) const = 0;
  /// All names, to suggest the nearest one.
  virtual std::vector<std::string> names() const { return {}; }
  /// Whether there are names with dots ("x.y"), or a container. For a.b.c the longest name wins: a.b.c, else c of a.b, else b of a.
  virtual bool has_dotted_names() const { return false; }
  /// Where names are looked for first: in container "a.b", x is a.b.x, else a.x, else x.
  virtual std::string_view container() const { return {}; }
};

/// A few names, and those of an outer scope.
class bindings : public variables {
public:
  bindings() = default;
  explicit bindings(const variables& outer) : outer_(&outer), dotted_(outer.has_dotted_names()) {}
  /// A second binding of a name replaces the first. The json must outlive the bindings.
  bindings& bind(std::string name, const json& seen) { return bind(std::move(name), value::view(seen)); }
  bindings& bind(std::string name, json&&) = delete;
  bindings& bind(std::string name, value v);
  /// Each key of an object as a name.
  bindings& bind_members(const boost::json::object& object);
  bindings& within(std::string container);

  std::optional<value> find(std::string_view name) const override;
  std::vector<std::string> names() const override;
  bool has_dotted_names() const override { return dotted_; }
  std::string_view container() const override { return container_; }

private:
  std::vector<std::pair<std::string, value>> bound_;
  const variables* outer_ = nullptr;
  std::string container_;
  bool dotted_ = false;
};

/// What one evaluation may cost: one unit for each step, item looked at, or 16 bytes of text made.
struct evaluation_limit {
  std::uint64_t cost = 1'000'000;  // some 50 ms: far beyond any honest condition, too short to be noticed
};

/// A parsed expression. Copies share the tree; const members may run in many threads at once.
///
/// Every error has the code expression_error (or expression_too_costly) and in `where` the "LINE:COLUMN" it points at.
class expression {
public:
  static result<expression> parse(std::string_view text);
  /// As the language has it: a call that can't be (no such function, too many arguments) fails only when it is reached.
  static result<expression> parse_late_checked(std::string_view text);

  result<value> evaluate(const variables& vars, evaluation_limit limit = {}) const;
  /// For conditions: anything but true or false is an error.
  result<bool> holds(const variables& vars, evaluation_limit limit = {}) const;

  const std::string& text() const;
  /// The root names it uses, each once, in the order of first use. Names of types (int, string …) are left out.
  std::vector<std::string> names() const;
  /// Refuses the first name that is not among `known`, with the nearest one.
  result<void> check_names(const std::vector<std::string>& known) const;

private:
  friend class text_template;
  explicit expression(std::shared_ptr<const cel::syntax_tree> tree) : tree_(std::move(tree)) {}
  std::shared_ptr<const cel::syntax_tree> tree_;
};

/// A text with holes: "Hello ${lead.name}". `$${` stands for `${` itself. Positions in errors count within the whole text.
class text_template {
public:
  static result<text_template> parse(std::string_view text);

  /// A text that is exactly one hole keeps its type; otherwise a text, each hole rendered as CEL's string() does.
  /// A hole that has no text (null, a list, a map) is an error there.
  result<json> evaluate(const variables& vars, evaluation_limit limit = {}) const;

  bool has_holes() const { return !holes_.empty(); }
  std::vector<std::string> names() const;
  result<void> check_names(const std::vector<std::string>& known) const;

private:
  std::shared_ptr<const std::string> text_;
  std::vector<std::string> between_;    // the text before each hole, and behind the last: holes_.size() + 1
  std::vector<expression> holes_;
  std::vector<std::size_t> holes_at_;   // the byte of each `${`
  bool one_hole() const { return holes_.size() == 1 && between_[0].empty() && between_[1].empty(); }
};

/// A json tree whose texts are templates; keys are left alone. Parsed once, evaluated often.
/// In errors `where` is the path and the position: "with.body:1:8".
class json_template {
public:
  json_template() = default;  // null
  static result<json_template> parse(const json& tree);

  result<json> evaluate(const variables& vars, evaluation_limit limit = {}) const;
  std::vector<std::string> names() const;
  result<void> check_names(const std::vector<std::string>& known) const;

private:
  struct hole {
    std::vector<std::string> path;  // "body", "[0]": joined for errors
    std::vector<std::size_t> steps; // place in each object or array on the way
    text_template text;
  };
  static result<void> collect(const json& at, hole& here, std::vector<hole>& all);
  json tree_;  // as parsed; evaluation copies it and fills the holes
  std::vector<hole> holes_;
};

/// json_template::parse and evaluate in one, for a tree that is used once.
result<json> evaluate_all(const json& tree, const variables& vars, evaluation_limit limit = {});

}  // namespace steward
