#include "runtime/expression/type_check.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "runtime/expression/functions.hpp"

namespace steward::cel {
namespace {

using enum value_kind;

struct result_row {
  std::string_view function;
  value_kind gives;
};
// Functions that give one type whatever they are given; of the others nothing is known.
constexpr result_row results[] = {
    {"size", integer},        {"type", type},           {"bool", boolean},         {"int", integer},         {"uint", unsigned_integer}, {"double", real},
    {"string", text},         {"bytes", bytes},         {"timestamp", timestamp},  {"duration", duration},   {"contains", boolean},      {"startsWith", boolean},
    {"endsWith", boolean},    {"matches", boolean},     {"charAt", text},          {"indexOf", integer},     {"lastIndexOf", integer},   {"join", text},
    {"lowerAscii", text},     {"upperAscii", text},     {"replace", text},         {"reverse", text},        {"split", list},            {"substring", text},
    {"trim", text},           {"format", text},         {"strings.quote", text},   {"base64.encode", text},  {"base64.decode", bytes},   {"getFullYear", integer},
    {"getMonth", integer},    {"getDate", integer},     {"getDayOfMonth", integer}, {"getDayOfWeek", integer}, {"getDayOfYear", integer},  {"getHours", integer},
    {"getMinutes", integer},  {"getSeconds", integer},  {"getMilliseconds", integer}, {"math.ceil", real},    {"math.floor", real},       {"math.round", real},
    {"math.trunc", real},     {"math.sqrt", real},      {"math.isNaN", boolean},   {"math.isInf", boolean},  {"math.isFinite", boolean},
};
// What they make of a literal is known beforehand.
constexpr std::string_view conversions[] = {"bool", "int", "uint", "double", "timestamp", "duration"};
// Functions on a text: whatever else stands before the dot can't be.
constexpr std::string_view of_texts[] = {"contains",   "startsWith", "endsWith", "matches", "charAt",    "indexOf", "lastIndexOf", "lowerAscii",
                                         "upperAscii", "replace",    "reverse",  "split",   "substring", "trim",    "format"};

bool is_number(value_kind k) { return k == integer || k == unsigned_integer || k == real; }
bool has_order(value_kind k) { return is_number(k) || k == boolean || k == text || k == bytes || k == timestamp || k == duration; }

class judge {
public:
  judge(const syntax_tree& tree, const node& n, std::span<const known_type> parts) : tree_(tree), n_(n), parts_(parts) {}

  result<known_type> run() {
    switch (n_.does) {
      case op::literal: return known_type(n_.literal.kind());
      case op::list:
      case op::filter:
      case op::map_each:
      case op::transform_list: return n_.does == op::list ? known_type(list) : walked(list);
      case op::map: return known_type(map);
      case op::transform_map:
      case op::transform_entries: return walked(map);
      case op::has: return known_type(boolean);
      case op::all:
      case op::exists:
      case op::exists_one:
        if (auto r = truth(1, "the condition"); !r) return r;
        return walked(boolean);
      case op::not_: return truth(0, "!");
      case op::and_:
      case op::or_:
        for (std::size_t i = 0; i < parts_.size(); ++i)
          if (auto r = truth(i, n_.does == op::and_ ? "&&" : "||"); !r) return r;
        return known_type(boolean);
      case op::conditional:
        if (auto r = truth(0, "the condition of ?:"); !r) return r;
        return parts_[1] == parts_[2] ? parts_[1] : known_type();
      case op::equal:
      case op::not_equal: return equality();
      case op::less:
      case op::less_equal:
      case op::greater:
      case op::greater_equal: return order();
      case op::in:
        if (parts_[1] && *parts_[1] != list && *parts_[1] != map)
          return refused(fmt::format("'in' a value of type {}", name(*parts_[1])), "a list or a map", *parts_[1] == text ? "Ask a text with text.contains(part)" : "");
        return known_type(boolean);
      case op::negate:
        if (parts_[0] && *parts_[0] != integer && *parts_[0] != real) return refused(fmt::format("there is no -{}", name(*parts_[0])), "an int or a double");
        return parts_[0];
      case op::add:
      case op::subtract:
      case op::multiply:
      case op::divide:
      case op::modulo: return sum();
      case op::index:
        if (parts_[0] && *parts_[0] != list && *parts_[0] != map)
          return refused(fmt::format("[ ] on a value of type {}", name(*parts_[0])), "a list or a map", *parts_[0] == text ? "Take a character with text.charAt(i)" : "");
        return known_type();
      case op::call: return call();
      case op::bind: return parts_[1];
      default: return known_type();
    }
  }

private:
  static std::string_view name(value_kind k) { return cel_type_name(k); }
  error refused(std::string found, std::string expected, std::string advice = {}) const {
    return error_at(*tree_.text, n_.at, std::move(found), std::move(expected), std::move(advice));
  }

  result<known_type> truth(std::size_t i, std::string_view where) const {
    if (parts_[i] && *parts_[i] != boolean) return refused(fmt::format("{} is given a value of type {}", where, name(*parts_[i])), "true or false");
    return known_type(boolean);
  }

  result<known_type> walked(value_kind gives) const {
    if (parts_[0] && *parts_[0] != list && *parts_[0] != map) return refused(fmt::format("a value of type {} has no items", name(*parts_[0])), "a list or a map");
    return known_type(gives);
  }

  result<known_type> equality() const {
    const auto a = parts_[0], b = parts_[1];
    // null stands for "not there" in JSON: any value may be compared with it.
    if (a && b && *a != *b && !(is_number(*a) && is_number(*b)) && *a != null && *b != null)
      return refused(fmt::format("{} and {} are never equal", name(*a), name(*b)), "two values of one type", *a == text || *b == text ? "Convert with string(x)" : "");
    return known_type(boolean);
  }

  result<known_type> order() const {
    const auto a = parts_[0], b = parts_[1];
    const bool wrong = (a && !has_order(*a)) || (b && !has_order(*b)) || (a && b && *a != *b && !(is_number(*a) && is_number(*b)));
    const bool moment = wrong && ((a == timestamp && b == text) || (a == text && b == timestamp));
    if (wrong)
      return refused(fmt::format("{} and {} have no order", a ? name(*a) : "any", b ? name(*b) : "any"), "two numbers, or two values of one type",
                     moment ? "Write timestamp('2026-01-31T09:30:00Z') instead of the text alone" : "");
    return known_type(boolean);
  }

  result<known_type> sum() const {
    const auto a = parts_[0], b = parts_[1];
    const bool plus = n_.does == op::add, minus = n_.does == op::subtract;
    const auto allowed = [&](value_kind k) {
      if (is_number(k)) return n_.does != op::modulo || k != real;
      if (k == timestamp || k == duration) return plus || minus;
      return plus && (k == text || k == bytes || k == list);
    };
    const auto is_time = [](value_kind k) { return k == timestamp || k == duration; };
    bool wrong = (a && !allowed(*a)) || (b && !allowed(*b));
    known_type gives;
    if (!wrong && a && b) {
      if (is_time(*a) && is_time(*b)) {
        wrong = plus ? *a == timestamp && *b == timestamp : *a == duration && *b == timestamp;
        gives = *a == *b ? duration : timestamp;
      } else {
        wrong = *a != *b;
        gives = a;
      }
    }
    if (!wrong) return gives;
    std::string advice;
    if (a && b && is_number(*a) && is_number(*b)) advice = "CEL does not mix numbers: write 2.0 instead of 2, or convert with double(x), int(x), uint(x)";
    else if (plus && (a == text || b == text)) advice = "Convert with string(x)";
    const char sign = plus ? '+' : minus ? '-' : n_.does == op::multiply ? '*' : n_.does == op::divide ? '/' : '%';
    return refused(fmt::format("there is no {} {} {}", a ? name(*a) : "any", sign, b ? name(*b) : "any"), "two values of one type", advice);
  }

  result<known_type> call() const {
    const bool of_text = std::find(std::begin(of_texts), std::end(of_texts), n_.name) != std::end(of_texts);
    if (of_text && parts_[0] && *parts_[0] != text) return refused(fmt::format("'{}' of a value of type {}", n_.name, name(*parts_[0])), "a string");
    if (n_.name == "size" && parts_[0] && *parts_[0] != text && *parts_[0] != bytes && *parts_[0] != list && *parts_[0] != map)
      return refused(fmt::format("there is no size({})", name(*parts_[0])), "a string, bytes, a list or a map");
    if (auto fits = constant_conversion(); !fits) return fits.error();
    for (const auto& row : results)
      if (row.function == n_.name) return known_type(row.gives);
    return known_type();
  }

  result<void> constant_conversion() const {
    if (!n_.callee || n_.of.size() != 1 || std::find(std::begin(conversions), std::end(conversions), n_.name) == std::end(conversions)) return {};
    const auto& given = tree_.nodes[n_.of[0]];
    if (given.does != op::literal) return {};
    cel::call tried{.name = n_.name, .arguments = std::span(&given.literal, 1), .budget = UINT64_MAX};
    if (n_.callee->run(tried)) return {};
    return refused(tried.found, tried.expected, tried.advice);
  }

  const syntax_tree& tree_;
  const node& n_;
  const std::span<const known_type> parts_;
};

}  // namespace

result<known_type> type_of_node(const syntax_tree& tree, const node& n, std::span<const known_type> parts) { return judge(tree, n, parts).run(); }

}  // namespace steward::cel
