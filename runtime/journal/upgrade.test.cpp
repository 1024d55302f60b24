#include "runtime/journal/upgrade.hpp"

#include "runtime/journal/journal_test.hpp"

using namespace steward;

namespace {

// The real story: version 1 of lead_arrived had one text "from" ("Ada Lovelace <ada@example.org>"); version 2 has a name and
// an address, version 3 knows whether the address was checked.
event_kinds leads_of_today() {
  return event_kinds().add("lead_arrived", 3,
                           {{1,
                             [](json body) {
                               auto& object = body.as_object();
                               const std::string from(object.at("from").as_string());
                               const auto bracket = from.find(" <");
                               object.erase("from");
                               object["name"] = from.substr(0, bracket);
                               object["address"] = from.substr(bracket + 2, from.size() - bracket - 3);
                               return body;
                             }},
                            {2, [](json body) {
                               body.as_object()["checked"] = false;
                               return body;
                             }}});
}

}  // namespace

TEST_CASE("reader gives events of an old journal in today's version, and leaves the journal as it is") {
  journal_bench bench;
  bench.kinds = event_kinds().add("lead_arrived", 1);
  auto old = note("");
  old.header.kind = "lead_arrived";
  old.body = R"({"from":"Ada Lovelace <ada@example.org>"})";
  REQUIRE(bench.open()->append({{old}}));

  bench.kinds = leads_of_today();
  auto fresh = old;
  fresh.header.version = 3;
  fresh.body = R"({"address":"g@example.org","checked":true,"name":"Grace"})";
  REQUIRE(bench.open()->append({{fresh}}));

  auto r = bench.read();
  const auto all = r->read({});
  REQUIRE(all);
  CHECK((*all)[0].body == R"({"address":"ada@example.org","checked":false,"name":"Ada Lovelace"})");
  CHECK((*all)[0].header.version == 3);
  CHECK((*all)[0].stored_version == 1);
  CHECK((*all)[1].body == fresh.body);
  CHECK(r->verify()->seq == 2);
  reader_options raw;
  raw.upgrade = false;
  CHECK(bench.read(raw)->at(1)->body == old.body);
}

TEST_CASE("reader stops with a sentence at an unknown kind, a newer version, and an upgrade that fails") {
  journal_bench bench;
  bench.kinds = event_kinds().add("lead_arrived", 1).add("lead_left", 1);
  auto lead = note("");
  lead.header.kind = "lead_arrived";
  lead.body = R"({"to":"nobody"})";
  auto left = lead;
  left.header.kind = "lead_left";
  REQUIRE(bench.open()->append({{lead, left}}));
  bench.kinds = leads_of_today();
  CHECK(bench.read()->at(1).error().code == "event_not_upgraded");
  CHECK(bench.read()->at(1).error().where == "journal event 1");
  CHECK(bench.read()->at(2).error().code == "unknown_event_kind");
  CHECK(bench.read()->at(2).error().found == "the event kind 'lead_left' is not known");

  lead.header.version = 3;
  REQUIRE(bench.open()->append({{lead}}));
  bench.kinds = event_kinds().add("lead_arrived", 1);
  CHECK(bench.read()->at(3).error().code == "event_from_the_future");
  auto outdated = lead;
  outdated.header.version = 1;
  bench.kinds = leads_of_today();
  CHECK(bench.open()->append({{outdated}}).error().code == "event_version_outdated");
}

TEST_CASE("event_kinds refuses a kind with a gap in its upgrades, and a kind that is listed twice") {
  const auto code_of = [](auto&& action) -> std::string {
    try {
      action();
    } catch (const error_thrown& e) {
      return e.what_happened().code;
    }
    return "";
  };
  CHECK(code_of([] { event_kinds().add("x", 3, {{1, [](json b) { return b; }}}); }) == "upgrade_step_missing");
  CHECK(code_of([] { event_kinds().add("x", 1).add("x", 1); }) == "event_kind_twice");
}
