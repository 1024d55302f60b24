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
