#include "tests/support/catch.hpp"

#include <filesystem>

#include "actors/catalog.hpp"
#include "actors/editor.hpp"
#include "actors/lead_reply.hpp"
#include "actors/outreach.hpp"
#include "actors/prompted.hpp"
#include "actors/researcher.hpp"
#include "config/check.hpp"
#include "connectors/catalog.hpp"
#include "connectors/local_model.hpp"
#include "policies/catalog.hpp"

using namespace steward;

namespace {

namespace fs = std::filesystem;

/// The templates and the newsletter company in one folder, as `steward init` leaves them.
std::string scaffolded() {
  const fs::path source = STEWARD_SOURCE_DIR, folder = fs::path(STEWARD_BINARY_DIR) / "test_templates";
  fs::remove_all(folder);
  fs::create_directories(folder);
  const auto with_sub_folders = fs::copy_options::recursive;
  for (const auto* part : {"roles", "workflows", "entities", "prompts", "schemas", "templates"}) fs::copy(source / "config" / part, folder / part, with_sub_folders);
  for (const auto* part : {"company.yaml", "contacts", "notes"}) fs::copy(source / "examples/newsletter" / part, folder / part, with_sub_folders);
  // One company that does all of it.
  const auto files = make_system_disk();
  auto company = files->read((folder / "company.yaml").string()).value();
  company.replace(company.find("connectors:\n"), 12, "connectors:\n  ledger: {}\n");
  REQUIRE(files->write((folder / "company.yaml").string(), company));
  return folder.string();
}

checked_workspace checked() {
  known_parts known;
  for (const auto& agent : agents()) known.agents.push_back({agent.name, agent.facts.takes, agent.facts.gives});
  for (const auto& connector : connectors()) known.connectors.push_back(connector.manifest);
  for (const auto& policy : policies()) known.policies.push_back(policy->name());
  for (const auto& model : models()) known.models.push_back({model.name, model.check});
  return check_folder(*make_system_disk(), scaffolded(), known);
}

const workspace& templates() {
  static const auto space = checked().value;
  return space;
}

/// What the model `local` answers to the question of an agent that plays `role`.
json answered(const std::string& role, const intent& wanted) {
  const auto& question = std::get<ask_model>(wanted);
  const auto& model = *templates().roles.at(role).model;
  boost::json::object with;
  for (const auto& [name, value] : question.with) with[name] = value;
  const auto path = question.prompt.empty() ? *model.prompt : "prompts/" + question.prompt + ".md";
  const auto reply = models().front().make(boost::json::object{}, "")->ask({model.class_, templates().prompts.at(path), with, templates().schemas.at(*model.answer)});
  if (!reply) FAIL(to_sentence(reply.error()));
  return reply->answer;
}

role_brief brief_of(const std::string& role) {
  const auto& r = templates().roles.at(role);
  return {r.role, r.purpose, r.model ? r.model->prompt.value_or("") : "", r.settings, "Europe/Berlin"};
}

const time_point now = parse_time("2026-11-21T09:00:00Z").value();

research researched(json commits, json files) {
  const researcher agent(brief_of("researcher"));
  researcher::state self;
  agent.on(self, step_started<research_request>{.at = now});
  agent.on(self, looked_up{.tag = "commits", .answer = {{"commits", std::move(commits)}}});
  const auto asked = agent.on(self, looked_up{.tag = "notes", .answer = {{"files", std::move(files)}}});
  const auto done = agent.on(self, model_answered{.answer = answered("researcher", asked.at(0))});
  return from_json<research>(std::get<finish>(done.at(0)).result).value();
}

update edited(const research& evidence) {
  const editor agent(brief_of("editor"));
  editor::state self;
  agent.on(self, step_started<edit_request>{.at = now, .input = {evidence, {}}});
  agent.on(self, memory_recalled{.tag = "voice"});
  const auto asked = agent.on(self, memory_recalled{.tag = "last"});
  const auto done = agent.on(self, model_answered{.answer = answered("editor", asked.at(0))});
  return from_json<update>(std::get<finish>(done.at(0)).result).value();
}

const json commits = boost::json::array{
    boost::json::object{{"short", "1a2b3c4"}, {"subject", "Fix the parser"}, {"body", "Before: it broke. After: it holds. Why: readers."}, {"merge", false}},
    boost::json::object{{"short", "5d6e7f8"}, {"subject", "Add a feed"}, {"body", ""}, {"merge", false}}};
const json one_note = boost::json::array{
    boost::json::object{{"path", "notes/new.md"}, {"title", "A company in a folder"}, {"front_matter", boost::json::object{}}, {"text", "# A company in a folder\n\nAll of it."}}};

}  // namespace

TEST_CASE("the shipped roles, workflows and entities have no errors") {
  std::string all;
  for (const auto& e : checked().found) all += to_sentence(e) + "\n";
  CHECK(all == "");
  CHECK(templates().roles.size() == 7);
  CHECK(templates().workflows.size() == 3);
  CHECK(templates().entities.size() == 8);
}

TEST_CASE("the model local can answer every shipped prompt") {
  for (const auto& [name, role] : templates().roles) {
    if (!role.model) continue;
    CAPTURE(name);
    const auto fits = check_prompt(templates().prompts.at(*role.model->prompt), templates().schemas.at(*role.model->answer));
    if (!fits) FAIL_CHECK(to_sentence(fits.error()));
  }
}

TEST_CASE("the shipped prompts draft an update from what researcher and editor show them") {
  const auto page = edited(researched(commits, one_note));
  CHECK(page.title == "Fix the parser, and 2 more");
  CHECK(page.path == "2026-11-21-fix-the-parser-and-2-more.html");
  CHECK(page.summary == "Fix the parser. Add a feed. A company in a folder.");
  CHECK(page.markdown ==
        "## What changed\n\n"
        "- **Fix the parser**. It holds. *(git:1a2b3c4 Fix the parser)*\n- **Add a feed** *(git:5d6e7f8 Add a feed)*\n\n"
        "## From the notes\n\n- **A company in a folder**. All of it. *(files:notes/new.md)*");
}

TEST_CASE("an update without notes has no heading for them, and one without commits none for changes") {
  const auto without_notes = edited(researched(commits, boost::json::array{})).markdown, without_commits = edited(researched(boost::json::array{}, one_note)).markdown;
  CHECK(without_notes.find("From the notes") == std::string::npos);
  CHECK(without_commits.find("What changed") == std::string::npos);
}

TEST_CASE("the shipped prompts draft a letter, a reply and a nudge") {
  outreach::state writing;
  outreach{}.on(writing, step_started<outreach_request>{.input = {{"customer-1", "Ada Okafor", "ada@example.com", {}}, edited(researched(commits, one_note)), "https://example.org/x", {}}});
  const auto letter = answered("outreach", outreach{}.on(writing, memory_recalled{}).at(0));
  CHECK(text_at(letter, "subject") == "Fix the parser, and 2 more");
  CHECK(text_at(letter, "text") == "Dear Ada,\n\nFix the parser. Add a feed. A company in a folder.\n\nThe whole update: https://example.org/x\n\nKind regards");

  reply_request asked{{"lead-1", "Frida Lindqvist", "frida@example.com"}, {"m@example.com", "A question", "How much?"}, {}};
  lead_reply::state answering;
  lead_reply{}.on(answering, step_started<reply_request>{.input = asked});
  const auto first = answered("sales_assistant", lead_reply{}.on(answering, memory_recalled{}).at(0));
  CHECK(text_at(first, "text").starts_with("Dear Frida,\n\nthank you for writing about \"A question\"."));

  asked.unanswered = reply{"Re: A question", "…"};
  lead_reply{}.on(answering, step_started<reply_request>{.input = asked});
  const auto nudge = answered("sales_assistant", lead_reply{}.on(answering, memory_recalled{}).at(0));
  CHECK(text_at(nudge, "text").size() < text_at(first, "text").size());
}

TEST_CASE("the shipped prompt welcomes a client while there is a meeting ahead, and asks how it goes afterwards") {
  boost::json::object with{{"name", "Frida Lindqvist"}, {"service", "A newsletter"}, {"subject", "Welcome, Frida"}, {"meeting", "Fri 20 Nov 2026, 09:00"}};
  prompted::state self;
  const auto letter = [&] { return answered("host", prompted{}.on(self, step_started<json>{.input = with}).at(0)); };
  CHECK(text_at(letter(), "subject") == "Welcome, Frida");
  CHECK_THAT(text_at(letter(), "text"), Catch::StartsWith("Dear Frida,\n\nwelcome.") && Catch::Contains("We meet on Fri 20 Nov 2026, 09:00") && !Catch::Contains("a week ago"));
  with.erase("meeting");
  CHECK_THAT(text_at(letter(), "text"), Catch::Contains("a week ago we began with this: A newsletter") && !Catch::Contains("We meet"));
}

TEST_CASE("the shipped classifier sorts mail, and takes what it does not know for an inquiry") {
  const auto [text, label] = GENERATE(table<const char*, const char*>({{"How much does it cost?", "inquiry"},
                                                                       {"I lost my password.", "support"},
                                                                       {"Best casino in town", "spam"},
                                                                       {"Grüße aus Malmö", "inquiry"}}));
  prompted::state self;
  const auto asked = prompted{}.on(self, step_started<json>{.input = {{"subject", "Hello"}, {"text", text}}});
  CHECK(text_at(answered("classifier", asked.at(0)), "label") == label);
}
