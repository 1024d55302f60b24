/// `steward stop` in the middle of the hardest work: the company stands within a second, and what was in flight is told.
#include "tests/support/catch.hpp"
#include "tests/support/world/company_watch.hpp"

#include <filesystem>
#include <fstream>

namespace steward::proof {

namespace {

constexpr std::size_t runs = 256;

void put(const std::string& path, const std::string& text) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

/// Each mail starts a run that asks a model again and again, each answer on disk before the next question.
void lay_down_endless_work(const std::string& workspace) {
  std::filesystem::remove_all(workspace + "/workflows");
  std::filesystem::remove_all(workspace + "/roles");
  put(workspace + "/company.yaml", "company: Busy\nrunning: 256\nwaiting: 1000\nconnectors: {mailbox: {}}\nmodels: {drafting: local}\n");
  put(workspace + "/roles/writer.yaml",
      "role: writer\npurpose: Writes.\nagent: prompted\nmodel: {class: drafting, prompt: prompts/write.md, answer: schemas/letter.json}\nlimits: {running: 256, waiting: 1000}\n");
  put(workspace + "/prompts/write.md", "---\ntask: draft\n---\nWrite.\n\n## subject\nOn {{subject}}\n\n## text\nMore of it\n");
  put(workspace + "/workflows/busy.yaml",
      "workflow: busy\nversion: 1\nstarts_on: mail_received\ncaps: {events: 10000000, model_calls: 10000000}\nsteps:\n"
      "  - write: {role: writer, with: {subject: \"${input.subject}\"}, then: write, at_most: 1000000}\n");
  for (std::size_t i = 0; i < runs; ++i)
    put(workspace + "/mail/inbox/new/" + std::to_string(1795161600 + i) + ".M1P1.x", mail_text("ada@example.com", std::to_string(i) + "@example.com", company_begins(), "Work", "Go on."));
}

}  // namespace

TEST_CASE("steward stop ends a company with 256 runs at work within a second, names what was in flight, and all of it goes on") {
  company_watch w{onboarding_company()};
  lay_down_endless_work(w.company.workspace());
  // Three times: where all of it waits for one flush at that moment nothing is in flight, and a loaded machine may be slow once.
  std::vector<std::chrono::milliseconds> took;
  std::size_t named = 0;
  for (int round = 0; round < 3; ++round) {
    w.look();
    const auto before = w.count<event::step_finished>();
    w.start({});
    REQUIRE(w.until([&] { return w.count<event::run_started>() == runs && w.count<event::step_finished>() > before + 2 * runs; }, std::chrono::seconds{1}));
    const auto asked = std::chrono::steady_clock::now();
    const auto stopped = w.company.command({"stop", "--json"});
    took.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - asked));
    REQUIRE(stopped.end == program_end{});
    const auto told = parse_json(stopped.out);
    REQUIRE(told);
    const auto& in_flight = told->at("in_flight");
    for (const auto& agent : in_flight.at("agents").as_array()) CHECK(text_at(agent, "role") == "writer");
    for (const auto& call : in_flight.at("models").as_array()) CHECK(text_at(call, "model") == "local");
    named += in_flight.at("agents").as_array().size() + in_flight.at("models").as_array().size();
    REQUIRE(w.company.engine_ended(std::chrono::seconds{5}));
  }
  w.look();
  CHECK(named > 0);
  CHECK(w.count<event::run_finished>() == 0);
  CHECK(w.count<event::step_failed>() == 0);
  std::sort(took.begin(), took.end());
  CHECK(took[1] < std::chrono::seconds{1});
}

}  // namespace steward::proof
