/// An agent that throws, hangs or floods, and a flood of mail: the company keeps working, and one card says what happened.
#include "tests/support/catch.hpp"
#include "tests/support/world/company_watch.hpp"

#include <fstream>

#include <fmt/format.h>

namespace steward::proof {

namespace {

const program_end well{};

/// A company with the role `trouble` and the workflow `try_it`.
struct troubled : company_watch {
  troubled() {
    company.program_path = STEWARD_TROUBLED;
    std::ofstream(company.workspace() + "/roles/trouble.yaml") << "role: trouble\npurpose: Makes trouble.\nagent: trouble\nmay_know: [company]\n"
                                                                  "limits: {running: 2, waiting: 20, run_for: 1s}\nwhen_it_fails: {restart: on_crash, at_most: 3 in 10m, then: ask_operator}\n";
    std::ofstream(company.workspace() + "/workflows/try_it.yaml") << "workflow: try_it\nversion: 1\npurpose: Lets the role trouble do what it is told.\n"
                                                                     "steps:\n  - try_it: {role: trouble, with: {what: \"${input.what}\"}, gives: said, within: 1h}\n  - finish: {as: quiet}\nif_a_step_fails: ask_operator\n";
    start();
  }

  void try_it(const std::string& what) {
    const auto done = company.command({"run", "try_it", "--no-wait", "--set", "what=" + what});
    INFO(done.err);
    REQUIRE(done.end == well);
  }

  /// Whatever happened before: another run of the same role, and one of the shipped workflows, still get where they go.
  void still_works() {
    const auto ended = count<event::run_finished>();
    try_it("behave");
    CHECK(until([&] { return count<event::run_finished>() == ended + 1; }, std::chrono::seconds{1}));
    const auto done = company.command({"run", "weekly_update", "--no-wait", "--input", R"({"since": "2026-10-01T00:00:00Z"})"});
    CHECK(done.end == well);
    CHECK(until([&] { return count<event::approval_asked>() == 1; }, std::chrono::seconds{1}));
  }

  std::vector<event::card_raised> cards() const { return all<event::card_raised>(); }

  event::card_raised the_one_card() {
    REQUIRE(until([&] { return !cards().empty(); }, std::chrono::seconds{1}));
    still_works();
    REQUIRE(cards().size() == 1);
    return cards().front();
  }
};

}  // namespace

TEST_CASE("an agent that throws is restarted and given up on, and one card tells what it said") {
  troubled w;
  w.try_it("throw");
  const auto card = w.the_one_card();
  INFO(card.title << "\n" << card.text);
  CHECK(card.text.find("the price list has no row for bookshops") != std::string::npos);
  CHECK_FALSE(card.actions.empty());
  const auto retries = w.all<event::turn_retried>();
  CHECK(retries.size() == 2);  // the attempts are on disk before they are made
}

TEST_CASE("an agent that hangs is abandoned, and one card says so in words") {
  troubled w;
  w.try_it("hang");
  const auto card = w.the_one_card();
  INFO(card.title << "\n" << card.text);
  CHECK(card.text.find("trouble") != std::string::npos);
  CHECK_FALSE(card.actions.empty());
}

TEST_CASE("stop ends the company although an agent hangs, says what was in flight, and the next start takes it up") {
  troubled w;
  w.try_it("hang");
  REQUIRE(w.until([&] { return w.count<event::step_started>() == 1; }));
  REQUIRE(w.company.command({"inbox"}).end == well);  // what was decided before this has been handed on
  const auto stopped = w.company.command({"stop"});
  INFO(stopped.out << stopped.err);
  REQUIRE(stopped.end == well);
  CHECK(stopped.out.find("In flight: run-1/try_it.1 of the role trouble") != std::string::npos);
  REQUIRE(w.company.engine_ended(std::chrono::seconds{30}));
  w.look();
  CHECK(w.count<event::engine_stopped>() == 0);  // it was cut off, and the journal does not say otherwise
  w.start();
  w.still_works();
}

TEST_CASE("an agent that asks ten thousand things at once gets none of them, and one card says how many") {
  for (const std::string what : {"questions", "memories"}) {
    troubled w;
    w.try_it(what);
    const auto card = w.the_one_card();
    INFO(card.title << "\n" << card.text);
    CHECK(card.text.find("10000") != std::string::npos);
    CHECK(w.count<event::memory_added>() == 0);
  }
}

TEST_CASE("three hundred mails at once wait in the mailbox when the company is full, one card says so, and none is lost") {
  company_watch w;
  w.start();
  // A role that stands still is what fills a queue.
  REQUIRE(w.company.command({"pause", "role", "classifier"}).end == well);
  for (int i = 0; i < 300; ++i)
    w.company.deliver(fmt::format("1795075{:03}.M1P1.flood", i), mail_text(fmt::format("Winner {} <winner{}@lottery.example>", i, i), fmt::format("flood-{}@lottery.example", i), w.company.now(), "You are a winner",
                                                                           "Congratulations! You have won a lottery prize. Click here to claim your free money now.\nUnsubscribe"));
  const std::size_t room = 100 + 8;  // company.yaml: waiting and running
  REQUIRE(w.until([&] { return w.count<event::run_started>() == room && w.count<event::card_raised>() == 1; }));
  w.let_pass(std::chrono::seconds{5});
  CHECK(w.count<event::run_started>() == room);
  CHECK(w.count<event::signal_arrived>() == room);
  const auto outside = std::filesystem::directory_iterator(w.company.workspace() + "/mail/inbox/new");
  CHECK(std::size_t(std::distance(begin(outside), end(outside))) == 300 - room);
  const auto cards = w.all<event::card_raised>();
  REQUIRE(cards.size() == 1);
  INFO(cards.front().title << "\n" << cards.front().text);
  CHECK(cards.front().text.find("100 runs wait for their turn") != std::string::npos);
  // Meanwhile the operator is answered, and what needs no place in the queue is done.
  REQUIRE(w.company.command({"runs", "--json"}).end == well);
  REQUIRE(w.company.command({"memory", "add", "--scope", "company", "--about", "flood", "It rains mails today."}).end == well);
  // One run more by hand is refused, with the reason.
  const auto refused = w.company.command({"run", "weekly_update", "--no-wait"});
  CHECK_FALSE(refused.end == well);
  CHECK(refused.err.find("company_queue_full") != std::string::npos);

  REQUIRE(w.company.command({"resume", "role", "classifier"}).end == well);
  REQUIRE(w.until([&] { return w.count<event::run_finished>() == 300; }, std::chrono::seconds{1}));
  CHECK(w.count<event::run_started>() == 300);
  CHECK(w.count<event::signal_arrived>() == 300);
  CHECK(w.count<event::card_raised>() == 1);

  // And the lead who comes next is answered as if nothing had been.
  w.company.deliver("1795076000.M2P1.lead", mail_text("Frida Lindqvist <frida@lindqvist-books.example>", "lead-1@lindqvist-books.example", w.company.now(), "A question about prices",
                                                      "Hello,\n\nHow much does it cost to have you set this up for our newsletter,\nand can you do it before Christmas?\n\nFrida"));
  REQUIRE(w.until([&] { return w.count<event::approval_asked>() == 1; }, std::chrono::seconds{1}));
}

}  // namespace steward::proof
