/// What a model is really asked when a role's agent wants to ask it: a function of the manifests and the wish, nothing else.
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

/// Errors: role_without_model, unknown_prompt.
result<put_question> question_of(const company_manifests& manifests, const std::string& role, const ask_model& wish);

}  // namespace steward
