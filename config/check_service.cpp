/// Checks what manifests say of how long work may take, of the ladder that cards climb, and of how records become entities.
#include <deque>

#include "config/check_parts.hpp"
#include "runtime/rules/rule_limit.hpp"

namespace steward {
namespace {

// What a card can be about (runtime/effect_event.hpp).
const std::vector<std::string> kinds_of_cards{"approval", "question", "person", "step_stuck", "effect_in_doubt", "event_parked", "role_stopped", "run_failed", "breaker", "budget", "budget_mark",
                                              "used_up", "could_not_start", "some_missed", "sla_warned", "sla_escalated", "not_mapped", "autonomy", "autonomy_fell",
                                              "trial_ended"};

/// Mail can be sent: the operator has an address, and the company a mailbox.
void check_mail(check_pass& pass, const yaml_place& asks) {
  const auto& company = pass.space.company;
  if (!company.operator_ || !company.operator_->mail)
    pass.found.push_back({"missing_key", asks.where(), "nobody says where the operator's mail goes", "the operator's own address", "Add operator: {mail: me@example.org}"});
  if (!company.connectors.contains("mailbox"))
    pass.found.push_back({"missing_key", asks.where(), "the company has no mailbox to send it with", "the connector 'mailbox'", "Add 'mailbox:' to 'connectors'"});
}

void check_ladder(check_pass& pass, const yaml_place& root, const escalation_definition& said) {
  const auto at = root.at("escalation");
  const auto ladder = at.at("ladder");
  if (said.ladder.empty()) pass.found.push_back({"missing_key", at.where_key(), "the ladder has no rungs", "one or more", "Write ladder: [{after: 1h, to: mail}]"});
  for (std::size_t i = 0; i < said.ladder.size(); ++i) {
    const auto rung = ladder.item(i);
    if (said.ladder[i].after.count() < 0) pass.found.push_back({"bad_limit", rung.at("after").where(), "'after' is " + to_text(said.ladder[i].after), "a length of time, or 0m", ""});
    if (i > 0 && said.ladder[i].after <= said.ladder[i - 1].after)
      pass.found.push_back({"bad_limit", rung.at("after").where(), "'after' is " + to_text(said.ladder[i].after) + ", and the rung before it " + to_text(said.ladder[i - 1].after),
                           "more than the rung before: each counts from when the card was raised", ""});
    if (said.ladder[i].to == reached::mail) check_mail(pass, rung.at("to"));
  }
  if (said.quiet)
    if (const auto hours = quiet_hours::parse(*said.quiet, pass.space.company.zone); !hours) {
      auto trouble = hours.error();
      trouble.where = at.at("quiet").at(trouble.where).where();
      pass.found.push_back(std::move(trouble));
    }
  if (said.urgent)
    for (std::size_t i = 0; i < said.urgent->size(); ++i) is_word(at.at("urgent").item(i), kinds_of_cards, pass.found);
}

}  // namespace

void check_sla(check_pass& pass, const yaml_place& owner, const std::optional<sla_definition>& said) {
  if (!said) return;
  const auto at = owner.at("sla");
  const std::pair<const char*, const std::optional<duration>*> all[] = {{"warn", &said->warn}, {"retry", &said->retry}, {"escalate", &said->escalate}, {"fail", &said->fail}};
  bool any = false;
  for (const auto& [key, limit] : all) {
    any = any || *limit;
    check_length(at, key, *limit, pass.found);
    if (*limit && said->fail && limit != &said->fail && **limit >= *said->fail)
      pass.found.push_back({"bad_limit", at.at(key).where(), "'" + std::string(key) + "' is " + to_text(**limit) + ", and the step has failed by then (fail: " + to_text(*said->fail) + ")", "less than 'fail'", ""});
  }
  if (!any) pass.found.push_back({"missing_key", at.where(), "the sla says nothing", "warn, retry, escalate or fail", "Write sla: {warn: 2h}"});
}

void check_telling(check_pass& pass) {
  const auto& company = pass.space.company;
  const auto root = pass.space.sources.at("company")->root();
  if (company.operator_ && company.operator_->mail) {
    const auto& mail = *company.operator_->mail;
    const auto sign = mail.find('@');
    if (sign == mail.npos || sign == 0 || sign + 1 == mail.size() || mail.find_first_of(" \t<>,;") != mail.npos || mail.find('@', sign + 1) != mail.npos)
      pass.found.push_back({"bad_mail_address", root.at("operator").at("mail").where(), "found " + root.at("operator").at("mail").shown(), "an address alone, such as me@example.org", ""});
  }
  if (company.escalation) check_ladder(pass, root, *company.escalation);
  if (company.digest) {
    const auto at = root.at("digest");
    if (const auto time = parse_time_of_day(company.digest->at); !time) {
      auto trouble = time.error();
      trouble.where = at.at("at").where();
      pass.found.push_back(std::move(trouble));
    }
    if (company.digest->to == reached::mail) check_mail(pass, at.has("to") ? at.at("to") : at);
    else pass.found.push_back({"unknown_word", at.at("to").where(), "found " + at.at("to").shown(), "mail: 'steward digest' shows the same page at any time", "Write to: mail, or remove 'digest'"});
  }
}

void check_maps(check_pass& pass, const yaml_place& root, const entity_definition& entity) {
  std::vector<std::string> fields, sources = pass.signals;
  for (const auto& [field, _] : entity.fields) fields.push_back(field);
  for (const auto& connector : pass.known.connectors)
    for (const auto& action : connector.actions)
      if (action.repeats == effect_class::read_only) sources.push_back(action.name);
  for (const auto& [source, said] : entity.maps) {
    const auto at = root.at("maps").at(source);
    const auto* signal = find_signal(pass.known, source);
    const auto* action = find_action(pass.known, source);
    if (!signal && (!action || action->repeats != effect_class::read_only)) {
      refuse_name("unknown_signal", at.where_key(), action ? "source (an action that changes the outside)" : "signal or read-only action", source, sources, pass.found);
      continue;
    }
    check_count(at, "version", said.version, 1, pass.found);
    const json record = signal ? signal->body : action->answer;
    const auto scope_for = [](const shape& what) {
      name_scope scope;
      scope.bound["record"] = what;
      for (const auto& member : members_of_shape(what)) scope.bound[member] = member_of(what, member).what;
      return scope;
    };
    auto scope = scope_for(shape::of(record));
    if (said.each) {
      const auto list = check_text(at.at("each"), scope, pass.found);
      scope = scope_for(items_of(list));
      if (members_of_shape(items_of(list)).empty()) scope = scope_for({});
    }
    // Of a record that nobody describes, `record` alone is known.
    if (at.has("when")) check_condition(at.at("when"), scope, pass.found);
    check_text(at.at("id"), scope, pass.found);
    if (said.fields.empty()) pass.found.push_back({"missing_key", at.at("fields").where(), "the mapping tells no field", "one or more of the entity's fields", ""});
    for (const auto& [field, _] : said.fields) {
      const auto place = at.at("fields").at(field);
      if (std::find(fields.begin(), fields.end(), field) == fields.end()) refuse_name("unknown_field", place.where_key(), "field", field, fields, pass.found);
      else check_text(place, scope, pass.found);
    }
  }
}

}  // namespace steward
