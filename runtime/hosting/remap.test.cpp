#include "runtime/hosting/remap.hpp"

#include "runtime/erased.hpp"
#include "tests/support/kept_company.hpp"

namespace steward {

using boost::json::object;
using test::kept_company;

namespace {

company_manifests with_leads() {
  company_manifests m;
  entity_definition lead{"lead", "", {{"name", "text"}, {"subject", "text"}}, {}, {}};
  lead.maps["mail_received"] = {2, {}, "in_reply_to == ''", "mailbox:${from}", {{"name", "${from_name}"}, {"subject", "${subject}"}}};
  lead.maps["files.list"] = {1, "${files}", {}, "mailbox:${address}", {{"name", "${title}"}}};
  m.entities["lead"] = lead;
  return m;
}

std::int64_t mail(kept_company& c, const std::string& from, const std::string& name, const std::string& subject, const std::string& answers = "") {
  return c.append(event::signal_arrived{"mail_received", "mailbox", object{{"from", from}, {"from_name", name}, {"subject", subject}, {"in_reply_to", answers}}}, "signals");
}

void recorded(kept_company& c, const std::string& id, const std::string& external, json fields, std::int64_t cause, std::optional<std::string> mapped) {
  c.append(event::entity_recorded{id, "lead", external, std::move(fields), std::move(mapped)}, "entity/" + id, {}, cause);
}

remap_told told(kept_company& c) {
  c.written.reset();
  const auto source = reader::open({.folder = c.path, .erased = erased_as::text}, *c.kinds);
  auto all = told_by_records(**source, with_leads(), "lead");
  REQUIRE(all);
  return *all;
}

}  // namespace

TEST_CASE("the records of a journal say by today's mapping what each entity is, the newest record last") {
  kept_company c;
  const auto first = mail(c, "ada@example.org", "Ada", "Hello");
  recorded(c, "lead-1", "ada@example.org", object{{"name", "ada"}}, first, "mail_received@1");
  const auto second = mail(c, "ada@example.org", "Ada Lovelace", "Again");
  recorded(c, "lead-1", "mailbox:ada@example.org", object{{"name", "ada"}}, second, "mail_received@1");
  mail(c, "ada@example.org", "Ada", "Re: Again", "<1@example.org>");  // `when` says no
  const auto all = told(c);
  CHECK(all.records == 3);
  REQUIRE(all.candidates.size() == 1);
  const auto& candidate = all.candidates.front();
  CHECK(candidate.entity == "lead-1");  // whatever its external id was then
  CHECK(candidate.external_id == "mailbox:ada@example.org");
  CHECK(candidate.fields == json(object{{"name", "Ada Lovelace"}, {"subject", "Again"}}));
  CHECK(candidate.record == second);
  CHECK(candidate.mapped == "mail_received@2");
}

TEST_CASE("what somebody told of a field, or a merge brought, is known with its place in the journal") {
  kept_company c;
  const auto record = mail(c, "ada@example.org", "Ada", "Hello");
  recorded(c, "lead-1", "mailbox:ada@example.org", object{{"name", "Ada"}, {"subject", "Hello"}}, record, "mail_received@1");
  recorded(c, "lead-1", "mailbox:ada@example.org", object{{"name", "Countess"}}, 0, {});
  const auto all = told(c);
  CHECK(all.told.at("lead-1").size() == 1);
  CHECK(all.told.at("lead-1").at("name") > record);
}

TEST_CASE("answers of read-only actions are records too, one for each item") {
  kept_company c;
  event::effect_proposed proposed;
  proposed.effect = "eff-1";
  proposed.run = "run-1";
  proposed.prepared.action = "files.list";
  c.append(proposed, "run/run-1");
  event::effect_settled settled;
  settled.effect = "eff-1";
  settled.came_out.kind = outcome_kind::confirmed;
  settled.came_out.answer = object{{"files", {{{"address", "ada@example.org"}, {"title", "Ada"}}, {{"address", "bob@example.org"}, {"title", "Bob"}}}}};
  c.append(settled, "run/run-1");
  c.append(event::looked_up{"run-1/draft.1", "l", "files.list", settled.came_out.answer}, "run/run-1");
  const auto all = told(c);
  CHECK(all.records == 2);
  REQUIRE(all.candidates.size() == 2);
  CHECK(text_at(all.candidates.back().fields, "name") == "Bob");
}

TEST_CASE("whoever was erased is not made anew from a record that is still there") {
  kept_company c;
  const auto record = mail(c, "ada@example.org", "Ada", "Hello");
  recorded(c, "lead-1", std::string(erased_text), object{{"name", std::string(erased_text)}}, record, "mail_received@1");
  CHECK(told(c).candidates.empty());
}

}  // namespace steward
