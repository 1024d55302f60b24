/// Small words for tests about labels: companies that mails start, and what the journal says of their effects.
#pragma once
#include "runtime/labels.hpp"
#include "tests/coordination/puppet.hpp"

namespace steward::test {

inline constexpr labels both = label_untrusted | label_private;

/// The labels of the last effect that was proposed, as the journal has them.
inline labels of_the_effect(const small_company& c) {
  std::optional<labels> marks;
  for (const auto& [h, e] : c.disk())
    if (std::holds_alternative<event::effect_proposed>(e)) marks = h.marks;
  REQUIRE(marks);
  return *marks;
}

inline const event::effect_proposed& last_effect(const small_company& c) {
  const event::effect_proposed* last = nullptr;
  for (const auto& [h, e] : c.disk())
    if (const auto* x = std::get_if<event::effect_proposed>(&e)) last = x;
  REQUIRE(last);
  return *last;
}

inline std::string because_of(const event::effect_proposed& e, const std::string& rule) {
  for (const auto& one : e.rulings)
    if (one.rule == rule) return one.because;
  return "";
}

inline void starts_on_mail(company_of& m) {
  m.w().starts_on = start_definition{};
  m.w().starts_on->event = "mail_received";
}

/// The connector declares its action otherwise from the next start on, which is now.
inline void declare(started& c, const std::string& name, const std::function<void(action_manifest&)>& change) {
  for (auto& a : c->works->changes().actions)
    if (a.name == name) change(a);
  c->start();
}

inline entity_definition leads() {
  entity_definition lead;
  lead.entity = "lead";
  lead.fields = {{"name", "text"}, {"address", "text"}};
  return lead;
}

inline step_definition record_lead(const std::string& address = "${input.from}", const std::string& name = "${input.name}") {
  step_definition s;
  s.record = "lead";
  s.id = "test:" + address;
  s.with = object{{"name", name}, {"address", address}};
  s.gives = "lead";
  return s;
}

/// A run that was begun by a mail, has put its sender on record, and then acts.
inline company_of answering(step_definition act) {
  company_of m;
  starts_on_mail(m);
  m.m.entities["lead"] = leads();
  m.step("lead", record_lead());
  m.step("act", std::move(act));
  return m;
}

inline intents proposes(const std::string& to = "") {
  auto with = to.empty() ? object{{"text", "x"}} : object{{"to", to}, {"text", "x"}};
  return {propose_effect{"test.neither", std::move(with), "why", {}, "t"}};
}

}  // namespace steward::test
