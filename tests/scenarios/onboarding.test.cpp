/// The onboarding of a client fails at each of its steps in turn, for reasons of the real world: what the files say afterwards is
/// consistent, and one card says what is taken back and what stands.
#include "tests/support/catch.hpp"
#include "tests/support/world/company_watch.hpp"

#include <filesystem>
#include <fstream>

namespace steward::proof {

namespace {

namespace fs = std::filesystem;

const program_end well{};
constexpr auto client = "Frida Lindqvist <frida@lindqvist-books.example>";

struct onboarding {
  company_watch w{onboarding_company()};
  std::string word = "signed";                                            // what the operator says of the answer
  std::string rejects;                                                    // the step that the operator lets not go
  bool answers = true;                                                    // whether the client does
  std::function<void(const std::string& step)> before = [](const auto&) {};  // what happens before the operator lets a step go

  std::string file(const std::string& path) const { return w.company.workspace() + "/" + path; }
  void put(const std::string& path, const std::string& text) const {
    fs::create_directories(fs::path(file(path)).parent_path());
    std::ofstream(file(path), std::ios::binary) << text;
  }
  /// Another word in a manifest or schema of the workspace; gives back how it was.
  std::string change(const std::string& path, const std::string& word, const std::string& other) const {
    const auto was = text_of_file(file(path));
    REQUIRE(was.find(word) != std::string::npos);
    auto now = was;
    put(path, now.replace(now.find(word), word.size(), other));
    return was;
  }
  /// A rule of the company stops each mail with such a subject.
  void stop_mails_about(const std::string& subject) const {
    put("policies/not_this_one.yaml", "name: not_this_one\nbecause: Nobody may write this\nwhen: action == 'mailbox.send' && arguments.subject.startsWith('" + subject + "')\nthen: deny\n");
  }

  void begin() {
    w.start();
    REQUIRE(w.company.command({"run", "client_onboarding", "--no-wait", "--input", new_client()}).end == well);
  }
  /// Plays operator and client until it holds, or nothing has been moving for a quarter of an hour on the clock.
  void play(const std::function<bool()>& holds) {
    std::size_t seen = 0;
    bool replied = false;
    for (int quiet = 0; quiet < 300; ++quiet) {
      w.look();
      if (std::exchange(seen, w.events.size()) != seen) quiet = 0;
      if (holds()) return;
      std::set<std::string> open;
      std::map<std::string, std::string> step_of;
      for (const auto& asked : w.all<event::approval_asked>()) open.insert(asked.approval), step_of[asked.approval] = asked.step;
      for (const auto& said : w.all<event::approval_decided>()) open.erase(said.approval);
      std::set<std::string> questions;
      for (const auto& card : w.all<event::card_raised>())
        if (card.about == "person") questions.insert(card.card);
      for (const auto& closed : w.all<event::card_closed>()) questions.erase(closed.card);
      const auto steps = w.all<event::step_started>();
      if (!open.empty()) {
        const auto approval = *open.begin();
        before(step_of[approval]);
        if (step_of[approval] == rejects) REQUIRE(w.company.command({"reject", approval, "--reason", "no", "--only-record"}).end == well);
        else REQUIRE(w.company.command({"approve", approval, "--only-record"}).end == well);
      } else if (!questions.empty()) {
        before("signed");
        REQUIRE(w.company.command({"answer", *questions.begin(), word, "--only-record"}).end == well);
      } else if (!steps.empty() && steps.back().step == "signature" && (!answers || !replied)) {
        if (answers) w.company.deliver("1795161600.M2P1.reply", mail_text(client, "reply@lindqvist-books.example", w.company.now(), "Re: Our agreement", "Agreed."));
        else w.company.move_clock_to(*steps.back().due + std::chrono::seconds{1});
        replied = true;
      } else if (!steps.empty() && steps.back().step == "a_week" && *steps.back().due > w.company.now()) {
        w.company.move_clock_to(*steps.back().due + std::chrono::seconds{1});
      } else {
        w.company.move_clock_to(w.company.now() + std::chrono::seconds{30});  // retries wait for it, and money that is held
      }
      if (w.company.engine_ended(std::chrono::milliseconds{30})) throw std::runtime_error("the engine ended: " + w.company.engine_said());
    }
    throw std::runtime_error("nothing moves any more:\n" + w.company.command({"inbox"}).out + w.company.command({"show", "run-1"}).out);
  }
  bool is_over(const std::string& run) const {
    const auto ended = w.all<event::run_finished>();
    return std::any_of(ended.begin(), ended.end(), [&](const auto& e) { return e.run == run; });
  }
  std::string outcome(const std::string& run) const {
    for (const auto& ended : w.all<event::run_finished>())
      if (ended.run == run) return ended.status == "failed" ? "failed" : ended.outcome;
    return "open";
  }
  std::string card(const std::string& about) const {
    std::string text;
    for (const auto& card : w.all<event::card_raised>())
      if (card.about == about) text += (text.empty() ? "" : " | ") + card.title + ": " + card.text;
    return text;
  }

  /// What the world holds: "meeting contract INV CRN 2 mails", each where it is there.
  std::string world() {
    w.company.look();
    std::string all;
    if (text_of_file(file("calendar.ics")).find("BEGIN:VEVENT") != std::string::npos) all += "meeting ";
    if (fs::exists(file("contracts/customer-1-run-1.md"))) all += "contract ";
    std::vector<std::string> entries;
    for (const auto& entry : fs::directory_iterator(file("ledger/2026")))
      if (entry.path().extension() == ".json") entries.push_back(entry.path().stem().string());
    std::sort(entries.rbegin(), entries.rend());
    for (const auto& entry : entries) all += entry + " ";
    return all + std::to_string(w.company.ledger("mail").size()) + " mails";
  }
};

}  // namespace

TEST_CASE("an onboarding that fails before the offer takes back what it did, and sends nothing") {
  onboarding o;
  SECTION("at the client: the record does not take what we are told") {
    o.change("entities/customer.yaml", "zone: text", "zone: {type: string, maxLength: 1}");
    o.begin();
    o.play([&] { return o.is_over("run-1"); });
    CHECK(o.world() == "0 mails");
    CHECK_THAT(o.card("run_failed"), Catch::Contains("client_onboarding: run-1 failed") && Catch::Contains("customer.zone"));
  }
  SECTION("at the meeting: the calendar can't be read") {
    o.put("calendar.ics", "this is no calendar");
    o.begin();
    o.play([&] { return o.is_over("run-1"); });
    CHECK(o.world() == "0 mails");
    CHECK_THAT(o.card("run_failed"), Catch::Contains("client_onboarding: run-1 failed"));
  }
  SECTION("at the template: it is not there") {
    fs::remove(o.file("templates/service_agreement.md"));
    o.begin();
    o.play([&] { return o.is_over("run-2"); });
    CHECK(o.world() == "0 mails");
    CHECK_THAT(o.card("run_failed"), Catch::Contains("run-2 takes back: eff-1 calendar.book"));
  }
  SECTION("at the contract: somebody else's file has its name") {
    o.put("contracts/customer-1-run-1.md", "# Mine");
    o.begin();
    o.play([&] { return o.is_over("run-2"); });
    CHECK(o.world() == "contract 0 mails");
    CHECK(text_of_file(o.file("contracts/customer-1-run-1.md")) == "# Mine");
    CHECK_THAT(o.card("run_failed"), Catch::Contains("says something else") && Catch::Contains("run-2 takes back: eff-1 calendar.book"));
  }
  SECTION("at the offer: a rule stops it") {
    o.stop_mails_about("Our agreement");
    o.begin();
    o.play([&] { return o.is_over("run-2"); });
    CHECK(o.world() == "0 mails");
    CHECK_THAT(o.card("run_failed"), Catch::Contains("run-2 takes back: eff-3 files.write") && Catch::Contains("eff-1 calendar.book"));
  }
  SECTION("at the offer: the operator says no") {
    o.rejects = "offer";
    o.begin();
    o.play([&] { return o.is_over("run-2"); });
    CHECK(o.world() == "0 mails");
    CHECK(o.outcome("run-1") == "withdrawn");
    CHECK_THAT(o.card("run_failed"), Catch::Contains("ended as withdrawn and is taken back"));
  }
  CHECK(o.w.count<event::card_raised>() == 1);
}

TEST_CASE("an onboarding that is never signed is taken back, and the card names the mails that stand") {
  onboarding o;
  SECTION("the client declines") { o.word = "declined"; }
  SECTION("the client says nothing, not even to the reminder") { o.answers = false; }
  o.begin();
  o.play([&] { return o.is_over("run-2"); });
  CHECK(o.world() == (o.answers ? "1 mails" : "2 mails"));
  CHECK(o.outcome("run-1") == "not_signed");
  CHECK(o.outcome("run-2") == "undone");
  CHECK_THAT(o.card("run_failed"), Catch::Contains("ended as not_signed and is taken back") && Catch::Contains("This stands, and nothing takes it back: eff-") && Catch::Contains("mailbox.send"));
}

TEST_CASE("an onboarding that fails when the invoice is written, or the bill is sent, leaves nobody owing anything") {
  onboarding o;
  std::string left, undone = "undone", stands;
  SECTION("the ledger can't be read") {
    o.before = [&](const std::string& step) {
      if (step == "invoice") o.put("ledger/2026/INV-2026-0001.json", "{");
    };
    left = "INV-2026-0001 1 mails";  // the broken file, which is not ours to mend
  }
  SECTION("the operator does not let the invoice be written") {
    o.rejects = "invoice";
    left = "1 mails";
  }
  SECTION("the bill can't be sent") {
    o.stop_mails_about("Invoice");
    left = "INV-2026-0001 CRN-2026-0001 1 mails";
  }
  SECTION("the bill can't be sent, and the operator keeps the invoice: the rest is taken back all the same") {
    o.stop_mails_about("Invoice");
    o.before = [&, first = true](const std::string& step) mutable {  // the newest is taken back first; what follows is asked about because the client's mail was read
      o.rejects = first && step.starts_with("undo ") ? step : "";
      first = first && !step.starts_with("undo ");
    };
    left = "INV-2026-0001 1 mails";
    undone = "undone in part";
  }
  SECTION("the bill can't be sent, and somebody has written into the contract: it stands, the rest does not") {
    o.stop_mails_about("Invoice");
    o.before = [&](const std::string& step) {
      if (step.starts_with("undo ")) std::ofstream(o.file("contracts/customer-1-run-1.md"), std::ios::app) << "Signed, Frida\n";
    };
    left = "contract INV-2026-0001 CRN-2026-0001 1 mails";
    undone = "undone in part";
    stands = "eff-3 stands: it could not be taken back: files.remove was refused: contracts/customer-1-run-1.md was changed since it was written";
  }
  o.begin();
  o.play([&] { return o.is_over("run-2"); });
  CHECK_THAT(o.card("run_failed"), Catch::Contains(stands));
  CHECK(o.world() == left);
  CHECK(o.outcome("run-2") == undone);
  CHECK_THAT(o.card("run_failed"), Catch::Contains("run-2 takes back: ") && Catch::Contains("files.write") && Catch::Contains("calendar.book") && Catch::Contains("This stands"));
}

TEST_CASE("once the bill is out a letter that fails takes nothing back: the operator is asked, and a retry goes on") {
  onboarding o;
  std::string stuck, before, about = "step_stuck";
  std::function<void()> mend = [&] { fs::remove(o.file("policies/not_this_one.yaml")); };
  SECTION("the record of the contract does not take it") {
    const auto was = o.change("entities/contract.yaml", "document: text", "document: {type: string, maxLength: 3}");
    stuck = "agreement", before = "2";
    mend = [&o, was] { o.put("entities/contract.yaml", was); };
  }
  SECTION("the record of the invoice does not take it") {
    const auto was = o.change("entities/invoice.yaml", "number: text", "number: {type: string, maxLength: 3}");
    stuck = "owed", before = "2";
    mend = [&o, was] { o.put("entities/invoice.yaml", was); };
  }
  SECTION("the greeting: whoever drafts it may not use so many tokens") {
    const auto was = o.change("roles/host.yaml", "calls: {per_run: 5}", "calls: {per_run: 5}, tokens: {per_run: 20}");
    stuck = "greeting", before = "2", about = "budget";
    mend = [&o, was] { o.put("roles/host.yaml", was); };
  }
  SECTION("the welcome: a rule stops it") {
    o.stop_mails_about("Welcome");
    stuck = "welcome", before = "2";
  }
  SECTION("the second letter: the budget of whoever drafts it is used up") {
    const auto role = o.change("roles/host.yaml", "per_run: 5", "per_run: 1");
    stuck = "question", before = "3", about = "budget";
    mend = [&o, role] { o.put("roles/host.yaml", role); };
  }
  SECTION("the letter after a week: a rule stops it") {
    o.stop_mails_about("How was");
    stuck = "check_in", before = "3";
  }
  o.begin();
  o.play([&] { return !o.card(about).empty(); });
  CHECK_THAT(o.card(about), Catch::Contains("the step '" + stuck + "' can't go on"));
  CHECK(o.world() == "meeting contract INV-2026-0001 " + before + " mails");

  REQUIRE(o.w.company.stop_engine() == well);
  mend();
  o.w.start();
  REQUIRE(o.w.company.command({"retry", "run-1", "--only-record"}).end == well);
  o.play([&] { return o.is_over("run-1"); });
  CHECK(o.outcome("run-1") == "onboarded");
  CHECK(o.world() == "meeting contract INV-2026-0001 4 mails");
  CHECK(o.w.count<event::run_started>() == 1);
}

}  // namespace steward::proof
