#include "runtime/hosting/erase.hpp"

#include "runtime/coordination/run_parcel.hpp"
#include "runtime/coordination/state_snapshot.hpp"
#include "runtime/hosting/snapshot_file.hpp"
#include "runtime/observation/entity_history.hpp"
#include "tests/support/kept_company.hpp"

namespace steward {

using boost::json::object;
using test::kept_company;

namespace {

const std::map<std::string, entity_definition> types{{"lead", {.entity = "lead", .purpose = "", .fields = {}, .personal = {"name", "address"}}}, {"product", {.entity = "product", .purpose = "", .fields = {}, .personal = {}}}};

/// Ada and Charles, sealed as the coordinator seals them; a product; and a mail of Ada's, which is not sealed.
void two_people(kept_company& company) {
  for (const auto& [id, name, address] : {std::tuple{"lead-1", "Ada Lovelace", "ada@example.org"}, std::tuple{"lead-2", "Charles Babbage", "charles@example.org"}})
    company.append(event::entity_recorded{id, "lead", std::string("mailbox:") + address, object{{"name", name}, {"address", address}, {"score", 7}}}, std::string("entity/") + id,
                   {"external_id", "fields.name", "fields.address"});
  company.append(event::entity_recorded{"product-1", "product", "", object{{"name", "Engine"}}}, "entity/product-1");
  company.append(event::signal_arrived{"mail_received", "mailbox", object{{"from", "ada@example.org"}}}, "signals");
  company.written.reset();
}

result<erased_entity> erase(kept_company& company, const std::string& who) { return erase_entity(company.path, *company.kinds, "UTC", types, who, company.now, *company.random); }

std::string all_bytes(const std::string& path) {
  std::string bytes;
  for (const auto& file : std::filesystem::recursive_directory_iterator(path))
    if (file.is_regular_file()) bytes += make_system_disk()->read(file.path().string()).value();
  return bytes;
}

}  // namespace

TEST_CASE("an erased person is gone from the state, for every fold of every earlier event, and the chain is whole") {
  kept_company company;
  two_people(company);
  REQUIRE(company.as_of({})->entities.find_external("mailbox:ada@example.org").size() == 1);
  {
    auto source = reader::open({.folder = company.path}, *company.kinds);
    const auto files = make_system_disk();
    REQUIRE(write_snapshot(company.path, *files, **source, 4, snapshot_bytes(company.as_of({}).value())));
  }
  const auto told = erase(company, "mailbox:ada@example.org");
  REQUIRE(told);
  CHECK(told->entity == "lead-1");
  CHECK(told->had_key);
  CHECK(told->readable == std::vector<std::int64_t>{4});  // her mail was never sealed, and that is said
  for (const std::int64_t seq : {1, 2, 4, 5}) {
    const auto state = company.as_of({.seq = seq}).value();
    CAPTURE(seq);
    const auto* ada = state.entities.find("lead-1");
    REQUIRE(ada);
    CHECK(text_at(ada->fields, "name") == "(erased)");
    CHECK(text_at(ada->fields, "address") == "(erased)");
    CHECK(ada->fields.at("score") == 7);
    CHECK(ada->external_ids.empty());
    CHECK(state.entities.find_external("mailbox:ada@example.org").empty());
    if (seq > 1) CHECK(state.entities.find_external("mailbox:charles@example.org").size() == 1);
  }
  const auto source = reader::open({.folder = company.path}, *company.kinds);
  CHECK((*source)->verify()->seq == 5);
  CHECK(all_bytes(company.path).find("Ada Lovelace") == std::string::npos);
}

TEST_CASE("erasing twice, or a fold that had the person in memory, gives the same state") {
  kept_company company;
  two_people(company);
  auto live = company.as_of({}).value();
  REQUIRE(erase(company, "lead-1"));
  // What an engine that had folded the first four events would make of the fifth.
  auto source = reader::open({.folder = company.path}, *company.kinds);
  REQUIRE(fold_on(live, **source));
  CHECK(digest_of_state(live) == digest_of_state(company.as_of({}).value()));
  REQUIRE(erase(company, "lead-1"));
  CHECK(company.as_of({})->entities.find("lead-1")->external_ids.empty());
  CHECK(rebuild_all(company.path, *company.kinds, "UTC")->back().equal());
}

TEST_CASE("who is erased is erased in every record that was merged into theirs") {
  kept_company company;
  two_people(company);
  company.open();
  company.append(event::entity_merged{"lead-1", "lead-2", {"score"}, "one person"}, "entity/lead-1");
  company.written.reset();
  const auto told = erase(company, "lead-2");
  REQUIRE(told);
  CHECK(told->entity == "lead-1");
  const auto state = company.as_of({}).value();
  for (const auto* id : {"lead-1", "lead-2"}) CHECK(text_at(state.entities.find(id)->fields, "name") == "(erased)");
  CHECK(state.entities.find_external("mailbox:charles@example.org").empty());
  CHECK(all_bytes(company.path).find("Charles Babbage") == std::string::npos);
}

TEST_CASE("the history of a record tells each change with what was before, through merge, split and erasure") {
  kept_company company;
  two_people(company);
  company.open();
  company.append(event::entity_recorded{"lead-2", "lead", "", object{{"zone", "Europe/London"}, {"score", 8}}}, "entity/lead-2");
  company.append(event::entity_merged{"lead-1", "lead-2", {"zone"}, "one person"}, "entity/lead-1");
  company.append(event::entity_split{"lead-1", "lead-2", "two after all"}, "entity/lead-1");
  company.written.reset();
  REQUIRE(erase(company, "lead-1"));
  auto source = reader::open({.folder = company.path, .erased = erased_as::text}, *company.kinds);
  const auto told = entity_history(**source, {"lead-1", "lead-2"});
  REQUIRE(told);
  std::string text;
  for (const auto& line : told->as_array()) text += text_at(line, "what") + " " + text_at(line, "entity") + " " + canonical(*at_path(line, "changes")) + "\n";
  CHECK(text ==
        R"x(recorded lead-1 {"address":{"from":null,"to":"(erased)"},"name":{"from":null,"to":"(erased)"},"score":{"from":null,"to":7}}
recorded lead-2 {"address":{"from":null,"to":"charles@example.org"},"name":{"from":null,"to":"Charles Babbage"},"score":{"from":null,"to":7}}
recorded lead-2 {"score":{"from":7,"to":8},"zone":{"from":null,"to":"Europe/London"}}
merged lead-2 {"zone":{"from":null,"to":"Europe/London"}}
split lead-2 {"zone":{"from":"Europe/London","to":null}}
erased lead-1 {}
)x");
}

TEST_CASE("erasing refuses who is not there, a type without personal fields, and a company at work") {
  kept_company company;
  two_people(company);
  CHECK(erase(company, "lead-9").error().code == "entity_not_found");
  CHECK(erase(company, "product-1").error().code == "nothing_personal");
  const auto lock = lock_folder(company.path);
  CHECK(erase(company, "lead-1").error().code == "already_running");
  CHECK(text_at(company.as_of({})->entities.find("lead-1")->fields, "name") == "Ada Lovelace");
}

}  // namespace steward
