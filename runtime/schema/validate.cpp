/// Applies the rules to a value and names every place that does not fit.
#include <set>

#include <fmt/format.h>

#include "runtime/schema/rule_book.hpp"
#include "runtime/schema/schema.hpp"

namespace steward {
namespace schema_detail {
namespace {

constexpr std::size_t errors_most = 20;      // What a person mends before asking again.
constexpr int depth_most = 500;              // 64 levels of a value, with a few rules in place at each; far below a thread's stack.
constexpr std::uint64_t steps_most = 5'000'000;  // Some seconds. $defs that double each other could take for ever.

/// What some keyword has already looked at; unevaluatedProperties and unevaluatedItems care for the rest.
struct looked_at {
  std::set<std::string_view> properties;
  std::set<std::size_t> items;
  void add(const looked_at& more) {
    properties.insert(more.properties.begin(), more.properties.end());
    items.insert(more.items.begin(), more.items.end());
  }
};

class validator {
public:
  explicit validator(const rule_book& book) : book_(book) {}

  std::vector<error> run(const json& value) {
    std::vector<error> errors;
    apply(0, value, "", errors, nullptr);
    if (steps_ > steps_most)
      errors.assign(1, {"schema_violation", "", "the value takes too long to check against this schema", "a simpler schema, or a smaller value", ""});
    return errors;
  }

private:
  using errors_list = std::vector<error>;

  static void say(errors_list& out, std::string code, const std::string& where, std::string found, std::string expected, std::string advice = {}) {
    if (out.size() < errors_most) out.push_back({std::move(code), where, std::move(found), std::move(expected), std::move(advice)});
  }
  static void violate(errors_list& out, const std::string& where, std::string found, std::string expected, std::string advice = {}) {
    say(out, "schema_violation", where, std::move(found), std::move(expected), std::move(advice));
  }
  static std::string below(const std::string& where, std::string_view key) { return where.empty() ? std::string(key) : where + "." + std::string(key); }
  static std::string below(const std::string& where, std::size_t index) { return fmt::format("{}[{}]", where, index); }

  /// Whether the value fits, without words.
  bool fits(rule_ref r, const json& v, looked_at* seen) {
    errors_list ignored;
    return apply(r, v, "", ignored, seen);
  }

  /// True when `v` fits. What the rule looked at is added to `seen` (when given) only then.
  bool apply(rule_ref index, const json& v, const std::string& where, errors_list& out, looked_at* outer) {
    const auto before = out.size();
    if (++steps_ > steps_most) return false;
    const struct deeper {
      explicit deeper(int& depth) : depth(++depth) {}
      ~deeper() { --depth; }
      int& depth;
    } level(depth_);
    if (depth_ > depth_most) {
      violate(out, where, "the value and the schema are nested too deeply", fmt::format("at most {} rules inside each other", depth_most));
      return false;
    }
    const rule& r = book_.rules[index];
    if (r.refuses_all) {
      violate(out, where, "found " + shown(v), "nothing to be here");
      return false;
    }
    looked_at mine;
    looked_at* seen = outer || r.unevaluated_properties || r.unevaluated_items ? &mine : nullptr;
    bool ok = any_value(r, v, where, out);
    if (v.is_number()) ok &= number(r, v, where, out);
    else if (v.is_string()) ok &= text(r, std::string_view(v.get_string()), v, where, out);
    else if (v.is_array()) ok &= list(r, v.get_array(), where, out, seen);
    else if (v.is_object()) ok &= map(r, v.get_object(), v, where, out, seen);
    ok &= in_place(r, v, where, out, seen);
    if (r.unevaluated_properties && v.is_object())
      for (const auto& pair : v.get_object())
        if (!mine.properties.contains(pair.key())) {
          ok &= extra(*r.unevaluated_properties, r, pair, where, out);
          mine.properties.insert(pair.key());
        }
    if (r.unevaluated_items && v.is_array())
      for (std::size_t i = 0; i < v.get_array().size(); ++i)
        if (!mine.items.contains(i)) {
          ok &= apply(*r.unevaluated_items, v.get_array()[i], below(where, i), out, nullptr);
          mine.items.insert(i);
        }
    if (ok && outer) outer->add(mine);
    return ok && out.size() == before;
  }

  static std::uint8_t bits_of(const json& v) {
    switch (v.kind()) {
      case boost::json::kind::null: return null_type;
      case boost::json::kind::bool_: return boolean_type;
      case boost::json::kind::string: return string_type;
      case boost::json::kind::array: return array_type;
      case boost::json::kind::object: return object_type;
      default: return is_whole(v) ? number_type | integer_type : number_type;
    }
  }

  bool any_value(const rule& r, const json& v, const std::string& where, errors_list& out) {
    bool ok = true;
    if (r.types && !(r.types & bits_of(v))) {
      std::string wanted;
      for (const auto& t : types)
        if (r.types & t.bit) wanted += (wanted.empty() ? "" : " or ") + std::string(t.spoken);
      say(out, "wrong_type", where, "found " + shown(v), wanted);
      ok = false;
    }
    if (r.constant && !same(v, *r.constant)) {
      violate(out, where, "found " + shown(v), shown(*r.constant));
      ok = false;
    }
    if (r.any_of_these && std::none_of(r.any_of_these->begin(), r.any_of_these->end(), [&](const json& one) { return same(v, one); })) {
      std::string wanted;
      std::vector<std::string> words;
      for (const auto& one : *r.any_of_these) {
        wanted += (wanted.empty() ? "one of " : ", ") + shown(one);
        if (one.is_string()) words.emplace_back(one.get_string());
      }
      const auto near = v.is_string() ? nearest_name(std::string_view(v.get_string()), words) : std::string();
      violate(out, where, "found " + shown(v), wanted, near.empty() ? "" : "Did you mean '" + near + "'?");
      ok = false;
    }
    return ok;
  }

  bool number(const rule& r, const json& v, const std::string& where, errors_list& out) {
    const auto before = out.size();
    const auto must = [&](const std::optional<json>& bound, std::string_view words, bool holds) {
      if (bound && !holds) violate(out, where, "found " + shown(v), fmt::format("{} {}", words, shown(*bound)));
    };
    must(r.minimum, "at least", !r.minimum || compare_numbers(v, *r.minimum) >= 0);
    must(r.maximum, "at most", !r.maximum || compare_numbers(v, *r.maximum) <= 0);
    must(r.exclusive_minimum, "more than", !r.exclusive_minimum || compare_numbers(v, *r.exclusive_minimum) > 0);
    must(r.exclusive_maximum, "less than", !r.exclusive_maximum || compare_numbers(v, *r.exclusive_maximum) < 0);
    must(r.multiple_of, "a multiple of", !r.multiple_of || is_multiple(v, *r.multiple_of));
    return out.size() == before;
  }

  /// Lengths and counts: "a text of 3 characters", "at least 5".
  static bool within(std::uint64_t n, const std::optional<std::uint64_t>& least, const std::optional<std::uint64_t>& most, std::string_view what,
                     std::string_view unit, const std::string& where, errors_list& out) {
    const auto found = [&] { return fmt::format("found {} of {} {}", what, n, unit); };
    if (least && n < *least) return violate(out, where, found(), fmt::format("at least {}", *least)), false;
    if (most && n > *most) return violate(out, where, found(), fmt::format("at most {}", *most)), false;
    return true;
  }

  bool text(const rule& r, std::string_view text, const json& v, const std::string& where, errors_list& out) {
    bool ok = true;
    if (r.min_length || r.max_length) {
      const auto characters = std::uint64_t(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
      ok = within(characters, r.min_length, r.max_length, "a text", "characters", where, out);
    }
    if (r.matches && !hit(*r.matches, text)) {
      violate(out, where, "found " + shown(v), fmt::format("a text that matches {}", r.matches->text));
      ok = false;
    }
    return ok;
  }
  static bool hit(const pattern& p, std::string_view text) { return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *p.compiled); }

  bool list(const rule& r, const boost::json::array& items, const std::string& where, errors_list& out, looked_at* seen) {
    bool ok = within(items.size(), r.min_items, r.max_items, "a list", "items", where, out);
    for (std::size_t i = 0; i < items.size(); ++i) {
      const auto judge = i < r.prefix_items.size() ? std::optional(r.prefix_items[i]) : r.items;
      if (!judge) break;
      ok &= apply(*judge, items[i], below(where, i), out, nullptr);
      if (seen) seen->items.insert(i);
    }
    if (r.contains) {
      std::uint64_t hits = 0;
      for (std::size_t i = 0; i < items.size(); ++i)
        if (fits(*r.contains, items[i], nullptr)) {
          ++hits;
          if (seen) seen->items.insert(i);
        }
      const auto least = r.min_contains.value_or(1);
      if (hits < least || (r.max_contains && hits > *r.max_contains)) {
        violate(out, where, fmt::format("found {} items of the wanted kind", hits),
                hits < least ? fmt::format("at least {}", least) : fmt::format("at most {}", *r.max_contains));
        ok = false;
      }
    }
    if (r.unique_items) {
      std::map<std::string, std::size_t> known;
      for (std::size_t i = 0; i < items.size(); ++i) {
        const auto [first, is_new] = known.emplace(identity(items[i]), i);
        if (is_new) continue;
        violate(out, below(where, i), fmt::format("found {} again, as in item {}", shown(items[i]), first->second), "each item once");
        ok = false;
      }
    }
    return ok;
  }

  bool map(const rule& r, const boost::json::object& object, const json& v, const std::string& where, errors_list& out, looked_at* seen) {
    bool ok = within(object.size(), r.min_properties, r.max_properties, "a map", "keys", where, out);
    for (const auto& name : r.required) ok &= there(object, name, where, "it to be there", out);
    for (const auto& [trigger, names] : r.dependent_required)
      if (object.contains(trigger))
        for (const auto& name : names) ok &= there(object, name, where, fmt::format("it beside '{}'", trigger), out);
    for (const auto& [trigger, then] : r.dependent_schemas)
      if (object.contains(trigger)) ok &= apply(then, v, where, out, seen);
    for (const auto& pair : object) {
      const std::string_view key = pair.key();
      bool judged = false;
      if (const auto known = r.properties.find(key); known != r.properties.end()) {
        judged = true;
        ok &= apply(known->second, pair.value(), below(where, key), out, nullptr);
      }
      for (const auto& [p, judge] : r.pattern_properties)
        if (hit(p, key)) {
          judged = true;
          ok &= apply(judge, pair.value(), below(where, key), out, nullptr);
        }
      if (!judged && r.additional_properties) {
        judged = true;
        ok &= extra(*r.additional_properties, r, pair, where, out);
      }
      if (judged && seen) seen->properties.insert(key);
      if (r.property_names) {
        errors_list why;
        if (!apply(*r.property_names, json(key), where, why, nullptr)) {
          ok = false;
          if (!why.empty()) violate(out, where, fmt::format("the key '{}' has a name that does not fit", key), why[0].expected, why[0].advice);
        }
      }
    }
    return ok;
  }

  bool there(const boost::json::object& object, const std::string& name, const std::string& where, std::string expected, errors_list& out) {
    if (object.contains(name)) return true;
    std::vector<std::string_view> keys;
    for (const auto& pair : object) keys.push_back(pair.key());
    const auto near = nearest_name(name, keys);
    say(out, "missing_key", where, fmt::format("there is no '{}'", name), std::move(expected),
        near.empty() ? "" : fmt::format("Is '{}' meant to be it?", near));
    return false;
  }

  /// A key that no rule names, judged by additionalProperties or unevaluatedProperties.
  bool extra(rule_ref judge, const rule& r, const boost::json::key_value_pair& pair, const std::string& where, errors_list& out) {
    if (!book_.rules[judge].refuses_all) return apply(judge, pair.value(), below(where, pair.key()), out, nullptr);
    std::string all;
    std::vector<std::string_view> names;
    for (const auto& known : r.properties) {
      names.push_back(known.first);
      all += (all.empty() ? "one of " : ", ") + known.first;
    }
    const auto near = nearest_name(std::string_view(pair.key()), names);
    say(out, "unknown_key", where, fmt::format("the key '{}' is not known here", std::string_view(pair.key())), all.empty() ? "no such key" : all,
        near.empty() ? "" : "Did you mean '" + near + "'?");
    return false;
  }

  bool in_place(const rule& r, const json& v, const std::string& where, errors_list& out, looked_at* seen) {
    bool ok = true;
    if (r.ref) ok &= apply(*r.ref, v, where, out, seen);
    for (const auto child : r.all_of) ok &= apply(child, v, where, out, seen);
    if (!r.any_of.empty()) ok &= alternatives(r.any_of, false, v, where, out, seen);
    if (!r.one_of.empty()) ok &= alternatives(r.one_of, true, v, where, out, seen);
    if (r.not_ && fits(*r.not_, v, nullptr)) {
      violate(out, where, "found " + shown(v), "a value that the schema under 'not' refuses");
      ok = false;
    }
    if (r.if_) {
      const auto& branch = fits(*r.if_, v, seen) ? r.then_ : r.else_;
      if (branch) ok &= apply(*branch, v, where, out, seen);
    }
    return ok;
  }

  /// anyOf and oneOf. When none fits, the alternative that got furthest speaks: the one with the fewest errors, the right type first.
  bool alternatives(const std::vector<rule_ref>& all, bool exactly_one, const json& v, const std::string& where, errors_list& out, looked_at* seen) {
    std::vector<std::size_t> hits;
    errors_list best;
    const auto distance = [&](const errors_list& errors) {
      const bool other_kind = std::any_of(errors.begin(), errors.end(), [&](const error& e) {
        return e.where == where && (e.code == "wrong_type" || (e.code == "schema_violation" && e.expected == "nothing to be here"));
      });
      return errors.size() + (other_kind ? errors_most : 0);
    };
    for (std::size_t i = 0; i < all.size(); ++i) {
      errors_list why;
      if (apply(all[i], v, where, why, seen)) hits.push_back(i);
      else if (i == 0 || best.empty() || distance(why) < distance(best)) best = std::move(why);
    }
    if (!hits.empty() && (!exactly_one || hits.size() == 1)) return true;
    if (!hits.empty()) {
      violate(out, where, fmt::format("found {}, which fits the alternatives {} and {}", shown(v), hits[0] + 1, hits[1] + 1), "exactly one to fit");
      return false;
    }
    const bool one_kind = distance(best) < errors_most && !best.empty();
    if (one_kind || all.size() == 1) {
      for (auto& e : best)
        if (out.size() < errors_most) out.push_back(std::move(e));
    } else {
      violate(out, where, "found " + shown(v), fmt::format("one of {} alternatives to fit{}", all.size(), best.empty() ? "" : ", such as " + best[0].expected));
    }
    return false;
  }

  const rule_book& book_;
  std::uint64_t steps_ = 0;
  int depth_ = 0;
};

}  // namespace
}  // namespace schema_detail

std::vector<error> schema::validate(const json& value) const { return schema_detail::validator(*book_).run(value); }

result<void> schema::check(const json& value) const {
  auto errors = validate(value);
  if (!errors.empty()) return std::move(errors.front());
  return {};
}

}  // namespace steward
