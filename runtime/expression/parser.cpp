#include "runtime/expression/parser.hpp"

#include <array>
#include <optional>

#include <fmt/format.h>

#include "runtime/expression/functions.hpp"
#include "runtime/expression/grammar.hpp"
#include "runtime/expression/layers.hpp"
#include "runtime/expression/lexer.hpp"
#include "runtime/expression/utf8.hpp"

namespace steward::cel {
namespace {

constexpr std::size_t text_bytes_most = 64 * 1024;  // An expression of more than a page is a program in the wrong place.
constexpr int nesting_most = 100;                   // Brackets in brackets; ten frames each stay far below a thread's stack.
constexpr int depth_most = 500;                     // 1 + 1 + … : the evaluator recurses once for each.

constexpr node_ref none = UINT32_MAX;

class parser {
public:
  parser(std::shared_ptr<const std::string> text, std::size_t from, wrong_calls wrong) : lexer_(*text, from), wrong_(wrong) { tree_.text = std::move(text); }

  result<parsed> run(ends_at until, std::size_t from) {
    const auto& text = *tree_.text;
    const auto too_long = [&] { return error_at(text, from, "the text is too long for an expression", fmt::format("at most {} bytes", text_bytes_most)); };
    if (until == ends_at::end_of_text && text.size() - from > text_bytes_most) return too_long();
    const node_ref top = advance() ? expression() : none;
    // Only what was read is judged: a hole may stand in a long text, and a text may have many holes.
    if (!utf8::is_valid(std::string_view(text).substr(from, lexer_.reach() - from))) return error_at(text, from, "the text is not UTF-8", "UTF-8");
    if (token_.from - from > text_bytes_most) return too_long();
    const auto stop = until == ends_at::end_of_text ? token_kind::end : token_kind::right_brace;
    const auto wanted = until == ends_at::end_of_text ? "an operator or the end" : "an operator or the closing '}'";
    if (top == none || (token_.kind != stop && unexpected(wanted) == none)) return error_at(text, problem_.at, problem_.found, problem_.expected, problem_.advice);
    tree_.top = top;
    return parsed{std::make_shared<const syntax_tree>(std::move(tree_)), token_.from};
  }

private:
  // ---- tokens

  bool advance() {
    if (lexer_.next(token_)) return true;
    problem_ = lexer_.what_went_wrong();
    return false;
  }
  node_ref fail(std::size_t at, std::string found, std::string expected = {}, std::string advice = {}) {
    problem_ = {at, std::move(found), std::move(expected), std::move(advice)};
    return none;
  }
  std::string shown() const {
    return token_.kind == token_kind::end ? "the text ends" : fmt::format("'{}'", tree_.text->substr(token_.from, token_.to - token_.from));
  }
  node_ref unexpected(std::string expected) {
    std::string advice;
    if (token_.decoded == "and") advice = "CEL writes && for and";
    if (token_.decoded == "or") advice = "CEL writes || for or";
    if (token_.decoded == "not") advice = "CEL writes ! for not";
    return fail(token_.from, shown() + (token_.kind == token_kind::end ? " too early" : " does not belong here"), std::move(expected), std::move(advice));
  }
  bool expect(token_kind kind, std::string_view expected) {
    if (token_.kind != kind) return unexpected(std::string(expected)), false;
    return advance();
  }

  // ---- nodes

  node_ref too_deep(std::size_t at) {
    return fail(at, "the expression is too deep", fmt::format("at most {} steps from the whole to its smallest part", depth_most));
  }
  node_ref make(op does, std::size_t at, std::vector<node_ref> of = {}) {
    node n;
    n.does = does;
    n.at = std::uint32_t(at);
    for (const auto child : of) n.depth = std::max<std::uint16_t>(n.depth, tree_.nodes[child].depth + 1);
    if (n.depth > depth_most) return too_deep(at);
    n.layers = layers_of(tree_, does, of);
    if (n.layers > layers_most) return fail(at, "the value is nested too deeply", fmt::format("at most {} lists and maps in each other", layers_most));
    n.of = std::move(of);
    tree_.nodes.push_back(std::move(n));
    return node_ref(tree_.nodes.size() - 1);
  }
  /// A list of literals is one itself: `risk in ['money', 'legal']` builds nothing while it runs.
  std::optional<value> constant_list(const std::vector<node_ref>& items) const {
    value::list_items all;
    for (const auto item : items) {
      if (tree_.nodes[item].does != op::literal) return {};
      all.push_back(tree_.nodes[item].literal);
    }
    return value(std::move(all));
  }
  node_ref literal(std::size_t at, value v, std::uint16_t layers = 0) {
    const auto ref = make(op::literal, at);
    tree_.nodes[ref].literal = std::move(v);
    tree_.nodes[ref].layers = layers;
    return ref;
  }

  // ---- grammar

  /// Counts brackets in brackets while it lives.
  struct nesting {
    explicit nesting(int& depth) : depth(++depth) {}
    ~nesting() { --depth; }
    int& depth;
  };

  node_ref expression() {
    const nesting deeper(nesting_);
    if (nesting_ > nesting_most) return fail(token_.from, "the expression is nested too deeply", fmt::format("at most {} levels", nesting_most));
    const auto condition = binary(1);
    if (condition == none || token_.kind != token_kind::question) return condition;
    const auto at = token_.from;
    if (!advance()) return none;
    const auto yes = binary(1);
    if (yes == none || !expect(token_kind::colon, "':' and what holds otherwise")) return none;
    const auto no = expression();
    return no == none ? none : make(op::conditional, at, {condition, yes, no});
  }

  node_ref binary(int least) {
    auto left = unary();
    while (left != none) {
      const auto* row = std::find_if(std::begin(operators), std::end(operators), [&](const auto& r) { return r.sign == token_.kind; });
      if (row == std::end(operators) || row->level < least) break;
      const auto at = token_.from;
      if (!advance()) return none;
      const auto right = binary(row->level + 1);
      if (right == none) return none;
      if ((row->does == op::and_ || row->does == op::or_) && tree_.nodes[left].does == row->does) {
        // a && b && c is one node: long conditions stay flat.
        auto& n = tree_.nodes[left];
        n.of.push_back(right);
        n.depth = std::max<std::uint16_t>(n.depth, tree_.nodes[right].depth + 1);
        if (n.depth > depth_most) return too_deep(at);
      } else {
        left = make(row->does, at, {left, right});
      }
    }
    return left;
  }

  node_ref unary() {
    const auto sign = token_.kind;
    if (sign != token_kind::not_ && sign != token_kind::minus) return member();
    const nesting deeper(nesting_);
    if (nesting_ > nesting_most) return fail(token_.from, "the expression is nested too deeply", fmt::format("at most {} levels", nesting_most));
    const auto at = token_.from;
    if (!advance()) return none;
    if (sign == token_kind::minus && (token_.kind == token_kind::integer || token_.kind == token_kind::real)) {
      below_zero_ = true;
      return member(at);
    }
    const auto of = unary();
    return of == none ? none : make(sign == token_kind::not_ ? op::not_ : op::negate, at, {of});
  }

  /// A primary and what hangs on it. `from` is where a minus sign before a number stood.
  node_ref member(std::size_t from = SIZE_MAX) {
    auto left = primary(from == SIZE_MAX ? token_.from : from);
    while (left != none) {
      if (token_.kind == token_kind::left_bracket) {
        const auto at = token_.from;
        if (!advance()) return none;
        const auto key = expression();
        if (key == none || !expect(token_kind::right_bracket, "']'")) return none;
        left = make(op::index, at, {left, key});
      } else if (token_.kind == token_kind::dot) {
        if (!advance()) return none;
        left = selected(left);
      } else if (token_.kind == token_kind::left_brace) {
        // In `${ a }` the closing brace ends the hole, an opening one can only be a message.
        return fail(token_.from, "'{' right behind a value", "an operator", "Steward has no protobuf messages; write a map as {\"key\": value}");
      } else {
        break;
      }
    }
    return left;
  }

  node_ref selected(node_ref left) {
    const auto at = token_.from;
    if (token_.kind != token_kind::name && token_.kind != token_kind::quoted_name) return unexpected("the name of a member");
    const bool plain = token_.kind == token_kind::name;
    auto name = std::move(token_.decoded);
    if (!advance()) return none;
    if (plain && token_.kind == token_kind::left_paren) {
      if (const auto* macro = std::find_if(std::begin(macros), std::end(macros), [&](const auto& m) { return m.name == name; }); macro != std::end(macros))
        return comprehension(*macro, left, at);
      return called(name, at, left);
    }
    const auto ref = make(op::select, at, {left});
    if (ref == none) return none;
    tree_.nodes[ref].name = std::move(name);
    tree_.nodes[ref].exact = !plain;
    return ref;
  }

  /// A call that can't be: an error now, or when it is reached.
  node_ref refuse(std::size_t at, std::string found, std::string expected, std::string advice = {}) {
    if (wrong_ == wrong_calls::refuse) return fail(at, std::move(found), std::move(expected), std::move(advice));
    const auto ref = make(op::refused, at);
    tree_.nodes[ref].slot = std::uint32_t(tree_.refused.size());
    tree_.refused.push_back({std::uint32_t(at), std::move(found), std::move(expected), std::move(advice)});
    return ref;
  }

  bool arguments(std::vector<node_ref>& all, token_kind close, std::string_view expected) {
    while (token_.kind != close) {
      const auto one = expression();
      if (one == none) return false;
      all.push_back(one);
      if (token_.kind == token_kind::comma) {
        if (!advance()) return false;
        // Lists may end with a comma, calls may not.
        if (token_.kind == close && close == token_kind::right_paren) return unexpected("an argument"), false;
      } else if (token_.kind != close) {
        return unexpected(std::string(expected)), false;
      }
    }
    return advance();
  }

  /// A call, with the opening bracket as the current token.
  node_ref called(const std::string& name, std::size_t at, node_ref receiver) {
    if (!advance()) return none;
    if (receiver == none && name == "has") return presence(at);
    std::vector<node_ref> all;
    if (receiver != none) all.push_back(receiver);
    if (!arguments(all, token_kind::right_paren, "',' or ')'")) return none;
    const auto style = receiver == none ? call_style::plain : call_style::method;
    const auto* callee = find_function(name, style);
    if (!callee) {
      const auto other = find_function(name, style == call_style::plain ? call_style::method : call_style::plain);
      if (other)
        return refuse(at, fmt::format("'{}' is called the other way", name),
                    style == call_style::plain ? fmt::format("x.{}(…)", name) : fmt::format("{}(x, …)", name));
      const auto near = nearest_name(name, function_names());
      return refuse(at, fmt::format("there is no function '{}'", name), "a function of CEL", near.empty() ? "" : "Did you mean '" + near + "'?");
    }
    if (all.size() < callee->at_least || all.size() > callee->at_most) {
      const int hidden = receiver == none ? 0 : 1;
      const int least = callee->at_least - hidden, most = callee->at_most - hidden;
      return refuse(at, fmt::format("'{}' has {} argument{}", name, all.size() - hidden, all.size() - hidden == 1 ? "" : "s"),
                  least == most ? fmt::format("{}", least) : fmt::format("{} to {}", least, most));
    }
    const auto ref = make(op::call, at, all);
    if (ref == none) return none;
    tree_.nodes[ref].name = name;
    tree_.nodes[ref].callee = callee;
    if (callee->run == matches) {
      const auto& pattern = tree_.nodes[all[1]];
      if (pattern.does == op::literal && pattern.literal.is(value_kind::text)) {
        auto compiled = compile_pattern(pattern.literal.text());
        if (!compiled) return refuse(pattern.at, compiled.error().found, compiled.error().expected);
        tree_.nodes[ref].pattern = std::move(*compiled);
      }
    }
    return ref;
  }

  /// has(a.b), behind its opening bracket.
  node_ref presence(std::size_t at) {
    const auto what = expression();
    if (what == none) return none;
    if (tree_.nodes[what].does != op::select) return fail(at, "has() asks about something that is no member", "a member such as has(lead.address)");
    if (!expect(token_kind::right_paren, "')'")) return none;
    tree_.nodes[what].does = op::has;
    return what;
  }

  /// Reads the name of a macro's variable, which holds so many layers, and makes it known. What follows it is the current token then.
  bool variable(std::string_view macro, std::uint16_t holds) {
    if (token_.kind != token_kind::name) return unexpected(fmt::format("a variable: {}(item, …)", macro)), false;
    if (!is_free_word(token_.decoded)) return false;
    scope_.push_back({std::move(token_.decoded), holds});
    tree_.locals = std::max(tree_.locals, std::uint32_t(scope_.size()));
    return advance();
  }

  /// Whether a name and a comma come now: all(i, v, …) has two variables.
  bool names_a_second() const {
    auto ahead = lexer_;
    token next;
    if (token_.kind != token_kind::name || !ahead.next(next) || next.kind != token_kind::comma) return false;
    return true;
  }

  /// list.all(x, …) and its kin, with the opening bracket as the current token.
  node_ref comprehension(const macro_row& macro, node_ref over, std::size_t at) {
    if (!advance()) return none;
    const auto slot = std::uint32_t(scope_.size());
    std::vector<node_ref> of{over};
    if (!variable(macro.name, layers_inside(tree_.nodes[over].layers))) return none;
    if (token_.kind != token_kind::comma) return unexpected(fmt::format("',' and an expression: {}({}, …)", macro.name, scope_.back().name));
    if (!advance()) return none;
    const bool pair = macro.takes == macro_row::two || (macro.takes == macro_row::either && names_a_second());
    if (pair) {
      if (!variable(macro.name, layers_inside(tree_.nodes[over].layers))) return none;
      const auto &first = scope_[slot].name, &second = scope_[slot + 1].name;
      if (first == second) return fail(at, fmt::format("both variables of {}() are called '{}'", macro.name, first), "two names");
      if (token_.kind != token_kind::comma) return unexpected(fmt::format("',' and an expression: {}({}, {}, …)", macro.name, first, second));
      if (!advance()) return none;
    }
    if (!arguments(of, token_kind::right_paren, "',' or ')'")) return none;
    scope_.resize(slot);
    const int given = int(of.size()) - 1, variables = pair ? 2 : 1;
    if (given < macro.least || given > macro.most)
      return fail(at, fmt::format("'{}' has {} arguments", macro.name, given + variables),
                  macro.least == macro.most ? fmt::format("{}", macro.least + variables) : fmt::format("{} or {}", macro.least + variables, macro.most + variables));
    const auto ref = make(macro.does, at, std::move(of));
    if (ref == none) return none;
    tree_.nodes[ref].slot = slot;
    tree_.nodes[ref].pair = pair;
    return ref;
  }

  /// cel.bind(name, value, expression), with the opening bracket as the current token.
  node_ref binding(std::size_t at) {
    if (!advance()) return none;
    if (token_.kind != token_kind::name) return unexpected("a name: cel.bind(name, value, expression)");
    if (!is_free_word(token_.decoded)) return none;
    auto name = std::move(token_.decoded);
    if (!advance() || !expect(token_kind::comma, "',' and a value: cel.bind(name, value, expression)")) return none;
    const auto what = expression();
    if (what == none || !expect(token_kind::comma, "',' and an expression: cel.bind(name, value, expression)")) return none;
    const auto slot = std::uint32_t(scope_.size());
    scope_.push_back({std::move(name), tree_.nodes[what].layers});
    tree_.locals = std::max(tree_.locals, slot + 1);
    const auto in = expression();
    if (in == none || !expect(token_kind::right_paren, "')'")) return none;
    scope_.pop_back();
    const auto ref = make(op::bind, at, {what, in});
    if (ref != none) tree_.nodes[ref].slot = slot;
    return ref;
  }

  /// The function `math.abs` behind the name `math`, with the dot as the current token. Anything else than a call of one is left alone.
  bool takes_a_dotted_function(std::string& name) {
    if (token_.kind != token_kind::dot) return false;
    auto ahead = lexer_;
    token member, open;
    if (!ahead.next(member) || member.kind != token_kind::name || !ahead.next(open) || open.kind != token_kind::left_paren) return false;
    auto dotted = name + "." + member.decoded;
    if (dotted != "cel.bind" && !find_function(dotted, call_style::plain)) return false;
    lexer_ = ahead;
    token_ = std::move(open);
    name = std::move(dotted);
    return true;
  }

  /// google.protobuf.Timestamp or google.protobuf.Duration behind the name `google`, with the dot as the current token; then its last word is.
  std::optional<value_kind> takes_a_dotted_type(const std::string& name) {
    if (name != "google" || token_.kind != token_kind::dot) return {};
    auto ahead = lexer_;
    token middle, dot, last;
    if (!ahead.next(middle) || middle.kind != token_kind::name || middle.decoded != "protobuf" || !ahead.next(dot) || dot.kind != token_kind::dot || !ahead.next(last) || last.kind != token_kind::name) return {};
    for (const auto kind : {value_kind::timestamp, value_kind::duration})
      if (cel_type_name(kind) == "google.protobuf." + last.decoded) {
        lexer_ = ahead;
        token_ = std::move(last);
        return kind;
      }
    return {};
  }

  bool is_free_word(const std::string& name) {
    if (std::find(std::begin(reserved), std::end(reserved), name) == std::end(reserved)) return true;
    fail(token_.from, fmt::format("'{}' is a word that CEL keeps to itself", name), "another name");
    return false;
  }

  node_ref primary(std::size_t at) {
    const bool below_zero = std::exchange(below_zero_, false);
    token now = std::move(token_);
    token_ = token{};
    const auto put_back = [&] { token_ = std::move(now); };
    switch (now.kind) {
      case token_kind::integer: {
        if (now.magnitude > std::uint64_t(INT64_MAX) + (below_zero ? 1 : 0))
          return fail(at, "the number is too large for an int", "at most 9223372036854775807", "A trailing u makes it a uint");
        const auto i = below_zero ? std::int64_t(0 - now.magnitude) : std::int64_t(now.magnitude);
        return advance() ? literal(at, value(i)) : none;
      }
      case token_kind::unsigned_integer: return advance() ? literal(at, value(now.magnitude)) : none;
      case token_kind::real: return advance() ? literal(at, value(below_zero ? -now.real : now.real)) : none;
      case token_kind::text: return advance() ? literal(at, value(std::move(now.decoded))) : none;
      case token_kind::bytes: return advance() ? literal(at, value::bytes(std::move(now.decoded))) : none;
      case token_kind::true_:
      case token_kind::false_: return advance() ? literal(at, value(now.kind == token_kind::true_)) : none;
      case token_kind::null: return advance() ? literal(at, value()) : none;
      case token_kind::left_paren: {
        if (!advance()) return none;
        const auto inner = expression();
        return inner != none && expect(token_kind::right_paren, "')'") ? inner : none;
      }
      case token_kind::left_bracket: {
        std::vector<node_ref> items;
        if (!advance() || !arguments(items, token_kind::right_bracket, "',' or ']'")) return none;
        if (auto constant = constant_list(items)) return literal(at, std::move(*constant), layers_of(tree_, op::list, items));
        return make(op::list, at, std::move(items));
      }
      case token_kind::left_brace: return map(at);
      case token_kind::dot:
        if (!advance()) return none;
        if (token_.kind != token_kind::name) return unexpected("a name");
        now = std::move(token_);
        return advance() ? named(std::move(now.decoded), at, true) : none;
      case token_kind::name:
        if (!(put_back(), is_free_word(token_.decoded))) return none;
        now = std::move(token_);
        return advance() ? named(std::move(now.decoded), at, false) : none;
      default: put_back(); return unexpected("a value");
    }
  }

  node_ref map(std::size_t at) {
    std::vector<node_ref> of;
    if (!advance()) return none;
    while (token_.kind != token_kind::right_brace) {
      const auto key = expression();
      if (key == none || !expect(token_kind::colon, "':' and the value of this key")) return none;
      const auto what = expression();
      if (what == none) return none;
      of.push_back(key);
      of.push_back(what);
      if (token_.kind == token_kind::comma) {
        if (!advance()) return none;
      } else if (token_.kind != token_kind::right_brace) {
        return unexpected("',' or '}'");
      }
    }
    return advance() ? make(op::map, at, std::move(of)) : none;
  }

  /// A name at the root: a function, a macro's variable, or something from outside.
  node_ref named(std::string name, std::size_t at, bool from_the_root) {
    if (token_.kind == token_kind::left_paren) return called(name, at, none);
    if (!from_the_root)
      for (auto i = scope_.size(); i-- > 0;)
        if (scope_[i].name == name) {
          const auto ref = make(op::local, at);
          tree_.nodes[ref].slot = std::uint32_t(i);
          tree_.nodes[ref].layers = scope_[i].layers;
          return ref;
        }
    if (takes_a_dotted_function(name)) return name == "cel.bind" ? binding(at) : called(name, at, none);
    if (const auto kind = takes_a_dotted_type(name)) return advance() ? literal(at, value::type(*kind)) : none;
    const auto known = std::find(tree_.names.begin(), tree_.names.end(), name);
    const auto ref = make(op::root, at);
    tree_.nodes[ref].slot = std::uint32_t(known - tree_.names.begin());
    tree_.nodes[ref].exact = from_the_root;
    if (known == tree_.names.end()) {
      tree_.names.push_back(std::move(name));
      tree_.used_at.push_back(std::uint32_t(at));
    }
    return ref;
  }

  lexer lexer_;
  token token_;
  mistake problem_;
  syntax_tree tree_;
  struct local {
    std::string name;
    std::uint16_t layers;
  };
  std::vector<local> scope_;
  wrong_calls wrong_;
  int nesting_ = 0;
  bool below_zero_ = false;
};

}  // namespace

error error_at(std::string_view text, std::size_t byte, std::string found, std::string expected, std::string advice) {
  return {"expression_error", utf8::position(text, byte), std::move(found), std::move(expected), std::move(advice)};
}

result<parsed> parse(std::shared_ptr<const std::string> text, std::size_t from, ends_at until, wrong_calls wrong) {
  parser p(std::move(text), from, wrong);
  return p.run(until, from);
}

const value* type_named(std::string_view name) {
  static const std::array<value, 10> types{
      value::type(value_kind::null), value::type(value_kind::boolean), value::type(value_kind::integer), value::type(value_kind::unsigned_integer),
      value::type(value_kind::real), value::type(value_kind::text),    value::type(value_kind::bytes),   value::type(value_kind::list),
      value::type(value_kind::map),  value::type(value_kind::type)};
  for (const auto& t : types)
    if (cel_type_name(t.named_type()) == name) return &t;
  return nullptr;
}

}  // namespace steward::cel
