#include "tests/support/catch.hpp"

#include "runtime/schema/derive.hpp"
#include "runtime/schema/schema.hpp"

namespace steward {
namespace derived_examples {

enum class mood { calm, busy, public_ };
BOOST_DESCRIBE_ENUM(mood, calm, busy, public_)
struct person {
  std::string name;
  std::optional<int> age;
  std::vector<person> friends;
};
BOOST_DESCRIBE_STRUCT(person, (), (name, age, friends))
struct office {
  mood state = mood::calm;
  person head;
  std::map<std::string, double> weights;
  std::vector<named<person>> desks;
  std::optional<money> rent;
  duration open{};
  time_point since;
  std::uint8_t floor = 0;
  std::uint64_t visitors = 0;
  std::int64_t balance = 0;
  bool is_open = false;
  std::optional<std::string> for_;
  std::vector<std::optional<int>> rooms;
  json extra;
};
BOOST_DESCRIBE_STRUCT(office, (), (state, head, weights, desks, rent, open, since, floor, visitors, balance, is_open, for_, rooms, extra))

}  // namespace derived_examples

using namespace derived_examples;

TEST_CASE("a described struct gives its schema: what must be there, what may, and nothing else") {
  CHECK(
      canonical(schema_of<person>()) ==
      R"json({"$schema":"https://json-schema.org/draft/2020-12/schema","additionalProperties":false,"properties":{"age":{"maximum":2147483647,"minimum":-2147483648,"type":"integer"},)json"
      R"json("friends":{"items":{"$ref":"#"},"type":"array"},"name":{"type":"string"}},"required":["name"],"title":"person","type":"object"})json");
  const auto all = schema_of<office>();
  const auto at = [&](std::string_view path) { return canonical(*at_path(all, path)); };
  CHECK(at("required") == R"(["state","head","open","since","floor","visitors","balance","is_open","extra"])");
  CHECK(at("properties.state") == R"({"enum":["calm","busy","public"],"type":"string"})");
  CHECK(at("properties.head") == R"({"$ref":"#/$defs/person"})");
  CHECK(at("properties.desks") ==
        R"({"items":{"additionalProperties":{"$ref":"#/$defs/person"},"maxProperties":1,"minProperties":1,"type":"object"},"type":"array"})");
  CHECK(at("properties.floor") == R"({"maximum":255,"minimum":0,"type":"integer"})");
  CHECK(at("properties.visitors") == R"({"minimum":0,"type":"integer"})");
  CHECK(at("properties.balance") == R"({"type":"integer"})");
  CHECK(at("properties.extra") == "{}");
  CHECK(at("properties.for") == R"({"type":"string"})");
  CHECK(at("properties.rooms.items.anyOf").starts_with(R"([{"maximum":2147483647)"));
  CHECK(at("$defs.person.properties.friends.items") == R"({"$ref":"#/$defs/person"})");
}

TEST_CASE("what a struct writes fits its own schema, and what the schema refuses the struct can't read") {
  const auto judge = schema::parse(schema_of<office>());
  REQUIRE(judge);
  office o;
  o.head = {"Ada", 36, {{"Bo", {}, {}}}};
  o.desks = {{"window", {"Cy", {}, {}}}};
  o.weights = {{"a", 0.5}};
  o.rent = money{-1'500'000'000, "EUR"};
  o.open = std::chrono::minutes{90};
  o.for_ = "us";
  o.rooms = {1, std::nullopt};
  const auto good = to_json(o);
  CHECK(judge->validate(good).empty());
  CHECK(judge->check(to_json(office{.open = std::chrono::microseconds{250}})));

  const std::pair<const char*, json> changes[] = {{"state", "angry"},
                                                  {"state", nullptr},
                                                  {"head", 1},
                                                  {"floor", 256},
                                                  {"floor", -1},
                                                  {"visitors", -1},
                                                  {"open", "90"},
                                                  {"open", ""},
                                                  {"open", "1m1h"},
                                                  {"since", "yesterday"},
                                                  {"rent", "1,0 EUR"},
                                                  {"rent", "1.00"},
                                                  {"is_open", 1},
                                                  {"weights", {{"a", "x"}}},
                                                  {"desks", {{{"a", 1}}}},
                                                  {"aeg", 1}};
  for (const auto& [key, what] : changes) {
    auto bad = good;
    bad.get_object()[key] = what;
    INFO(key << ": " << canonical(what));
    CHECK(!judge->check(bad));
    CHECK(!from_json<office>(bad));
  }
  for (const auto& name : {"state", "head", "open", "extra"}) {
    auto bad = good;
    bad.get_object().erase(name);
    CHECK(judge->check(bad).error().code == "missing_key");
    CHECK(from_json<office>(bad).error().code == "missing_key");
  }
  for (const auto& name : {"weights", "desks", "rent", "for", "rooms"}) {
    auto less = good;
    less.get_object().erase(name);
    CHECK(judge->check(less));
    CHECK(from_json<office>(less));
  }
}

}  // namespace steward
