/// From a schema's JSON to rules; refuses what it does not understand.
#include <fmt/format.h>

#include "runtime/schema/rule_book.hpp"
#include "runtime/schema/schema.hpp"

namespace steward {
namespace schema_detail {
namespace {

// What a keyword's value is, and where it goes.
enum class shape {
  annotation,    // says nothing about the value
  types, values, constant, number, positive_number, count, flag, pattern, words,
  one,           // a subschema
  list,          // of subschemas, not empty
  map,           // of subschemas by name
  pattern_map,   // of subschemas by pattern
  words_map,     // of lists of words by name
  definitions,   // a map of subschemas that only references reach
  reference, anchor, id, dialect,
};

struct keyword {
  std::string_view name;
  shape is;
  std::optional<json> rule::*number = nullptr;
  std::optional<std::uint64_t> rule::*count = nullptr;
  std::optional<rule_ref> rule::*one = nullptr;
  std::vector<rule_ref> rule::*list = nullptr;
};

constexpr keyword number_row(std::string_view name, std::optional<json> rule::*to, shape is = shape::number) { return {name, is, to}; }
constexpr keyword count_row(std::string_view name, std::optional<std::uint64_t> rule::*to) { return {name, shape::count, nullptr, to}; }
constexpr keyword one_row(std::string_view name, std::optional<rule_ref> rule::*to) { return {name, shape::one, nullptr, nullptr, to}; }
constexpr keyword list_row(std::string_view name, std::vector<rule_ref> rule::*to) { return {name, shape::list, nullptr, nullptr, nullptr, to}; }

constexpr keyword keywords[] = {
    {"type", shape::types},
    {"enum", shape::values},
    {"const", shape::constant},
    number_row("minimum", &rule::minimum),
    number_row("maximum", &rule::maximum),
    number_row("exclusiveMinimum", &rule::exclusive_minimum),
    number_row("exclusiveMaximum", &rule::exclusive_maximum),
    number_row("multipleOf", &rule::multiple_of, shape::positive_number),
    count_row("minLength", &rule::min_length),
    count_row("maxLength", &rule::max_length),
    {"pattern", shape::pattern},
    count_row("minItems", &rule::min_items),
    count_row("maxItems", &rule::max_items),
    count_row("minContains", &rule::min_contains),
    count_row("maxContains", &rule::max_contains),
    {"uniqueItems", shape::flag},
    list_row("prefixItems", &rule::prefix_items),
    one_row("items", &rule::items),
    one_row("contains", &rule::contains),
    one_row("unevaluatedItems", &rule::unevaluated_items),
    count_row("minProperties", &rule::min_properties),
    count_row("maxProperties", &rule::max_properties),
    {"required", shape::words},
    {"properties", shape::map},
    {"patternProperties", shape::pattern_map},
    one_row("additionalProperties", &rule::additional_properties),
    one_row("propertyNames", &rule::property_names),
    one_row("unevaluatedProperties", &rule::unevaluated_properties),
    {"dependentRequired", shape::words_map},
    {"dependentSchemas", shape::map},
    list_row("allOf", &rule::all_of),
    list_row("anyOf", &rule::any_of),
    list_row("oneOf", &rule::one_of),
    one_row("not", &rule::not_),
    one_row("if", &rule::if_),
    one_row("then", &rule::then_),
    one_row("else", &rule::else_),
    {"$ref", shape::reference},
    {"$defs", shape::definitions},
    {"$anchor", shape::anchor},
    {"$id", shape::id},
    {"$schema", shape::dialect},
    {"$comment", shape::annotation},
    {"title", shape::annotation},
    {"description", shape::annotation},
    {"default", shape::annotation},
    {"examples", shape::annotation},
    {"deprecated", shape::annotation},
    {"readOnly", shape::annotation},
    {"writeOnly", shape::annotation},
    {"format", shape::annotation},
    {"contentMediaType", shape::annotation},
    {"contentEncoding", shape::annotation},
};

// Names of older drafts, and what says the same today.
constexpr std::pair<std::string_view, std::string_view> former[] = {{"definitions", "Write $defs"},
                                                                    {"dependencies", "Write dependentRequired or dependentSchemas"},
                                                                    {"additionalItems", "Write items, and prefixItems for those before"},
                                                                    {"id", "Write $id"},
                                                                    {"$dynamicRef", "Write $ref"},
                                                                    {"$recursiveRef", "Write $ref"}};

constexpr std::string_view dialect = "https://json-schema.org/draft/2020-12/schema";
constexpr int levels_most = 100;
constexpr std::size_t rules_most = 20'000;          // A schema of a few megabytes.
constexpr std::int64_t pattern_memory = 1 << 20;    // a{1000}{1000} is refused instead of eating the machine

/// Patterns come from ECMA-262, where \u00e4 is a character; RE2 writes it \x{00e4}.
std::string to_re2(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 >= text.size()) {
      out += text[i];
    } else if (text[i + 1] == 'u' && i + 5 < text.size()) {
      out += fmt::format("\\x{{{}}}", text.substr(i + 2, 4));
      i += 5;
    } else {
      out += text.substr(i++, 2);
    }
  }
  return out;
}

class compiler {
public:
  result<std::shared_ptr<const rule_book>> run(const json& source) {
    if (source.is_object())
      if (const auto* id = source.get_object().if_contains("$id"); id && id->is_string()) id_ = std::string(id->get_string());
    book_ = std::make_shared<rule_book>();
    compile(source, "", "", 0);
    resolve();
    if (!problem_) refuse_circles();
    if (problem_) return std::move(*problem_);
    return std::shared_ptr<const rule_book>(std::move(book_));
  }

private:
  void fail(const std::string& where, std::string found, std::string expected, std::string advice = {}) {
    if (!problem_) problem_ = error{"bad_schema", where, std::move(found), std::move(expected), std::move(advice)};
  }
  static std::string below(const std::string& where, std::string_view name) { return where.empty() ? std::string(name) : where + "." + std::string(name); }
  static std::string step(std::string_view name) {
    std::string out = "/";
    for (const char c : name) out += c == '~' ? std::string("~0") : c == '/' ? std::string("~1") : std::string(1, c);
    return out;
  }

  /// `where` is for people ("properties.lead"), `pointer` for references ("/properties/lead").
  rule_ref compile(const json& source, const std::string& where, const std::string& pointer, int level) {
    const auto self = rule_ref(book_->rules.size());
    book_->rules.emplace_back();
    places_[pointer] = self;
    if (level > levels_most || book_->rules.size() > rules_most)
      return fail(where, "the schema is too large", fmt::format("at most {} levels and {} subschemas", levels_most, rules_most)), self;
    if (const auto* yes = source.if_bool()) {
      book_->rules[self].refuses_all = !*yes;
      return self;
    }
    const auto* object = source.if_object();
    if (!object) return fail(where, "found " + shown(source), "a schema: a map, true or false"), self;
    for (const auto& pair : *object) {
      if (problem_) return self;
      const std::string_view name = pair.key();
      if (name.starts_with("x-")) continue;
      const auto* row = std::find_if(std::begin(keywords), std::end(keywords), [&](const auto& k) { return k.name == name; });
      if (row == std::end(keywords)) unknown(where, name);
      else read(*row, pair.value(), self, below(where, name), pointer + step(name), level);
    }
    return self;
  }

  void unknown(const std::string& where, std::string_view name) {
    std::string advice;
    for (const auto& [old, today] : former)
      if (name == old) advice = today;
    if (advice.empty()) {
      std::vector<std::string_view> names;
      for (const auto& k : keywords) names.push_back(k.name);
      const auto near = nearest_name(name, names);
      advice = near.empty() ? "A note of your own starts with x-" : "Did you mean '" + near + "'?";
    }
    fail(where, fmt::format("'{}' is no keyword", name), "a keyword of JSON Schema 2020-12", advice);
  }

  void read(const keyword& k, const json& v, rule_ref self, const std::string& where, const std::string& pointer, int level) {
    // compile() grows the vector of rules: `book_->rules[self]` is looked up again after each.
    const auto me = [&]() -> rule& { return book_->rules[self]; };
    switch (k.is) {
      case shape::annotation: break;
      case shape::types: me().types = type_mask(v, where); break;
      case shape::values:
        if (!v.is_array() || v.get_array().empty()) return fail(where, "found " + shown(v), "a list of values");
        me().any_of_these.emplace(v.get_array().begin(), v.get_array().end());
        break;
      case shape::constant: me().constant = v; break;
      case shape::number:
      case shape::positive_number:
        if (!v.is_number() || (k.is == shape::positive_number && compare_numbers(v, 0) <= 0))
          return fail(where, "found " + shown(v), k.is == shape::number ? "a number" : "a number above 0");
        me().*k.number = v;
        break;
      case shape::count: {
        const auto n = v.is_number() && is_whole(v) && compare_numbers(v, 0) >= 0 && compare_numbers(v, INT64_MAX) <= 0;
        if (!n) return fail(where, "found " + shown(v), "a whole number from 0");
        me().*k.count = v.is_double() ? std::uint64_t(v.get_double()) : v.to_number<std::uint64_t>();
        break;
      }
      case shape::flag:
        if (!v.is_bool()) return fail(where, "found " + shown(v), "true or false");
        me().unique_items = v.get_bool();
        break;
      case shape::pattern:
        if (!v.is_string()) return fail(where, "found " + shown(v), "a pattern");
        me().matches = compile_pattern(v.get_string(), where);
        break;
      case shape::words: me().required = words(v, where); break;
      case shape::one: {
        const auto child = compile(v, where, pointer, level + 1);
        me().*k.one = child;
        break;
      }
      case shape::list: {
        if (!v.is_array() || v.get_array().empty()) return fail(where, "found " + shown(v), "a list of schemas, at least one");
        std::vector<rule_ref> children;
        for (std::size_t i = 0; i < v.get_array().size(); ++i)
          children.push_back(compile(v.get_array()[i], fmt::format("{}[{}]", where, i), fmt::format("{}/{}", pointer, i), level + 1));
        me().*k.list = std::move(children);
        break;
      }
      case shape::map:
      case shape::pattern_map:
      case shape::definitions:
        if (!v.is_object()) return fail(where, "found " + shown(v), "a map of schemas");
        for (const auto& pair : v.get_object()) {
          const std::string name(pair.key());
          const auto child = compile(pair.value(), below(where, name), pointer + step(name), level + 1);
          if (k.is == shape::pattern_map) me().pattern_properties.emplace_back(compile_pattern(name, where), child);
          else if (k.name == "properties") me().properties.emplace(name, child);
          else if (k.name == "dependentSchemas") me().dependent_schemas.emplace_back(name, child);
        }
        break;
      case shape::words_map:
        if (!v.is_object()) return fail(where, "found " + shown(v), "a map of lists of names");
        for (const auto& pair : v.get_object()) me().dependent_required.emplace_back(pair.key(), words(pair.value(), below(where, pair.key())));
        break;
      case shape::reference:
        if (!v.is_string()) return fail(where, "found " + shown(v), "a reference such as #/$defs/lead");
        references_.push_back({self, std::string(v.get_string()), where});
        break;
      case shape::anchor:
        if (!v.is_string()) return fail(where, "found " + shown(v), "a name");
        if (!anchors_.emplace(std::string(v.get_string()), self).second)
          return fail(where, fmt::format("the anchor {} stands twice", shown(v)), "each anchor once");
        break;
      case shape::id:
        if (!v.is_string()) return fail(where, "found " + shown(v), "a URI");
        if (level > 0) return fail(where, "a $id inside the schema", "one $id, at the root", "Write the part below $defs and refer to it");
        break;
      case shape::dialect:
        if (!v.is_string() || (v.get_string() != dialect && v.get_string() != std::string(dialect) + "#"))
          return fail(where, "found " + shown(v), std::string(dialect));
        break;
    }
  }

  std::uint8_t type_mask(const json& v, const std::string& where) {
    std::uint8_t mask = 0;
    const auto add = [&](const json& word) {
      const auto* row =
          std::find_if(std::begin(types), std::end(types), [&](const auto& t) { return word.is_string() && std::string_view(word.get_string()) == t.word; });
      if (row != std::end(types)) {
        mask |= row->bit;
        return;
      }
      std::vector<std::string_view> names;
      for (const auto& t : types) names.push_back(t.word);
      const auto near = word.is_string() ? nearest_name(std::string_view(word.get_string()), names) : std::string();
      fail(where, "found " + shown(word), "null, boolean, integer, number, string, array or object", near.empty() ? "" : "Did you mean '" + near + "'?");
    };
    if (!v.is_array()) add(v);
    else if (v.get_array().empty()) fail(where, "found []", "at least one type");
    else
      for (const auto& word : v.get_array()) add(word);
    return mask;
  }

  std::vector<std::string> words(const json& v, const std::string& where) {
    std::vector<std::string> all;
    if (!v.is_array()) return fail(where, "found " + shown(v), "a list of names"), all;
    for (const auto& word : v.get_array()) {
      if (!word.is_string()) return fail(where, "found " + shown(word), "a name"), all;
      all.emplace_back(word.get_string());
    }
    return all;
  }

  pattern compile_pattern(std::string_view text, const std::string& where) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(pattern_memory);
    auto compiled = std::make_shared<const re2::RE2>(to_re2(text), options);
    if (!compiled->ok())
      fail(where, fmt::format("the pattern '{}' is wrong: {}", text, compiled->error()), "a regular expression without look-around and back references");
    return {std::string(text), std::move(compiled)};
  }

  // ---- references

  struct reference {
    rule_ref from;
    std::string to;
    std::string where;
  };

  void resolve() {
    for (const auto& r : references_) {
      std::string_view to = r.to;
      if (!id_.empty() && to.starts_with(id_)) to.remove_prefix(id_.size());
      std::optional<rule_ref> target;
      if (to.empty() || to == "#") target = 0;
      else if (to.starts_with("#/")) {
        if (const auto it = places_.find(unescape(to.substr(1))); it != places_.end()) target = it->second;
      } else if (to.starts_with('#')) {
        if (const auto it = anchors_.find(to.substr(1)); it != anchors_.end()) target = it->second;
      }
      if (!target) {
        std::vector<std::string> names;
        for (const auto& place : places_)
          if (place.first.starts_with("/$defs/")) names.push_back("#" + place.first);
        for (const auto& anchor : anchors_) names.push_back("#" + anchor.first);
        const auto near = nearest_name(r.to, names);
        return fail(r.where, fmt::format("the reference '{}' leads nowhere", r.to), "a schema in this document: #, #/$defs/… or #anchor",
                    near.empty() ? "" : "Did you mean '" + near + "'?");
      }
      book_->rules[r.from].ref = *target;
    }
  }

  /// %25 of a URI; the ~0 and ~1 of a JSON pointer stay, for places_ has them too.
  static std::string unescape(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      unsigned code = 0;
      if (text[i] == '%' && i + 2 < text.size() && std::sscanf(std::string(text.substr(i + 1, 2)).c_str(), "%2x", &code) == 1) out += char(code), i += 2;
      else out += text[i];
    }
    return out;
  }

  /// A rule that reaches itself without going deeper into the value would never end.
  void refuse_circles() {
    enum class mark { fresh, open, done };
    std::vector<mark> marks(book_->rules.size(), mark::fresh);
    int depth = 0;
    const std::function<bool(rule_ref)> circles = [&](rule_ref r) {
      if (marks[r] != mark::fresh) return marks[r] == mark::open;
      if (depth > levels_most) return true;
      ++depth;
      marks[r] = mark::open;
      const auto& me = book_->rules[r];
      std::vector<rule_ref> next;
      for (const auto* list : {&me.all_of, &me.any_of, &me.one_of}) next.insert(next.end(), list->begin(), list->end());
      for (const auto* one : {&me.not_, &me.if_, &me.then_, &me.else_, &me.ref})
        if (*one) next.push_back(**one);
      for (const auto& pair : me.dependent_schemas) next.push_back(pair.second);
      const bool found = std::any_of(next.begin(), next.end(), circles);
      marks[r] = mark::done;
      --depth;
      return found;
    };
    for (const auto& r : references_)
      if (circles(r.from))
        return fail(r.where, fmt::format("'{}' leads back to itself, or on and on, without going deeper into the value", r.to),
                    "a reference below properties or items, or one that ends");
  }

  std::shared_ptr<rule_book> book_;
  std::optional<error> problem_;
  std::string id_;
  std::map<std::string, rule_ref> places_;
  std::map<std::string, rule_ref, std::less<>> anchors_;
  std::vector<reference> references_;
};

}  // namespace
}  // namespace schema_detail

schema::schema() {
  static const auto accepts_all = [] {
    auto book = std::make_shared<schema_detail::rule_book>();
    book->rules.emplace_back();
    return std::shared_ptr<const schema_detail::rule_book>(std::move(book));
  }();
  book_ = accepts_all;
}

result<schema> schema::parse(const json& source) {
  auto book = schema_detail::compiler().run(source);
  if (!book) return book.error();
  return schema(std::move(*book));
}

}  // namespace steward
