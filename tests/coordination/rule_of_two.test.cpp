/// What the engine's own rules make of labels: the rule of two, and whom an effect may reach.
#include "tests/coordination/labelled.hpp"

namespace steward::test {

// ---- the rule of two

TEST_CASE("untrusted data, private data in reach and an act are asked about, whatever rung, policy and grant say") {
  auto m = answering(effect_step("test.keyed", object{{"to", "${input.from}"}, {"text", "x"}}));
  auto generous = std::make_shared<turning_rule>();
  generous->says = [](const policy_question&) { return std::optional(ruling{"generous", verdict::allow, "it may"}); };
  policy_definition written;
  written.name = "all";
  written.because = "all may go";
  written.then = verdict::allow;
  m.m.policies["all"] = written;
  started c(m, {generous});
  c->mail("ada", "1", object{{"name", "Ada"}});
  CHECK(c->works->ledger.empty());
  CHECK(last_effect(c.c).decided == verdict::ask);
  REQUIRE(c->decides().approve_always(c->question(), "", 24h, c->now));
  c->settle();
  CHECK(c->works->ledger.size() == 1);
  c->mail("ada", "2", object{{"name", "Ada"}});
  CHECK(c->works->ledger.size() == 1);
  CHECK(because_of(last_effect(c.c), "rule_of_two") ==
        "It stands on what came from outside (mail_received from ada (event " + std::to_string([&] {
          std::int64_t seq = 0;
          for (const auto& [h, e] : c->disk())
            if (std::holds_alternative<event::signal_arrived>(e)) seq = h.seq;
          return seq;
        }()) + ")) while private data is in reach (the record lead-1): only you may let that go, whatever else allows it");
  c->approve();
  CHECK(c->works->ledger.size() == 2);
}

TEST_CASE("two of the three go by themselves") {
  // Untrusted and an act.
  company_of untrusted;
  starts_on_mail(untrusted);
  untrusted.step("act", effect_step("test.keyed"));
  started a(untrusted);
  a->mail("ada", "1");
  CHECK(a->works->ledger.size() == 1);
  // Private and an act.
  company_of own;
  own.m.entities["lead"] = leads();
  own.step("lead", record_lead("bob", "Bob")).step("act", effect_step("test.keyed"));
  started b(own);
  b->run("w");
  CHECK(of_the_effect(b.c) == label_private);
  CHECK(b->works->ledger.size() == 1);
  // Both, but it only reads.
  auto reads = answering(effect_step("test.read_only"));
  started d(reads);
  declare(d, "test.read_only", [&](action_manifest& a) { a.risk = risk_kind::none; });
  d->mail("ada", "1", object{{"name", "Ada"}});
  CHECK(last_effect(d.c).decided == verdict::allow);
  CHECK(d->outcome_of("run-1") == "finished: done");
}

TEST_CASE("private data is in reach of a role before it looks: through its memory scopes and its reading actions") {
  for (const auto* way : {"declared", "held", "look_up", "none"}) {
    company_of m;
    starts_on_mail(m);
    m.step("act", role_step());
    if (way == std::string("declared")) m.m.company.private_scopes = {"company"};
    if (way != std::string("look_up")) m.role().may_do.erase("test.read_only");
    puppet::plays = [](const cue& q) -> intents { return q.turn == 0 ? proposes() : intents{done()}; };
    started c(m);
    if (way == std::string("look_up")) declare(c, "test.read_only", [&](action_manifest& a) { a.answer_labels = label_private; });
    if (way == std::string("held")) {
      memory_item told;
      told.scope = "company";
      told.marks = label_private;
      REQUIRE(c->decides().add_memory(told, c->now));
    }
    c->mail("ada", "1");
    INFO(way);
    CHECK((last_effect(c.c).decided == verdict::ask) == (way != std::string("none")));
    CHECK(c->works->ledger.size() == (way == std::string("none") ? 1 : 0));
  }
}

TEST_CASE("a label that comes between the proposal and the door counts: the effect asks there") {
  company_of m;
  auto each = role_step(object{{"text", "${one}"}});
  each.for_each = {{"one", "${['acts', 'looks']}"}};
  m.step("each", each);
  time_point soon;
  puppet::plays = [&](const cue& q) -> intents {
    if (q.text == "acts") {
      if (q.turn == 0) return {propose_effect{"test.neither", object{{"text", "1"}}, "why", {}, "a"}, propose_effect{"test.neither", object{{"text", "2"}}, "why", {}, "b"}};
      return q.turn == 2 ? intents{done()} : intents{};
    }
    if (q.turn == 0) return {wake_at{soon, "w"}};
    return q.turn == 1 ? intents{look_up{"test.read_only", object{}, "l"}} : intents{done()};
  };
  started c(m);
  soon = c->now + 10s;
  for (auto& a : c->works->changes().actions) a.per_minute = 1;  // so that the second waits at the door
  declare(c, "test.read_only", [](action_manifest& a) { a.answer_labels = both; });
  c->run("w");
  CHECK(c->works->ledger.size() == 1);
  CHECK(last_effect(c.c).decided == verdict::allow);
  c->advance(2min);
  CHECK(c->count("looked_up") == 1);
  CHECK(c->works->ledger.size() == 1);
  c->approve();
  CHECK(c->works->ledger.size() == 2);
}

TEST_CASE("a reading action that goes outside may not be looked up with untrusted and private data in hand") {
  auto m = answering(role_step());
  puppet::plays = [](const cue& q) -> intents { return q.turn == 0 ? intents{look_up{"test.read_only", object{{"text", "secret"}}, "l"}} : intents{done()}; };
  started c(m);
  declare(c, "test.read_only", [](action_manifest& a) { a.risk = risk_kind::outside; });
  c->mail("ada", "1", object{{"name", "Ada"}});
  CHECK(c->count("looked_up") == 0);
  CHECK(c->state().cards.at(c->card_about("step_stuck")).said.text.find("It stands on what came from outside") != std::string::npos);
}

// ---- whom it may reach

TEST_CASE("a recipient whom nothing but untrusted data names is asked about; the sender, a record and the operator's own words are not") {
  const auto leaves = [](const std::string& to, const std::function<void(company_of&)>& arrange = {}) {
    company_of m;
    starts_on_mail(m);
    m.step("act", effect_step("test.keyed", object{{"to", to}, {"text", "x"}}));
    if (arrange) arrange(m);
    started c(m);
    c->mail("Ada@Example.com", "1", object{{"other", "eve@evil.example"}});
    return c->works->ledger.size() == 1;
  };
  CHECK_FALSE(leaves("${input.other}"));
  CHECK(leaves("${input.from}"));
  CHECK(leaves("ada@example.com"));
  CHECK(leaves("boss@acme.example"));  // stands in the workflow, which the operator wrote
  CHECK(leaves("${input.other}", [](company_of& m) { m.w().constants["known"] = "Write to eve@evil.example."; }));
  CHECK_FALSE(leaves("${input.other}", [](company_of& m) { m.w().constants["known"] = "grieve@evil.example"; }));
}

TEST_CASE("a recipient on record is no stranger, and neither is one whom the operator gave to the run") {
  company_of m;
  m.m.entities["lead"] = leads();
  m.step("read", effect_step("test.read_only")).step("act", effect_step("test.keyed", object{{"to", "${input.to}"}, {"text", "x"}}));
  started c(m);
  declare(c, "test.read_only", [&](action_manifest& a) { a.answer_labels = label_untrusted; });
  c->run("w", object{{"to", "bob@example.com"}});
  CHECK(c->works->ledger.size() == 1);

  company_of mailed;
  starts_on_mail(mailed);
  mailed.m.entities["lead"] = leads();
  mailed.step("act", effect_step("test.keyed", object{{"to", "${input.other}"}, {"text", "x"}}));
  started d(mailed);
  REQUIRE(d->decides().record("lead", "test:carol", object{{"name", "Carol"}}, d->now));
  d->settle();
  d->mail("ada", "1", object{{"other", "carol"}});
  CHECK(d->works->ledger.size() == 1);
  d->mail("ada", "2", object{{"other", "eve"}});
  CHECK(d->works->ledger.size() == 1);
  CHECK(because_of(last_effect(d.c), "may_reach").find("names eve: no record does") != std::string::npos);
  d->approve();
  CHECK(d->works->ledger.size() == 2);
}

TEST_CASE("may_reach says whom a role, or the company, may reach; others are asked about, or refused") {
  const auto judged = [](const std::vector<std::string>& listed, const std::string& to, beyond otherwise, bool by_role) {
    company_of m;
    m.m.entities["lead"] = leads();
    auto& may = by_role ? m.role().may_reach : m.m.company.may_reach;
    (by_role ? m.role().beyond_reach : m.m.company.beyond_reach) = otherwise;
    may["test.keyed"] = listed;
    m.step("act", by_role ? role_step() : effect_step("test.keyed", object{{"to", to}, {"text", "x"}}));
    puppet::plays = [to](const cue& q) -> intents {
      return q.turn == 0 ? intents{propose_effect{"test.keyed", object{{"to", to}, {"text", "x"}}, "why", {}, "t"}} : intents{done()};
    };
    started c(m);
    REQUIRE(c->decides().record("lead", "test:carol", object{{"name", "Carol"}}, c->now));
    c->settle();
    c->run("w");
    return last_effect(c.c).decided;
  };
  for (const bool by_role : {true, false}) {
    for (const auto otherwise : {beyond::ask, beyond::deny}) {
      const auto no = otherwise == beyond::deny ? verdict::deny : verdict::ask;
      CHECK(judged({"lead"}, "carol", otherwise, by_role) == verdict::allow);
      CHECK(judged({"lead"}, "dave", otherwise, by_role) == no);
      CHECK(judged({"@acme.example"}, "x@acme.example", otherwise, by_role) == verdict::allow);
      CHECK(judged({"@acme.example"}, "x@evil.acme.example", otherwise, by_role) == no);
      CHECK(judged({"@acme.example"}, "x@acme.example.evil", otherwise, by_role) == no);
      CHECK(judged({"ada@x.example"}, "Ada@X.example", otherwise, by_role) == verdict::allow);
      CHECK(judged({"ada@x.example"}, "bada@x.example", otherwise, by_role) == no);
      CHECK(judged({}, "ada@x.example", otherwise, by_role) == no);
      CHECK(judged({"sender"}, "ada@x.example", otherwise, by_role) == no);
    }
  }
}

TEST_CASE("a change by the operator may not reach whom the role is refused") {
  company_of m;
  m.role().may_reach["test.keyed"] = {"ada@x.example"};
  m.role().beyond_reach = beyond::deny;
  m.role().may_do["test.keyed"] = autonomy::ask;
  m.step("act", role_step());
  puppet::plays = [](const cue& q) -> intents {
    return q.turn == 0 ? intents{propose_effect{"test.keyed", object{{"to", "ada@x.example"}, {"text", "x"}}, "why", {}, "t"}} : intents{done()};
  };
  started c(m);
  c->run("w");
  const auto refused = c->decides().modify(c->question(), "", object{{"to", "eve@evil.example"}}, c->now);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "effect_denied");
  CHECK(refused.error().found.find("may not reach eve@evil.example") != std::string::npos);
}

}  // namespace steward::test
