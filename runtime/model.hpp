/// CONTRACT for language models: one question, one answer, its price. `local` (connectors/local_model.cpp) needs no key.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "runtime/described.hpp"
#include "runtime/json.hpp"
#include "runtime/money.hpp"

namespace steward {

/// A prompt file of the workspace: front matter (task) and text with {{holes}}.
struct prompt {
  std::string name;  // "reply"
  std::string task;  // draft | summarize | classify: what a model without weights does with it
  std::string text;  // the body below the front matter
};
BOOST_DESCRIBE_STRUCT(prompt, (), (name, task, text))

struct model_question {
  std::string model_class;  // "drafting", "judging": the role says which
  prompt asked;
  json with;                // the material, an object: {"lead": …, "history": […]}
  json answer_schema;       // JSON Schema the answer must satisfy; null: free text as {"text": …}
  std::int64_t tokens_at_most = 4000;
};
BOOST_DESCRIBE_STRUCT(model_question, (), (model_class, asked, with, answer_schema, tokens_at_most))

struct model_usage {
  money cost;
  std::int64_t tokens_in = 0;
  std::int64_t tokens_out = 0;
};
BOOST_DESCRIBE_STRUCT(model_usage, (), (cost, tokens_in, tokens_out))

struct model_reply {
  std::string model;  // "local/1"
  json answer;
  model_usage used;
};
BOOST_DESCRIBE_STRUCT(model_reply, (), (model, answer, used))

class model_provider {
public:
  virtual ~model_provider() = default;
  virtual std::string name() const = 0;
  /// Pure: the most that answering can cost; reserved before the call (promise 4).
  virtual model_usage worst_case(const model_question& q) const = 0;
  /// Runs on an I/O thread and may block. Error codes: model_unreachable, model_busy (provider faults: tried again later),
  /// model_refused, bad_model_answer (logic faults: the operator is asked).
  virtual result<model_reply> ask(const model_question& q) = 0;
};

/// One line of a model catalogue: a provider and the model classes that it can serve.
struct model_entry {
  std::string name;
  std::unique_ptr<model_provider> (*make)(const json& settings, const std::string& workspace);
  /// Pure: refuses a prompt that this provider could not answer, before anything runs; null: it takes any. `first_line`: the
  /// line of the prompt's file on which its text begins; an error's `where` ends in ":LINE".
  result<void> (*check)(const prompt& asked, const json& answer_schema, int first_line) = nullptr;
};
using model_catalog = std::vector<model_entry>;

}  // namespace steward
