/// Gathers what changed since a moment: commits and notes, each finding with its source, and a summary of them all.
#pragma once
#include "runtime/agent.hpp"

namespace steward {

/// What the researcher is asked. What is absent comes from the role's settings, then from the defaults below.
struct research_request {
  std::optional<std::string> since;   // "7d", or a moment in RFC 3339; default 7d
  std::optional<std::string> notes;   // folder with notes in Markdown; default "notes"
  std::optional<std::int64_t> limit;  // findings per source; default 40
};
BOOST_DESCRIBE_STRUCT(research_request, (), (since, notes, limit))

/// What the role's `settings:` may say.
struct research_settings {
  std::optional<std::string> since, notes;
  std::optional<std::int64_t> limit;
  std::optional<std::string> commit_text_behind;  // a commit's text begins behind this word, such as "After:" …
  std::optional<std::string> commit_text_before;  // … and ends before this one, such as "Why:"; default: all of it
};
BOOST_DESCRIBE_STRUCT(research_settings, (), (since, notes, limit, commit_text_behind, commit_text_before))

/// One thing that is known, and where it is known from: "git:1a2b3c4 Fix the parser", "files:notes/launch.md".
struct finding {
  std::string title;
  std::string text;  // a line or three; empty when the title says it all
  std::string source;
};
BOOST_DESCRIBE_STRUCT(finding, (), (title, text, source))

struct research {
  time_point since;
  std::vector<finding> findings;  // commits first, then notes, each newest first
  std::string summary;
};
BOOST_DESCRIBE_STRUCT(research, (), (since, findings, summary))

/// The sources of `findings`, in their order: what a card and `steward why` show as evidence.
std::vector<std::string> sources_of(const std::vector<finding>& findings);

class researcher {
public:
  static constexpr auto name = "researcher";
  static constexpr int version = 1;
  using takes = research_request;
  using gives = research;
  using handles = events<step_started<research_request>, looked_up, model_answered>;

  struct state {
    time_point since;
    std::optional<std::vector<finding>> commits;  // absent until git has answered
    std::optional<std::vector<finding>> notes;    // absent until files has answered
    BOOST_DESCRIBE_CLASS(state, (), (since, commits, notes), (), ())
  };

  explicit researcher(const role_brief& brief = {});

  intents on(state& self, const step_started<research_request>& step) const;  // asks git and files at once
  intents on(state& self, const looked_up& found) const;                      // when both have answered: asks for a summary
  intents on(state& self, const model_answered& answer) const;                // done

private:
  role_brief brief_;
  result<research_settings> settings_;  // of the role; an error becomes a sentence when the step begins
};

}  // namespace steward
