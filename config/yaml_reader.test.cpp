#include "tests/support/catch.hpp"

#include "config/yaml_reader.hpp"

namespace steward {
namespace {

struct shelf {
  std::string name;
  bool open = false;
  std::int64_t count = 0;
  double weight = 0;
  std::optional<duration> within;
  std::optional<money> cost;
  json any;
  std::vector<std::string> tags;
};
BOOST_DESCRIBE_STRUCT(shelf, (), (name, open, count, weight, within, cost, any, tags))

std::string all(const errors& e) {
  std::string text;
  for (const auto& one : e) text += to_sentence(one) + "\n";
  return text;
}

template <class T>
T read(const std::string& text, errors& e) {
  T out{};
  const auto document = yaml_document::parse("f.yaml", text, e);
  if (e.empty()) read_yaml(document->root(), out, e);
  return out;
}

template <class T>
std::string trouble(const std::string& text) {
  errors e;
  read<T>(text, e);
  return all(e);
}

std::string any_json(const std::string& scalar) {
  errors e;
  const auto out = read<shelf>("any: " + scalar + "\n", e);
  return e.empty() ? canonical(out.any) : all(e);
}

std::string name_of(const std::string& scalar) {
  errors e;
  const auto out = read<shelf>("name: " + scalar + "\n", e);
  return e.empty() ? out.name : all(e);
}

}  // namespace

TEST_CASE("a text stays a text where one is expected, whatever it looks like") {
  for (const auto* text : {"on", "yes", "No", "1.0", "0x10", "3", "1e3", "true", "2026-11-21", ".5", "0.20 EUR"}) CHECK(name_of(text) == text);
  CHECK(name_of("'null'") == "null");
  CHECK(name_of("null") == "f.yaml:1:7: found nothing. Expected a text. Fill it in, or remove the key 'name'. [wrong_type]\n");
  CHECK(name_of("") == "f.yaml:1:1: found nothing. Expected a text. Fill it in, or remove the key 'name'. [wrong_type]\n");
}

TEST_CASE("bare scalars in free JSON follow the core schema of YAML 1.2") {
  struct row {
    const char *yaml, *json;
  };
  const row rows[] = {{"true", "true"},   {"yes", "\"yes\""},     {"on", "\"on\""},   {"~", "null"},      {"null", "null"},         {"12", "12"},
                      {"+12", "12"},      {"-3", "-3"},           {"0x1F", "31"},     {"0o17", "15"},     {"017", "17"},            {"1.50", "1.5"},
                      {".5", "0.5"},      {"1e3", "1000.0"},      {"\"1\"", "\"1\""}, {"1.2.3", "\"1.2.3\""}, {"2026-11-21", "\"2026-11-21\""}, {"1_000", "\"1_000\""},
                      {"[1, a]", "[1,\"a\"]"}, {"{a: {b: }}", "{\"a\":{\"b\":null}}"}, {"12:30", "\"12:30\""}};
  for (const auto& r : rows) CHECK(any_json(r.yaml) == r.json);
  CHECK(any_json(".inf").find("a number that JSON can say") != std::string::npos);
  CHECK(any_json("99999999999999999999").find("64 bits") != std::string::npos);
}

TEST_CASE("only true and false are truth values, and the others are told what to write") {
  errors e;
  CHECK(read<shelf>("open: true", e).open);
  CHECK(e.empty());
  CHECK(trouble<shelf>("open: yes") == "f.yaml:1:7: found 'yes'. Expected true or false. Write true. [wrong_type]\n");
  CHECK(trouble<shelf>("open: 'true'") == "f.yaml:1:7: found 'true'. Expected true or false. Write true. [wrong_type]\n");
  CHECK(trouble<shelf>("open: Off") == "f.yaml:1:7: found 'Off'. Expected true or false. Write false. [wrong_type]\n");
}

TEST_CASE("quantities without or with the wrong unit are told the right one") {
  CHECK(trouble<shelf>("within: 10").find("Write 10s, 10m or 10h: the unit is missing. [bad_duration]") != std::string::npos);
  CHECK(trouble<shelf>("within: 10 min").find("Write 10m. [bad_duration]") != std::string::npos);
  CHECK(trouble<shelf>("within: 2 hours").find("Write 2h.") != std::string::npos);
  CHECK(trouble<shelf>("within: 3 months").find("Say it in days") != std::string::npos);
  CHECK(trouble<shelf>("cost: 0.20").find("Write 0.20 EUR, or your currency: it is missing. [bad_money]") != std::string::npos);
  CHECK(trouble<shelf>("cost: 0,20 eur").find("Write 0.20 EUR. [bad_money]") != std::string::npos);
  CHECK(trouble<shelf>("cost: \xe2\x82\xac" "5").find("Write 5 EUR.") != std::string::npos);
  CHECK(trouble<shelf>("count: 10_000").find("Write 10000.") != std::string::npos);
  CHECK(trouble<shelf>("count: '10'").find("Leave the quotes out.") != std::string::npos);
  CHECK(trouble<shelf>("count: 1.5").find("found '1.5'. Expected a whole number. [wrong_type]") != std::string::npos);
  CHECK(trouble<shelf>("tags: red").find("Write [red].") != std::string::npos);
}

TEST_CASE("all errors of a file are found in one pass, each with its place") {
  CHECK(trouble<shelf>("nmae: a\ncount: x\ntags:\n  - a\n  - [b]\n") ==
        "f.yaml:2:8: found 'x'. Expected a whole number. [wrong_type]\n"
        "f.yaml:5:5: found a list. Expected a text. [wrong_type]\n"
        "f.yaml:1:1: the key 'nmae' is not known here. Expected one of name, open, count, weight, within, cost, any, tags. Did you mean 'name'? [unknown_key]\n");
}

TEST_CASE("a duplicate key is refused at its second place, wherever it hides") {
  CHECK(trouble<shelf>("name: a\nany: {x: 1, y: {z: 1}, x: 2}\nname: b\n") ==
        "f.yaml:2:24: the key 'x' stands here a second time. Expected each key once; the first is at f.yaml:2:7. Keep one of the two. [duplicate_key]\n"
        "f.yaml:3:1: the key 'name' stands here a second time. Expected each key once; the first is at f.yaml:1:1. Keep one of the two. [duplicate_key]\n");
}

TEST_CASE("anchors, aliases, merge keys, tags, second documents and odd keys are refused") {
  for (const auto* text : {"name: &a x\n", "tags: &a [x]\nany: *a\n", "any: {<<: {a: 1}}\n", "name: !!str 1\n", "name: !secret x\n", "name: a\n---\nname: b\n",
                           "? [a]\n: b\n", "any: {{x}}\n", "name: a\n...\nname: b\n"}) {
    INFO(text);
    CHECK(trouble<shelf>(text).find(std::string_view(text).find("...") == std::string_view::npos ? "[yaml_feature]" : "[yaml_syntax]") != std::string::npos);
  }
}

TEST_CASE("what YAML itself refuses is explained where the slip is") {
  struct row {
    const char *yaml, *expected;
  };
  const row rows[] = {
      {"any:\n\tb: 1\n", "f.yaml:2:1: the line is indented with a tab"},
      {"name: a: b\n", "f.yaml:1:7: a text with ': ' in it stands here without quotes"},
      {"name a\ncount: 3\n", "f.yaml:1:1: 'name a' has no ':'"},
      {"name: a\n count: 2\n", "f.yaml:2:2: this key is indented below a key that already has a value"},
      {"any:\n    a: 1\n  b: 2\n", "f.yaml:3:3: this line does not fit in with the lines above it"},
      {"any: {a: 1\n", "f.yaml:1:6: the map that opens here with { is not closed as it should"},
      {"tags: [a, b\nname: c\n", "f.yaml:1:7: the list that opens here with [ is not closed as it should"},
      {"name: @home\n", "f.yaml:1:7: a text can't begin with '@' in YAML"},
      {"tags: [${a}]\n", "f.yaml:1:8: a text with ${} stands here without quotes"},
      {"any: {a: ${a.b}}\n", "f.yaml:1:10: a text with ${} stands here without quotes"},
      {"name: \"abc\ncount: 2\n", "f.yaml:1:7: the quote that opens here is never closed"},
      {"tags:\n- a\nname: b\n", ""},
      {"- a\nname: b\n", "f.yaml:2:1: this does not belong to what stands above it"},
      {"name: \xff\n", "f.yaml:1:7: this byte is no text in UTF-8"},
      {"name: \"\x01\"\n", "f.yaml:1:8: this byte is no text in UTF-8"},
      {"# only\n\nname: b # and so\n...\n# end\n", ""},
      {"tags:\n  -\nname: \n", "f.yaml:"},
  };
  for (const auto& r : rows) {
    const auto text = trouble<shelf>(r.yaml);
    INFO(r.yaml << " -> " << text);
    CHECK(text.substr(0, std::string_view(r.expected).size()) == r.expected);
    if (std::string_view(r.expected).empty()) CHECK(text.empty());
  }
  std::string deep = "any: ";
  for (int i = 0; i < 100; ++i) deep += "{a: ";
  CHECK(trouble<shelf>(deep + "b" + std::string(100, '}')).find("more than 64 levels deep. Expected a flatter file. [yaml_syntax]") != std::string::npos);
  CHECK(trouble<shelf>(std::string(2'000'000, '#')).find("[file_too_big]") != std::string::npos);
}

TEST_CASE("an error inside a text points at its column through quotes, escapes, blocks and folding") {
  struct row {
    const char* yaml;
    const char* needle;
    const char* where;
  };
  const row rows[] = {
      {"name: see ${x}\n", "${x}", "f.yaml:1:11"},
      {"name: \"see ${x}\"\n", "${x}", "f.yaml:1:12"},
      {"name: \"a\\tb \\\"${x}\\\"\"\n", "${x}", "f.yaml:1:15"},
      {"name: 'it''s ${x}'\n", "${x}", "f.yaml:1:14"},
      {"name: \"\\u00e4\\x41 ${x}\"\n", "${x}", "f.yaml:1:19"},
      {"name: \"\xc3\xa4\xc3\xb6 ${x}\"\n", "${x}", "f.yaml:1:11"},  // columns count characters
      {"name: |\n  Dear ${a},\n    so ${x}\n", "${x}", "f.yaml:3:8"},
      {"name: >-  # folded\n  Dear\n  you\n\n  ${x}\n", "${x}", "f.yaml:5:3"},
      {"name: one\n  two ${x}\n", "${x}", "f.yaml:2:7"},
      {"name: \"one \\\n  two ${x}\"\n", "${x}", "f.yaml:2:7"},
      {"name: \"a b\"\n", " b", "f.yaml:1:9"},
      {"name: \"a\\x20\\u000ab ${x}\"\n", "${x}", "f.yaml:1:21"},
  };
  for (const auto& r : rows) {
    errors e;
    const auto document = yaml_document::parse("f.yaml", r.yaml, e);
    INFO(r.yaml << all(e));
    REQUIRE(e.empty());
    const auto place = document->root().at("name");
    CHECK(place.where_in(place.node().text.find(r.needle)) == r.where);
  }
}

TEST_CASE("a step list that is not indented says so") {
  struct list {
    std::vector<named<shelf>> shelves;
  };
  errors e;
  const auto document = yaml_document::parse("f.yaml", "- one:\n  name: a\n", e);
  std::vector<named<shelf>> shelves;
  read_yaml(document->root(), shelves, e);
  CHECK(all(e) == "f.yaml:1:3: found a map with 2 keys. Expected a map with one key, the name: `- name: {...}`. Indent what belongs to 'one' deeper than it. [wrong_type]\n");
}

TEST_CASE("the short forms of starts_on mean what they say") {
  errors e;
  CHECK(read<start_definition>("by_hand", e).by_hand == true);
  CHECK(read<start_definition>("mail_received", e).event == "mail_received");
  CHECK(read<start_definition>("{schedule: 0 9 * * MON, zone: UTC}", e).schedule == "0 9 * * MON");
  CHECK(e.empty());
}

}  // namespace steward
