/// Writes the update: from what the researcher found, in the company's voice, after a look at the last one.
#pragma once
#include "actors/researcher.hpp"
#include "runtime/agent.hpp"

namespace steward {

struct edit_request {
  research evidence;
  std::optional<std::string> instructions;  // what the operator wants this time, in a sentence or two
};
BOOST_DESCRIBE_STRUCT(edit_request, (), (evidence, instructions))

struct update {
  std::string title;
  std::string date;      // of the company's zone: "2026-11-23"
  std::string path;      // where the page will be: "2026-11-23-faster-and-safer.html"
  std::string summary;   // two or three sentences; mails carry it
  std::string markdown;  // the page
  std::vector<std::string> sources;
};
BOOST_DESCRIBE_STRUCT(update, (), (title, date, path, summary, markdown, sources))

class editor {
public:
  static constexpr auto name = "editor";
  static constexpr int version = 1;
  using takes = edit_request;
  using gives = update;
  using handles = events<step_started<edit_request>, memory_recalled, model_answered>;

  struct state {
    edit_request asked;
    std::string date;
    std::optional<std::vector<memory_item>> voice;  // absent until recalled
    std::optional<std::vector<memory_item>> last;   // the last update; absent until recalled
    BOOST_DESCRIBE_CLASS(state, (), (asked, date, voice, last), (), ())
  };

  explicit editor(const role_brief& brief = {}) : brief_(brief) {}

  intents on(state& self, const step_started<edit_request>& step) const;  // how do we speak, and what did we say last?
  intents on(state& self, const memory_recalled& memory) const;           // when both are known: a draft
  intents on(state& self, const model_answered& answer) const;            // done

private:
  role_brief brief_;
};

}  // namespace steward
