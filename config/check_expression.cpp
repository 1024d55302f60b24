#include "config/check_expression.hpp"

#include <algorithm>
#include <charconv>

#include "runtime/expression/expression.hpp"
#include "runtime/expression/parser.hpp"
#include "runtime/expression/type_check.hpp"

namespace steward {
namespace {

using cel::op;

/// The byte of "LINE:COLUMN" (columns in characters) inside `text`.
std::size_t byte_at(std::string_view text, std::string_view position) {
  std::size_t line = 1, column = 1;
  const auto colon = position.find(':');
  if (colon == position.npos) return 0;
  std::from_chars(position.data(), position.data() + colon, line);
  std::from_chars(position.data() + colon + 1, position.data() + position.size(), column);
  std::size_t at = 0;
  for (; line > 1 && at < text.size(); ++at) line -= text[at] == '\n';
  while (column > 1 && at < text.size()) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80) ++at;
    --column;
  }
  return at;
}

std::string listed(const std::vector<std::string>& names) {
  std::string all;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i == 12) return all + ", …";
    all += (i == 0 ? "" : ", ") + names[i];
  }
  return all;
}

std::string did_you_mean(const std::string& near) { return near.empty() ? "" : "Did you mean '" + near + "'?"; }

/// Walks one parsed expression, carrying along what is known of each value.
class expression_check {
public:
  expression_check(const yaml_place& at, const cel::syntax_tree& tree, const name_scope& scope, errors& e)
      : at_(at), tree_(tree), scope_(scope), e_(e), locals_(tree.locals + 1), local_types_(tree.locals + 1), types_(tree.nodes.size()), shapes_(tree.nodes.size()) {}

  shape run() { return known_of(tree_.top); }

  void run_condition() {
    run();
    const auto type = types_[tree_.top];
    if (type && *type != value_kind::boolean)
      e_.push_back({"expression_error", where(tree_.nodes[tree_.top]), "the condition is a value of type " + std::string(cel_type_name(*type)), "true or false", ""});
  }

private:
  std::string where(const cel::node& n) const { return at_.where_in(n.at); }

  shape known_of(cel::node_ref ref) {
    const auto what = shape_of(ref);
    shapes_[ref] = what;
    types_[ref] = type_of(tree_.nodes[ref], what);
    check_words(tree_.nodes[ref]);
    return what;
  }

  /// `risk == 'monney'`, `risk in ['monney']`, `'privat' in labels`: what is compared with a word must be one that can occur.
  void check_words(const cel::node& n) {
    if (n.does != op::equal && n.does != op::not_equal && n.does != op::in) return;
    const auto left = n.of[0], right = n.of[1];
    const auto &a = tree_.nodes[left], &b = tree_.nodes[right];
    if (n.does != op::in) {
      if (b.does == op::literal) check_word(left, words_of_shape(shapes_[left]), b.literal, b.at);
      if (a.does == op::literal) check_word(right, words_of_shape(shapes_[right]), a.literal, a.at);
      return;
    }
    if (a.does == op::literal) check_word(right, words_of_shape(items_of(shapes_[right])), a.literal, a.at, "never holds");
    const auto words = words_of_shape(shapes_[left]);
    if (b.does == op::list)
      for (const auto item : b.of) {
        if (const auto& one = tree_.nodes[item]; one.does == op::literal) check_word(left, words, one.literal, one.at);
      }
    else if (b.does == op::literal && b.literal.is(value_kind::list))  // the parser makes one literal of a list of them
      for (std::size_t i = 0; i < b.literal.size(); ++i) check_word(left, words, b.literal.item(i), b.at);
  }

  void check_word(cel::node_ref of, const std::vector<std::string>& words, const value& word, std::size_t at, const char* can_not = "is never") {
    if (words.empty() || !word.is(value_kind::text)) return;
    const std::string said(word.text());
    if (std::find(words.begin(), words.end(), said) != words.end()) return;
    for (const char quote : {'\'', '"'})  // inside a list only its beginning is known
      if (const auto found = tree_.text->find(quote + said + quote, at); found != std::string::npos) {
        at = found;
        break;
      }
    auto named = words;
    std::erase(named, "");
    e_.push_back({"unknown_word", at_.where_in(at), "'" + written(of) + "' " + can_not + " '" + said + "'", named.empty() ? "" : "one of " + listed(named), did_you_mean(nearest_name(said, named))});
  }

  /// The type that JSON of this shape has as a value of CEL; a "number" may be an int or a double.
  static cel::known_type type_of_shape(const shape& s) {
    const auto kind = kind_of_shape(s);
    if (kind == "a text") return value_kind::text;
    if (kind == "true or false") return value_kind::boolean;
    if (kind == "a list") return value_kind::list;
    if (kind == "an object") return value_kind::map;
    if (kind != "a number") return {};
    const auto* type = resolved(s).schema->get_object().if_contains("type");
    return type && *type == "integer" ? cel::known_type(value_kind::integer) : cel::known_type();
  }

  static bool is_read(const cel::node& n) { return n.does == op::root || n.does == op::local || n.does == op::select || n.does == op::index; }

  cel::known_type type_of(const cel::node& n, const shape& what) {
    if (n.does == op::local && n.slot < local_types_.size() && local_types_[n.slot]) return local_types_[n.slot];
    if (n.does == op::root)
      if (const auto known = scope_.types.find(tree_.names[n.slot]); known != scope_.types.end()) return known->second;
    if (n.does == op::root || n.does == op::local || n.does == op::select) return type_of_shape(what);
    const bool compares = n.does == op::equal || n.does == op::not_equal || n.does == op::less || n.does == op::less_equal || n.does == op::greater || n.does == op::greater_equal;
    std::vector<cel::known_type> parts;
    for (const auto child : n.of) {
      parts.push_back(types_[child]);
      // Which kind of number it is makes no difference to a comparison.
      if (compares && !parts.back() && is_read(tree_.nodes[child]) && kind_of_shape(shapes_[child]) == "a number") parts.back() = value_kind::real;
    }
    const auto type = cel::type_of_node(tree_, n, parts);
    if (!type) {
      e_.push_back({type.error().code, where(n), type.error().found, type.error().expected, type.error().advice});
      return {};
    }
    return n.does == op::index ? type_of_shape(what) : *type;
  }

  shape shape_of(cel::node_ref ref) {
    const auto& n = tree_.nodes[ref];
    switch (n.does) {
      case op::root: return root(n);
      case op::local: return n.slot < locals_.size() ? locals_[n.slot] : shape{};
      case op::select: return member(n, known_of(n.of[0]), n.name);
      case op::has: known_of(n.of[0]); return {};  // to ask whether something is there is never wrong
      case op::index: {
        const auto of = known_of(n.of[0]);
        const auto& key = tree_.nodes[n.of[1]];
        if (key.does == op::literal && key.literal.is(value_kind::text)) return member(key, of, std::string(key.literal.text()));
        known_of(n.of[1]);
        return items_of(of);
      }
      case op::bind: {
        const auto what = known_of(n.of[0]);
        set_local(n.slot, what, types_[n.of[0]]);
        return known_of(n.of[1]);
      }
      case op::all: case op::exists: case op::exists_one: case op::filter: case op::map_each:
      case op::transform_list: case op::transform_map: case op::transform_entries: {
        const auto range = known_of(n.of[0]);
        if (n.pair) set_local(n.slot, {}, {});
        set_local(n.slot + (n.pair ? 1 : 0), items_of(range), {});
        for (std::size_t i = 1; i < n.of.size(); ++i) known_of(n.of[i]);
        return n.does == op::filter ? range : shape{};
      }
      default:
        for (const auto child : n.of) known_of(child);
        return {};
    }
  }

  shape root(const cel::node& n) {
    const auto& name = tree_.names[n.slot];
    if (const auto bound = scope_.bound.find(name); bound != scope_.bound.end()) return bound->second;
    if (const auto later = scope_.not_yet.find(name); later != scope_.not_yet.end()) {
      e_.push_back({"name_not_bound", where(n), "'" + name + "' may have no value when the run comes here", "a name that every way to this step has bound", later->second});
      return {};
    }
    std::vector<std::string> names;
    for (const auto& [known, _] : scope_.bound) names.push_back(known);
    e_.push_back({"unknown_name", where(n), "the name '" + name + "' is not known here", "one of " + listed(names), did_you_mean(nearest_name(name, names))});
    return {};
  }

  void set_local(std::size_t slot, const shape& what, cel::known_type type) {
    if (slot >= locals_.size()) return;
    locals_[slot] = what;
    local_types_[slot] = type;
  }

  /// "lead.address" for the chain that `ref` is, or "this".
  std::string written(cel::node_ref ref) const {
    const auto& n = tree_.nodes[ref];
    if (n.does == op::root) return tree_.names[n.slot];
    if (n.does == op::select) return written(n.of[0]) + "." + n.name;
    if (n.does == op::index) return written(n.of[0]) + "[…]";
    return "this";
  }

  shape member(const cel::node& n, const shape& of, const std::string& name) {
    const auto found = member_of(of, name);
    if (found.is == member_is::absent) {
      const auto names = members_of_shape(of);
      e_.push_back({"unknown_member", where(n), "'" + written(n.of[0]) + "' has no '" + name + "'", names.empty() ? "no member at all" : "one of " + listed(names),
                    did_you_mean(nearest_name(name, names))});
    } else if (found.is == member_is::no_object) {
      e_.push_back({"unknown_member", where(n), "'" + written(n.of[0]) + "' is " + kind_of_shape(of) + " and has no '" + name + "'", "an object, which has members", kind_of_shape(of) == "a list" ? "Take one item first, such as [0]" : ""});
    }
    return found.what;
  }

  const yaml_place& at_;
  const cel::syntax_tree& tree_;
  const name_scope& scope_;
  errors& e_;
  std::vector<shape> locals_;
  std::vector<cel::known_type> local_types_;
  std::vector<cel::known_type> types_;  // of each node that was looked at
  std::vector<shape> shapes_;
};

void expression_trouble(const yaml_place& at, std::string_view text, error trouble, errors& e) {
  trouble.where = at.where_in(byte_at(text, trouble.where));
  e.push_back(std::move(trouble));
}

/// The next hole's `${` from `from` on; `$${` is no hole.
std::size_t next_hole(std::string_view text, std::size_t from) {
  for (auto at = text.find("${", from); at != text.npos; at = text.find("${", at + 2)) {
    if (at == 0 || text[at - 1] != '$') return at;
  }
  return text.npos;
}

const json& text_schema() {
  static const json schema{{"type", "string"}};
  return schema;
}

}  // namespace

bool has_hole(std::string_view text) { return next_hole(text, 0) != text.npos; }

void check_condition(const yaml_place& at, const name_scope& scope, errors& e) {
  if (at.node().is != yaml_node::form::text) return;
  const auto text = std::make_shared<const std::string>(at.node().text);
  const auto parsed = cel::parse(text, 0, cel::ends_at::end_of_text);
  if (!parsed) {
    auto trouble = parsed.error();
    if (trouble.advice.empty() && has_hole(*text)) trouble.advice = "A condition is written without ${}";
    return expression_trouble(at, *text, std::move(trouble), e);
  }
  expression_check(at, *parsed->tree, scope, e).run_condition();
}

shape check_text(const yaml_place& at, const name_scope& scope, errors& e) {
  if (at.node().is != yaml_node::form::text) return {};
  const auto text = std::make_shared<const std::string>(at.node().text);
  shape only;
  bool is_one = false;
  for (auto hole = next_hole(*text, 0); hole != std::string::npos;) {
    const auto parsed = cel::parse(text, hole + 2, cel::ends_at::right_brace);
    if (!parsed) {
      expression_trouble(at, *text, parsed.error(), e);
      return {};
    }
    const auto known = expression_check(at, *parsed->tree, scope, e).run();
    is_one = hole == 0 && parsed->end + 1 == text->size();
    if (is_one) only = known;
    hole = next_hole(*text, parsed->end + 1);
  }
  return is_one ? only : shape::of(text_schema());
}

void check_texts(const yaml_place& at, const name_scope& scope, errors& e) {
  const auto& node = at.node();
  if (node.is == yaml_node::form::text) check_text(at, scope, e);
  else if (node.is == yaml_node::form::list)
    for (std::size_t i = 0; i < node.items.size(); ++i) check_texts(at.item(i), scope, e);
  else
    for (const auto& key : node.keys) check_texts(at.at(key.text), scope, e);
}

}  // namespace steward
