#include "tests/support/catch.hpp"

#include "runtime/expression/expression.hpp"

namespace steward {
namespace {

/// Type and value, so that 1, 1u and 1.0 look different.
std::string shown(const result<value>& v) {
  if (!v) return to_sentence(v.error());
  const auto tree = v->to_json();
  return std::string(cel_type_name(v->kind())) + " " + (tree ? canonical(*tree) : to_text(*v).value_or("?"));
}

const json company = *parse_json(R"({
  "lead": {"name": "Ada", "address": "ada@example.com", "score": 1.5, "visits": 3, "tags": ["new", "big"], "company": null, "äöü": "µ"},
  "leads": [{"name": "Ada", "size": 4}, {"name": "Bo", "size": 40}, {"name": "Cy", "size": 400}],
  "empty": {}, "huge": 18446744073709551615})");

bindings company_names() {
  bindings vars;
  vars.bind_members(company.get_object());
  return vars;
}

result<value> run(std::string_view text, evaluation_limit limit = {}) {
  const auto parsed = expression::parse(text);
  if (!parsed) return parsed.error();
  return parsed->evaluate(company_names(), limit);
}

struct row {
  const char* text;
  const char* wanted;  // another expression of the same type and value
};
void check(std::initializer_list<row> rows) {
  for (const auto& r : rows) {
    INFO(r.text);
    CHECK(shown(run(r.text)) == shown(run(r.wanted)));
    CHECK(run(r.wanted));
  }
}

struct refusal {
  const char* text;
  const char* sentence;
};
void check_refused(std::initializer_list<refusal> rows) {
  for (const auto& r : rows) {
    INFO(r.text);
    CHECK(shown(run(r.text)) == r.sentence);
  }
}

}  // namespace

TEST_CASE("expression reads every literal of CEL with its exact type") {
  CHECK(shown(run("7")) == "int 7");
  CHECK(shown(run("7u")) == "uint 7");
  CHECK(shown(run("7.0")) == "double 7.0");
  CHECK(shown(run("'7'")) == R"(string "7")");
  CHECK(shown(run("b'7'")) == R"(bytes "Nw==")");
  CHECK(shown(run("b''")) == R"(bytes "")");
  CHECK(shown(run("b'\\x00\\377a'")) == R"(bytes "AP9h")");
  CHECK(shown(run("null")) == "null_type null");
  CHECK(shown(run("[1, 'a', [true]]")) == R"(list [1,"a",[true]])");
  CHECK(shown(run("{'b': 1, 2: 3u, true: null}")) == R"(map {"2":3,"b":1,"true":null})");
  CHECK(shown(run("int")) == R"(type "int")");
  check({
      {"0x1F", "31"},
      {"-0x8000000000000000", "-9223372036854775808"},
      {"18446744073709551615u", "0xFFFFFFFFFFFFFFFFu"},
      {".5e1", "5.0"},
      {"1e-3", "0.001"},
      {"-2", "1 - 3"},
      {"--2", "2"},
      {"!!true", "true"},
      {R"("a\n\t\"\\\x41\u00e4\U0001F600\101")", "'''a\n\t\"\\\\Aä😀A'''"},
      {R"(r"a\n")", R"('a\\n')"},
      {"'''it's\ntwo'''", R"("it's\ntwo")"},
      {"\"\"\"a \"b\" c\"\"\"", "'a \"b\" c'"},
      {"[1, 2,]", "[1, 2]"},
      {"{'a': 1,}", "{'a': 1}"},
      {"1 // a comment\n + 1", "2"},
      {"google.protobuf.Timestamp", "type(timestamp(0))"},
  });
}

TEST_CASE("expression computes as CEL does: precedence, no mixing, exact comparison across number types") {
  check({
      {"1 + 2 * 3 - 4 / 2 % 3", "5"},
      {"(1 + 2) * 3", "9"},
      {"-7 / 2", "-3"},
      {"-7 % 2", "-1"},
      {"1.0 / 0.0 > 9e300", "true"},
      {"0.0 / 0.0 == 0.0 / 0.0", "false"},
      {"0.0 / 0.0 != 0.0 / 0.0", "true"},
      {"0.0 / 0.0 < 1.0", "false"},
      {"1 == 1.0 && 1u == 1 && 1.0 == 1u", "true"},
      {"1 < 1.5 && 2u > 1.5 && -1 < 0u", "true"},
      {"9223372036854775807 == 9223372036854775808.0", "true"},  // against a double a whole number is one itself
      {"9223372036854775807 < 9223372036854775808.0 || 9223372036854775808.0 > 9223372036854775807", "false"},
      {"9223372036854775807 < 9.3e18 && 9223372036854775807 <= 9223372036854775808.0 && 18446744073709551615u >= 18446744073709551616.0", "true"},
      {"9007199254740993 == 9007199254740992.0 && 9007199254740993 != 9007199254740992", "true"},
      {"18446744073709551615u > 9223372036854775807", "true"},
      {"-9223372036854775808 == -9223372036854775808.0", "true"},
      {"1 == 'a' || [1] == {'a': 1}", "false"},
      {"[1, 2.0] == [1.0, 2u]", "true"},
      {"{'a': 1, 'b': [2]} == {'b': [2], 'a': 1u}", "true"},
      {"{'a': 1} == {'a': 1, 'b': 2}", "false"},
      {"'a' + 'b' < 'b' && b'a' < b'b' && false < true", "true"},
      {"[1] + [2, 3]", "[1, 2, 3]"},
      {"b'a' + b'b'", "b'ab'"},
      {"true ? 1 : 2 / 0", "1"},
      {"false ? 1 : true ? 2 : 3", "2"},
      {"1 in [3, 1.0] && !('b' in {'a': 1}) && 1u in {1: 2}", "true"},
      {"{1: 'a'}[1u] + {2u: 'b'}[2.0]", "'ab'"},
      {"[5, 6][1.0]", "6"},
  });
}

TEST_CASE("expression says overflow, division by zero and mixed types instead of guessing") {
  check_refused({
      {"9223372036854775807 + 1", "1:21: 9223372036854775807 + 1 overflows int. Expected a result of 64 bits. [expression_error]"},
      {"-9223372036854775808 / -1", "1:22: -9223372036854775808 / -1 overflows int. Expected a result of 64 bits. [expression_error]"},
      {"-(-9223372036854775808)", "1:1: -(-9223372036854775808) overflows int. Expected a result of 64 bits. [expression_error]"},
      {"0u - 1u", "1:4: 0 - 1 overflows uint. Expected a result of 64 bits. [expression_error]"},
      {"1 / 0", "1:3: division by zero. Expected a divisor that is not 0. [expression_error]"},
      {"1 % 0", "1:3: modulus by zero. Expected a divisor that is not 0. [expression_error]"},
      {"lead.score * 2",
       "1:12: there is no double * int. Expected two values of one type. CEL does not mix numbers: write 2.0 instead of 2, or convert with double(x), int(x), "
       "uint(x). [expression_error]"},
      {"'n: ' + 1", "1:7: there is no string + int. Expected two values of one type. Convert with string(x). [expression_error]"},
      {"1 < 'a'", "1:3: int and string have no order. Expected two numbers, or two values of one type. [expression_error]"},
      {"'a' in 'abc'", "1:5: 'in' a value of type string. Expected a list or a map. Ask a text with text.contains(part). [expression_error]"},
      {"[1, 2][2]", "1:7: the index 2 is outside the list. Expected 0 to 1. [expression_error]"},
      {"[1, 2][-1]", "1:7: the index -1 is outside the list. Expected 0 to 1. [expression_error]"},
      {"{'a': 1, 'a': 2}", "1:10: the key 'a' stands twice in one map. Expected each key once. [expression_error]"},
      {"{1.0: 1}", "1:2: a key of type double. Expected a string, an int, a uint or a bool. [expression_error]"},
      {"1 ? 2 : 3", "1:3: the condition of ?: is given a value of type int. Expected true or false. [expression_error]"},
  });
}

TEST_CASE("&& and || absorb an error when the other side decides") {
  check({
      {"false && 1 / 0 == 1", "false"},
      {"1 / 0 == 1 && false", "false"},
      {"true || 1 / 0 == 1", "true"},
      {"1 / 0 == 1 || true", "true"},
      {"1 / 0 == 1 || 7 || true", "true"},
      {"[1, 0].exists(x, 1 / x == 1)", "true"},
      {"[0, 1].exists(x, 1 / x == 1)", "true"},
      {"[0, 2].all(x, 1 / x == 1)", "false"},
  });
  for (const auto* text : {"true && 1 / 0 == 1", "1 / 0 == 1 && true", "1 / 0 == 1 || false", "true && 7", "[0, 1].all(x, 1 / x == 1)",
                           "[0, 2].exists(x, 1 / x == 1)", "[1, 0].exists_one(x, 1 / x == 1)"}) {
    INFO(text);
    CHECK(!run(text));
  }
}

TEST_CASE("macros all, exists, exists_one, filter and map walk lists and the keys of maps") {
  check({
      {"leads.filter(l, l.size > 10).map(l, l.name)", "['Bo', 'Cy']"},
      {"leads.map(l, l.size > 10, l.name)", "['Bo', 'Cy']"},
      {"leads.all(l, l.size > 0) && leads.exists(l, l.name == 'Bo') && !leads.exists_one(l, l.size > 10)", "true"},
      {"[].all(x, false) && ![].exists(x, true)", "true"},
      {"{'a': 1, 'b': 2}.exists_one(k, k == 'a')", "true"},
      {"[1, 2].map(x, [10, 20].map(y, x * y))", "[[10, 20], [20, 40]]"},
      {"[1].map(lead, lead + 1)", "[2]"},
      {"[1].map(lead, .lead.name)", "['Ada']"},
      {"[[1, 2], [3]].map(x, x.map(x, x * 2))", "[[2, 4], [6]]"},
      {"has(lead.name) && !has(lead.nickname) && has(lead.company)", "true"},
      {"has(lead.`äöü`) ? lead.`äöü` : ''", "'µ'"},
  });
}

TEST_CASE("functions on texts count code points") {
  check({
      {"size('äöü😀') + 'abc'.size() + size([1, 2]) + size({'a': 1}) + size(b'ab')", "12"},
      {"'abc'.contains('b') && 'abc'.startsWith('ab') && 'abc'.endsWith('bc')", "true"},
      {"'ada@example.com'.matches('^[^@]+@[^@]+$') && matches('abc', 'b') && !'abc'.matches('^b')", "true"},
      {"'tücht'.charAt(1) + 'tücht'.substring(1, 3) + 'tücht'.substring(4)", "'üüct' + ''"},
      {"['tücht'.indexOf('c'), 'tücht'.indexOf('x'), 'abab'.indexOf('a', 1), 'abab'.lastIndexOf('ab'), 'abab'.lastIndexOf('ab', 1)]", "[2, -1, 2, 2, 0]"},
      {"'a,b,,c'.split(',') + 'a,b,c'.split(',', 2) + 'äb'.split('') + 'ab'.split(',', 0)", "['a', 'b', '', 'c', 'a', 'b,c', 'ä', 'b']"},
      {"['a', 'b'].join() + ['a', 'b'].join(', ')", "'aba, b'"},
      {"'abab'.replace('a', 'xx') + 'abab'.replace('a', 'x', 1) + 'ab'.replace('', '-')", "'xxbxxbxbab-a-b-'"},
      {"' \\u00a0 a b\\t'.trim() + 'ÄbC'.lowerAscii() + 'äbC'.upperAscii() + 'aü'.reverse()", "'a bÄbcäBCüa'"},
  });
  check_refused({
      {"'abc'.substring(2, 1)", "1:7: the part would start at 2 and end at 1. Expected an end behind the start. [expression_error]"},
      {"'abc'.charAt(4)", "1:7: the position 4 is outside the text. Expected 0 to 3. [expression_error]"},
      {"[1].join()", "1:5: item 0 of the list is a value of type int. Expected a list of strings. Convert with list.map(x, string(x)). [expression_error]"},
      {"size(1)", "1:1: there is no size(int). Expected a string, bytes, a list or a map. [expression_error]"},
      {"'a'.matches('(')", "1:13: the pattern is wrong: missing ): (. Expected a regular expression of RE2. [expression_error]"},
      {"'a'.matches('(' + '')", "1:5: the pattern is wrong: missing ): (. Expected a regular expression of RE2. [expression_error]"},
  });
}

TEST_CASE("conversions keep to CEL's ranges") {
  check({
      {"[int('-5'), int(2.9), int(-2.9), int(3u), int(timestamp('1970-01-01T00:01:00Z'))]", "[-5, 2, -2, 3, 60]"},
      {"[uint('5'), uint(2.9), uint(3), uint(1e19)]", "[5u, 2u, 3u, 10000000000000000000u]"},
      {"[double('1.5'), double(2), double('-1e3')]", "[1.5, 2.0, -1000.0]"},
      {"string(1) + string(2u) + string(1.5) + string(true) + string(b'\\xc3\\xa4')", "'121.5trueä'"},
      {"[string(100.0), string(0.1), string(-4.5e-3), string(6.02214e23), string(1e21), string(1e6)]",
       "['100', '0.1', '-0.0045', '6.02214e+23', '1e+21', '1000000']"},
      {"bytes('ä') == b'\\xc3\\xa4' && bytes('\\377') != b'\\377'", "true"},
      {"bool('true') && !bool('f')", "true"},
      {"type(1) == int && type(1.0) == double && type(null) == null_type && type(int) == type && type([]) == list && dyn(1) == 1", "true"},
  });
  for (const auto* text :
       {"int('1.5')", "int('')", "int(1e99)", "int(9223372036854775808.0)", "int(18446744073709551615u)", "uint(-1)", "uint(-1.0)", "uint('-1')", "double('x')",
        "bool('yes')", "string(b'\\xff')", "string(null)", "string([1])", "int(null)", "timestamp('yesterday')", "duration('1 hour')"}) {
    INFO(text);
    CHECK(!run(text));
  }
}

TEST_CASE("timestamps and durations add, compare and answer in a zone") {
  check({
      {"timestamp('2026-11-21T09:30:00.5+01:00')", "timestamp('2026-11-21T08:30:00.500000000Z')"},
      {"string(timestamp('2026-11-21T08:30:00.120Z')) + ' ' + string(timestamp(0))", "'2026-11-21T08:30:00.12Z 1970-01-01T00:00:00Z'"},
      {"timestamp('2026-01-01T00:00:00Z') + duration('36h') - timestamp('2026-01-01T00:00:00Z')", "duration('1d12h')"},
      {"duration('1h') - duration('90m')", "duration('-30m')"},
      {"[string(duration('-1.5s')), string(duration('1h1ns')), string(duration('2w')), string(duration('0'))]",
       "['-1.5s', '3600.000000001s', '1209600s', '0s']"},
      {"timestamp('2026-01-01T00:00:00Z') < timestamp('2026-01-01T00:00:00.000000001Z') && duration('1s') > duration('999ms')", "true"},
      {"[duration('1h30m').getHours(), duration('1h30m').getMinutes(), duration('90s').getSeconds(), duration('1.25s').getMilliseconds()]", "[1, 90, 90, 250]"},
      {"timestamp('2026-07-01T22:30:05.25Z').getHours('Europe/Berlin')", "0"},
      {"timestamp('2026-01-01T22:30:05.25Z').getHours('Europe/Berlin')", "23"},
      {"[timestamp('2026-07-01T22:30:05.25Z')].map(t, [t.getFullYear(), t.getMonth(), t.getDate('+05:30'), t.getDayOfMonth(), t.getDayOfWeek(), "
       "t.getDayOfYear(), t.getMinutes('-00:45'), t.getSeconds(), t.getMilliseconds()])",
       "[[2026, 6, 2, 0, 3, 181, 45, 5, 250]]"},
      {"timestamp('0001-01-01T00:00:00Z').getDayOfWeek()", "1"},
  });
  for (const auto* text : {"timestamp('0000-01-01T00:00:00Z')", "timestamp('9999-12-31T23:59:59.999999999Z') + duration('1ns')",
                           "timestamp('0001-01-01T00:00:00Z') + duration('-1ns')", "timestamp('9999-12-31T23:59:59Z') - timestamp('0001-01-01T00:00:00Z')",
                           "duration('320000000000s')", "duration('1')", "duration('h')", "timestamp(9223372036854775807)",
                           "timestamp('2026-01-01T00:00:00Z') + timestamp('2026-01-01T00:00:00Z')"})
    CHECK(!run(text));
  check_refused({{"timestamp(0).getHours('Europe/Berln')",
                  "1:14: there is no time zone 'Europe/Berln'. Expected a name such as Europe/Berlin, or an offset such as +02:00. Did you mean "
                  "'Europe/Berlin'? [expression_error]"}});
  CHECK(shown(value(duration{std::chrono::minutes{90}})) == R"(google.protobuf.Duration "5400s")");
  CHECK(shown(value(time_point{std::chrono::microseconds{-1}})) == R"(google.protobuf.Timestamp "1969-12-31T23:59:59.999999Z")");
}

TEST_CASE("a parse error points at the character and says what belongs there") {
  check_refused({
      {"", "1:1: the text ends too early. Expected a value. [expression_error]"},
      {"lead.name = 'Ada'", "1:11: a single '='. Expected '==' to compare. CEL has no assignment. [expression_error]"},
      {"lead.name == 'Ada' and true", "1:20: 'and' does not belong here. Expected an operator or the end. CEL writes && for and. [expression_error]"},
      {"(1 + 2", "1:7: the text ends too early. Expected ')'. [expression_error]"},
      {"1 +\n  * 2", "2:3: '*' does not belong here. Expected a value. [expression_error]"},
      {"'äöü' + #", "1:9: the character '#' means nothing here. Expected an expression of CEL. [expression_error]"},
      {"'open", "1:1: a text that never ends. Expected a closing '. [expression_error]"},
      {R"('\q')",
       R"(1:2: '\q' is no escape. Expected \n, \t, \\, \", \', \xHH, \uHHHH, \UHHHHHHHH or \OOO. Write r"…" for a text in which a backslash is a backslash. [expression_error])"},
      {R"('\ud800')", "1:2: the escape names no character. Expected a code point of Unicode. [expression_error]"},
      {"9223372036854775808",
       "1:1: the number is too large for an int. Expected at most 9223372036854775807. A trailing u makes it a uint. [expression_error]"},
      {"12abc", "1:3: 'a' right behind a number. Expected an operator or the end. [expression_error]"},
      {"siz('a')", "1:1: there is no function 'siz'. Expected a function of CEL. Did you mean 'size'? [expression_error]"},
      {"contains('a', 'b')", "1:1: 'contains' is called the other way. Expected x.contains(…). [expression_error]"},
      {"'a'.contains()", "1:5: 'contains' has 0 arguments. Expected 1. [expression_error]"},
      {"leads.all(l.name, true)", "1:12: '.' does not belong here. Expected ',' and an expression: all(l, …). [expression_error]"},
      {"has(lead)", "1:1: has() asks about something that is no member. Expected a member such as has(lead.address). [expression_error]"},
      {"for + 1", "1:1: 'for' is a word that CEL keeps to itself. Expected another name. [expression_error]"},
      {"lead{name: 1}",
       "1:5: '{' right behind a value. Expected an operator. Steward has no protobuf messages; write a map as {\"key\": value}. [expression_error]"},
      {"size(1,)", "1:8: ')' does not belong here. Expected an argument. [expression_error]"},
  });
  CHECK(run("lead.for == 1").error().found == "there is no 'for'");  // a word kept back may still be a member's name
}

TEST_CASE("an unknown name or key is refused with the nearest one") {
  check_refused({
      {"laed.name", "1:1: nothing here is called 'laed'. Expected a name that is known here. Did you mean 'lead'? [expression_error]"},
      {"lead.adress == ''",
       "1:6: there is no 'adress'. Expected one of name, address, score, visits, tags, company, äöü. Did you mean 'address'? [expression_error]"},
      {"lead['adress']",
       "1:5: there is no 'adress'. Expected one of name, address, score, visits, tags, company, äöü. Did you mean 'address'? [expression_error]"},
      {"lead.name.first", "1:11: 'first' is looked for in a value of type string. Expected a map. [expression_error]"},
      {"empty.x", "1:7: there is no 'x'. Expected a key, but the map is empty. Ask first with has(…). [expression_error]"},
  });
  const auto parsed = expression::parse("leads.all(l, l.size > least && type(l) == map) && lead.name != other");
  REQUIRE(parsed);
  CHECK(parsed->names() == std::vector<std::string>{"leads", "least", "lead", "other"});
  CHECK(parsed->check_names({"leads", "least", "lead", "other"}));
  CHECK(to_sentence(parsed->check_names({"leads", "last", "lead", "other"}).error()) ==
        "1:23: nothing here is called 'least'. Expected one of leads, last, lead, other. Did you mean 'last'? [expression_error]");
}

TEST_CASE("an expression ends within its cost, its depth and its size, whatever is written") {
  const std::string digits = "[0,1,2,3,4,5,6,7,8,9]";
  const auto nested =
      digits + ".all(a, " + digits + ".all(b, " + digits + ".all(c, " + digits + ".all(d, " + digits + ".all(e, " + digits + ".all(f, a + b >= 0))))))";
  CHECK(run(nested).error().code == "expression_too_costly");
  CHECK(run("true || " + nested));                                              // decided before it costs anything
  CHECK(run(nested + " || true").error().code == "expression_too_costly");      // what ran out is not absorbed
  CHECK(run("leads.all(l, l.size > 0)", {5}).error().code == "expression_too_costly");
  std::string doubled = "'0123456789abcdef'";
  for (int i = 0; i < 60; ++i) doubled = "[" + doubled + "].map(x, x + x)[0]";
  CHECK(!run(doubled));  // 2^64 bytes: the bill or the depth stops it

  std::string sum = "1", all = "true";
  for (int i = 0; i < 400; ++i) sum += " + 1";
  for (int i = 0; i < 5000; ++i) all += " && true";
  CHECK(shown(run(sum)) == "int 401");
  CHECK(shown(run(all)) == "bool true");  // long conditions stay flat
  for (int i = 0; i < 400; ++i) sum += " + 1";
  CHECK(run(sum).error().found == "the expression is too deep");
  CHECK(run(std::string(90, '(') + "1" + std::string(90, ')')));
  CHECK(run(std::string(50'000, '(')).error().found == "the expression is nested too deeply");
  CHECK(run(std::string(50'000, '-') + "x").error().found == "the expression is nested too deeply");
  CHECK(run(std::string(50'000, '!') + "true").error().found == "the expression is nested too deeply");
  CHECK(run(std::string(70'000, ' ')).error().found == "the text is too long for an expression");
  CHECK(run("'a\xff'").error().found == "the text is not UTF-8");
  CHECK(!run("'" + std::string(30'000, 'a') + "'.matches('(a*)*{1000}{1000}b')"));
}

TEST_CASE("a value taken out of JSON is a window, and what an evaluation returns owns itself") {
  result<value> tags = value(), name = value(), mixed = value();
  {
    const json passing = company;
    bindings vars;
    vars.bind("lead", *at_path(passing, "lead"));
    tags = expression::parse("lead.tags")->evaluate(vars);
    name = expression::parse("lead.name")->evaluate(vars);
    mixed = expression::parse("[lead.name, {'of': lead}]")->evaluate(vars);
  }
  CHECK(shown(tags) == R"(list ["new","big"])");
  CHECK(shown(name) == R"(string "Ada")");
  CHECK(mixed->item(1).find("of")->find("score")->real() == 1.5);
  CHECK(shown(run("huge")) == "uint 18446744073709551615");
  CHECK(shown(run("lead.visits")) == "int 3");
  CHECK(value(0.0 / 0.0).to_json().error().found == "the number is NaN, which JSON can't say");
}

TEST_CASE("an inner name hides an outer one, and a name hides a type") {
  const json one = 1, two = 2;
  bindings outer;
  outer.bind("a", one).bind("b", one).bind("map", two);
  bindings inner(outer);
  inner.bind("a", two);
  CHECK(shown(expression::parse("[a, b, map]")->evaluate(inner)) == "list [2,1,2]");
  CHECK(*expression::parse("a == 2")->holds(inner));
  CHECK(to_sentence(expression::parse("a + 1")->holds(inner).error()) ==
        "1:3: the condition is a value of type int. Expected true or false. [expression_error]");
}

}  // namespace steward
