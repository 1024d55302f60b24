#include "tests/support/catch.hpp"

#include "runtime/described.hpp"
#include "runtime/digest.hpp"

namespace steward {
namespace {

enum class mood { calm, busy };
BOOST_DESCRIBE_ENUM(mood, calm, busy)
struct inner {
  std::string name;
  std::optional<int> age;
};
BOOST_DESCRIBE_STRUCT(inner, (), (name, age))
struct outer {
  mood state = mood::calm;
  std::vector<inner> people;
  std::map<std::string, double> weights;
  money cost;
  duration within{};
  json extra;
};
BOOST_DESCRIBE_STRUCT(outer, (), (state, people, weights, cost, within, extra))

struct shelves {
  std::map<std::string, int> counts;
  std::set<std::string> names;
  boost::json::object free;
};
BOOST_DESCRIBE_STRUCT(shelves, (), (counts, names, free))

}  // namespace

TEST_CASE("a described struct reads back from its canonical JSON") {
  const outer before{mood::busy, {{"Ada", 36}, {"Bo\n", {}}}, {{"z", 1.0}, {"a", 0.1}}, {1'500'000'000, "EUR"}, std::chrono::minutes{90}, json{{"k", 1}}};
  const auto text = to_json_text(before);
  CHECK(text == R"({"cost":"1.50 EUR","extra":{"k":1},"people":[{"age":36,"name":"Ada"},{"name":"Bo\n"}],"state":"busy","weights":{"a":0.1,"z":1.0},"within":"1h30m"})");
  CHECK(canonical(to_json(before)) == text);
  const auto after = from_json_text<outer>(text);
  REQUIRE(after);
  CHECK(to_json_text(*after) == text);
}

TEST_CASE("text reads the same whoever wrote it: any order, white space, escapes; and a part of it is never taken for the whole") {
  const outer plain{mood::busy, {{"Ada", 36}, {"Bo", {}}}, {}, {1'500'000'000, "EUR"}, std::chrono::minutes{90}, json{{"k", "a } ] , b"}}};
  const auto text = to_json_text(plain);
  const std::string same[] = {
      text,
      R"({"within":"1h30m","weights":{},"state":"busy","people":[{"name":"Ada","age":36},{"name":"Bo"}],"extra":{"k":"a } ] , b"},"cost":"1.50 EUR"})",
      R"({ "cost" : "1.50 EUR", "extra": {"k": "a } ] , b"}, "people": [ {"age": 36, "name": "\u0041da"}, {"age": null, "name": "Bo"} ], "state": "busy", "within": "1h30m" })"};
  for (const auto& variant : same) {
    const auto read = from_json_text<outer>(variant);
    REQUIRE(read);
    CHECK(to_json_text(*read) == text);
  }
  for (std::size_t length = 0; length < text.size(); ++length) CHECK(!from_json_text<outer>(text.substr(0, length)));
  CHECK(!from_json_text<outer>(text + "}"));
  for (const auto* wrong : {R"({"age":01,"name":"Ada"})", R"({"age":1.5,"name":"Ada"})", R"({"age":99999999999,"name":"Ada"})", R"({"age":+1,"name":"Ada"})", R"({"age":1,"name":"A\xff"})",
                            R"({"age":1,"age":2,"name":"Ada"})", R"({"age":1,"name":"Ada",})", R"({"age":1 "name":"Ada"})", R"({"age":,"name":"Ada"})", R"({,"name":"Ada"})", R"({"age":1})"})
    CHECK(!from_json_text<inner>(wrong));
  CHECK(from_json_text<inner>("{\"name\":\"J\xc3\xbcrgen\"}")->name == "J\xc3\xbcrgen");
  CHECK(!from_json_text<inner>("{\"name\":\"J\xfcrgen\"}"));
}

TEST_CASE("maps, sets and free maps read the same in any order, and a key that stands twice is refused") {
  const auto text = R"({"counts":{"a":1,"b":2},"free":{"k":[1]},"names":["x","y"]})";
  for (const auto* same : {text, R"({"names":["y","x"],"free":{"k":[1]},"counts":{"b":2,"a":1}})", R"({"counts": {"a": 1, "b": 2}, "free": {"k": [1]}, "names": ["x", "y", "x"]})"}) {
    const auto read = from_json_text<shelves>(same);
    REQUIRE(read);
    CHECK(to_json_text(*read) == text);
  }
  for (const auto* wrong : {R"({"counts":{"a":1,"a":2},"free":{},"names":[]})", R"({"counts":{},"free":[],"names":[]})", R"({"counts":{},"free":{},"names":[1]})"})
    CHECK(!from_json_text<shelves>(wrong));
}

TEST_CASE("a text is written with exactly the escapes that JSON demands, wherever they stand") {
  for (std::size_t before = 0; before < 20; ++before)
    for (int c = 0; c < 128; ++c) {
      const auto text = std::string(before, 'x') + char(c) + "tail of it";
      const auto written = canonical(json(text));
      const auto read = parse_json(written);
      REQUIRE(read);
      CHECK(read->get_string() == text);
      CHECK(written.size() == text.size() + 2 + (c == '"' || c == '\\' || (c >= 8 && c <= 13 && c != 11) ? 1 : c < 0x20 ? 5 : 0));
    }
}

TEST_CASE("a time is written to the microsecond, in every year") {
  for (const auto* text : {"2026-11-23T08:00:00.000001Z", "1970-01-01T00:00:00.000000Z", "1969-12-31T23:59:59.999999Z", "0001-01-01T00:00:00.000000Z", "9999-12-31T23:59:59.999999Z"})
    CHECK(to_text(*parse_time(text)) == text);
}

TEST_CASE("an unknown key is refused with the nearest name") {
  const auto r = from_json_text<inner>(R"({"name":"Ada","aeg":1})");
  REQUIRE(!r);
  CHECK(to_sentence(r.error()) == "the key 'aeg' is not known here. Expected one of name, age. Did you mean 'age'? [unknown_key]");
}

TEST_CASE("JSON with a duplicate key, an infinity or trailing text is refused") {
  CHECK(parse_json(R"({"a":1,"b":{"a":2}})"));
  CHECK(parse_json(R"({"a":1,"a":2})").error().code == "duplicate_key");
  CHECK(parse_json("1e999").error().code == "bad_json");
  CHECK(parse_json("{} {}").error().code == "bad_json");
  CHECK(parse_json("[1,]").error().where == "1:4");
}

TEST_CASE("durations and money say their unit and read back exactly") {
  for (const auto* text : {"0s", "250ms", "1h30m", "3d", "1m1us"}) CHECK(to_text(*parse_duration(text)) == text);
  for (const auto* text : {"10", "m", "1m1h", "1 m", "-1m"}) CHECK(!parse_duration(text));
  for (const auto* text : {"0.20 EUR", "0.00005 EUR", "-1.50 USD", "0.00"}) CHECK(to_text(*parse_money(text)) == text);
  for (const auto* text : {"0.20", "1,0 EUR", "1. EUR", "1 eur", "0.0000000001 EUR"}) CHECK(!parse_money(text));
  CHECK(add(money{1, "EUR"}, money{1, "USD"}).error().code == "currencies_differ");
  CHECK(to_text(*parse_time("2026-03-29T02:30:00+02:00")) == "2026-03-29T00:30:00.000000Z");
  CHECK(!parse_time("2026-02-30T00:00:00Z"));
}

TEST_CASE("a digest of parts depends on where one part ends") {
  CHECK(digest_of({"ab", "c"}) != digest_of({"a", "bc"}));
  CHECK(hex_digest("") == "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
}

}  // namespace steward
