#include "tests/coordination/puppet.hpp"

namespace steward::test {
namespace {

step_definition wait_for_mail(std::optional<std::string> from = {}, std::optional<std::string> at_most = {}, std::optional<std::string> if_late = {}) {
  step_definition s;
  s.for_ = "mail_received";
  s.from = std::move(from);
  s.at_most = std::move(at_most);
  s.if_late = std::move(if_late);
  s.gives = "reply";
  return s;
}

/// send -> wait three days for a reply -> nudge, twice at most -> after the third unanswered mail a card.
company_of answer_lead() {
  company_of m;
  m.w().starts_on = start_definition{};
  m.w().starts_on->event = "mail_received";
  m.step("draft", role_step(object{{"text", "${input.from}"}}, "mail"));
  m.step("send", effect_step("test.queryable", object{{"to", "${input.from}"}, {"text", "mail ${run.visit}"}}, true));
  m.step("wait", wait_for_mail("${input.from}", "3d", "nudge"));
  m.step("finish", end_step("answered"));
  auto nudge = role_step(object{{"text", "nudge"}}, "mail");
  nudge.then = "send";
  nudge.at_most = "2";
  nudge.used_up = "ask_operator";
  m.step("nudge", nudge);
  return m;
}

}  // namespace

TEST_CASE("a timer and a time that is told end their waits to the moment, also when the company was down meanwhile") {
  company_of m;
  step_definition until;
  until.until = "2026-11-25T09:00:00+01:00";
  m.step("timer", timer(90min)).step("until", until);
  started c(m);
  const auto run = c->run("w");
  c->advance(90min - 1us);
  CHECK(c->state().runs.at(run).here->name == "timer");
  c->advance(1us);
  CHECK(c->state().runs.at(run).here->name == "until");
  c->start();
  c->advance(46h + 30min - 1us);
  CHECK(c->outcome_of(run) == "open");
  c->now += 24h;
  c->start();
  c->advance(0s);
  CHECK(c->outcome_of(run) == "finished: done");
}

TEST_CASE("a time that has passed already is no wait") {
  company_of m;
  step_definition until;
  until.until = "${input.at}";
  m.step("until", until);
  started c(m);
  CHECK(c->outcome_of(c->run("w", object{{"at", "2020-01-01T00:00:00Z"}})) == "finished: done");
  c->run("w", object{{"at", "tomorrow"}});
  c->card_about("step_stuck");
}

TEST_CASE("a wait takes only the mail that fits, whoever wrote the address in whatever case") {
  company_of m;
  auto wait = wait_for_mail("${input.who}");
  wait.where = "event.subject.startsWith('Re:')";
  m.step("wait", wait);
  started c(m);
  const auto run = c->run("w", object{{"who", "ada@example.com"}});
  c->mail("bob@example.com", "1", object{{"subject", "Re: x"}});
  c->mail("ada@example.com", "2", object{{"subject", "Spam"}});
  CHECK(c->outcome_of(run) == "open");
  c->mail("Ada@Example.com", "3", object{{"subject", "Re: y"}});
  CHECK(c->outcome_of(run) == "finished: done");
  CHECK(text_at(std::get<event::run_finished>(c->disk().back().second).result, "subject") == "Re: y");
  CHECK(c->acknowledged == std::vector<std::string>{"1", "2", "3"});
}

TEST_CASE("a reply that was faster than the wait is found, and one that came before the run is not") {
  company_of m;
  m.step("first", timer(1h)).step("wait", wait_for_mail());
  started c(m);
  c->mail("ada", "old");
  c->advance(1s);
  const auto run = c->run("w");
  c->advance(1s);
  c->mail("ada", "quick");
  c->start();
  CHECK(c->outcome_of(run) == "open");
  c->advance(1h);
  CHECK(c->outcome_of(run) == "finished: done");
  CHECK(c->state().unclaimed.size() == 1);
  const auto second = c->run("w");
  c->advance(1h);
  CHECK(c->outcome_of(second) == "open");  // the reply was used once
}

TEST_CASE("a mail that answers a run starts none, and the oldest wait gets it") {
  auto m = answer_lead();
  m.w().starts_on->when = "event.subject == 'offer'";
  m.w().steps.erase(m.w().steps.begin(), m.w().steps.begin() + 2);
  started c(m);
  c->mail("ada", "1", object{{"subject", "offer"}});
  c->advance(1s);
  CHECK(c->state().runs.size() == 1);
  c->mail("ada", "2", object{{"subject", "offer"}});
  CHECK(c->outcome_of("run-1") == "finished: answered");
  CHECK(c->state().runs.empty());
  CHECK(c->count("run_started") == 1);
}

TEST_CASE("the same mail starts one run, also when it arrives again after a restart") {
  auto m = answer_lead();
  started c(m);
  c->mail("ada", "1");
  c->mail("ada", "1");
  c->start();
  c->mail("ada", "1");
  CHECK(c->count("run_started") == 1);
  CHECK(c->count("signal_arrived") == 1);
  CHECK(c->acknowledged.size() == 3);  // its connector may forget it each time
  c->mail("bob", "2");
  CHECK(c->count("run_started") == 2);
}

TEST_CASE("a natural key of the manifest decides what the same mail is") {
  auto m = answer_lead();
  m.w().starts_on->key = "${event.from}";
  started c(m);
  c->mail("ada", "1");
  c->mail("ada", "2");
  CHECK(c->count("run_started") == 1);
}

TEST_CASE("a start condition that can't be told says so once instead of losing mails silently") {
  auto m = answer_lead();
  m.w().starts_on->when = "event.subject == 'x'";
  started c(m);
  c->mail("ada", "1");
  c->mail("ada", "2");
  CHECK(c->count("run_started") == 0);
  const auto card = c->card_about("could_not_start");
  REQUIRE(c->decides().answer(card, "seen", c->now));
  CHECK(c->state().cards.empty());
}

TEST_CASE("only the run that takes a mail is marked with what the mail brings") {
  company_of m;
  m.step("wait", wait_for_mail("${input.who}")).step("more", timer(1h));
  started c(m);
  const auto ada = c->run("w", object{{"who", "ada"}}), bob = c->run("w", object{{"who", "bob"}});
  c->mail("ada", "1");
  CHECK(c->state().runs.at(ada).marks == label_untrusted);
  CHECK(c->state().runs.at(bob).marks == 0);
}

TEST_CASE("a person is asked with options, and nothing else counts as an answer") {
  company_of m;
  step_definition ask;
  ask.person = "Ship ${input.what}?";
  ask.options = {"yes", "no"};
  ask.gives = "word";
  m.step("ask", ask).step("say", role_step(object{{"text", "${word.answer}"}}, "said"));
  started c(m);
  const auto run = c->run("w", object{{"what", "it"}});
  c->start();
  const auto card = c->card_about("person");
  CHECK(c->state().cards.at(card).said.title == "Ship it?");
  const auto wrong = c->decides().answer(card, "yess", c->now);
  REQUIRE(!wrong);
  CHECK(wrong.error().advice == "Did you mean 'yes'?");
  REQUIRE(c->decides().answer(card, "no", c->now));
  c->settle();
  CHECK(c->outcome_of(run) == "finished: done");
  CHECK(text_at(std::get<event::run_finished>(c->disk().back().second).result, "text") == "no");
  CHECK(!c->decides().answer(card, "yes", c->now));
}

TEST_CASE("a person who does not answer in time leads to if_late, and the card is gone") {
  company_of m;
  step_definition ask;
  ask.person = "Well?";
  ask.at_most = "1d";
  ask.if_late = "late";
  m.step("ask", ask).step("end", end_step("answered")).step("late", end_step("silence"));
  started c(m);
  const auto run = c->run("w");
  c->advance(24h);
  CHECK(c->outcome_of(run) == "finished: silence");
  CHECK(c->state().cards.empty());
}

TEST_CASE("a lead that never answers gets three mails, then the operator a card; a reply ends it at any time") {
  auto m = answer_lead();
  started c(m);
  c->mail("ada", "1");
  for (int mails = 1; mails <= 3; ++mails) {
    c->approve();
    CHECK(int(c->works->done().size()) == mails);
    if (GENERATE(false, true)) c->start();
    c->advance(3 * 24h - 1s);
    CHECK(int(c->works->done().size()) == mails);
    c->advance(1s);
  }
  CHECK(c->works->done().size() == 3);
  c->card_about("used_up");
  CHECK(c->outcome_of("run-1") == "open");
}

TEST_CASE("a lead that answers after the second mail is answered") {
  auto m = answer_lead();
  started c(m);
  c->mail("ada", "1");
  c->approve();
  c->advance(3 * 24h);
  c->approve();
  c->advance(24h);
  c->mail("ada", "2");
  CHECK(c->outcome_of("run-1") == "finished: answered");
  CHECK(c->works->done().size() == 2);
  CHECK(c->count("run_started") == 1);
}

TEST_CASE("a schedule starts one run each time, one for all that was missed, and none while paused") {
  company_of m;
  m.w().starts_on = start_definition{};
  m.w().starts_on->schedule = "0 9 * * *";
  m.step("end", end_step("ran"));
  started c(m);
  CHECK(c->count("run_started") == 0);
  c->advance(1h);  // 9:00 UTC on Monday
  CHECK(c->count("run_started") == 1);
  c->advance(23h);
  CHECK(c->count("run_started") == 1);
  c->advance(1h);
  CHECK(c->count("run_started") == 2);
  SECTION("down for a week") {
    c->now += 7 * 24h + 3h;
    c->start();
    c->advance(0s);
    CHECK(c->count("run_started") == 3);
    c->start();
    c->advance(0s);
    CHECK(c->count("run_started") == 3);
    c->advance(21h);
    CHECK(c->count("run_started") == 4);
  }
  SECTION("paused for a week") {
    REQUIRE(c->decides().pause("workflow", "w", "holiday", c->now));
    c->advance(7 * 24h);
    c->start();
    c->advance(1h);
    CHECK(c->count("run_started") == 2);
    REQUIRE(c->decides().resume("workflow", "w", c->now));
    c->settle();
    CHECK(c->count("run_started") == 3);
    c->advance(23h);
    CHECK(c->count("run_started") == 4);
  }
}

TEST_CASE("pausing a run, its workflow or the company holds a wait's end, and resuming lets it go") {
  const auto [scope, name] = GENERATE(table<std::string, std::string>({{"run", "run-1"}, {"workflow", "w"}, {"company", ""}}));
  company_of m;
  m.step("timer", timer(1h)).step("end", end_step("over"));
  started c(m);
  const auto run = c->run("w");
  REQUIRE(c->decides().pause(scope, name, "", c->now));
  c->advance(3h);
  c->start();
  c->advance(3h);
  CHECK(c->outcome_of(run) == "open");
  REQUIRE(c->decides().resume(scope, name, c->now));
  c->settle();
  CHECK(c->outcome_of(run) == "finished: over");
  CHECK(!c->decides().resume(scope, name, c->now));
}

}  // namespace steward::test
