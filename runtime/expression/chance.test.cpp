#include "tests/support/catch.hpp"

#include "runtime/expression/expression.hpp"
#include "runtime/random.hpp"

namespace steward {

TEST_CASE("an expression made of random pieces gives a value or an error with a place, and nothing worse") {
  constexpr std::array pieces{"lead", ".name", ".tags", "leads", "[0]", "[", "]", "(", ")", "{", "}", "'a'", "1", "2u", "1.5", "-", "+", "*", "/", "%", " in ", "==", "<", "&&", "||", "!",
                              "?", ":", ",", "true", "null", ".all(x, ", ".map(x, ", "x", "has(", "size(", "int(", "string(", ".split('')", ".replace('', 'b')", ".matches('a*')", ".substring(1)",
                              "timestamp(0)", "duration('1h')", ".getHours('Europe/Berlin')", "b'\\xff'", "'''", "`a`", "9223372036854775807", "$", "\xc3\xa4", "\xff", "//", "\n"};
  const json company = *parse_json(R"({"lead": {"name": "Äda", "tags": ["new", "big"]}, "leads": [{"name": "Bo"}, {"size": 40}]})");
  bindings vars;
  vars.bind_members(company.get_object());
  const std::uint64_t seed = 20'260'101;
  const auto chance = make_seeded_random(seed);
  const evaluation_limit limit{10'000};
  int values = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (auto n = chance->next() % 12 + 1; n > 0; --n) text += pieces[chance->next() % pieces.size()];
    INFO("seed " << seed << ", round " << round << ": " << text);
    const auto parsed = expression::parse(text);
    const auto v = parsed ? parsed->evaluate(vars, limit) : result<value>(parsed.error());
    if (v) ++values;
    else if (v.error().where.find(':') == std::string::npos || v.error().found.empty()) FAIL("an error without place or words");
    if (const auto t = text_template::parse("a ${" + text + "} b"))
      if (const auto filled = t->evaluate(vars, limit); filled && !filled->is_string()) FAIL("a text became something else");
  }
  CHECK(values > 300);  // the pieces make sense now and then
}

}  // namespace steward
