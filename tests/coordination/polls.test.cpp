/// What becomes of a connector that can't look for what has arrived.
#include "tests/coordination/puppet.hpp"

namespace steward::test {

TEST_CASE("a connector that can't look for what arrived opens its breaker, with one card that goes when it looks again") {
  company_of m;
  m.step("act", effect_step("test.keyed"));
  started c(m);
  const auto looks = [&](bool well) {
    c->decides().on_polled("test", well ? std::nullopt : std::optional(error{"no_such_file", "inbox", "the folder is not there"}), c->now);
    c->settle();
  };
  for (int i = 0; i < 4; ++i) looks(false);
  looks(true);  // it answers: what was before is forgotten
  for (int i = 0; i < 4; ++i) looks(false);
  CHECK(c->state().cards.empty());
  looks(false);
  const auto card = c->state().cards.at(c->card_about("breaker"));
  CHECK(card.said.text.find("the folder is not there") != std::string::npos);
  c->run("w");
  CHECK(c->works->ledger.empty());  // its work waits
  if (GENERATE(false, true)) c->start();
  SECTION("it looks again after the rest, in vain, and then well") {
    c->works->next = [](const request&) { return answer{false, false, true, "unreachable", {}}; };
    c->advance(31s);
    looks(false);
    c->advance(10s);
    looks(false);
    CHECK(c->cards("breaker") == 1);
    c->works->next = nullptr;
    c->advance(10min);
    looks(true);
  }
  SECTION("it looks well during the rest, which counts when the rest is over") {
    looks(true);
    CHECK(c->cards("breaker") == 1);
    c->advance(31s);
  }
  CHECK(c->state().cards.empty());
  CHECK(c->state().breakers.empty());
  CHECK(c->works->done().size() == 1);
}

TEST_CASE("a look that is answered closes a breaker that nothing waits for") {
  company_of m;
  started c(m);
  for (int i = 0; i < 5; ++i) c->decides().on_polled("test", error{"no_such_file", "inbox", "gone"}, c->now);
  c->settle();
  c->decides().on_polled("test", {}, c->now);
  c->settle();
  CHECK(c->state().breakers.size() == 1);
  c->advance(30s);
  CHECK(c->state().breakers.empty());
  CHECK(c->state().cards.empty());
}

}  // namespace steward::test
