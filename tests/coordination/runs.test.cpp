#include "tests/coordination/puppet.hpp"

namespace steward::test {

TEST_CASE("a workflow's input is checked before its run exists, and a wrong name gets the nearest") {
  company_of m;
  m.w().input_schema = object{{"type", "object"}, {"required", {"who"}}, {"properties", {{"who", {{"type", "string"}}}}}};
  m.step("a", role_step());
  started c(m);
  CHECK(!c->decides().start_run("w", object{{"who", 3}}, "", false, "", c->now));
  CHECK(!c->decides().start_run("w", object{}, "", false, "", c->now));
  CHECK(c->state().runs.empty());
  company_of n;
  n.m.workflows["weekly"].workflow = "weekly";
  n.m.workflows["weekly"].steps.push_back({"a", role_step()});
  n.step("a", role_step());
  started d(n);
  const auto wrong = d->decides().start_run("weekl", object{}, "", false, "", d->now);
  REQUIRE(!wrong);
  CHECK(wrong.error().advice == "Did you mean 'weekly'?");
}

TEST_CASE("a run finishes on the manifest that it started with") {
  company_of m;
  m.step("wait", timer(1h)).step("end", end_step("old"));
  started c(m);
  const auto run = c->run("w");
  c->manifests_.workflows["w"].steps.back().value.as = "new";
  c->start();
  const auto fresh = c->run("w");
  c->advance(2h);
  CHECK(c->outcome_of(run) == "finished: old");
  CHECK(c->outcome_of(fresh) == "finished: new");
}

TEST_CASE("runs that ask other roles don't wait for each other when they hold every place of the company") {
  company_of m;
  m.m.company.running = 2;
  puppet::plays = [](const cue& q) -> intents {
    if (q.text == "parent" && q.turn == 0) return {ask_role{"worker", object{{"text", "child"}}, "r"}};
    return {done()};
  };
  m.step("a", role_step(object{{"text", "parent"}}));
  started c(m);
  c->frozen = true;
  const auto first = c->run("w"), second = c->run("w");
  c->frozen = false;
  c->settle();
  CHECK(c->outcome_of(first) == "finished: done");
  CHECK(c->outcome_of(second) == "finished: done");
}

TEST_CASE("the company admits no more runs at once than it may, and a run that waits for a person makes room") {
  company_of m;
  m.m.company.running = 1;
  m.m.company.waiting = 2;
  m.step("send", effect_step("test.neither", object{{"text", "x"}}, true)).step("work", role_step());
  started c(m);
  c->run("w");
  c->run("w");  // the first waits for its approval by now
  CHECK(c->state().approvals.size() == 2);
  company_of n;
  n.m.company.running = 1;
  n.m.company.waiting = 2;
  n.step("work", role_step());
  started d(n);
  d->frozen = true;
  d->run("w");
  const auto second = d->run("w"), third = d->run("w");
  const auto refused = d->decides().start_run("w", object{}, "", false, "", d->now);
  REQUIRE(!refused);
  CHECK(refused.error().code == "company_queue_full");
  CHECK(d->state().runs_at_work == 1);
  d->start();  // the places are handed out anew, no more than before
  d->frozen = false;
  REQUIRE(d->decides().stop_run(third, d->now));
  d->settle();
  d->advance(1s);
  CHECK(d->outcome_of(second) == "finished: done");
  CHECK(d->outcome_of(third) == "stopped: the operator stopped it");
}

TEST_CASE("record and remember write what they are told") {
  company_of m;
  m.m.entities["lead"] = {"lead", "who wrote", {{"address", "text"}}, {"address"}};
  step_definition record;
  record.record = "lead";
  record.id = "mailbox:${input.from}";
  record.with = object{{"address", "${input.from}"}};
  record.gives = "lead";
  step_definition note;
  note.remember = "company";
  note.about = "${lead.entity}";
  note.text = "wrote";
  m.step("record", record).step("note", note).step("say", role_step(object{{"text", "${lead.entity} ${lead.address}"}}, "said"));
  started c(m);
  c->run("w", object{{"from", "ada@example.com"}});
  c->run("w", object{{"from", "ADA@example.com"}});
  CHECK(c->state().entities.all().size() == 1);
  CHECK(c->count("memory_added") == 2);
  CHECK(text_at(std::get<event::run_finished>(c->disk().back().second).result, "text") == "lead-1 ADA@example.com");
}

TEST_CASE("one person may be on record as a lead and as a customer; a rule sees both, and memory keeps the first") {
  company_of m;
  m.m.entities["lead"] = {"lead", "who wrote", {{"address", "text"}}, {}};
  m.m.entities["customer"] = {"customer", "who bought", {{"do_not_contact", "true or false"}}, {}};
  step_definition lead, customer, note;
  lead.record = "lead";
  customer.record = "customer";
  lead.id = customer.id = "mailbox:ada@example.com";
  lead.with = object{{"address", "ada@example.com"}};
  customer.with = object{{"do_not_contact", true}};
  note.remember = "company";
  note.about = "mailbox:Ada@example.com";
  note.text = "bought";
  m.step("lead", lead).step("customer", customer).step("note", note).step("again", lead);
  started c(m);
  c->run("w");
  CHECK(c->outcome_of("run-1") == "finished: done");
  c->start();
  const auto known = c->state().entities.find_external("mailbox:ada@example.com");
  REQUIRE(known.size() == 2);
  CHECK(known[0]->id == "lead-1");
  CHECK(known[0]->version == 2);
  CHECK(known[1]->id == "customer-1");
  CHECK(c->state().entities.entities_with("mailbox:ADA@example.com").back()->at("do_not_contact").as_bool());
  for (const auto& [_, e] : c->disk())
    if (const auto* added = std::get_if<event::memory_added>(&e)) CHECK(added->item.about == "lead-1");
}

TEST_CASE("remember with for_each writes one memory for each item, about the entity that an external id belongs to") {
  company_of m;
  m.m.entities["lead"] = {"lead", "who wrote", {{"address", "text"}}, {"address"}};
  step_definition known;
  known.record = "lead";
  known.for_each = {{"who", "${input.people}"}};
  known.id = "mailbox:${who}";
  step_definition note;
  note.remember = "company";
  note.for_each = {{"who", "${input.people}"}};
  note.about = "mailbox:${who}";
  note.text = "told ${who}";
  m.step("known", known).step("note", note);
  started c(m);
  SECTION("each item, in order") {
    c->run("w", object{{"people", {"bo@example.com", "ada@example.com"}}});
    std::vector<std::string> written;
    for (const auto& [_, e] : c->disk())
      if (const auto* added = std::get_if<event::memory_added>(&e)) written.push_back(added->item.id + " " + added->item.about + " " + added->item.text);
    CHECK(written == std::vector<std::string>{"mem-1 lead-1 told bo@example.com", "mem-2 lead-2 told ada@example.com"});
  }
  SECTION("nobody") {
    c->run("w", object{{"people", boost::json::array{}}});
    CHECK(c->count("memory_added") == 0);
    CHECK(c->outcome_of("run-1") == "finished: done");
  }
  SECTION("no list, no memory, and a card") {
    c->run("w", object{{"people", "ada"}});
    CHECK(c->count("memory_added") == 0);
    CHECK(c->cards("step_stuck") == 1);
  }
}

TEST_CASE("a start that is asked for again with its key names the run that it started, also after a crash") {
  company_of m;
  m.step("wait", timer(1h));
  started c(m);
  const auto ask = [&](const std::string& key) {
    const auto run = c->decides().start_run("w", object{}, "by hand", false, key, c->now);
    REQUIRE(run);
    c->settle();
    return *run;
  };
  CHECK(ask("2026-w47") == "run-1");
  c->start();
  CHECK(ask("2026-w47") == "run-1");
  CHECK(ask("2026-w48") == "run-2");
  CHECK(ask("") == "run-3");
  CHECK(ask("") == "run-4");
  c->advance(2h);
  c->start();
  CHECK(ask("2026-w47") == "run-1");  // and when it is over, too
  CHECK(c->count("run_started") == 4);
}

}  // namespace steward::test
