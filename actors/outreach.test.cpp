#include "tests/support/catch.hpp"

#include "actors/outreach.hpp"

using namespace steward;

namespace {

const slot monday{parse_time("2026-11-23T09:00:00Z").value(), parse_time("2026-11-23T09:30:00Z").value(), "Europe/Berlin", "Mon", "uid-7"};
const update news{"Faster", "2026-11-21", "2026-11-21-faster", "It is faster.", "# M", {"git:1a2b3c4 Fix"}};
const recipient ada{"customer-1", "Ada", "ada@example.com", "Africa/Lagos"}, bo{"customer-2", "Bo", "bo@example.com", {}};

/// What the model is shown for `request`.
std::map<std::string, std::string> shown(const outreach_request& request, outreach::state& self, std::vector<memory_item> history = {}) {
  outreach{}.on(self, step_started<outreach_request>{.run = "run-1", .step = "letters", .input = request});
  const auto wanted = outreach{}.on(self, memory_recalled{.items = std::move(history)});
  std::map<std::string, std::string> with;
  for (const auto& [name, value] : std::get<ask_model>(wanted.at(0)).with) with[name] = canonical(value);
  return with;
}

}  // namespace

TEST_CASE("outreach recalls the person's history before it writes") {
  outreach::state self;
  const auto wanted = outreach{}.on(self, step_started<outreach_request>{.input = {ada, news, "https://example.com/x", monday}});
  REQUIRE(wanted.size() == 1);
  CHECK(to_json_text(wanted[0]) == R"({"about":"customer-1","kind":"recall","limit":3,"query":"","scope":"customers","tag":""})");
}

TEST_CASE("outreach tells each person the office hour in their own zone") {
  outreach::state self;
  CHECK(shown({ada, news, "https://example.com/x", monday}, self)["office_hour"] == R"~("Mon 23 Nov 2026, 10:00-10:30 (Africa/Lagos)")~");
  CHECK(shown({bo, news, "https://example.com/x", monday}, self)["office_hour"] == R"~("Mon 23 Nov 2026, 10:00-10:30 (Europe/Berlin)")~");
  CHECK(shown({bo, news, "https://example.com/x", {}}, self)["office_hour"] == R"("")");
}

TEST_CASE("outreach writes to the person it was given, on the evidence of update and history") {
  outreach::state self;
  const auto with = shown({ada, news, "https://example.com/x", {}}, self, {{.id = "mem-3", .text = "Asked about invoices."}});
  CHECK(with.at("history").find("Asked about invoices.") != std::string::npos);
  const auto done = outreach{}.on(self, model_answered{.answer = {{"subject", "News"}, {"text", "Dear Ada"}}});
  REQUIRE(done.size() == 1);
  CHECK(to_json_text(done[0]) ==
        R"({"evidence":["git:1a2b3c4 Fix","memory:mem-3"],"kind":"finish","result":{"name":"Ada","subject":"News","text":"Dear Ada","to":"ada@example.com"}})");
}
