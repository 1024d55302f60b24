#include "runtime/sparse_json.hpp"

#include "runtime/event.hpp"
#include "tests/support/catch.hpp"

using namespace steward;

namespace {

enum class colour { red, green };
BOOST_DESCRIBE_ENUM(colour, red, green)

struct part {
  std::string name;
  std::int64_t count = 7;
};
BOOST_DESCRIBE_STRUCT(part, (), (name, count))

struct whole {
  std::string text = "initial";
  std::int64_t number = 1;
  bool said = true;
  double share = 0.5;
  json any;
  std::optional<std::int64_t> maybe;
  std::vector<part> parts;
  part one;
  std::map<std::string, std::string> names;
  colour shade = colour::green;
  money cost;
};
BOOST_DESCRIBE_STRUCT(whole, (), (text, number, said, share, any, maybe, parts, one, names, shade, cost))

std::string sparse(const whole& w) {
  std::string text;
  append_sparse(text, w);
  return text;
}

}  // namespace

TEST_CASE("a stored body leaves out what says nothing, at every depth, and never a word of a closed list") {
  whole w;
  w.text.clear(), w.number = 0, w.said = false, w.share = 0;
  w.parts = {{"bolt", 0}, {"", 3}};
  w.one.count = 0;
  w.shade = colour::red;
  CHECK(sparse(w) == R"({"one":{},"parts":[{"name":"bolt"},{"count":3}],"shade":"red"})");
}

TEST_CASE("what was left out is read as nothing, whatever the struct starts with") {
  for (const std::string text : {R"({"one":{},"shade":"red"})", R"( {"shade": "red", "one": {}} )"}) {
    const auto w = from_sparse_text<whole>(text);
    REQUIRE(w);
    CHECK(w->text.empty());
    CHECK(w->number == 0);
    CHECK_FALSE(w->said);
    CHECK(w->share == 0);
    CHECK(w->one.count == 0);
    CHECK(w->cost == money{});
  }
}

TEST_CASE("a body that says everything, as older ones do, is read as well, and a wrong one is refused as ever") {
  whole w;
  w.parts = {{"bolt", 2}};
  w.maybe = 0;
  w.cost = {0, "EUR"};
  w.names = {{"a", ""}};
  for (const auto& text : {sparse(w), to_json_text(w)}) {
    const auto read = from_sparse_text<whole>(text);
    REQUIRE(read);
    CHECK(to_json_text(*read) == to_json_text(w));
  }
  CHECK(from_sparse_text<whole>(R"({"one":{},"shade":"red","numbr":1})").error().code == "unknown_key");
  CHECK(from_sparse_text<whole>(R"({"one":{}})").error().code == "missing_key");
  CHECK(from_sparse_text<whole>(R"({"one":{"count":"x"},"shade":"red"})").error().where == "one.count");
}

TEST_CASE("every kind of event, empty, is stored and read back as it was") {
  boost::mp11::mp_for_each<boost::mp11::mp_transform<boost::mp11::mp_identity, event::any>>([](auto type) {
    using event_type = typename decltype(type)::type;
    CAPTURE(event_type::kind);
    const event::any e = event_type{};
    const auto read = event::read(event_type::kind, event::body_text(e));
    REQUIRE(read);
    CHECK(to_json_text(std::get<event_type>(*read)) == to_json_text(event_type{}));
    CHECK(event::read(event_type::kind, to_json_text(event_type{})));
  });
}
