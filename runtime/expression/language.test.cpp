#include "tests/support/catch.hpp"

#include "runtime/expression/expression.hpp"
#include "runtime/expression/typed_json.hpp"

namespace steward {
namespace {

const bindings nothing;

result<value> run(std::string_view text, const variables& vars = nothing, evaluation_limit limit = {}) {
  const auto parsed = expression::parse_late_checked(text);
  if (!parsed) return parsed.error();
  return parsed->evaluate(vars, limit);
}

std::string shown(const result<value>& v) { return v ? canonical(to_typed_json(*v)) : to_sentence(v.error()); }

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
void check_fails(std::initializer_list<const char*> texts) {
  for (const auto* text : texts) {
    INFO(text);
    CHECK(!run(text));
  }
}

}  // namespace

TEST_CASE("a call that can't be fails when it is reached, and is refused at once in a manifest") {
  check({{"true || no_such(1)", "true"}, {"no_such(1) && false", "false"}, {"size(1, 2) == 3 || true", "true"}, {"false ? 'a'.matches('(') : true", "true"}});
  check_fails({"no_such(1)", "no_such(1) || false", "size(1, 2)", "contains('a', 'a')", "'a'.matches('(')", "math.no_such(1)", "1.no_such()"});
  CHECK(to_sentence(run("false || siz('a')").error()) == "1:10: there is no function 'siz'. Expected a function of CEL. Did you mean 'size'? [expression_error]");
  CHECK(to_sentence(expression::parse("true || siz('a')").error()) ==
        "1:9: there is no function 'siz'. Expected a function of CEL. Did you mean 'size'? [expression_error]");
}

TEST_CASE("the longest dotted name wins, a container is looked into first, and a macro's variable hides both") {
  bindings vars;
  vars.bind("a.b", value(value::map_entries{{value("c"), value("member")}})).bind("y", value("plain")).bind("x.y", value("inside")).bind("y.z", value(42));
  CHECK(shown(run("a.b.c", vars)) == shown(run("'member'")));
  vars.bind("a.b.c", value("whole"));
  CHECK(shown(run("a.b.c", vars)) == shown(run("'whole'")));
  CHECK(shown(run("y", vars)) == shown(run("'plain'")));
  CHECK(shown(run("x.y + y", vars)) == shown(run("'insideplain'")));
  CHECK(shown(run("[{'z': 0}].exists(y, y.z == 0)", vars)) == shown(run("true")));
  CHECK(shown(run("[{'z': 0}].exists(y, .y.z == 42)", vars)) == shown(run("true")));
  vars.within("x.sub");
  CHECK(shown(run("y", vars)) == shown(run("'inside'")));
  CHECK(shown(run(".y", vars)) == shown(run("'plain'")));
  CHECK(shown(run("[0].exists(y, y == 0)", vars)) == shown(run("true")));
  CHECK(run("a.`b`", vars).error().found == "nothing here is called 'a'");
}

TEST_CASE("macros with two variables walk index and item, or key and value") {
  check({
      {"[1, 2].all(i, v, v == i + 1) && ![1, 2].exists(i, v, i == v) && [5, 7].existsOne(i, v, v % 5 == i)", "true"},
      {"{'a': 1, 'b': 2}.exists(k, v, k == 'b' && v == 2)", "true"},
      {"[3, 4].all(i, v, 6 / (v - 3) == i)", "false || [0, 1].all(x, x > 0)"},
      {"[2, 4, 6].transformList(i, v, v / 2 + i)", "[1, 3, 5]"},
      {"[2, 4, 6].transformList(i, v, i != 1, v)", "[2, 6]"},
      {"{'a': 'x'}.transformMap(k, v, k + v)", "{'a': 'ax'}"},
      {"{'a': 1, 'b': 2}.transformMap(k, v, v > 1, v * 10)", "{'b': 20}"},
      {"['p', 'q'].transformMap(i, v, v + v)", "{0: 'pp', 1: 'qq'}"},
      {"{'a': 'x', 'b': 'y'}.transformMapEntry(k, v, {v: k})", "{'x': 'a', 'y': 'b'}"},
      {"['p', 'q'].transformMapEntry(i, v, i > 0, {v: i})", "{'q': 1}"},
  });
  check_fails({"[1, 0].exists(i, v, v / i == 17)", "[1, 2].transformList(i, i, 1)", "[1, 2].transformMapEntry(i, v, {'same': v})", "[1].transformMapEntry(i, v, v)",
               "[1].transformList(v, v)", "[1].map(i, v, true, i)"});
}

TEST_CASE("cel.bind names a value for the rest of the expression") {
  check({
      {"cel.bind(t, 'ab', t + t + t)", "'ababab'"},
      {"cel.bind(a, 1, cel.bind(b, a + 1, [3].map(x, a + b + x)))", "[6]"},
      {"cel.bind(a, [1, 2].map(x, x > 1 ? x : 0), [2].exists(e, e in a))", "true"},
      {"[1, 2].map(x, cel.bind(y, x * x, cel.bind(x, 10, x + y)))", "[11, 14]"},
      {"cel.bind(b, [1, 2, 3].exists(x, x == 2 ? true : false), b)", "true"},
  });
  check_fails({"cel.bind(t, 1)", "cel.bind(1, 2, 3)", "cel.bind(t, 1, u)", "cel.bind(t, t, 1)"});
}

TEST_CASE("math: greatest and least compare across types, rounding is of doubles, bits are those of 64") {
  check({
      {"[math.greatest(1, 3.5, 2u), math.least(5.4, 10, 3u, -5.0, 9)]", "[3.5, -5.0]"},
      {"[math.greatest([5, 10u]), math.greatest(7), math.least(1, 1.0)]", "[10u, 7, 1]"},
      {"[math.ceil(1.2), math.floor(-1.2), math.round(-1.5), math.round(2.5), math.trunc(-1.9)]", "[2.0, -2.0, -2.0, 3.0, -1.0]"},
      {"math.isNaN(0.0 / 0.0) && math.isInf(-1.0 / 0.0) && math.isFinite(1.0) && !math.isFinite(1.0 / 0.0) && math.isNaN(math.round(0.0 / 0.0))", "true"},
      {"[math.abs(-3), math.abs(3u), math.abs(-1.5), math.sign(-7), math.sign(0u), math.sign(2.5)]", "[3, 3u, 1.5, -1, 0u, 1.0]"},
      {"[math.bitAnd(6, 3), math.bitOr(6u, 3u), math.bitXor(6, 3), math.bitNot(0), math.bitNot(0u)]", "[2, 7u, 5, -1, 18446744073709551615u]"},
      {"[math.bitShiftLeft(1, 3), math.bitShiftLeft(1, 200), math.bitShiftRight(-1024, 3), math.bitShiftRight(1024u, 2)]", "[8, 0, 2305843009213693824, 256u]"},
      {"math.sqrt(16)", "4.0"},
      {"[1].map(math, math + 1)", "[2]"},  // a variable may be called so
  });
  check_fails({"math.greatest()", "math.greatest([])", "math.greatest('a', 1)", "math.greatest(['a'])", "math.ceil(1)", "math.isNaN(1)", "math.abs(-9223372036854775808)",
               "math.bitAnd(1, 1u)", "math.bitShiftLeft(1, -1)", "math.bitShiftRight(1, 1u)", "math.sign('a')"});
  CHECK(expression::parse("math.abs(x) > 1")->names() == std::vector<std::string>{"x"});
}

TEST_CASE("base64 encodes bytes, and decodes with or without filling") {
  check({{"base64.encode(b'hello')", "'aGVsbG8='"}, {"base64.decode('aGVsbG8=') + base64.decode('aGVsbG8')", "b'hellohello'"}, {"base64.encode(b'')", "''"}});
  check_fails({"base64.encode('hello')", "base64.decode('?')", "base64.decode('a')", "base64.decode('aGVsbG8==')"});
}

TEST_CASE("format fills a text, and quote makes a literal of one") {
  check({
      {"'%s is %d%% of %s'.format(['a', 7, [1, 'b', null, 2.5]])", "'a is 7% of [1, b, null, 2.5]'"},
      {"'%s'.format([{'b': b'xyz', 'a': duration('2h'), 6: true}])", "'{6: true, a: 7200s, b: xyz}'"},
      {"'%s %s %s'.format([type(1), timestamp(0), double('NaN')])", "'int 1970-01-01T00:00:00Z NaN'"},
      {"'%d %d %d'.format([-5, 7u, double('-Infinity')])", "'-5 7 -Infinity'"},
      {"'%f %.3f %.0f %f'.format([2.71828, 1.2345, 2.5, double('Infinity')])", "'2.718280 1.234 2 Infinity'"},
      {"'%e %.2e'.format([2.71828, 1052.032911275])", "'2.718280e+00 1.05e+03'"},
      {"'%b %b %b %o'.format([5, -5, true, 11])", "'101 -101 1 13'"},
      {"'%x %X %x %X'.format([30, 26u, 'Hello', b'J'])", "'1e 1A 48656c6c6f 4A'"},
      {"strings.quote('a\"b\\n\\t\\\\\\'ä')", "'\"a\\\\\"b\\\\n\\\\t\\\\\\\\\\'ä\"'"},
  });
  check_fails({"'%a'.format([1])", "'%E'.format([1.0])", "'%d %d'.format([1])", "'%'.format([])", "'%.'.format([1.0])", "'%d'.format(['a'])", "'%d'.format([1.5])", "'%b'.format(['a'])",
               "'%o'.format([1.5])", "'%x'.format([0.5])", "'%f'.format([null])", "'%d'.format([duration('1s')])", "'%s'.format([b'\\xff'])", "'%.99999f'.format([1.0])", "strings.quote(1)"});
}

TEST_CASE("numbers, keys and lists keep to the specification at their edges") {
  check({
      {"[7, 8, 9][dyn(0.0)] + [7, 8, 9][dyn(1u)]", "15"},
      {"{1: 'i'}[1u] + {1u: 'u'}[1] + {1: 'd'}[1.0]", "'iud'"},
      {"1.0 in [1] && 1u in {1: 2} && !('1' in [1]) && [1] in [[1.0]]", "true"},
      {"[double('NaN')] == [double('NaN')] || double('NaN') in [double('NaN')]", "false"},
      {"type(google.protobuf.Duration) == type && type(timestamp(0)) == google.protobuf.Timestamp", "true"},
      {"has({'a': null}.a) && !has({}.a)", "true"},
      {"{'as': 1}.as + {'while': 2}.while", "3"},
      {"-0x8000000000000000 == -9223372036854775808", "true"},
      {"1e-400 == 0.0 && double('1e-400') == 0.0 && 1.0 / double('-1e-400') < 0.0 && 0e999999999999999999999 == 0.0", "true"},
      {"type(timestamp(0)) == google . protobuf\n.Timestamp // a comment\n && .google.protobuf.Duration == type(duration('1s'))", "true"},
  });
  const std::string zeros(400, '0');
  CHECK(shown(run("0." + zeros + "1")) == shown(run("0.0")));
  CHECK(shown(run("1" + zeros + ".0e-400")) == shown(run("1.0")));
  check_fails({"1e400", "-1e400", "1e999999999999999999999", "google.protobuf", "google.protobuf.Any", "google.'protobuf'.Timestamp"});
  CHECK(run("1" + zeros + ".5").error().found == "the number is too large for a double");
  check_fails({"dyn", "[7][dyn(0.5)]", "{1: 1, 1u: 2}", "{null: 1}", "{1.5: 1}", "{[]: 1}", "-(5u)", "!0", "5.0 % 2.0", "1 + 1u", "1 + 1.0", "double('1e400')", "int(double('NaN'))",
               "uint(18446744073709551615.0)", "int(-9223372036854775808.0)", "true && 'a'", "'a' || false", "'a' ? 1 : 2", "{'a': 1}.b", "[].a", "1.a", "{}[0]",
               "duration('320000000000s')", "timestamp('0000-12-31T23:59:59Z')", "timestamp('10000-01-01T00:00:00Z')"});
}

TEST_CASE("a typed value is the same after it was written and read") {
  for (const auto* text : {"1", "-9223372036854775808", "18446744073709551615u", "1.5", "double('NaN')", "-1.0 / 0.0", "'ä'", "b'\\x00\\xff'", "true", "null", "[1, [2u], {}]",
                           "{1: 'a', 2u: 2.0, true: null, 'k': b''}", "timestamp('2026-11-21T09:30:00.000000001Z')", "duration('-3.5s')", "type(duration('1s'))", "int"}) {
    INFO(text);
    const auto v = run(text);
    REQUIRE(v);
    const auto again = from_typed_json(*parse_json(canonical(to_typed_json(*v))));
    CHECK(shown(again) == shown(v));
  }
  CHECK(canonical(to_typed_json(*run("{'a': [1u]}"))) ==
        R"({"type":"map","value":[[{"type":"string","value":"a"},{"type":"list","value":[{"type":"uint","value":"1"}]}]]})");
  CHECK(shown(from_typed_json(*parse_json(R"({"type":"timestamp","value":"2026-11-21T09:30:00+01:00"})"))) == R"({"type":"timestamp","value":"2026-11-21T08:30:00Z"})");
  const auto refused = [](const char* text) { return to_sentence(from_typed_json(*parse_json(text)).error()); };
  CHECK(refused(R"({"type":"list","value":[{"type":"int","value":"1.5"}]})") == "value[0].value: the value \"1.5\". Expected an int as text, such as \"-7\". [bad_input]");
  CHECK(refused("7") == "a value that says no type. Expected {\"type\": …, \"value\": …}. [bad_input]");
  CHECK(refused(R"({"type":"uint","value":"-1"})") == "value: the value \"-1\". Expected a uint as text, such as \"7\". [bad_input]");
  CHECK(refused(R"({"type":"map","value":[[{"type":"double","value":1},{"type":"null_type","value":null}]]})") ==
        "value[0][0]: a key of type double. Expected a string, an int, a uint or a bool. [bad_input]");
  CHECK(refused(R"({"type":"int","value":"1","unit":"m"})") == "the key 'unit'. Expected type and value. [bad_input]");
}

TEST_CASE("a value nests as deep as anyone can walk, whatever it was built with") {
  const auto brackets = [](int n, const std::string& what) { return std::string(std::size_t(n), '[') + what + std::string(std::size_t(n), ']'); };
  const auto too_deep = [](const std::string& text) {
    const auto v = run(text);
    return !v && v.error().found == "the value is nested too deeply";
  };
  std::string binds, ends;
  for (int i = 0; i < 5; ++i) binds += "cel.bind(s, " + brackets(50, i == 0 ? "1" : "s") + ", ", ends += ")";
  CHECK(too_deep(binds + "s" + ends));
  CHECK(too_deep(binds + "size(s)" + ends));
  CHECK(too_deep("cel.bind(a, " + brackets(90, "1") + ", cel.bind(b, [a].map(x, " + brackets(80, "x") + "), [b].map(y, " + brackets(80, "y") + ")))"));
  CHECK(too_deep("cel.bind(a, " + brackets(90, "1") + ", cel.bind(b, {1: a}.transformMap(k, v, " + brackets(80, "v") + "), [b].transformList(k, v, " + brackets(80, "v") + ")))"));

  // What is taken out again is not counted, nor what stands beside it.
  std::string beside = "1", chain = "[[1]]";
  for (int i = 0; i < 90; ++i) beside = "cel.bind(a, " + brackets(i % 40, "1") + ", " + beside + ")";
  for (int i = 0; i < 100; ++i) chain += ".map(x, [x[0]])";
  CHECK(shown(run(beside)) == shown(run("1")));
  CHECK(shown(run(chain)) == shown(run("[[1]]")));
  const auto deep = run("cel.bind(a, " + brackets(90, "1") + ", " + brackets(90, "a") + ")");
  REQUIRE(deep);
  CHECK(canonical(*deep->to_json()) == brackets(180, "1"));
  CHECK(canonical(to_typed_json(*deep)).size() > 180 * 20);
}

TEST_CASE("a text is searched in one walk, whatever is looked for") {
  check({
      {"['aaa'.lastIndexOf('aa'), 'aXbXc'.lastIndexOf('X', 2), 'aXbXc'.lastIndexOf('X', 0), 'äX'.lastIndexOf('X', 1), 'a'.lastIndexOf('aa')]", "[1, 1, -1, 1, -1]"},
      {"[''.lastIndexOf(''), 'ab'.lastIndexOf('', 1), 'ab'.indexOf('', 2), ''.indexOf('a'), 'aab'.indexOf('ab')]", "[0, 1, 2, -1, 1]"},
      {"'a--b---c'.split('--') == ['a', 'b', '-c'] && 'aaaa'.replace('aa', 'b') == 'bb' && 'a'.contains('') && !''.contains('a')", "true"},
  });
  bindings vars;  // The naive search would compare some hundred thousand million bytes for each.
  vars.bind("hay", value(std::string(1'000'000, 'a'))).bind("tail", value(std::string(400'000, 'a') + "b"));
  vars.bind("middle", value(std::string(200'000, 'a') + "b" + std::string(200'000, 'a')));
  CHECK(shown(run("hay.contains(tail) || hay.indexOf(tail) != -1 || hay.lastIndexOf(middle) != -1 || hay.replace(tail, '') != hay || hay.split(tail) != [hay]", vars)) ==
        shown(run("false")));
}

TEST_CASE("what is missing is told with the nearest name, also behind a long loop of absorbed failures") {
  bindings vars;
  vars.bind("lead", value(value::map_entries{{value("address"), value(1)}}));
  std::string word(1'000, 'w');
  CHECK(to_sentence(run("'" + std::string(5'000, 'a') + "'.split('').all(c, leed.x == c || true) && lead.adress == 1", vars).error()).find("Did you mean 'address'?") != std::string::npos);
  CHECK(run("leed", vars).error().advice == "Did you mean 'lead'?");
  CHECK(run(word, vars.bind(word + "w", value(1))).error().advice.empty());  // nobody mistypes a thousand letters
  CHECK(run("{1: 'a', '1': 'b'}")->to_json().error().found == "two keys of a map have the text '1', and JSON has only texts as keys");
}

TEST_CASE("a value that is small to hold and huge to look at ends within the cost") {
  std::string doubled = "['x']";
  for (int i = 0; i < 40; ++i) doubled = "[" + doubled + "].map(v, [v, v])[0]";  // 2^40 texts, held in 40 lists
  const auto costly = [](const std::string& text) {
    const auto v = run(text);
    return !v && v.error().code == "expression_too_costly";
  };
  CHECK(costly(doubled));
  CHECK(costly(doubled + " == " + doubled));
  CHECK(costly("'%s'.format([" + doubled + "])"));
  CHECK(costly("[" + doubled + "] in [[" + doubled + "]]"));
  CHECK(shown(run("size(" + doubled + ")")) == shown(run("2")));

  const std::string ten = "[0,1,2,3,4,5,6,7,8,9]";
  const auto thousands = "'" + std::string(20'000, 'a') + "'.split('')";
  CHECK(costly("cel.bind(m, " + thousands + ".transformMap(i, v, v), m == m)"));               // each key is searched for among all
  CHECK(costly("cel.bind(m, " + thousands + ".transformMap(i, v, v), " + thousands + ".all(i, v, m[i] == v))"));
  CHECK(costly("cel.bind(s, '" + std::string(2'000, 'a') + "', " + ten + ".all(a, " + ten + ".all(b, " + ten + ".all(c, !s.matches('(a+a+)+(b{9}){9}' + string(c))))))"));
  bindings big;
  big.bind("x", value(std::string(1'000'000, '9'))).bind("m", value(value::map_entries{{value(1), value(2)}}));
  for (const auto* part : {"int(x) == 1", "double(x) == 1.0", "duration(x) == duration('1s')", "timestamp(x) == timestamp(0)", "string(bytes(x)) == ''", "m[x] == 1", "x in m",
                           "bytes(x) == bytes(x)", "bytes(x) < bytes(x)", "timestamp(0).getHours(x) == 1", "{x: 1, x + '1': 2}.size() == 2"}) {
    INFO(part);
    const auto v = run(ten + ".all(a, " + ten + ".all(b, " + part + " || true))", big);
    CHECK((!v && v.error().code == "expression_too_costly"));
  }
  CHECK(costly(ten + ".all(a, " + ten + ".all(b, " + ten + ".all(c, timestamp(0).getHours('Nowhere' + string(c)) == 1 || true)))"));
}

}  // namespace steward
