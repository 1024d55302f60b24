/// A company on disk without an engine: tests append what happened, and look at what is derived from it.
#pragma once
#include <filesystem>

#include "runtime/hosting/open_company.hpp"
#include "runtime/hosting/rebuild.hpp"
#include "runtime/journal/journal.hpp"
#include "tests/support/catch.hpp"

namespace steward::test {

struct kept_company {
  kept_company() {
    std::string name = (std::filesystem::temp_directory_path() / "steward-company-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()));
    path = name;
    open();
  }
  ~kept_company() { std::filesystem::remove_all(path); }

  /// Again, after `written` was let go.
  void open() {
    auto opened = journal::open({.folder = path}, *kinds, now, *random);
    REQUIRE(opened);
    written = std::move(*opened);
  }

  /// `personal`: fields that are sealed for the stream's subject.
  template <class Event>
  std::int64_t append(const Event& e, const std::string& stream, const std::vector<std::string>& personal = {}, std::int64_t cause = 0) {
    draft d;
    d.header.stream = stream;
    d.header.kind = Event::kind;
    d.header.actor = "operator";
    d.header.time = now.now();
    d.header.cause = cause;
    if (stream.starts_with("run-")) d.header.correlation = stream;
    d.body = to_json_text(e);
    d.personal = personal;
    if (!personal.empty()) d.header.subject = stream;
    const auto receipt = written->append(batch{{d}});
    REQUIRE(receipt);
    now.advance(std::chrono::minutes{10});
    return receipt->first_seq;
  }
  void live() {
    for (int i = 0; i < 5; ++i) {
      append(event::entity_recorded{"lead-" + std::to_string(i), "lead", "mailbox:a" + std::to_string(i) + "@example.org", boost::json::object{{"name", "Ada"}}}, "entity/lead-" + std::to_string(i));
      append(event::memory_added{memory_item{.id = "m-" + std::to_string(i), .scope = "company", .about = "voice", .text = "We write short sentences.", .source = "operator"}}, "memory");
    }
    append(event::paused{"role", "editor", "new voice"}, "company");
  }
  rebuilt of(const std::string& name) {
    const auto all = rebuild_all(path, *kinds, "UTC");
    REQUIRE(all);
    for (const auto& one : *all)
      if (one.name == name) return one;
    FAIL("no projection " + name);
    return {};
  }
  result<company_state> as_of(fold_until until) { return fold_journal(path, *kinds, "UTC", fold_from::snapshot, until); }

  std::string path;
  manual_clock now;
  std::unique_ptr<random_source> random = make_seeded_random(1);
  std::shared_ptr<const event_kinds> kinds = all_event_kinds();
  std::unique_ptr<journal> written;
};

}  // namespace steward::test
