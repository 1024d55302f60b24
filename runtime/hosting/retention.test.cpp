#include "runtime/hosting/retention.hpp"

#include "runtime/coordination/run_parcel.hpp"
#include "tests/support/kept_company.hpp"

namespace steward {

using boost::json::object;
using test::kept_company;

namespace {

const std::string long_text(2000, 'x');

/// A run that asked a model and ended, and one that asked and waits.
void two_runs(kept_company& company) {
  for (const std::string run : {"run-1", "run-2"}) {
    company.append(event::run_started{run, "asks", "d1", object{}, "by hand", 0, {}, {}, false}, run);
    company.append(event::step_started{run, "draft", 1, 1, "role", "editor", false, object{}, {}}, run);
    model_question question;
    question.asked.text = long_text;
    company.append(event::model_asked{"call-" + run.substr(4), run + "/draft.1", "reply", "editor", "local", question, {}}, run);
    company.append(event::model_answered{"call-" + run.substr(4), run + "/draft.1", "reply", model_reply{"local", object{{"text", long_text}}, {money{50'000, "EUR"}, 10, 20}}}, run);
  }
  company.append(event::run_finished{"run-1", "finished", "published", object{}}, "run-1");
  company.now.advance(std::chrono::hours{24 * 100});
  company.written.reset();
}

result<retention_report> compact(kept_company& company, std::vector<std::string> classes = {"transcripts"}, duration age = std::chrono::hours{24 * 90}, bool only_look = false) {
  return compact_company(company.path, *company.kinds, "UTC", {std::move(classes), company.now.now() - age, only_look}, company.now.now());
}

}  // namespace

TEST_CASE("compaction takes long texts of runs that ended long ago, and the state is the very same") {
  kept_company company;
  two_runs(company);
  const auto before = digest_of_state(company.as_of({}).value());
  CHECK(compact(company, {"transcripts"}, std::chrono::hours{24 * 365})->events == 0);
  const auto look = compact(company, {"transcripts"}, std::chrono::hours{24 * 90}, true);
  REQUIRE(look);
  CHECK(look->runs == 1);
  CHECK(look->events == 2);
  CHECK(look->bytes_of_text > 3900);
  const auto done = compact(company);
  REQUIRE(done);
  CHECK(done->done.events == 2);
  CHECK(digest_of_state(company.as_of({}).value()) == before);
  const auto source = reader::open({.folder = company.path}, *company.kinds);
  CHECK((*source)->verify());
  CHECK((*source)->at(3)->body.find("(compacted: 2000 bytes)") != std::string::npos);
  CHECK((*source)->at(4)->body.find("(compacted: 2000 bytes)") != std::string::npos);
  CHECK((*source)->at(7)->body.find(long_text) != std::string::npos);
  CHECK(rebuild_all(company.path, *company.kinds, "UTC"));
  CHECK(compact(company)->events == 0);
}

TEST_CASE("compaction refuses a class that does not exist, and a company at work") {
  kept_company company;
  two_runs(company);
  const auto unknown = compact(company, {"transcript"});
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == "unknown_class");
  CHECK(unknown.error().advice.find("transcripts") != std::string::npos);
  const auto lock = lock_folder(company.path);
  CHECK(compact(company).error().code == "already_running");
}

TEST_CASE("long texts go wherever they stand in a body, and everything else stays") {
  const auto body = [](const std::string& text) { return R"j({"a":[{"b":")j" + text + R"j("},"short"],"digest":")j" + std::string(64, 'f') + R"j(","n":7})j"; };
  const auto shorter = without_long_texts(body(long_text));
  REQUIRE(shorter);
  CHECK(*shorter == body("(compacted: 2000 bytes)"));
  CHECK_FALSE(without_long_texts(*shorter));
}

}  // namespace steward
