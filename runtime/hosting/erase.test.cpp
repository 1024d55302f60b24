#include "runtime/hosting/erase.hpp"

#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/coordination/run_parcel.hpp"
#include "runtime/coordination/state_snapshot.hpp"
#include "runtime/hosting/retention.hpp"
#include "runtime/hosting/snapshot_file.hpp"
#include "runtime/observation/entity_history.hpp"
#include "tests/support/kept_company.hpp"

namespace steward {

using boost::json::object;
using test::kept_company;

namespace {

const std::map<std::string, entity_definition> types{{"lead", {.entity = "lead", .purpose = "", .fields = {}, .personal = {"name", "address"}}}, {"product", {.entity = "product", .purpose = "", .fields = {}, .personal = {}}}};

/// Ada and Charles, sealed as the coordinator seals them; a product; and a mail of Ada's, which is not sealed.
void two_people(kept_company& company) {
  for (const auto& [id, name, address] : {std::tuple{"lead-1", "Ada Lovelace", "ada@example.org"}, std::tuple{"lead-2", "Charles Babbage", "charles@example.org"}})
    company.append(event::entity_recorded{id, "lead", std::string("mailbox:") + address, object{{"name", name}, {"address", address}, {"score", 7}}}, std::string("entity/") + id,
                   {"external_id", "fields.name", "fields.address"});
  company.append(event::entity_recorded{"product-1", "product", "", object{{"name", "Engine"}}}, "entity/product-1");
  company.append(event::signal_arrived{"mail_received", "mailbox", object{{"from", "ada@example.org"}}}, "signals");
  company.written.reset();
}

result<erased_entity> erase(kept_company& company, const std::string& who) { return erase_entity(company.path, *company.kinds, "UTC", types, who, company.now, *company.random); }

std::string all_bytes(const std::string& path) {
  std::string bytes;
  for (const auto& file : std::filesystem::recursive_directory_iterator(path))
    if (file.is_regular_file()) bytes += make_system_disk()->read(file.path().string()).value();
  return bytes;
}

/// Says when it is asked for the nth time.
struct telling_clock final : clock {
  telling_clock(time_point at, int to, int nth) : at_(at), to_(to), left_(nth) {}
  time_point now() const override {
    if (left_-- == 0) (void)!::write(to_, "x", 1);
    return at_;
  }
  time_point at_;
  int to_;
  mutable int left_;
};

bool holds(kept_company& company, const std::string& text) { return all_bytes(company.path).find(text) != std::string::npos; }

}  // namespace

TEST_CASE("an erased person is gone from the state, for every fold of every earlier event, and the chain is whole") {
  kept_company company;
  two_people(company);
  REQUIRE(company.as_of({})->entities.find_external("mailbox:ada@example.org").size() == 1);
  {
    auto source = reader::open({.folder = company.path}, *company.kinds);
    const auto files = make_system_disk();
    REQUIRE(write_snapshot(company.path, *files, **source, 4, snapshot_bytes(company.as_of({}).value())));
  }
  const auto told = erase(company, "mailbox:ada@example.org");
  REQUIRE(told);
  CHECK(told->entity == "lead-1");
  CHECK(told->had_key);
  CHECK(told->events == 1);  // her mail was never sealed
  CHECK(told->readable.empty());
  CHECK_FALSE(told->already);
  for (const std::int64_t seq : {1, 2, 4, 5}) {
    const auto state = company.as_of({.seq = seq}).value();
    CAPTURE(seq);
    const auto* ada = state.entities.find("lead-1");
    REQUIRE(ada);
    CHECK(text_at(ada->fields, "name") == "(erased)");
    CHECK(text_at(ada->fields, "address") == "(erased)");
    CHECK(ada->fields.at("score") == 7);
    CHECK(ada->external_ids.empty());
    CHECK(state.entities.find_external("mailbox:ada@example.org").empty());
    if (seq > 1) CHECK(state.entities.find_external("mailbox:charles@example.org").size() == 1);
  }
  const auto source = reader::open({.folder = company.path}, *company.kinds);
  CHECK((*source)->verify()->seq == 5);
  CHECK_FALSE(holds(company, "Ada Lovelace"));
  CHECK_FALSE(holds(company, "ada@example.org"));
}

TEST_CASE("an erased person is gone from mails, runs, effects, memory and what quotes them, in every byte of every file") {
  kept_company company;
  two_people(company);
  company.open();
  const auto said = "Hello,\nI would love to hear more about your remarkable engines.\n> We quoted you something long enough here.\nKind regards";
  company.append(event::signal_arrived{"mail_received", "mailbox", object{{"from", "Ada@Example.org"}, {"from_name", "Ada L."}, {"subject", "Short one"}, {"text", said}}}, "signals");
  company.append(event::signal_arrived{"mail_received", "mailbox", object{{"from", "charles@example.org"}, {"text", "Kind regards from me\nShort one\nAda is not here"}}}, "signals");
  company.append(event::run_started{"run-1", "answer_lead", "d1", object{{"from", "ada@example.org"}, {"subject", "Short one"}, {"text", said}}, "mail_received", 0, {}, {}, false}, "run-1");
  company.append(event::step_started{"run-1", "ada", 1, 1, "role", "editor", false, object{{"hint", "Dear Ada, welcome"}}, {}}, "run-1");
  company.append(event::run_finished{"run-1", "finished", "answered", object{{"text", "Dear Lovelace"}}}, "run-1");
  company.append(event::memory_added{memory_item{.id = "mem-1", .scope = "leads", .about = "lead-1", .text = "Likes the colour green most of all.", .source = "mailbox:<7@x>"}}, "memory");
  company.append(event::memory_added{memory_item{.id = "mem-2", .scope = "leads", .about = "engines", .text = "ADA LOVELACE asked for a price.", .source = "operator"}}, "memory");
  company.append(event::memory_added{memory_item{.id = "mem-3", .scope = "leads", .about = "lead-2", .text = "Pays late.", .source = "operator"}}, "memory");
  company.append(event::run_started{"run-2", "digest", "d1", object{{"text", "They wrote: I would love to hear more about your remarkable engines. Ada too."}}, "by hand", 0, {}, {}, false}, "run-2");
  company.append(event::run_finished{"run-2", "finished", "done", object{{"adamant", "adamant joada@example.org, ada@example.org.uk"}}}, "run-2");
  company.append(event::run_started{"run-3", "digest", "d1", object{{"text", "Ada is a language, too"}}, "by hand", 0, {}, {}, false}, "run-3");
  company.append(event::run_finished{"run-3", "finished", "done", object{{}}}, "run-3");
  company.written.reset();
  REQUIRE(rebuild_all(company.path, *company.kinds, "UTC"));  // derived.db holds the memory
  for (const auto* there : {"remarkable engines", "colour green", "Dear Ada"}) CHECK(holds(company, there));
  const auto told = erase(company, "lead-1");
  REQUIRE(told);
  CHECK(told->files.empty());
  for (const auto* gone : {"Ada Lovelace", "ADA LOVELACE", "Dear Lovelace", "ada@example.org\"", "Ada@Example", "Ada L.", "remarkable engines", "colour green", "asked for a price", "7@x"}) {
    CAPTURE(gone);
    CHECK_FALSE(holds(company, gone));
  }
  // Of others nothing went, and no word of the engine.
  for (const auto* there : {"Kind regards from me", "Ada is not here", "Pays late", "joada@example.org", "ada@example.org.uk", "Ada is a language", "charles@example.org", "\"ada\""}) {
    CAPTURE(there);
    CHECK(holds(company, there));
  }
  const auto source = reader::open({.folder = company.path}, *company.kinds);
  CHECK((*source)->verify());
  CHECK((*source)->check_structure());
  CHECK((*source)->at(5)->state == body_state::compacted);
  for (const auto& one : *rebuild_all(company.path, *company.kinds, "UTC")) CHECK(one.equal());
  const auto again = erase(company, "lead-1");
  REQUIRE(again);
  CHECK(again->already);
  CHECK(again->events == 0);
}

TEST_CASE("a name of the person that they had once is erased as well, and what was compacted before") {
  kept_company company;
  company.append(event::entity_recorded{"lead-1", "lead", "mailbox:ada@example.org", object{{"name", "Ada Byron"}}}, "entity/lead-1", {"external_id", "fields.name"});
  company.append(event::entity_recorded{"lead-1", "lead", "", object{{"name", "Ada Lovelace"}}}, "entity/lead-1", {"fields.name"});
  company.append(event::run_started{"run-1", "letters", "d1", object{{"who", "Ada Byron"}}, "by hand", 0, {}, {}, false}, "run-1");
  company.append(event::memory_recalled{"run-1/draft.1", "recall", {memory_item{.id = "mem-1", .scope = "leads", .about = "", .text = "Ada Byron, " + std::string(500, 'x'), .source = "to Ada Byron"}}}, "run-1");
  company.append(event::run_finished{"run-1", "finished", "done", object{{"text", std::string(300, 'y')}}}, "run-1");
  company.written.reset();
  REQUIRE(compact_company(company.path, *company.kinds, "UTC", {{"transcripts"}, company.now.now(), false}, company.now.now())->events == 1);
  CHECK(holds(company, "to Ada Byron"));
  REQUIRE(erase(company, "lead-1"));
  CHECK_FALSE(holds(company, "Ada Byron"));
  const auto source = reader::open({.folder = company.path}, *company.kinds);
  CHECK((*source)->verify());
  CHECK((*source)->check_structure());
}

TEST_CASE("erasing refuses while a run is open that tells of the person, names it, and changes nothing") {
  kept_company company;
  two_people(company);
  company.open();
  company.append(event::run_started{"run-1", "letters", "d1", object{{"who", "ada@example.org"}}, "by hand", 0, {}, {}, false}, "run-1");
  company.written.reset();
  const auto before = digest_of_state(company.as_of({}).value());
  const auto refused = erase(company, "lead-1");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "erase_run_open");
  CHECK(refused.error().found.find("run-1 still works") != std::string::npos);
  CHECK(refused.error().advice.find("steward stop run-1") != std::string::npos);
  CHECK(digest_of_state(company.as_of({}).value()) == before);
  CHECK(erase(company, "lead-2"));  // of whom it tells nothing
}

TEST_CASE("erasing tells of other records with the same address, and of manifests that name the person") {
  kept_company company;
  two_people(company);
  company.open();
  company.append(event::entity_recorded{"customer-1", "customer", "mailbox:ada@example.org", object{{"name", "Ada Lovelace"}}}, "entity/customer-1", {"external_id", "fields.name"});
  const auto adopted = company.append(event::manifest_adopted{"workflow", "letters", 1, "d1", object{{"purpose", "Writes to Ada Lovelace."}}}, "company");
  company.written.reset();
  const auto told = erase(company, "lead-1");
  REQUIRE(told);
  CHECK(told->also == std::vector<std::string>{"customer-1"});
  CHECK(told->readable == std::vector<std::int64_t>{adopted});
  CHECK(text_at(company.as_of({})->entities.find("customer-1")->fields, "name") == "Ada Lovelace");
}

TEST_CASE("erasing that is killed soon after it looked at the clock, or at its end, leaves the company whole, and is finished by the next") {
  for (int round = 0; round < 8; ++round) {
    kept_company company;
    two_people(company);
    company.open();
    for (int i = 0; i < 200; ++i) company.append(event::signal_arrived{"mail_received", "mailbox", object{{"from", "ada@example.org"}, {"text", "Letter " + std::to_string(i) + " of Ada Lovelace"}}}, "signals");
    company.written.reset();
    int go[2];
    REQUIRE(::pipe(go) == 0);
    const auto child = ::fork();
    if (child == 0) {
      telling_clock now{company.now.now(), go[1], round};
      (void)erase_entity(company.path, *company.kinds, "UTC", types, "lead-1", now, *company.random);
      (void)!::write(go[1], "x", 1);
      ::_exit(0);
    }
    char told = 0;
    REQUIRE(::read(go[0], &told, 1) == 1);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ::close(go[0]);
    ::close(go[1]);
    CAPTURE(round);
    CHECK(rebuild_all(company.path, *company.kinds, "UTC"));
    REQUIRE(erase(company, "lead-1"));
    CHECK(erase(company, "lead-1")->already);
    CHECK_FALSE(holds(company, "Ada Lovelace"));
    CHECK_FALSE(holds(company, "ada@example.org"));
    const auto source = reader::open({.folder = company.path}, *company.kinds);
    CHECK((*source)->verify());
    CHECK((*source)->check_structure());
  }
}

TEST_CASE("erasing twice gives the same state, and no fold that is made anew holds the person") {
  kept_company company;
  two_people(company);
  REQUIRE(erase(company, "lead-1"));
  const auto once = snapshot_bytes(company.as_of({}).value());
  CHECK(once.find("Charles Babbage") != std::string::npos);
  CHECK(once.find("Ada Lovelace") == std::string::npos);
  CHECK(once.find("ada@example.org") == std::string::npos);
  const auto again = erase(company, "lead-1");
  REQUIRE(again);
  CHECK(again->already);
  CHECK(again->events == 0);
  CHECK(snapshot_bytes(company.as_of({}).value()) == once);
  CHECK(company.as_of({})->entities.find("lead-1")->external_ids.empty());
  CHECK(rebuild_all(company.path, *company.kinds, "UTC")->back().equal());
}

TEST_CASE("erasing takes our own words about the person out of their runs and memory, and leaves the same words to others") {
  kept_company company;
  two_people(company);
  company.open();
  const std::string phrase = "Would you like to come and see the workshop?";
  company.append(event::run_started{"run-1", "letters", "d1", object{{"who", "ada@example.org"}, {"text", phrase}}, "by hand", 0, {}, {}, false}, "run-1");
  company.append(event::run_finished{"run-1", "finished", "done", object{{}}}, "run-1");
  company.append(event::memory_added{memory_item{.id = "mem-1", .scope = "leads", .about = "lead-1", .text = "Plays whist on Mondays.\n" + phrase, .source = "operator"}}, "memory");
  company.append(event::run_started{"run-2", "letters", "d1", object{{"who", "charles@example.org"}, {"text", "Dear Charles,\n" + phrase}}, "by hand", 0, {}, {}, false}, "run-2");
  company.append(event::run_started{"run-3", "letters", "d1", object{{"who", "nobody"}}, "by hand", 0, {}, {}, false}, "run-3");
  company.append(event::memory_recalled{"run-3/draft.1", "recall", {memory_item{.id = "mem-1", .scope = "leads", .about = "lead-1", .text = "Plays whist on Mondays.", .source = "operator"}}}, "run-3");
  company.append(event::run_finished{"run-3", "finished", "done", object{{"text", "Because: plays whist on Mondays."}}}, "run-3");
  company.written.reset();
  REQUIRE(erase(company, "lead-1"));  // though run-2 is open
  CHECK_FALSE(holds(company, "whist on Mondays"));
  CHECK(holds(company, "Dear Charles,\\n" + phrase));
  CHECK_FALSE(holds(company, "\"" + phrase));
}

TEST_CASE("who is erased is erased in every record that was merged into theirs") {
  kept_company company;
  two_people(company);
  company.open();
  company.append(event::entity_merged{"lead-1", "lead-2", {"score"}, "one person"}, "entity/lead-1");
  company.written.reset();
  const auto told = erase(company, "lead-2");
  REQUIRE(told);
  CHECK(told->entity == "lead-1");
  const auto state = company.as_of({}).value();
  for (const auto* id : {"lead-1", "lead-2"}) CHECK(text_at(state.entities.find(id)->fields, "name") == "(erased)");
  CHECK(state.entities.find_external("mailbox:charles@example.org").empty());
  CHECK_FALSE(holds(company, "Charles Babbage"));
}

TEST_CASE("the history of a record tells each change with what was before, through merge, split and erasure") {
  kept_company company;
  two_people(company);
  company.open();
  company.append(event::entity_recorded{"lead-2", "lead", "", object{{"zone", "Europe/London"}, {"score", 8}}}, "entity/lead-2");
  company.append(event::entity_merged{"lead-1", "lead-2", {"zone"}, "one person"}, "entity/lead-1");
  company.append(event::entity_split{"lead-1", "lead-2", "two after all"}, "entity/lead-1");
  company.written.reset();
  REQUIRE(erase(company, "lead-1"));
  auto source = reader::open({.folder = company.path, .erased = erased_as::text}, *company.kinds);
  const auto told = entity_history(**source, {"lead-1", "lead-2"});
  REQUIRE(told);
  std::string text;
  for (const auto& line : told->as_array()) text += text_at(line, "what") + " " + text_at(line, "entity") + " " + canonical(*at_path(line, "changes")) + "\n";
  CHECK(text ==
        R"x(recorded lead-1 {"address":{"from":null,"to":"(erased)"},"name":{"from":null,"to":"(erased)"},"score":{"from":null,"to":7}}
recorded lead-2 {"address":{"from":null,"to":"charles@example.org"},"name":{"from":null,"to":"Charles Babbage"},"score":{"from":null,"to":7}}
recorded lead-2 {"score":{"from":7,"to":8},"zone":{"from":null,"to":"Europe/London"}}
merged lead-2 {"zone":{"from":null,"to":"Europe/London"}}
split lead-2 {"zone":{"from":"Europe/London","to":null}}
erased lead-1 {}
)x");
}

TEST_CASE("erasing refuses who is not there, a type without personal fields, and a company at work") {
  kept_company company;
  two_people(company);
  CHECK(erase(company, "lead-9").error().code == "entity_not_found");
  CHECK(erase(company, "product-1").error().code == "nothing_personal");
  const auto lock = lock_folder(company.path);
  CHECK(erase(company, "lead-1").error().code == "already_running");
  CHECK(text_at(company.as_of({})->entities.find("lead-1")->fields, "name") == "Ada Lovelace");
}

}  // namespace steward
