#include "tests/support/catch.hpp"

#include "runtime/expression/expression.hpp"

namespace steward {
namespace {

const json names = *parse_json(R"({"lead": {"name": "Ada", "tags": ["new", "big"], "visits": 3, "note": null}, "price": 0.25})");

std::string fill(std::string_view text) {
  bindings vars;
  vars.bind_members(names.get_object());
  const auto parsed = text_template::parse(text);
  if (!parsed) return to_sentence(parsed.error());
  const auto filled = parsed->evaluate(vars);
  return filled ? canonical(*filled) : to_sentence(filled.error());
}

}  // namespace

TEST_CASE("a text that is one hole keeps its type, any other is a text") {
  CHECK(fill("${lead.tags}") == R"(["new","big"])");
  CHECK(fill("${lead.visits + 1}") == "4");
  CHECK(fill("${ {'a': {'b': lead.note}} }") == R"({"a":{"b":null}})");
  CHECK(fill("Hello ${lead.name}, visit ${lead.visits} for ${price} on ${timestamp(0)}") == R"("Hello Ada, visit 3 for 0.25 on 1970-01-01T00:00:00Z")");
  CHECK(fill(" ${lead.visits}") == R"(" 3")");
  CHECK(fill("${lead.name}${lead.name}") == R"("AdaAda")");
  CHECK(fill("${'}'}") == R"("}")");
  CHECK(fill("${lead.tags.map(t, {'tag': t})[0].tag}!") == R"("new!")");
  CHECK(fill("plain") == R"("plain")");
  CHECK(fill("") == R"("")");
}

TEST_CASE("a dollar sign is itself unless a hole follows, and $${ stands for ${") {
  CHECK(fill("5 $, $x, $$, {a}") == R"("5 $, $x, $$, {a}")");
  CHECK(fill("$${lead.name} is ${lead.name}$") == R"("${lead.name} is Ada$")");
}

TEST_CASE("an error in a hole points into the whole text") {
  CHECK(fill("Hello ${lead.nme}") == "1:14: there is no 'nme'. Expected one of name, tags, visits, note. Did you mean 'name'? [expression_error]");
  CHECK(fill("Dear ${lead.name},\nyour ${lead.vists}") ==
        "2:13: there is no 'vists'. Expected one of name, tags, visits, note. Did you mean 'visits'? [expression_error]");
  CHECK(fill("Hello ${lead.name") ==
        "1:7: '${' is never closed. Expected a '}' behind the expression. Write $${ for the two characters themselves. [expression_error]");
  CHECK(fill("Hello ${}") == "1:9: '}' does not belong here. Expected a value. [expression_error]");
  CHECK(fill("Hello ${lead name}") == "1:14: 'name' does not belong here. Expected an operator or the closing '}'. [expression_error]");
  CHECK(fill("note: ${lead.note}") ==
        "1:7: this hole is a value of type null_type, which has no text. Expected a text, a number, a bool, a timestamp or a duration. Say what stands there "
        "instead: ${x == null ? '' : x}. [expression_error]");
  CHECK(fill("${0.0 / 0.0}") == "1:1: the number is NaN, which JSON can't say. Expected a finite number. [expression_error]");
}

TEST_CASE("a long text may have many holes") {
  std::string text;
  for (int i = 0; i < 2'000; ++i) text += std::string(100, '.') + "${lead.visits}";
  CHECK(fill(text).size() == 2'000 * 101 + 2);
  CHECK(fill("${'" + std::string(70'000, 'a') + "'}").ends_with("at most 65536 bytes. [expression_error]"));
}

TEST_CASE("a json tree is filled at every text and keeps everything else") {
  const auto tree = *parse_json(R"({"to": "${lead.name}", "cc": ["x", "${lead.tags}", {"n": "no ${lead.visits}"}], "n": 1.5, "deep": {"a": null}})");
  bindings vars;
  vars.bind_members(names.get_object());
  const auto parsed = json_template::parse(tree);
  REQUIRE(parsed);
  CHECK(canonical(*parsed->evaluate(vars)) == R"({"cc":["x",["new","big"],{"n":"no 3"}],"deep":{"a":null},"n":1.5,"to":"Ada"})");
  CHECK(parsed->names() == std::vector<std::string>{"lead"});
  CHECK(*evaluate_all(tree, vars) == *parsed->evaluate(vars));
  CHECK(json_template{}.evaluate(vars)->is_null());
}

TEST_CASE("what a hole gives is never nested too deeply to be read again") {
  const auto nested = [](int levels) { return std::string(std::size_t(levels), '[') + "lead" + std::string(std::size_t(levels), ']'); };
  CHECK(parse_json(fill("${" + nested(30) + "}")));  // lead is a map with a list in it
  CHECK(fill("Dear ${" + nested(32) + "}") == "1:6: this hole is a value of type list, which has no text. Expected a text, a number, a bool, a timestamp or a duration. Join it: ${x.join(', ')}. [expression_error]");
  CHECK(fill("${" + nested(32) + "}") ==
        "1:1: the value of this hole is nested too deeply to be kept. Expected at most 32 lists and maps in each other. [expression_error]");
  CHECK(fill("${{'a': " + nested(31) + "}}").find("nested too deeply") != std::string::npos);

  json grown = json(nullptr);  // what a step gives again and again
  const auto again = *text_template::parse("${[x]}");
  int rounds = 0;
  for (; rounds < 1'000; ++rounds) {
    bindings vars;
    auto next = again.evaluate(vars.bind("x", grown));
    if (!next) break;
    grown = std::move(*next);
  }
  CHECK(rounds == 32);
  CHECK(parse_json(canonical(json{{"event", json{{"gives", grown}}}})));
}

TEST_CASE("an error in a json tree names the path and the position") {
  bindings vars;
  vars.bind_members(names.get_object());
  CHECK(evaluate_all(*parse_json(R"({"with": {"list": ["a", "b ${lead.nme}"]}})"), vars).error().where == "with.list[1]:1:10");
  CHECK(evaluate_all(*parse_json(R"({"body": "${1 +}"})"), vars).error().where == "body:1:6");
  const auto parsed = json_template::parse(*parse_json(R"({"body": "${led.name}"})"));
  CHECK(to_sentence(parsed->check_names({"lead"}).error()) ==
        "body:1:3: nothing here is called 'led'. Expected one of lead. Did you mean 'lead'? [expression_error]");
  CHECK(text_template::parse("${a.b} ${c} ${a}")->names() == std::vector<std::string>{"a", "c"});
}

}  // namespace steward
