/// What nobody knows to have happened: read again, repeated with its key, looked up, or asked about, and never guessed.
#include "tests/coordination/puppet.hpp"

namespace steward::test {
namespace {

/// From now on what is done under a key happens, nobody hears of it, and the key is known for an hour.
void loses_keyed_answers(started& c) {
  c->works->changes().actions[1].key_window = 1h;
  c->start();
  c->works->happens_anyway = true;
  c->works->next = [](const request&) { return lost(); };
}

}  // namespace

TEST_CASE("a lost answer leads to what the class allows: read again, repeated with its key, looked up, or asked about") {
  const auto happened = GENERATE(true, false);
  const auto crash = GENERATE(false, true);
  const auto action = GENERATE(as<std::string>{}, "test.read_only", "test.keyed", "test.queryable", "test.neither");
  CAPTURE(action, happened, crash);
  company_of m;
  m.step("act", effect_step(action));
  started c(m);
  c->works->happens_anyway = happened;
  c->works->next = [](const request&) { return lost(); };
  c->run("w");
  c->works->next = nullptr;
  if (crash) c->start();
  c->advance(1min);
  if (action == "test.neither") {
    CHECK(is_open(*c.operator->()));
    c->start();
    c->advance(10 * 24h);
    CHECK(c->works->ledger.size() == (happened ? 1 : 0));  // never by itself
    c->card_about("effect_in_doubt");
  } else {
    CHECK(c->outcome_of("run-1") == "finished: done");
    CHECK(c->works->done().size() == (action == "test.read_only" ? 0 : 1));
    CHECK((c->works->repeats > 0) == (action == "test.keyed" && happened));
    CHECK((c->works->looked > 0) == (action == "test.queryable"));
  }
}

TEST_CASE("the operator's word about an effect in doubt counts: it happened, repeat it, leave it") {
  const auto [word, entries, outcome] = GENERATE(table<std::string, std::size_t, std::string>({{"happened", 0, "finished: done"}, {"repeat", 1, "finished: done"}, {"leave", 0, "open"}}));
  company_of m;
  m.step("act", effect_step("test.neither"));
  started c(m);
  c->works->next = [](const request&) { return lost(); };
  c->run("w");
  c->works->next = nullptr;
  const auto card = c->card_about("effect_in_doubt");
  CHECK(!c->decides().answer(card, "perhaps", c->now));
  REQUIRE(c->decides().answer(card, word, c->now));
  c->settle();
  CHECK(c->works->done().size() == entries);
  CHECK(c->outcome_of("run-1") == outcome);
  CHECK(c->cards("effect_in_doubt") == 0);
  CHECK(c->cards("step_stuck") == (word == "leave" ? 1 : 0));
  CHECK(!c->decides().answer(card, "repeat", c->now));
}

TEST_CASE("an effect that can be looked up is asked about only when look-ups stay unanswered, and the card goes when one is answered") {
  company_of m;
  m.step("act", effect_step("test.queryable"));
  started c(m);
  c->works->happens_anyway = true;
  c->works->blind = true;
  c->works->next = [](const request&) { return lost(); };
  c->run("w");
  CHECK(c->cards("effect_in_doubt") == 0);
  c->advance(10min);
  const auto card = c->card_about("effect_in_doubt");
  c->start();
  c->advance(1h);
  CHECK(c->card_about("effect_in_doubt") == card);  // not a second one
  c->works->blind = false;
  c->start();
  c->advance(1h);
  CHECK(c->outcome_of("run-1") == "finished: done");
  CHECK(c->state().cards.empty());
  CHECK(c->works->done().size() == 1);
  CHECK(!c->decides().answer(card, "repeat", c->now));
}

TEST_CASE("an operator who answers after the look-up did is told so and changes nothing") {
  company_of m;
  m.step("act", effect_step("test.queryable"));
  started c(m);
  c->works->blind = true;
  c->works->next = [](const request&) { return lost(); };
  c->run("w");
  c->advance(10min);
  const auto card = c->card_about("effect_in_doubt");
  c->works->blind = false;
  c->works->next = [](const request&) { return not_sent(); };
  c->start();  // looked up: it is absent, so it is tried again
  c->advance(1s);
  CHECK(!c->decides().answer(card, "happened", c->now));
}

TEST_CASE("a keyed effect is repeated only well inside its provider's window; outside it the operator is asked") {
  company_of m;
  m.step("act", effect_step("test.keyed"));
  started c(m);
  loses_keyed_answers(c);
  c->frozen = true;
  c->run("w");
  c->frozen = false;
  c->now += 50min;  // beyond four fifths of it
  c->start();
  c->advance(1min);
  c->card_about("effect_in_doubt");
  CHECK(c->count("effect_dispatched") == 1);
}

TEST_CASE("the window of a key counts from the first try, not from the last") {
  company_of m;
  m.step("act", effect_step("test.keyed"));
  started c(m);
  loses_keyed_answers(c);
  c->frozen = true;
  c->run("w");
  c->now += 40min;
  c->start();  // still inside: repeated
  c->advance(0s);
  CHECK(c->count("effect_dispatched") == 2);
  c->now += 40min;
  c->frozen = false;
  c->start();
  c->advance(1min);
  CHECK(c->count("effect_dispatched") == 2);
  c->card_about("effect_in_doubt");
}

TEST_CASE("what an earlier attempt may have done is never called failed, refused, denied or stopped: the operator is asked") {
  const auto last_words = GENERATE(as<std::string>{}, "refused", "not sent", "stopped", "paused beyond the window");
  CAPTURE(last_words);
  company_of m;
  m.step("act", effect_step("test.keyed"));
  started c(m);
  loses_keyed_answers(c);
  c->run("w");  // it happened, and nobody heard
  c->works->happens_anyway = false;
  if (last_words == "refused") c->works->next = [](const request&) { return no(); };
  if (last_words == "not sent") c->works->next = [](const request&) { return not_sent(); };
  if (last_words == "stopped") REQUIRE(c->decides().stop_run("run-1", c->now));
  if (last_words == "paused beyond the window") {
    REQUIRE(c->decides().pause("company", "", "", c->now));
    c->advance(2h);
    c->works->next = nullptr;
    REQUIRE(c->decides().resume("company", "", c->now));
  }
  c->advance(2h);  // what could not be sent was tried again until the other side may have forgotten its key
  CHECK(c->works->done().size() == 1);
  CHECK(c->count("effect_dropped") == 0);
  if (last_words == "stopped") {
    event::effect_settled last;
    for (const auto& [_, e] : c->disk())
      if (const auto* settled = std::get_if<event::effect_settled>(&e)) last = *settled;
    CHECK(last.came_out.kind == outcome_kind::in_doubt);  // the run is over, and so the question
    return;
  }
  const auto card = c->card_about("effect_in_doubt");
  c->start();  // a restart neither repeats it nor forgets the question
  c->advance(1h);
  CHECK(c->card_about("effect_in_doubt") == card);
  CHECK(c->state().effects.at("eff-1").state == effect_state::in_doubt);
  REQUIRE(c->decides().answer(card, "happened", c->now));
  c->settle();
  CHECK(c->cards("effect_in_doubt") == 0);
  CHECK(c->works->done().size() == 1);
}

TEST_CASE("the operator's 'repeat' settles what earlier attempts may have done") {
  company_of m;
  m.step("act", effect_step("test.keyed"));
  started c(m);
  c->works->next = [](const request&) { return lost(); };
  c->run("w");
  c->works->next = [](const request&) { return no(); };
  c->advance(1min);
  REQUIRE(c->decides().answer(c->card_about("effect_in_doubt"), "repeat", c->now));
  c->settle();
  CHECK(c->cards("effect_in_doubt") == 0);
  CHECK(c->state().effects.at("eff-1").state == effect_state::refused);
}

}  // namespace steward::test
