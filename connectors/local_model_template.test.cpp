#include "connectors/local_model_template.hpp"

#include "tests/support/catch.hpp"

using namespace steward;

namespace {

const json material = parse_json(R"({
  "name": "Ada Lovelace", "lead": {"name": "Bo", "address": "bo@example.com"}, "nothing": null, "no": false, "zero": 0, "three": 3, "empty": [],
  "findings": [{"text": "Parser is fast.", "source": "git:1"}, {"text": "Docs moved.", "source": "git:2"}],
  "tags": ["a", "b"], "at": "2026-11-21T23:30:00Z", "day": "2026-11-01", "zone": "Europe/Berlin",
  "mail": "Hello there.\nHow much is it?\n\nBo", "evil": "{{name}} {{#findings}}x{{/findings}}"})").value();

result<std::string> render(std::string_view text) {
  const auto parsed = model_template::parse(text, "reply");
  if (!parsed) return parsed.error();
  return parsed->render(material);
}

}  // namespace

TEST_CASE("model_template fills each kind of tag as documented") {
  struct row {
    std::string text, becomes;
  };
  const row table[] = {
      {"Hello {{name}}, {{ lead.name }}!", "Hello Ada Lovelace, Bo!"},
      {"{{three}} {{no}} {{nothing}}.", "3 false ."},
      {"{{#findings}}- {{text}} ({{source}})\n{{/findings}}", "- Parser is fast. (git:1)\n- Docs moved. (git:2)\n"},
      {"List:\n{{#findings}}\n- {{text}}\n{{/findings}}\nEnd", "List:\n- Parser is fast.\n- Docs moved.\nEnd"},
      {"  {{#tags}}  \n{{.}}\n  {{/tags}}", "a\nb\n"},
      {"{{#lead}}{{name}} {{address}}{{/lead}}", "Bo bo@example.com"},
      {"{{#tags}}{{name}}{{.}} {{/tags}}", "Ada Lovelacea Ada Lovelaceb "},
      {"{{#empty}}x{{/empty}}{{#no}}x{{/no}}{{#nothing}}x{{/nothing}}{{#zero}}x{{/zero}}{{#unknown}}x{{/unknown}}", ""},
      {"{{^empty}}none{{/empty}}{{^tags}}none{{/tags}}{{^unknown}}absent{{/unknown}}", "noneabsent"},
      {"a{{! a remark }}b\n{{! a line }}\nc", "ab\nc"},
      {"{{summary findings 1}}", "Parser is fast."},
      {"{{first tags}} {{first mail}} {{first_word name}} {{count findings}} {{count empty}} {{join tags}} {{join findings}}", "a Hello there. Ada 2 0 a, b Parser is fast., Docs moved."},
      {"{{quote mail}}", "> Hello there.\n> How much is it?\n>\n> Bo"},
      {"{{lines mail 1}}|{{line mail}}", "Hello there.|Hello there. How much is it? Bo"},
      {"{{date at}} | {{date at Europe/Berlin}} | {{date at zone}} | {{date day}}", "21 Nov 2026, 23:30 | 22 Nov 2026, 00:30 | 22 Nov 2026, 00:30 | 1 Nov 2026"},
      {"{ {{name}} } {", "{ Ada Lovelace } {"},
      {"", ""},
  };
  for (const auto& r : table) {
    CAPTURE(r.text);
    const auto text = render(r.text);
    REQUIRE(text);
    CHECK(*text == r.becomes);
  }
}

TEST_CASE("model_template never reads what fills it as template") {
  const std::string as_it_came = "{{name}} {{#findings}}x{{/findings}}";
  CHECK(render("{{evil}}").value() == as_it_came);
  CHECK(render("{{quote evil}} {{line evil}} {{first evil}}").value().find("Ada") == std::string::npos);
}

TEST_CASE("model_template names the line and the nearest name of a broken prompt") {
  struct row {
    std::string text, sentence;
  };
  const row table[] = {
      {"one\n{{nmae}}", "reply:2: nothing fills {{nmae}}. Expected one of at, day, empty, evil, findings, lead, mail, name, no, nothing, tags, three, zero, zone. Did you mean 'name'? [bad_prompt]"},
      {"{{lead.adress}}", "Did you mean 'lead.address'?"},
      {"{{#findings}}\n{{txt}}{{/findings}}", "reply:2: nothing fills {{txt}}"},
      {"\n\n{{#findings}}x", "reply:3: the section 'findings' never ends"},
      {"{{/findings}}", "reply:1: {{/findings}} ends a section that never began"},
      {"{{#tags}}\n{{#lead}}\n{{/tags}}{{/lead}}", "reply:3: {{/tags}} ends the section 'lead' of line 2"},
      {"{{sumary findings 2}}", "'sumary' is no helper. Expected one of count, date, first, first_word, join, line, lines, quote, summary. Did you mean 'summary'?"},
      {"{{summary findings many}}", "'many' is no such number"},
      {"{{summary findings 0}}", "'0' is no such number"},
      {"{{first findings 2}}", "has a word too many. Expected {{first path}}"},
      {"{{{name}}}", "Write two braces"},
      {"{{&name}}", "Write two braces"},
      {"{{> other}}", "is not in the subset of Mustache"},
      {"{{}}", "a tag is empty"},
      {"a {{name", "a tag begins with {{ and never ends"},
      {"{{a..b}}", "'a..b' is no path"},
      {"{{findings}}", "{{findings}} is a list"},
      {"{{lead}}", "{{lead}} is a map"},
      {"{{date name}}", "'Ada Lovelace' is no date"},
      {"{{date at Mars/Base}}", "'Mars/Base' is no time zone"},
  };
  for (const auto& r : table) {
    CAPTURE(r.text);
    const auto text = render(r.text);
    REQUIRE_FALSE(text);
    CHECK(text.error().code == "bad_prompt");
    CHECK_THAT(to_sentence(text.error()), Catch::Contains(r.sentence));
  }
}

TEST_CASE("model_template refuses nesting and output beyond their bounds") {
  std::string deep;
  for (int i = 0; i < 40; ++i) deep += "{{#lead}}";
  CHECK(render(deep).error().found == "sections are nested too deep");
  boost::json::array many(5'000, json(std::string(200, 'x')));
  const auto flood = model_template::parse("{{#many}}{{.}}{{/many}}", "reply").value().render({{"many", many}});
  REQUIRE_FALSE(flood);
  CHECK(flood.error().code == "bad_model_answer");
}

TEST_CASE("model_template gives the material without the words around it") {
  const auto parsed = model_template::parse("Summarize for {{name}}:\n{{#findings}}\n- {{text}}\n{{/findings}}", "update").value();
  CHECK(parsed.has_holes());
  CHECK(parsed.material(material).value() == std::vector<std::string>{"Ada Lovelace", "Parser is fast.", "Docs moved."});
  CHECK_FALSE(model_template::parse("no holes", "update").value().has_holes());
}
