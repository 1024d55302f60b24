/// What a model is really asked when a role's agent wants to ask it, and which answers are taken for one.
#pragma once
#include <string>

#include "runtime/coordination/company_manifests.hpp"
#include "runtime/intent.hpp"
#include "runtime/model.hpp"

namespace steward {

struct put_question {
  std::string provider;  // as company.yaml maps the model class; `local` where it says nothing
  model_question question;
};

/// A function of the manifests and the wish, nothing else. Errors: role_without_model, unknown_prompt.
result<put_question> question_of(const company_manifests& manifests, const std::string& role, const ask_model& wish);

/// Asks, and takes only an answer that fits the question's schema: what a provider promises, the engine checks. Blocks.
/// Errors: those of model_provider::ask, bad_model_answer, bad_schema (nobody was asked then).
result<model_reply> ask_for_fitting(model_provider& provider, const model_question& question);

}  // namespace steward
