#include "runtime/coordination/question.hpp"

#include "runtime/schema/schema.hpp"

namespace steward {

result<put_question> question_of(const company_manifests& manifests, const std::string& role_name, const ask_model& wish) {
  const auto role = manifests.roles.find(role_name);
  if (role == manifests.roles.end() || !role->second.model)
    return error{"role_without_model", "role " + role_name, "its agent asks a model", "model: {class: …, prompt: …} in the role's manifest", ""};
  const auto& model = *role->second.model;
  const auto wanted = wish.prompt.empty() ? model.prompt.value_or("") : wish.prompt;
  auto found = manifests.prompts.find(wanted);
  if (found == manifests.prompts.end()) found = manifests.prompts.find("prompts/" + wanted + ".md");
  if (found == manifests.prompts.end()) {
    std::vector<std::string> names;
    for (const auto& [name, _] : manifests.prompts) names.push_back(name);
    const auto near = nearest_name(wanted, names);
    return error{"unknown_prompt", "role " + role_name, "there is no prompt '" + wanted + "'", "a file in prompts/", near.empty() ? "" : "Did you mean '" + near + "'?"};
  }
  put_question made;
  auto& q = made.question;
  q.model_class = model.class_;
  q.asked = found->second;
  boost::json::object with;
  for (const auto& part : wish.with) with[part.name] = part.value;
  q.with = std::move(with);
  q.answer_schema = wish.answer;
  if (q.answer_schema.is_null() && model.answer)
    if (const auto s = manifests.schemas.find(*model.answer); s != manifests.schemas.end()) q.answer_schema = s->second;
  const auto mapped = manifests.company.models.find(model.class_);
  made.provider = mapped == manifests.company.models.end() ? "local" : mapped->second;
  return made;
}

result<model_reply> ask_for_fitting(model_provider& provider, const model_question& question) {
  const auto shape = question.answer_schema.is_null() ? result<schema>(schema{}) : schema::parse(question.answer_schema);
  if (!shape) return shape.error();
  try {
    auto reply = provider.ask(question);
    if (!reply) return reply;
    const auto fits = shape->check(reply->answer);
    if (fits) return reply;
    const auto& e = fits.error();
    return error{"bad_model_answer", reply->model, (e.where.empty() ? "its answer: " : "its answer's " + e.where + ": ") + e.found, e.expected, "Compare the prompt with the schema of the answer, or retry the step"};
  } catch (const std::exception& e) {
    return error{"bad_model_answer", provider.name(), e.what(), "", ""};
  }
}

}  // namespace steward
