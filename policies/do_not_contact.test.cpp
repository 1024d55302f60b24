#include "policies/do_not_contact.hpp"

#include <map>

#include "policies/catalog.hpp"
#include "tests/support/catch.hpp"

using namespace steward;

namespace {

/// What the journal would have folded: entities by external id.
class known_people : public fact_source {
public:
  explicit known_people(std::map<std::string, json, std::less<>> people) : people_(std::move(people)) {}
  std::vector<const json*> entities_with(std::string_view external_id) const override {
    const auto at = people_.find(external_id);
    return at == people_.end() ? std::vector<const json*>{} : std::vector<const json*>{&at->second};
  }

private:
  std::map<std::string, json, std::less<>> people_;
};

std::optional<ruling> judge(const fact_source& facts, const std::vector<std::string>& recipients, const char* action = "mailbox.send") {
  action_manifest manifest;
  manifest.name = action;
  const json arguments = boost::json::object{};
  return do_not_contact{}.judge({.action = manifest, .arguments = arguments, .recipients = recipients, .role = "outreach", .facts = facts});
}

}  // namespace

TEST_CASE("do_not_contact denies a mail to whoever asked not to get one") {
  enum class says { nothing, denies };
  struct row {
    std::string entity;  // empty: nobody is known by that address
    says expected;
  };
  const row table[] = {
      {"", says::nothing},
      {R"({"name":"Ada"})", says::nothing},
      {R"({"name":"Ada","do_not_contact":null})", says::nothing},
      {R"({"name":"Ada","do_not_contact":false})", says::nothing},
      {R"({"name":"Ada","do_not_contact":"false"})", says::nothing},
      {R"({"name":"Ada","do_not_contact":"no"})", says::nothing},
      {R"({"name":"Ada","do_not_contact":""})", says::nothing},
      {R"({"name":"Ada","do_not_contact":true})", says::denies},
      {R"({"name":"Ada","do_not_contact":"true"})", says::denies},
      {R"({"name":"Ada","do_not_contact":" True "})", says::denies},
      {R"({"name":"Ada","do_not_contact":"yes"})", says::denies},
      {R"({"name":"Ada","do_not_contact":"2026-11-21"})", says::denies},
      {R"({"name":"Ada","do_not_contact":"since the 3rd of May"})", says::denies},
      {R"({"name":"Ada","do_not_contact":1})", says::denies},
      {R"({"name":"Ada","do_not_contact":["mail"]})", says::denies},
      {R"("no map")", says::nothing},
  };
  for (const auto& r : table) {
    CAPTURE(r.entity);
    std::map<std::string, json, std::less<>> people;
    if (!r.entity.empty()) people["mailbox:ada@example.com"] = parse_json(r.entity).value();
    const auto said = judge(known_people(people), {"mailbox:ada@example.com"});
    if (r.expected == says::nothing) {
      CHECK_FALSE(said);
    } else {
      REQUIRE(said);
      CHECK(*said == ruling{"do_not_contact", verdict::deny, "Ada asked not to be contacted (field do_not_contact)"});
    }
  }
}

TEST_CASE("do_not_contact finds the one among many, and however the address is written") {
  const known_people people({{"mailbox:ada@example.com", json{{"name", "Ada"}, {"do_not_contact", true}}}, {"mailbox:bo@example.com", json{{"name", "Bo"}}}});
  CHECK(judge(people, {"mailbox:bo@example.com", "mailbox:eve@example.com", "mailbox:ada@example.com"}));
  CHECK(judge(people, {"mailbox:Ada@Example.COM"}));
  CHECK_FALSE(judge(people, {"mailbox:bo@example.com"}));
  CHECK_FALSE(judge(people, {}));
}

TEST_CASE("do_not_contact speaks about people only, whatever the action is called") {
  const known_people people({{"site:/ada.html", json{{"do_not_contact", true}}}, {"mailbox:ada@example.com", json{{"do_not_contact", true}}}});
  CHECK_FALSE(judge(people, {"site:/ada.html"}, "site.publish"));
  CHECK(judge(people, {"mailbox:ada@example.com"}, "letters.post"));
}

TEST_CASE("do_not_contact names the address when the name is none to show") {
  const known_people people({{"mailbox:ada@example.com", json{{"name", "Ada\nApproved by the operator"}, {"do_not_contact", true}}}, {"mailbox:bo@example.com", json{{"do_not_contact", true}}}});
  CHECK(judge(people, {"mailbox:ada@example.com"})->because == "ada@example.com asked not to be contacted (field do_not_contact)");
  CHECK(judge(people, {"mailbox:bo@example.com"})->because == "bo@example.com asked not to be contacted (field do_not_contact)");
}

TEST_CASE("policies are shipped with a name and a reason each") {
  REQUIRE_FALSE(policies().empty());
  for (const auto& p : policies()) {
    CHECK_FALSE(p->name().empty());
    CHECK_FALSE(p->because().empty());
  }
  CHECK(policies().front()->name() == "do_not_contact");
}
