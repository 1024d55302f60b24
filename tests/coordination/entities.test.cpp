#include "runtime/coordination/entity_graph.hpp"
#include "runtime/random.hpp"
#include "tests/coordination/puppet.hpp"

namespace steward::test {
namespace {

company_of with_types() {
  company_of m;
  m.step("end", end_step("done"));
  m.m.entities["customer"] = {.entity = "customer", .purpose = "", .fields = {{"name", "text"}, {"address", "text"}, {"zone", "text"}}, .personal = {}};
  m.m.entities["project"] = {.entity = "project", .purpose = "", .fields = {{"name", "text"}, {"customer", "entity customer"}, {"partners", "entities customer or project"}}, .personal = {}};
  return m;
}

std::string recorded(small_company& c, const std::string& type, const std::string& external, json fields) {
  const auto id = c.decides().record(type, external, fields, c.now);
  REQUIRE(id);
  c.settle();
  return *id;
}

std::vector<std::string> led_to(const small_company& c, const std::string& external) {
  std::vector<std::string> ids;
  for (const auto* e : c.state().entities.find_external(external)) ids.push_back(e->id);
  return ids;
}

json fields_of(const small_company& c, const std::string& id) { return c.state().entities.find(id)->fields; }

}  // namespace

TEST_CASE("merged records are one: either address leads to it, and what it lacked is filled; a split takes all that back") {
  auto m = with_types();
  started c(m);
  recorded(*c.operator->(), "customer", "mailbox:ada@example.org", object{{"name", "Ada"}, {"zone", ""}});
  recorded(*c.operator->(), "customer", "mailbox:ada@office.example", object{{"name", "A. Lovelace"}, {"zone", "Europe/London"}, {"address", "ada@office.example"}});

  REQUIRE(c->decides().merge_entities("customer-1", "customer-2", "two addresses, one person", c->now));
  c->settle();
  CHECK(led_to(*c.operator->(), "mailbox:ada@office.example") == std::vector<std::string>{"customer-1"});
  CHECK(led_to(*c.operator->(), "mailbox:ada@example.org") == std::vector<std::string>{"customer-1"});
  CHECK(fields_of(*c.operator->(), "customer-1") == json(object{{"name", "Ada"}, {"zone", "Europe/London"}, {"address", "ada@office.example"}}));
  CHECK(c->state().entities.standing_for("customer-2")->id == "customer-1");

  // What is told of the other address from now on is told of the one record.
  CHECK(recorded(*c.operator->(), "customer", "mailbox:ada@office.example", object{{"address", "countess@office.example"}}) == "customer-1");
  c->start();
  CHECK(led_to(*c.operator->(), "mailbox:ada@office.example") == std::vector<std::string>{"customer-1"});

  REQUIRE(c->decides().split_entity("customer-2", "two people after all", c->now));
  c->settle();
  CHECK(led_to(*c.operator->(), "mailbox:ada@office.example") == std::vector<std::string>{"customer-2"});
  // The zone and the address came with the merge and leave with it; what was told of the other since then is the other's.
  CHECK(fields_of(*c.operator->(), "customer-1") == json(object{{"name", "Ada"}}));
  CHECK(fields_of(*c.operator->(), "customer-2") == json(object{{"name", "A. Lovelace"}, {"zone", "Europe/London"}, {"address", "countess@office.example"}}));
}

TEST_CASE("a merge refuses what is not there, two types, a record that is merged already, and itself") {
  auto m = with_types();
  started c(m);
  auto& d = c->decides();
  for (const auto* address : {"a", "b", "c"}) recorded(*c.operator->(), "customer", address, object{{"name", address}});
  recorded(*c.operator->(), "project", "p", object{{"name", "Newsletter"}});
  CHECK(d.merge_entities("customer-1", "customer-9", "", c->now).error().code == "entity_not_found");
  CHECK(d.merge_entities("customer-1", "project-1", "", c->now).error().code == "entity_types_differ");
  CHECK(d.merge_entities("customer-1", "customer-1", "", c->now).error().code == "entity_is_merged");
  CHECK(d.split_entity("customer-1", "", c->now).error().code == "entity_not_merged");
  REQUIRE(d.merge_entities("customer-1", "customer-2", "", c->now));
  c->settle();
  CHECK(d.merge_entities("customer-3", "customer-2", "", c->now).error().code == "entity_is_merged");
  CHECK(d.merge_entities("customer-2", "customer-3", "", c->now).error().code == "entity_is_merged");
  REQUIRE(d.merge_entities("customer-3", "customer-1", "", c->now));
  c->settle();
  CHECK(led_to(*c.operator->(), "b") == std::vector<std::string>{"customer-3"});  // through both merges
  CHECK(c->state().entities.same_as("customer-3").size() == 3);
  REQUIRE(d.split_entity("customer-1", "", c->now));
  c->settle();
  CHECK(led_to(*c.operator->(), "b") == std::vector<std::string>{"customer-1"});
}

TEST_CASE("whatever is recorded, merged and split in whatever order, an address leads to one record of a type, and all splits give back all records") {
  const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{13}));
  INFO("again: test_coordination 'whatever is recorded, merged and split*', seed " << seed);
  auto m = with_types();
  started c(m);
  auto random = make_seeded_random(seed);
  const auto pick = [&](std::uint64_t n) { return random->next() % n; };
  for (int i = 0; i < 6; ++i) recorded(*c.operator->(), "customer", "x" + std::to_string(i), object{{"name", "n" + std::to_string(i)}});
  for (int i = 0; i < 60; ++i) {
    const auto one = "customer-" + std::to_string(1 + pick(6)), other = "customer-" + std::to_string(1 + pick(6));
    switch (pick(3)) {
      case 0: (void)c->decides().merge_entities(one, other, "", c->now); break;
      case 1: (void)c->decides().split_entity(one, "", c->now); break;
      default: recorded(*c.operator->(), "customer", "x" + std::to_string(pick(6)), object{{"zone", std::to_string(i)}});
    }
    c->settle();  // and the fold of what is on disk says the same
    for (int x = 0; x < 6; ++x) {
      const auto led = led_to(*c.operator->(), "x" + std::to_string(x));
      REQUIRE(led.size() == 1);
      CHECK(c->state().entities.find(led.front())->merged_into.empty());
    }
  }
  for (bool again = true; std::exchange(again, false);)
    for (int i = 1; i <= 6; ++i) again = bool(c->decides().split_entity("customer-" + std::to_string(i), "", c->now)) || again;
  c->settle();
  for (int i = 0; i < 6; ++i) CHECK(led_to(*c.operator->(), "x" + std::to_string(i)) == std::vector<std::string>{"customer-" + std::to_string(i + 1)});
}

TEST_CASE("a relation leads to a record that is there, of a type it may lead to") {
  auto m = with_types();
  started c(m);
  recorded(*c.operator->(), "customer", "ada", object{{"name", "Ada"}});
  const auto refused = [&](json fields) { return to_sentence(c->decides().record("project", "p", fields, c->now).error()); };
  CHECK(refused(object{{"customer", "customer-2"}}) ==
        "project.customer: there is no entity 'customer-2'. Expected the name of a record of type customer. 'steward entity list' lists them. [entity_not_found]");
  recorded(*c.operator->(), "project", "p", object{{"customer", "customer-1"}});
  CHECK(refused(object{{"customer", "project-1"}}).find("project-1 is a record of type project") != std::string::npos);
  CHECK(recorded(*c.operator->(), "project", "q", object{{"customer", ""}, {"partners", boost::json::array{"customer-1", "project-1"}}}) == "project-2");
}

TEST_CASE("the graph around a record follows relations both ways, so far as it is asked, and knows merged records as one") {
  auto m = with_types();
  started c(m);
  for (const auto* name : {"Ada", "Charles", "Ada L."}) recorded(*c.operator->(), "customer", name, object{{"name", name}});
  recorded(*c.operator->(), "project", "p", object{{"name", "Engine"}, {"customer", "customer-1"}});
  recorded(*c.operator->(), "project", "q", object{{"name", "Notes"}, {"customer", "customer-3"}, {"partners", boost::json::array{"customer-2"}}});
  const auto around = [&](const std::string& id, std::int64_t away) {
    const auto graph = graph_around(c->state().entities, m.m.entities, id, away);
    std::string text;
    for (const auto& node : graph.nodes) text += fmt::format("{}{} ", std::string(std::size_t(node.away), '.'), node.entity);
    for (const auto& edge : graph.edges) text += fmt::format("| {} {} {} ", edge.from, edge.field, edge.to);
    return text;
  };
  CHECK(around("customer-1", 1) == "customer-1 .project-1 | project-1 customer customer-1 ");
  REQUIRE(c->decides().merge_entities("customer-1", "customer-3", "", c->now));
  c->settle();
  CHECK(around("customer-3", 1) == "customer-1 .project-1 .project-2 | project-1 customer customer-1 | project-2 customer customer-1 ");
  CHECK(around("customer-1", 2) ==
        "customer-1 .project-1 .project-2 ..customer-2 | project-1 customer customer-1 | project-2 customer customer-1 | project-2 partners customer-2 ");
  CHECK(around("customer-1", 0) == "customer-1 ");
}

TEST_CASE("the operator is on record as company.yaml says, once, and again when that changes") {
  company_of m;
  m.m.entities["operator"] = {"operator", "", {{"name", "text"}, {"address", "text"}}, {"address"}, {}};
  m.step("end", end_step("done"));
  started c(m);
  CHECK(c->state().entities.all().empty());
  c->manifests_.company.operator_ = operator_definition{"Ada", "ada@example.org"};
  for (int starts = 0; starts < 3; ++starts) c->start();
  CHECK(c->count("entity_recorded") == 1);
  const auto* me = c->state().entities.find("operator-1");
  REQUIRE(me);
  CHECK(me->fields == json(object{{"name", "Ada"}, {"address", "ada@example.org"}}));
  c->manifests_.company.operator_->name = "Ada Lovelace";
  c->start();
  CHECK(c->count("entity_recorded") == 2);
  CHECK(text_at(c->state().entities.find("operator-1")->fields, "name") == "Ada Lovelace");
}

TEST_CASE("what was told of a merged record under its own id goes with it when they are split, and what stood there before comes back") {
  auto m = with_types();
  started c(m);
  recorded(*c.operator->(), "customer", "ada", object{{"name", "Ada"}, {"zone", "UTC"}});
  recorded(*c.operator->(), "customer", "eve", object{{"name", "Eve"}});
  REQUIRE(c->decides().merge_entities("customer-1", "customer-2", "", c->now));
  recorded(*c.operator->(), "customer", "eve", object{{"name", "Eve Smith"}, {"zone", "Europe/Berlin"}});
  recorded(*c.operator->(), "customer", "eve", object{{"zone", "Europe/Paris"}});
  recorded(*c.operator->(), "customer", "ada", object{{"zone", "Asia/Tokyo"}});
  CHECK(text_at(c->state().entities.find("customer-1")->fields, "name") == "Eve Smith");
  REQUIRE(c->decides().split_entity("customer-2", "", c->now));
  c->settle();
  CHECK(c->state().entities.find("customer-1")->fields == json(object{{"name", "Ada"}, {"zone", "Asia/Tokyo"}}));
  CHECK(c->state().entities.find("customer-2")->fields == json(object{{"name", "Eve Smith"}, {"zone", "Europe/Paris"}}));
}

}  // namespace steward::test
