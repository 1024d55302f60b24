#include "runtime/expression/evaluator.hpp"

#include <fmt/format.h>

#include "runtime/expression/functions.hpp"
#include "runtime/expression/parser.hpp"

namespace steward::cel {
namespace {

/// One evaluation. A method returns false when it failed; `problem_` then says why. && and || take such a failure back.
class evaluator {
public:
  evaluator(const syntax_tree& tree, const variables& vars, evaluation_limit limit) : tree_(tree), vars_(vars), limit_(limit.cost), locals_(tree.locals) {}

  result<value> run() {
    value out;
    if (!eval(tree_.top, out)) return problem_;
    return out;
  }

private:
  const node& at(node_ref r) const { return tree_.nodes[r]; }

  bool fail(const node& n, std::string found, std::string expected = {}, std::string advice = {}) {
    problem_ = error_at(*tree_.text, n.at, std::move(found), std::move(expected), std::move(advice));
    return false;
  }
  bool fail(const node& n, error problem) { return fail(n, std::move(problem.found), std::move(problem.expected), std::move(problem.advice)); }

  /// Adds to the bill. Running out of it is final: no || absorbs it.
  bool charge(const node& n, std::uint64_t work) {
    if ((work_ += work) <= limit_) return true;
    fail(n, "the expression costs too much", fmt::format("at most {} steps", limit_), "Look at fewer items, or at shorter texts");
    problem_.code = "expression_too_costly";
    final_ = true;
    return false;
  }

  bool eval(node_ref r, value& out) {
    const node& n = at(r);
    if (!charge(n, 1)) return false;
    switch (n.does) {
      case op::literal: out = n.literal; return true;
      case op::local: out = locals_[n.slot]; return true;
      case op::root: return root(n, out);
      case op::select:
      case op::has: return select(n, out);
      case op::index: return index(n, out);
      case op::call: return call_function(n, out);
      case op::list: return list(n, out);
      case op::map: return map(n, out);
      case op::not_:
        if (!truth(n, n.of[0], "!", out)) return false;
        out = value(!out.boolean());
        return true;
      case op::negate: return minus(n, out);
      case op::and_: return either(n, false, out);
      case op::or_: return either(n, true, out);
      case op::conditional: return truth(n, n.of[0], "the condition of ?:", out) && eval(n.of[out.boolean() ? 1 : 2], out);
      case op::equal:
      case op::not_equal: return equality(n, out);
      case op::less:
      case op::less_equal:
      case op::greater:
      case op::greater_equal: return order(n, out);
      case op::in: return membership(n, out);
      case op::add:
      case op::subtract:
      case op::multiply:
      case op::divide:
      case op::modulo: return sum(n, out);
      case op::all:
      case op::exists:
      case op::exists_one: return quantify(n, out);
      case op::filter:
      case op::map_each: return transform(n, out);
    }
    return false;
  }

  bool root(const node& n, value& out) {
    const auto& name = tree_.names[n.slot];
    if (auto found = vars_.find(name)) {
      out = std::move(*found);
      return true;
    }
    if (const auto* type = type_named(name)) {
      out = *type;
      return true;
    }
    const auto near = nearest_name(name, vars_.names());
    return fail(n, fmt::format("nothing here is called '{}'", name), "a name that is known here", near.empty() ? "" : "Did you mean '" + near + "'?");
  }

  /// The error of a key that a map does not have.
  bool no_such_key(const node& n, const value& map, const value& key) {
    std::vector<std::string> names;
    for (const auto& k : map.keys())
      if (auto text = to_text(k)) names.push_back(std::move(*text));
    const auto wanted = to_text(key).value_or("?");
    const auto near = nearest_name(wanted, names);
    std::string all;
    for (std::size_t i = 0; i < names.size() && i < 12; ++i) all += (i ? ", " : "one of ") + names[i];
    if (names.size() > 12) all += " …";
    return fail(n, fmt::format("there is no '{}'", wanted), names.empty() ? "a key, but the map is empty" : all,
                !near.empty() && near != wanted ? "Did you mean '" + near + "'?" : n.does == op::select ? "Ask first with has(…)" : "");
  }

  bool select(const node& n, value& out) {
    value base;
    if (!eval(n.of[0], base)) return false;
    if (!base.is(value_kind::map)) return fail(n, fmt::format("'{}' is looked for in a value of type {}", n.name, cel_type_name(base.kind())), "a map");
    auto found = base.find(std::string_view(n.name));
    if (n.does == op::has) out = value(found.has_value());
    else if (found) out = std::move(*found);
    else return no_such_key(n, base, value(n.name));
    return true;
  }

  bool index(const node& n, value& out) {
    value base, key;
    if (!eval(n.of[0], base) || !eval(n.of[1], key)) return false;
    if (base.is(value_kind::map)) {
      if (!is_key(key) && !key.is(value_kind::real))
        return fail(n, fmt::format("a key of type {}", cel_type_name(key.kind())), "a string, an int, a uint or a bool");
      auto found = base.find(key);
      if (!found) return no_such_key(n, base, key);
      out = std::move(*found);
      return true;
    }
    if (!base.is(value_kind::list)) return fail(n, fmt::format("[ ] on a value of type {}", cel_type_name(base.kind())), "a list or a map");
    const auto size = base.size();
    if (!key.is(value_kind::integer) && !key.is(value_kind::unsigned_integer) && !key.is(value_kind::real))
      return fail(n, fmt::format("the index is a value of type {}", cel_type_name(key.kind())), "a whole number");
    if (key.is(value_kind::real) && !(key.real() >= -9e15 && key.real() <= 9e15 && double(std::int64_t(key.real())) == key.real()))
      return fail(n, "the index is no whole number", "a whole number");
    const auto below = compare(key, value(0)) == std::partial_ordering::less;
    if (below || compare(key, value(std::uint64_t(size))) != std::partial_ordering::less)
      return fail(n, fmt::format("the index {} is outside the list", to_text(key).value_or("?")),
                  size == 0 ? "another list, for this one is empty" : fmt::format("0 to {}", size - 1));
    out = base.item(key.is(value_kind::integer)            ? std::size_t(key.integer())
                    : key.is(value_kind::unsigned_integer) ? std::size_t(key.unsigned_integer())
                                                           : std::size_t(key.real()));
    return true;
  }

  bool call_function(const node& n, value& out) {
    constexpr std::size_t most = 4;  // no row of the table has more
    std::array<value, most> arguments;
    for (std::size_t i = 0; i < n.of.size(); ++i)
      if (!eval(n.of[i], arguments[i])) return false;
    call c{n.name, std::span<const value>(arguments.data(), n.of.size()), n.pattern.get(), {}, 0, {}, {}, {}};
    const bool done = n.callee->run(c);
    if (!charge(n, c.work)) return false;
    if (!done) return fail(n, std::move(c.found), std::move(c.expected), std::move(c.advice));
    out = std::move(c.answer);
    return true;
  }

  bool list(const node& n, value& out) {
    value::list_items items(n.of.size());
    for (std::size_t i = 0; i < items.size(); ++i)
      if (!eval(n.of[i], items[i])) return false;
    out = value(std::move(items));
    return true;
  }

  static bool is_key(const value& v) {
    return v.is(value_kind::text) || v.is(value_kind::integer) || v.is(value_kind::unsigned_integer) || v.is(value_kind::boolean);
  }

  bool map(const node& n, value& out) {
    value::map_entries entries;
    entries.reserve(n.of.size() / 2);
    for (std::size_t i = 0; i < n.of.size(); i += 2) {
      value key, what;
      if (!eval(n.of[i], key) || !eval(n.of[i + 1], what)) return false;
      if (!is_key(key)) return fail(at(n.of[i]), fmt::format("a key of type {}", cel_type_name(key.kind())), "a string, an int, a uint or a bool");
      if (!charge(n, entries.size())) return false;
      for (const auto& e : entries)
        if (equal(e.key, key)) return fail(at(n.of[i]), fmt::format("the key '{}' stands twice in one map", to_text(key).value_or("?")), "each key once");
      entries.push_back({std::move(key), std::move(what)});
    }
    out = value(std::move(entries));
    return true;
  }

  /// Evaluates to true or false, or fails.
  bool truth(const node& n, node_ref r, std::string_view where, value& out) {
    if (!eval(r, out)) return false;
    return out.is(value_kind::boolean) || fail(n, fmt::format("{} is given a value of type {}", where, cel_type_name(out.kind())), "true or false");
  }

  /// && and ||: the deciding value wins over errors on either side; otherwise the first error stands.
  bool either(const node& n, bool decides, value& out) {
    error first;
    bool failed = false;
    for (const auto r : n.of) {
      if (!truth(n, r, decides ? "||" : "&&", out)) {
        if (final_) return false;
        if (!failed) first = std::move(problem_);
        failed = true;
      } else if (out.boolean() == decides) {
        return true;
      }
    }
    if (failed) problem_ = std::move(first);
    else out = value(!decides);
    return !failed;
  }

  bool minus(const node& n, value& out) {
    value of;
    error problem;
    if (!eval(n.of[0], of)) return false;
    return negate(of, out, problem) || fail(n, std::move(problem));
  }

  bool sum(const node& n, value& out) {
    value a, b;
    error problem;
    std::uint64_t work = 0;
    if (!eval(n.of[0], a) || !eval(n.of[1], b)) return false;
    if (!arithmetic(n.does, a, b, out, problem, work)) return fail(n, std::move(problem));
    return charge(n, work);
  }

  bool equality(const node& n, value& out) {
    value a, b;
    std::uint64_t work = 0;
    if (!eval(n.of[0], a) || !eval(n.of[1], b)) return false;
    const bool same = equal(a, b, &work);
    out = value(same == (n.does == op::equal));
    return charge(n, work);
  }

  bool order(const node& n, value& out) {
    value a, b;
    if (!eval(n.of[0], a) || !eval(n.of[1], b)) return false;
    const auto o = compare(a, b);
    if (!o) return fail(n, fmt::format("{} and {} have no order", cel_type_name(a.kind()), cel_type_name(b.kind())), "two numbers, or two values of one type");
    switch (n.does) {
      case op::less: out = value(*o < 0); break;
      case op::less_equal: out = value(*o <= 0); break;
      case op::greater: out = value(*o > 0); break;
      default: out = value(*o >= 0);
    }
    return true;
  }

  bool membership(const node& n, value& out) {
    value what, where;
    if (!eval(n.of[0], what) || !eval(n.of[1], where)) return false;
    if (where.is(value_kind::map)) {
      out = value(where.find(what).has_value());
      return true;
    }
    if (!where.is(value_kind::list))
      return fail(n, fmt::format("'in' a value of type {}", cel_type_name(where.kind())), "a list or a map",
                  where.is(value_kind::text) ? "Ask a text with text.contains(part)" : "");
    std::uint64_t work = 0;
    bool found = false;
    const auto size = where.size();
    for (std::size_t i = 0; i < size && !found && work_ + work <= limit_; ++i) found = equal(where.item(i), what, &work);
    out = value(found);
    return charge(n, work);
  }

  /// What a macro walks over: the items of a list, the keys of a map.
  bool range(const node& n, value& over) {
    if (!eval(n.of[0], over)) return false;
    if (over.is(value_kind::map)) over = value(over.keys());
    return over.is(value_kind::list) || fail(n, fmt::format("a value of type {} has no items", cel_type_name(over.kind())), "a list or a map");
  }

  bool quantify(const node& n, value& out) {
    value over;
    if (!range(n, over)) return false;
    const auto size = over.size();
    const auto name = n.does == op::all ? "all()" : n.does == op::exists ? "exists()" : "exists_one()";
    std::size_t hits = 0;
    error first;
    bool failed = false;
    for (std::size_t i = 0; i < size; ++i) {
      locals_[n.slot] = over.item(i);
      if (!truth(n, n.of[1], name, out)) {
        // all() is &&, exists() is ||: a later item may still decide. exists_one() has to know each item.
        if (final_ || n.does == op::exists_one) return false;
        if (!failed) first = std::move(problem_);
        failed = true;
        continue;
      }
      if (n.does == op::all ? !out.boolean() : n.does == op::exists && out.boolean()) return true;
      hits += out.boolean() ? 1 : 0;
    }
    if (failed) {
      problem_ = std::move(first);
      return false;
    }
    out = value(n.does == op::all || (n.does == op::exists_one && hits == 1));
    return true;
  }

  bool transform(const node& n, value& out) {
    value over, verdict;
    if (!range(n, over)) return false;
    const auto size = over.size();
    const bool filters = n.does == op::filter || n.of.size() == 3;
    value::list_items items;
    for (std::size_t i = 0; i < size; ++i) {
      value item = over.item(i);
      locals_[n.slot] = item;
      if (filters) {
        if (!truth(n, n.of[1], n.does == op::filter ? "filter()" : "map()", verdict)) return false;
        if (!verdict.boolean()) continue;
      }
      if (n.does == op::map_each && !eval(n.of.back(), item)) return false;
      items.push_back(std::move(item));
    }
    out = value(std::move(items));
    return true;
  }

  const syntax_tree& tree_;
  const variables& vars_;
  const std::uint64_t limit_;
  std::uint64_t work_ = 0;
  bool final_ = false;
  error problem_;
  std::vector<value> locals_;
};

}  // namespace

result<value> evaluate(const syntax_tree& tree, const variables& vars, evaluation_limit limit) { return evaluator(tree, vars, limit).run(); }

}  // namespace steward::cel
