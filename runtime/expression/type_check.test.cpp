#include "tests/support/catch.hpp"

#include "runtime/expression/expression.hpp"
#include "runtime/expression/parser.hpp"
#include "runtime/expression/type_check.hpp"

namespace steward::cel {
namespace {

/// The type of an expression without knowledge of names: its kind's name, "anything", or the refusal.
result<known_type> type_of(const syntax_tree& tree, node_ref ref) {
  const auto& n = tree.nodes[ref];
  std::vector<known_type> parts;
  for (const auto child : n.of) {
    auto part = type_of(tree, child);
    if (!part) return part;
    parts.push_back(*part);
  }
  return type_of_node(tree, n, parts);
}

std::string checked(const char* text) {
  const auto tree = parse(std::make_shared<const std::string>(text), 0, ends_at::end_of_text);
  if (!tree) return to_sentence(tree.error());
  const auto type = type_of(*tree->tree, tree->tree->top);
  if (!type) return to_sentence(type.error());
  return *type ? std::string(cel_type_name(**type)) : "anything";
}

}  // namespace

TEST_CASE("the type check knows what parts of an expression must come to") {
  struct {
    const char *text, *type;
  } const rows[]{{"1 + 2 * 3", "int"}, {"x + 1", "anything"}, {"x + 'a' == y", "bool"}, {"'a' + string(x)", "string"}, {"x ? 1 : 2", "int"}, {"x ? 1 : 'a'", "anything"},
                 {"[1].map(i, i)", "list"}, {"{'a': 1}.transformMap(k, v, v)", "map"}, {"size(x) > 1 && x.matches('a')", "bool"}, {"x[0]", "anything"},
                 {"timestamp(x) - timestamp(y)", "google.protobuf.Duration"}, {"timestamp(x) + duration('1h')", "google.protobuf.Timestamp"}, {"-x", "anything"},
                 {"cel.bind(a, 1, 'b')", "string"}, {"1 == 1.0 && null == 'a' && 1u < 2.5", "bool"}, {"math.floor(1.5)", "double"}, {"type(1)", "type"}};
  for (const auto& r : rows) {
    INFO(r.text);
    CHECK(checked(r.text) == r.type);
  }
}

TEST_CASE("the type check refuses what no value could do, at its character, before anything runs") {
  struct {
    const char *text, *sentence;
  } const rows[]{
      {"'n: ' + 1", "1:7: there is no string + int. Expected two values of one type. Convert with string(x). [expression_error]"},
      {"1 + 1.0", "1:3: there is no int + double. Expected two values of one type. CEL does not mix numbers: write 2.0 instead of 2, or convert with double(x), "
                  "int(x), uint(x). [expression_error]"},
      {"x && (size(x) + 1)", "1:3: && is given a value of type int. Expected true or false. [expression_error]"},
      {"!'a'", "1:1: ! is given a value of type string. Expected true or false. [expression_error]"},
      {"size(x) == '1'", "1:9: int and string are never equal. Expected two values of one type. Convert with string(x). [expression_error]"},
      {"[1] < x", "1:5: list and any have no order. Expected two numbers, or two values of one type. [expression_error]"},
      {"x in 'abc'", "1:3: 'in' a value of type string. Expected a list or a map. Ask a text with text.contains(part). [expression_error]"},
      {"'abc'[0]", "1:6: [ ] on a value of type string. Expected a list or a map. Take a character with text.charAt(i). [expression_error]"},
      {"size(x).startsWith('a')", "1:9: 'startsWith' of a value of type int. Expected a string. [expression_error]"},
      {"'abc'.all(c, c == 'a')", "1:7: a value of type string has no items. Expected a list or a map. [expression_error]"},
      {"duration('1h') - timestamp(0)", "1:16: there is no google.protobuf.Duration - google.protobuf.Timestamp. Expected two values of one type. [expression_error]"},
      {"duration('1 day') > duration('1h')", "1:1: found no duration. Expected a length of time with its unit, such as 250ms, 30s, 10m, 2h or 3d, at most 292 years. [expression_error]"},
      {"timestamp(253402300800) > timestamp(0)",
       "1:1: 253402300800 seconds since 1970 are out of range. Expected a time within the years 1 to 9999: -62135596800 to 253402300799. [expression_error]"},
      {"int('one') == 1", "1:1: the text is no int. Expected the text of an int. [expression_error]"},
  };
  for (const auto& r : rows) {
    INFO(r.text);
    CHECK(checked(r.text) == r.sentence);
    // What is refused beforehand fails when it runs as well: the check invents nothing.
    if (std::string_view(r.text).find('x') == std::string_view::npos) CHECK(!expression::parse(r.text)->evaluate(bindings()));
  }
}

}  // namespace steward::cel
