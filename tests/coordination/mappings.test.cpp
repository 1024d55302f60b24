#include "tests/coordination/puppet.hpp"

namespace steward::test {
namespace {

entity_definition lead(std::int64_t version, std::map<std::string, std::string> fields) {
  entity_definition e{"lead", "", {{"name", "text"}, {"subject", "text"}}, {}, {}};
  e.maps["mail_received"] = {version, {}, "from != ''", "mailbox:${from}", std::move(fields)};
  return e;
}

company_of with_leads(entity_definition e) {
  company_of m;
  m.m.entities["lead"] = std::move(e);
  m.step("end", end_step("done"));
  return m;
}

json fields_of(small_company& c, const std::string& id) { return c.state().entities.find(id)->fields; }

/// What reading the journal gives for one mail that made `lead-1`.
remap_told from_one_mail(std::int64_t record, json fields) {
  remap_candidate candidate{"mailbox:ada@example.org", "lead-1", "mail_received@2", record, std::move(fields), {}};
  for (const auto& field : candidate.fields.as_object()) candidate.from[std::string(field.key())] = record;
  return {{candidate}, {}, 1};
}

}  // namespace

TEST_CASE("what arrives becomes an entity by its mapping, caused by the record, and says which version made it") {
  started c(with_leads(lead(1, {{"name", "${from_name}"}, {"subject", "${subject}"}})));
  c->mail("ada@example.org", "1", object{{"from_name", "Ada"}, {"subject", "Hello"}});
  REQUIRE(c->state().entities.find("lead-1"));
  CHECK(fields_of(*c.operator->(), "lead-1") == json(object{{"name", "Ada"}, {"subject", "Hello"}}));
  const auto recorded = std::find_if(c->disk().begin(), c->disk().end(), [](const auto& e) { return std::holds_alternative<event::entity_recorded>(e.second); });
  CHECK(std::get<event::entity_recorded>(recorded->second).mapped == "mail_received@1");
  const auto& cause = c->disk().at(std::size_t(recorded->first.cause - 1));
  CHECK(std::holds_alternative<event::signal_arrived>(cause.second));
  c->mail("ada@example.org", "2", object{{"from_name", "Ada"}, {"subject", "Again"}});
  CHECK(c->state().entities.all().size() == 1);
  c->mail("", "3", object{{"from_name", ""}, {"subject", ""}});
  CHECK(c->state().entities.all().size() == 1);
}

TEST_CASE("a record that can't be mapped is kept, is one card, and stops nothing else") {
  started c(with_leads(lead(1, {{"name", "${from_name}"}})));
  c->mail("ada@example.org", "1");
  c->mail("bob@example.org", "2");
  CHECK(c->count("signal_arrived") == 2);
  CHECK(c->cards("not_mapped") == 1);
  CHECK(c->acknowledged.size() == 2);
  c->mail("bob@example.org", "3", object{{"from_name", "Bob"}});
  CHECK(c->state().entities.all().size() == 1);
}

TEST_CASE("remap says what would change, changes it once, and leaves alone what somebody told since") {
  started c(with_leads(lead(1, {{"name", "${from_name}"}, {"subject", "${subject}"}})));
  c->mail("ada@example.org", "1", object{{"from_name", "ada"}, {"subject", "Hello"}});
  const auto arrived = std::int64_t(1 + std::distance(c->disk().begin(), std::find_if(c->disk().begin(), c->disk().end(), [](const auto& e) { return std::holds_alternative<event::signal_arrived>(e.second); })));
  auto told = from_one_mail(arrived, object{{"name", "Ada Lovelace"}, {"subject", "HELLO"}});
  REQUIRE(c->decides().record("lead", "mailbox:ada@example.org", object{{"subject", "what I wrote"}}, c->now));
  c->settle();
  told.told["lead-1"]["subject"] = std::int64_t(c->disk().size());

  const auto would = c->decides().remap("lead", told, true, c->now);
  c->settle();
  REQUIRE(would);
  REQUIRE(would->entities.size() == 1);
  CHECK(to_json(would->entities.front().changes) == json(boost::json::array{object{{"field", "name"}, {"before", "ada"}, {"after", "Ada Lovelace"}}}));
  CHECK(would->entities.front().kept == std::vector<std::string>{"subject"});
  CHECK(text_at(fields_of(*c.operator->(), "lead-1"), "name") == "ada");

  const auto before = c->count("entity_recorded");
  REQUIRE(c->decides().remap("lead", told, false, c->now));
  c->settle();
  CHECK(fields_of(*c.operator->(), "lead-1") == json(object{{"name", "Ada Lovelace"}, {"subject", "what I wrote"}}));
  CHECK(c->count("entity_recorded") == before + 1);
  CHECK(c->disk().back().first.cause == arrived);
  REQUIRE(c->decides().remap("lead", told, false, c->now));
  c->settle();
  CHECK(c->count("entity_recorded") == before + 1);
}

TEST_CASE("remap makes entities of records that were none before, and says what it can't record") {
  started c(with_leads(lead(2, {{"name", "${from_name}"}})));
  auto told = from_one_mail(1, object{{"name", "Ada"}});
  told.candidates.front().entity.clear();
  auto bad = told.candidates.front();
  bad.external_id = "mailbox:bob@example.org";
  bad.fields = object{{"name", 7}, {"size", 1}};
  bad.from = {{"name", 1}, {"size", 1}};
  told.candidates.push_back(bad);
  const auto done = c->decides().remap("lead", told, false, c->now);
  c->settle();
  REQUIRE(done);
  REQUIRE(done->entities.size() == 2);
  CHECK(done->entities[0].entity == "lead-1");
  CHECK(done->entities[1].refused.find("size") != std::string::npos);
  CHECK(c->state().entities.all().size() == 1);
  CHECK(c->decides().remap("laed", told, true, c->now).error().code == "unknown_entity");
}

TEST_CASE("what was remembered of a record is recalled of the one it was merged into, and not after they are split") {
  company_of m;
  m.m.entities["customer"] = {"customer", "", {{"name", "text"}}, {}, {}};
  m.step("work", role_step(object{{"text", "${input.who}"}}));
  puppet::plays = [](const cue& c) -> intents {
    if (c.kind == "step_started") return {recall{.scope = "company", .about = c.text}};
    return {done()};
  };
  started c(m);
  for (const auto* name : {"a", "b"}) REQUIRE(c->decides().record("customer", name, object{{"name", name}}, c->now));
  c->settle();
  const auto names = [&](const std::string& who) {
    c->run("w", object{{"who", who}});
    return c->recalled_about;
  };
  CHECK(names("customer-1").empty());
  REQUIRE(c->decides().merge_entities("customer-1", "customer-2", "", c->now));
  c->settle();
  CHECK(names("customer-1") == std::vector<std::string>{"customer-1", "customer-2"});
  CHECK(names("customer-2") == std::vector<std::string>{"customer-1", "customer-2"});
  REQUIRE(c->decides().split_entity("customer-2", "", c->now));
  c->settle();
  CHECK(names("customer-1").empty());
  CHECK(names("a topic").empty());
}

TEST_CASE("recall walks relations as far as it is told, in both directions, and through merges") {
  company_of m;
  m.m.entities["customer"] = {"customer", "", {{"name", "text"}}, {}, {}};
  m.m.entities["project"] = {"project", "", {{"name", "text"}, {"customer", "entity customer"}}, {}, {}};
  m.m.entities["invoice"] = {"invoice", "", {{"about", "entities project"}}, {}, {}};
  m.step("work", role_step(object{{"text", "${input.who}"}}));
  std::optional<std::int64_t> depth;
  puppet::plays = [&](const cue& c) -> intents {
    if (c.kind == "step_started") return {recall{.scope = "company", .about = c.text, .depth = depth}};
    return {done()};
  };
  started c(m);
  const auto record = [&](const char* type, const char* name, object fields) {
    REQUIRE(c->decides().record(type, name, std::move(fields), c->now));
    c->settle();
  };
  record("customer", "c1", {{"name", "Ada"}});
  record("customer", "c2", {{"name", "Ada L."}});
  record("customer", "c3", {{"name", "Bob"}});
  record("project", "p1", {{"name", "Loom"}, {"customer", "customer-1"}});
  record("invoice", "i1", {{"about", boost::json::array{"project-1"}}});
  const auto names = [&](const std::string& who, std::optional<std::int64_t> how_far) {
    depth = how_far;
    c->run("w", object{{"who", who}});
    auto all = c->recalled_about;
    std::sort(all.begin(), all.end());
    return all;
  };
  using all = std::vector<std::string>;
  CHECK(names("customer-1", {}).empty());
  CHECK(names("customer-1", 0).empty());
  CHECK(names("customer-1", 1) == all{"customer-1", "project-1"});
  CHECK(names("customer-1", 2) == all{"customer-1", "invoice-1", "project-1"});
  CHECK(names("invoice-1", 1) == all{"invoice-1", "project-1"});
  CHECK(names("invoice-1", 1000) == all{"customer-1", "invoice-1", "project-1"});
  CHECK(names("customer-3", 2).empty());
  CHECK(names("a topic", 2).empty());
  REQUIRE(c->decides().merge_entities("customer-3", "customer-1", "", c->now));
  c->settle();
  CHECK(names("customer-3", 1) == all{"customer-1", "customer-3", "project-1"});
  CHECK(names("project-1", 1) == all{"customer-1", "customer-3", "invoice-1", "project-1"});
}

}  // namespace steward::test
