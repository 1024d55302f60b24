/// The ladder of autonomy: evidence offers the next rung, the operator grants it, and an incident takes it back at once.
#include "runtime/coordination/coordinator.hpp"
#include "runtime/digest.hpp"

namespace steward {
namespace {

/// "let the role 'editor' do site.publish without asking"
std::string offered(const std::string& role, const std::string& action, autonomy rung) {
  const auto who = who_stands(role);
  switch (rung) {
    case autonomy::suggest: return "let " + who + " suggest " + action + ", instead of deciding in the dark";
    case autonomy::ask: return "let " + who + " ask for " + action + ", as one whose drafts you take";
    default: return "let " + who + " do " + action + " without asking";
  }
}

std::string capital(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = char(text[0] - 32);
  return text;
}

/// One for each role and action: at most one card stands about it.
std::string subject_of(const std::string& key) { return "autonomy/" + key; }

std::string command_for(const char* verb, const std::string& role, const std::string& action, autonomy rung) {
  return fmt::format("steward autonomy {} {} {} {}", verb, role.empty() ? "company" : role, action, to_word(rung));
}

}  // namespace

std::int64_t coordinator::change_rung(const std::string& role, const std::string& action, const standing& stands, autonomy to, std::string why, const std::string& by, std::int64_t cause) {
  const auto key = ladder_key(role, action);
  const auto known = state_.ladders.find(key);
  const auto counted = known == state_.ladders.end() ? evidence_count{} : count_of(known->second, {});
  const auto seq = emit(event::autonomy_changed{role, action, stands.rung, to, stands.manifest, std::move(why), by, counted}, "company", by == "operator" ? "operator" : "coordinator", cause, "");
  close_cards_about(subject_of(key), fmt::format("it stands on '{}' now", to_word(to)), seq);
  return seq;
}

/// A manifest that was edited since has the last word, and the journal says so.
void coordinator::stand_by_manifests() {
  for (const auto& [key, l] : ladder_table(state_.ladders)) {
    const auto role = role_of_ladder(key), action = action_of_ladder(key);
    auto stands = standing_of(parts_.manifests, state_.ladders, role, action);
    if (!stands || !l.rung || l.manifest == stands->manifest) continue;
    stands->rung = *l.rung;
    change_rung(role, action, *stands, stands->manifest, fmt::format("its manifest was edited, from '{}' to '{}'", to_word(*l.manifest), to_word(stands->manifest)), "manifest", 0);
  }
}

void coordinator::weigh_anew(std::int64_t cause) {
  const auto keys = std::exchange(state_.weighed_anew, {});
  const auto rules = rules_of(parts_.manifests.company.autonomy);
  for (const auto& key : keys) {
    const auto role = role_of_ladder(key), action = action_of_ladder(key);
    const auto stands = standing_of(parts_.manifests, state_.ladders, role, action);
    if (!stands) continue;  // The role was removed meanwhile: what it did still counts, should it come back.
    const auto& l = state_.ladders.at(key);
    if (const auto why = reason_to_fall(l, rules, !role.empty())) {
      fall(role, action, *stands, *why, cause);
      continue;
    }
    const auto has = weigh(l, stands->rung, rules, now_);
    const auto about = state_.cards_about.find(subject_of(key));
    const bool offered_already = about != state_.cards_about.end() && std::any_of(about->second.begin(), about->second.end(), [&](const std::string& id) { return state_.cards.at(id).said.about == "autonomy"; });
    if (offered_already && !has.missing.empty()) close_cards_about(subject_of(key), "the evidence does not suffice any more", cause);
    else if (!offered_already && has.missing.empty() && stands->rung != autonomy::act && !(l.answered && now_ - *l.answered < rules.ask_again)) offer_rung(key, *stands, has, cause);
  }
}

void coordinator::offer_rung(const std::string& key, const standing& stands, const weight& has, std::int64_t cause) {
  const auto role = role_of_ladder(key), action = action_of_ladder(key);
  const auto to = *rung_above(stands.rung);
  const auto rules = rules_of(parts_.manifests.company.autonomy);
  event::card_raised c;
  c.about = "autonomy";
  c.title = capital(offered(role, action, to)) + "?";
  c.text = fmt::format("It stands on '{}'. Within {}: {}. {} of {} were right, hence at least {:.0f} % are by the odds (95 %), and in {} nothing had to be rejected or undone, and nothing failed. "
                       "Your rules stay above it, and one undo takes it back.",
                       to_word(stands.rung), to_text(rules.within), to_words(has.counted), has.right, has.all, has.at_least * 100, to_text(rules.quiet_for));
  c.subject = subject_of(key);
  c.tag = key;
  c.options = {"grant", "leave"};
  c.shows = boost::json::object{{"role", role}, {"action", action}, {"from", to_word(stands.rung)}, {"to", to_word(to)}, {"evidence", to_json(has.counted)}, {"right", has.right}, {"all", has.all},
                                {"at_least", fmt::format("{:.3f}", has.at_least)}};
  c.actions = {command_for("grant", role, action, to), "steward autonomy list"};
  raise_card(std::move(c), "", cause);
}

void coordinator::fall(const std::string& role, const std::string& action, const standing& stands, const std::string& why, std::int64_t cause) {
  const auto to = fallen(stands.rung, stands.manifest);
  if (!to) return;
  const auto was = stands.rung;
  const auto seq = change_rung(role, action, stands, *to, why, "engine", cause);
  if (!role.empty() && state_.cards_about.contains("role/" + role)) return;  // The card about a role that was stopped says it already.
  event::card_raised c;
  c.about = "autonomy_fell";
  c.title = fmt::format("{} stands on '{}' for {} now", capital(who_stands(role)), to_word(*to), action);
  c.text = fmt::format("It stood on '{}', and fell since {}. This counts at once, also for what waits to leave.", to_word(was), why);
  c.subject = subject_of(ladder_key(role, action));
  c.tag = ladder_key(role, action);
  c.actions = {"steward autonomy list", "steward answer " + state_.next_id("card") + " seen", command_for("grant", role, action, was)};
  raise_card(std::move(c), "", seq);
}

/// A role that had to be stopped falls with all that it may do.
void coordinator::fall_with(const std::string& role, const std::string& why, std::int64_t cause) {
  const auto found = parts_.manifests.roles.find(role);
  if (found == parts_.manifests.roles.end()) return;
  for (const auto& [action, _] : found->second.may_do) {
    const auto* manifest = parts_.actions->find(action);
    if (!manifest || manifest->repeats == effect_class::read_only) continue;
    if (const auto stands = standing_of(parts_.manifests, state_.ladders, role, action)) fall(role, action, *stands, why, cause);
  }
}

// ---- in the shadow

namespace {

/// Short digests: two wishes are told apart by them, and a state of hundreds stays small.
std::string mark_of(const std::vector<std::string>& recipients, const json& arguments) {
  auto sorted = recipients;
  std::sort(sorted.begin(), sorted.end());
  return hex_digest(to_json_text(sorted) + canonical(arguments)).substr(0, 16);
}

}  // namespace

/// What its rung shadows is remembered by what it meant; what a rule or a trial shadows is no evidence.
event::effect_dropped coordinator::shadow_of(const effect& e, std::string reason, std::vector<ruling> rulings) const {
  event::effect_dropped dropped{e.said.effect, "shadowed", std::move(reason), std::move(rulings), {}, {}};
  if (!dropped.rulings.empty() && dropped.rulings.front().rule == "autonomy" && dropped.rulings.front().says == verdict::shadow) {
    dropped.meant = mark_of(e.said.prepared.recipients, e.said.arguments);
    dropped.to = mark_of(e.said.prepared.recipients, nullptr);
  }
  return dropped;
}

/// Whoever is shadowed meant the same perhaps: the very same, or else the oldest wish that nothing was found for.
void coordinator::match_shadows(const effect& e, std::int64_t cause) {
  const auto action = e.said.prepared.action;
  if (std::none_of(state_.ladders.begin(), state_.ladders.end(), [&](const auto& one) { return !one.second.shadows.empty() && action_of_ladder(one.first) == action; })) return;
  const auto done = e.said.effect;
  const auto meant = mark_of(e.said.prepared.recipients, e.said.arguments), to = mark_of(e.said.prepared.recipients, nullptr);
  std::vector<event::shadow_matched> found;
  for (const auto& [key, l] : state_.ladders) {
    if (action_of_ladder(key) != action) continue;
    const auto wish = [&](bool the_very_same) {
      return std::find_if(l.shadows.begin(), l.shadows.end(), [&](const shadowed_effect& s) { return s.done.empty() && !s.verdict && s.to == to && (!the_very_same || s.meant == meant) && now_ - s.at <= matched_within; });
    };
    auto its = wish(true);
    if (its == l.shadows.end()) its = wish(false);
    if (its != l.shadows.end()) found.push_back({its->effect, role_of_ladder(key), action, done, its->meant == meant});
  }
  for (auto& match : found) emit(std::move(match), "company", "coordinator", cause, "");
}

// ---- what the operator says

result<standing> coordinator::standing_named(const std::string& role, const std::string& action) const {
  const auto refuse = [](const char* code, const std::string& what, const std::string& name, const std::vector<std::string>& names) {
    std::string all;
    for (const auto& known : names) all += (all.empty() ? "" : ", ") + known;
    const auto near = nearest_name(name, names);
    return error{code, "", "there is no " + what + " '" + name + "'", all.empty() ? "one, but there is none" : "one of " + all, near.empty() ? "'steward autonomy list' lists them" : "Did you mean '" + near + "'?"};
  };
  std::vector<std::string> names;
  if (!role.empty() && !parts_.manifests.roles.contains(role)) {
    for (const auto& [known, _] : parts_.manifests.roles) names.push_back(known);
    names.push_back("company");
    return refuse("unknown_role", "role", role, names);
  }
  const auto stands = standing_of(parts_.manifests, state_.ladders, role, action);
  if (stands && parts_.actions->find(action)) return *stands;
  if (role.empty())
    for (const auto& [known, _] : parts_.manifests.company.may_do) names.push_back(known);
  else
    for (const auto& [known, _] : parts_.manifests.roles.at(role).may_do) names.push_back(known);
  return refuse("unknown_action", "action in may_do of " + who_stands(role), action, names);
}

result<void> coordinator::grant_rung(const std::string& role, const std::string& action, autonomy rung, time_point now) {
  now_ = std::max(now, state_.now);
  const auto stands = standing_named(role, action);
  if (!stands) return stands.error();
  const auto next = rung_above(stands->rung);
  if (next != rung)
    return error{"not_next_rung", action, fmt::format("{} stands on '{}'", who_stands(role), to_word(stands->rung)), next ? fmt::format("the next rung, '{}'", to_word(*next)) : "a rung above it, and there is none",
                 rung < stands->rung ? "'" + command_for("lower", role, action, rung) + "' takes it down" : "Rungs are climbed one at a time; a manifest may say any"};
  change_rung(role, action, *stands, rung, "you granted it", "operator", 0);
  return {};
}

result<void> coordinator::lower_rung(const std::string& role, const std::string& action, autonomy rung, const std::string& reason, time_point now) {
  now_ = std::max(now, state_.now);
  const auto stands = standing_named(role, action);
  if (!stands) return stands.error();
  if (rung >= stands->rung)
    return error{"not_next_rung", action, fmt::format("{} stands on '{}'", who_stands(role), to_word(stands->rung)), "a rung below it", rung > stands->rung ? "'steward autonomy grant' puts it on the next one" : ""};
  change_rung(role, action, *stands, rung, reason.empty() ? "you lowered it" : "you lowered it: " + reason, "operator", 0);
  return {};
}

result<void> coordinator::answer_offer(const event::card_raised& c, const std::string& text) {
  const auto role = role_of_ladder(c.tag), action = action_of_ladder(c.tag);
  if (text == "grant") {
    const auto to = from_word<autonomy>(text_at(c.shows, "to"));
    if (to) return grant_rung(role, action, *to, now_);
  }
  emit(event::card_closed{c.card, offer_left}, "company", "operator", 0, "");
  return {};
}

result<void> coordinator::judge_shadow(const std::string& effect, evidence_kind verdict, time_point now) {
  now_ = std::max(now, state_.now);
  for (const auto& [key, l] : state_.ladders)
    for (const auto& s : l.shadows)
      if (s.effect == effect) {
        emit(event::shadow_judged{effect, role_of_ladder(key), action_of_ladder(key), verdict}, "company", "operator", 0, "");
        return {};
      }
  return error{"not_shadowed", effect, "it is not among the effects that were shadowed lately", "an effect that 'steward shadow report' lists", ""};
}

}  // namespace steward
