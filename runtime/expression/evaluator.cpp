#include "runtime/expression/evaluator.hpp"

#include <fmt/format.h>

#include "runtime/expression/functions.hpp"
#include "runtime/expression/parser.hpp"

namespace steward::cel {
namespace {

/// Why an evaluation failed. The place becomes line and column, and what is missing a sentence, only when it is told: most failures are absorbed.
struct failure {
  enum kind { told, no_name, no_key };
  std::string found, expected, advice;  // found: the name or key itself when it is missing
  std::uint32_t at = 0;
  kind why = told;
  bool costly = false;
  bool selected = false;  // map.key, not map['key']
  value among = {};       // the map that lacks the key
};

/// One evaluation. A method returns false when it failed; `problem_` then says why. && and || take such a failure back.
class evaluator {
public:
  evaluator(const syntax_tree& tree, const variables& vars, evaluation_limit limit)
      : tree_(tree), vars_(vars), work_{0, limit.cost}, dotted_(vars.has_dotted_names()), locals_(tree.locals) {}

  result<value> run() {
    value out;
    // What is handed out is walked through by whoever gets it, so that walk belongs to the bill.
    if (eval(tree_.top, out) && (out.weigh(work_), charge(at(tree_.top), 0))) return out;
    explain(problem_);
    auto e = error_at(*tree_.text, problem_.at, std::move(problem_.found), std::move(problem_.expected), std::move(problem_.advice));
    if (problem_.costly) e.code = "expression_too_costly";
    return e;
  }

private:
  const node& at(node_ref r) const { return tree_.nodes[r]; }

  bool fail(const node& n, std::string found, std::string expected = {}, std::string advice = {}) {
    work_.done += 20;  // words cost as much as some steps
    problem_ = {std::move(found), std::move(expected), std::move(advice), n.at};
    return false;
  }
  bool fail(const node& n, error problem) { return fail(n, std::move(problem.found), std::move(problem.expected), std::move(problem.advice)); }

  /// Adds to the bill. Running out of it is final: no || absorbs it.
  bool charge(const node& n, std::uint64_t work) {
    work_.done += work;
    if (!work_.spent()) return true;
    fail(n, "the expression costs too much", fmt::format("at most {} steps", work_.most), "Look at fewer items, or at shorter texts");
    problem_.costly = true;
    final_ = true;
    return false;
  }

  /// The value of a part: where it lies already (a literal, a macro's variable), or computed into `scratch`. nullptr when it failed.
  const value* operand(node_ref r, value& scratch) {
    const node& n = at(r);
    if (n.does == op::literal) return charge(n, 1) ? &n.literal : nullptr;
    if (n.does == op::local) return charge(n, 1) ? &locals_[n.slot] : nullptr;
    return eval(r, scratch) ? &scratch : nullptr;
  }

  bool eval(node_ref r, value& out) {
    const node& n = at(r);
    if (!charge(n, 1)) return false;
    switch (n.does) {
      case op::literal: out = n.literal; return true;
      case op::local: out = locals_[n.slot]; return true;
      case op::root: return root(n, out);
      case op::select:
      case op::has: return select(r, n, out);
      case op::index: return index(n, out);
      case op::call: return call_function(n, out);
      case op::refused: return refused(n);
      case op::bind: return bind(n, out);
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
      case op::map_each:
      case op::transform_list:
      case op::transform_map:
      case op::transform_entries: return transform(n, out);
    }
    return false;
  }

  bool root(const node& n, value& out) {
    const auto& name = tree_.names[n.slot];
    if (auto found = dotted_ ? find_dotted(name, n.exact) : vars_.find(name)) {
      out = std::move(*found);
      return true;
    }
    if (const auto* type = type_named(name)) {
      out = *type;
      return true;
    }
    fail(n, name);
    problem_.why = failure::no_name;
    return false;
  }

  bool bind(const node& n, value& out) {
    value what;  // not into the variable at once: a macro on the way may use its place
    if (!eval(n.of[0], what)) return false;
    locals_[n.slot] = std::move(what);
    return eval(n.of[1], out);
  }

  bool refused(const node& n) {
    const auto& why = tree_.refused[n.slot];
    return fail(n, why.found, why.expected, why.advice);
  }

  /// "a.b.c" when `r` is such a chain of plain names.
  bool dotted_name(node_ref r, std::string& name, bool& exact) const {
    const node& n = at(r);
    if (n.does == op::root) return name = tree_.names[n.slot], exact = n.exact, true;
    if (n.does != op::select || n.exact || !dotted_name(n.of[0], name, exact)) return false;
    name.append(1, '.').append(n.name);
    return true;
  }

  /// In container a.b, x is a.b.x, else a.x, else x; a leading dot looks for nothing but x.
  std::optional<value> find_dotted(const std::string& name, bool exact) const {
    for (auto in = exact ? std::string_view{} : vars_.container(); !in.empty(); in = in.substr(0, in.rfind('.') == in.npos ? 0 : in.rfind('.')))
      if (auto found = vars_.find(std::string(in) + "." + name)) return found;
    return vars_.find(name);
  }

  bool no_such_key(const node& n, const value& map, const value& key) {
    fail(n, to_text(key).value_or("?"));
    problem_.why = failure::no_key;
    problem_.selected = n.does == op::select;
    problem_.among = map;
    return false;
  }

  /// Turns what is missing into sentences, with the nearest name that there is.
  void explain(failure& p) const {
    if (p.why == failure::told) return;
    const auto wanted = std::move(p.found);
    if (p.why == failure::no_name) {
      const auto near = nearest_name(wanted, vars_.names());
      p.found = fmt::format("nothing here is called '{}'", wanted);
      p.expected = "a name that is known here";
      p.advice = near.empty() ? "" : "Did you mean '" + near + "'?";
      return;
    }
    std::vector<std::string> names;
    if (p.among.size() <= 200)  // names are for people: a table of a thousand keys has none
      for (const auto& k : p.among.keys())
        if (auto text = to_text(k)) names.push_back(std::move(*text));
    const auto near = nearest_name(wanted, names);
    std::string all;
    for (std::size_t i = 0; i < names.size() && i < 12; ++i) all += (i ? ", " : "one of ") + names[i];
    if (names.size() > 12) all += " …";
    p.found = fmt::format("there is no '{}'", wanted);
    p.expected = p.among.size() == 0 ? "a key, but the map is empty" : names.empty() ? "a key that the map has" : all;
    p.advice = !near.empty() && near != wanted ? "Did you mean '" + near + "'?" : p.selected ? "Ask first with has(…)" : "";
  }

  /// What a search for `key` costs beyond a step. A long text is hashed and compared as a whole.
  static std::uint64_t search_cost(const value& map, const value& key) { return map.lookup_cost() + (key.is(value_kind::text) ? key.text().size() / 16 : 0); }
  /// What it costs to make sure that `known` keys are unlike `key`.
  static std::uint64_t unlike_cost(std::size_t known, const value& key) { return known * (64 + (key.is(value_kind::text) ? key.text().size() : 0)) / 256; }

  bool select(node_ref r, const node& n, value& out) {
    if (dotted_ && n.does == op::select) {
      std::string name;
      bool exact = false;
      if (dotted_name(r, name, exact))
        if (auto found = find_dotted(name, exact)) return out = std::move(*found), true;
    }
    value scratch;
    const auto* base = operand(n.of[0], scratch);
    if (!base) return false;
    if (!base->is(value_kind::map)) return fail(n, fmt::format("'{}' is looked for in a value of type {}", n.name, cel_type_name(base->kind())), "a map");
    if (!charge(n, base->lookup_cost())) return false;
    auto found = base->find(std::string_view(n.name));
    if (n.does == op::has) out = value(found.has_value());
    else if (found) out = std::move(*found);
    else return no_such_key(n, *base, value(n.name));
    return true;
  }

  bool index(const node& n, value& out) {
    value first, second;
    const auto* left = operand(n.of[0], first);
    const auto* right = left ? operand(n.of[1], second) : nullptr;
    if (!right) return false;
    const auto &base = *left, &key = *right;
    if (base.is(value_kind::map)) {
      if (!is_key(key) && !key.is(value_kind::real))
        return fail(n, fmt::format("a key of type {}", cel_type_name(key.kind())), "a string, an int, a uint or a bool");
      if (!charge(n, search_cost(base, key))) return false;
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
    constexpr std::size_t few = 4;
    std::array<value, few> here;
    std::vector<value> many(n.of.size() > few ? n.of.size() : 0);  // math.greatest has as many as one likes
    value* arguments = many.empty() ? here.data() : many.data();
    for (std::size_t i = 0; i < n.of.size(); ++i)
      if (!eval(n.of[i], arguments[i])) return false;
    call c{n.name, std::span<const value>(arguments, n.of.size()), n.pattern.get(), work_.spent() ? 0 : work_.most - work_.done, {}, 0, {}, {}, {}};
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
      if (!charge(n, unlike_cost(entries.size(), key))) return false;
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
    failure first;
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
    value first, second;
    const auto* a = operand(n.of[0], first);
    const auto* b = a ? operand(n.of[1], second) : nullptr;
    if (!b) return false;
    error problem;
    std::uint64_t work = 0;
    if (!arithmetic(n.does, *a, *b, out, problem, work)) return fail(n, std::move(problem));
    return charge(n, work);
  }

  bool equality(const node& n, value& out) {
    value first, second;
    const auto* a = operand(n.of[0], first);
    const auto* b = a ? operand(n.of[1], second) : nullptr;
    if (!b) return false;
    out = value(equal(*a, *b, &work_) == (n.does == op::equal));
    return charge(n, 0);
  }

  bool order(const node& n, value& out) {
    value first, second;
    const auto* a = operand(n.of[0], first);
    const auto* b = a ? operand(n.of[1], second) : nullptr;
    if (!b) return false;
    const auto o = compare(*a, *b);
    if (!o)
      return fail(n, fmt::format("{} and {} have no order", cel_type_name(a->kind()), cel_type_name(b->kind())), "two numbers, or two values of one type");
    const bool text = a->is(value_kind::text), bytes = a->is(value_kind::bytes);
    if ((text || bytes) && !charge(n, std::min(text ? a->text().size() : a->octets().size(), text ? b->text().size() : b->octets().size()) / 16)) return false;
    switch (n.does) {
      case op::less: out = value(*o < 0); break;
      case op::less_equal: out = value(*o <= 0); break;
      case op::greater: out = value(*o > 0); break;
      default: out = value(*o >= 0);
    }
    return true;
  }

  bool membership(const node& n, value& out) {
    value first, second;
    const auto* what = operand(n.of[0], first);
    const auto* where = what ? operand(n.of[1], second) : nullptr;
    if (!where) return false;
    if (where->is(value_kind::map)) {
      if (!charge(n, search_cost(*where, *what))) return false;
      out = value(where->find(*what).has_value());
      return true;
    }
    if (!where->is(value_kind::list))
      return fail(n, fmt::format("'in' a value of type {}", cel_type_name(where->kind())), "a list or a map",
                  where->is(value_kind::text) ? "Ask a text with text.contains(part)" : "");
    bool found = false;
    const auto size = where->size();
    for (std::size_t i = 0; i < size && !found && !work_.spent(); ++i) found = equal(where->item(i), *what, &work_);
    out = value(found);
    return charge(n, 0);
  }

  /// What a macro walks over: the items of a list or the keys of a map; with two variables index and item, or key and value.
  struct walk {
    value over;
    value::map_entries entries;  // of a map, for two variables
    std::size_t size = 0;
  };

  bool range(const node& n, walk& w) {
    if (!eval(n.of[0], w.over)) return false;
    const bool map = w.over.is(value_kind::map);
    if (!map && !w.over.is(value_kind::list))
      return fail(n, fmt::format("a value of type {} has no items", cel_type_name(w.over.kind())), "a list or a map");
    w.size = w.over.size();
    if (!map) return true;
    if (!charge(n, w.size)) return false;
    if (n.pair) w.entries = w.over.entries();
    else w.over = value(w.over.keys());
    return true;
  }

  void step(const node& n, const walk& w, std::size_t i) {
    if (!n.pair) {
      locals_[n.slot] = w.over.item(i);
    } else if (w.over.is(value_kind::map)) {
      locals_[n.slot] = w.entries[i].key;
      locals_[n.slot + 1] = w.entries[i].what;
    } else {
      locals_[n.slot] = value(std::int64_t(i));
      locals_[n.slot + 1] = w.over.item(i);
    }
  }

  bool quantify(const node& n, value& out) {
    walk w;
    if (!range(n, w)) return false;
    const auto name = n.does == op::all ? "all()" : n.does == op::exists ? "exists()" : "exists_one()";
    std::size_t hits = 0;
    failure first;
    bool failed = false;
    for (std::size_t i = 0; i < w.size; ++i) {
      step(n, w, i);
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
    walk w;
    value verdict;
    if (!range(n, w)) return false;
    const bool filters = n.does == op::filter || n.of.size() == 3;
    const bool makes_map = n.does == op::transform_map || n.does == op::transform_entries;
    value::list_items items;
    value::map_entries entries;
    for (std::size_t i = 0; i < w.size; ++i) {
      step(n, w, i);
      if (filters) {
        if (!truth(n, n.of[1], n.does == op::filter ? "filter()" : "the condition", verdict)) return false;
        if (!verdict.boolean()) continue;
      }
      value made;
      if (n.does == op::filter) made = locals_[n.slot];
      else if (!eval(n.of.back(), made)) return false;
      if (n.does == op::transform_entries) {
        if (!add_entries(n, made, entries)) return false;
      } else if (makes_map) {
        entries.push_back({locals_[n.slot], std::move(made)});
      } else {
        items.push_back(std::move(made));
      }
    }
    out = makes_map ? value(std::move(entries)) : value(std::move(items));
    return true;
  }

  bool add_entries(const node& n, const value& made, value::map_entries& all) {
    if (!made.is(value_kind::map)) return fail(n, fmt::format("an entry of type {}", cel_type_name(made.kind())), "a map such as {key: value}");
    for (auto& e : made.entries()) {
      if (!charge(n, 1 + unlike_cost(all.size(), e.key))) return false;
      for (const auto& known : all)
        if (equal(known.key, e.key)) return fail(n, fmt::format("the key '{}' stands twice in one map", to_text(e.key).value_or("?")), "each key once");
      all.push_back(std::move(e));
    }
    return true;
  }

  const syntax_tree& tree_;
  const variables& vars_;
  work_meter work_;
  const bool dotted_;
  bool final_ = false;
  failure problem_;
  std::vector<value> locals_;
};

}  // namespace

result<value> evaluate(const syntax_tree& tree, const variables& vars, evaluation_limit limit) { return evaluator(tree, vars, limit).run(); }

}  // namespace steward::cel
