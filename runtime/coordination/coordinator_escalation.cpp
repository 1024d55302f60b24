/// How the operator hears of what waits: cards that nobody answers climb the ladder of company.yaml, and the day comes in a page.
///
/// What leaves in these mails names cards, workflows, counts and money, and nothing that anybody wrote: a mail lies where others may
/// read it. Hence it needs no question: the gate lets it through to the operator's own address and to nobody else.
#include "runtime/coordination/coordinator.hpp"
#include "runtime/digest.hpp"

namespace steward {
namespace {

constexpr duration digest_reaches_back = std::chrono::hours{24 * 31};

/// One step: the mail. Where it can't be sent the run stands like any other, with a card.
workflow_definition telling(const std::string& name) {
  workflow_definition w;
  w.workflow = name;
  w.purpose = "Tells the operator.";
  step_definition send;
  send.effect = "mailbox.send";
  send.with = boost::json::object{{"to", "${input.to}"}, {"subject", "${input.subject}"}, {"body", "${input.body}"}};
  send.undo = "none";
  w.steps.push_back({"send", std::move(send)});
  return w;
}

std::string in_words(std::string about) {
  std::replace(about.begin(), about.end(), '_', ' ');
  return about;
}

result<schedule> daily(const std::string& time_of_day, const std::string& zone) {
  const auto at = parse_time_of_day(time_of_day == "24:00" ? "00:00" : time_of_day);
  if (!at) return at.error();
  return schedule::parse(fmt::format("{} {} * * *", at->count() % 60, at->count() / 60), zone);
}

}  // namespace

result<void> coordinator::get_ready_to_tell() {
  const auto& company = parts_.manifests.company;
  const auto says_sla = [](const auto& all) { return std::any_of(all.begin(), all.end(), [](const auto& one) { return one.second.sla.has_value(); }); };
  has_slas_ = says_sla(parts_.manifests.roles) || says_sla(parts_.manifests.workflows);
  if (company.escalation && company.escalation->quiet) {
    auto hours = quiet_hours::parse(*company.escalation->quiet, company.zone);
    if (!hours) return hours.error();
    auto ends = daily(company.escalation->quiet->to, hours->zone());
    if (!ends) return ends.error();
    quiet_ = std::move(*hours);
    quiet_ends_ = std::move(*ends);
  }
  if (company.digest && company.digest->to == reached::mail) {
    auto at = daily(company.digest->at, company.zone);
    if (!at) return at.error();
    digest_at_ = std::move(*at);
  }
  return {};
}

// ---- cards

bool coordinator::is_urgent(const card& c) const {
  static const std::vector<std::string> otherwise{"effect_in_doubt", "sla_escalated"};
  const auto& urgent = parts_.manifests.company.escalation->urgent;
  const auto& all = urgent ? *urgent : otherwise;
  return std::find(all.begin(), all.end(), c.said.about) != all.end();
}

/// Sets the timer for the next rung that leads out of the inbox, where the card is already.
void coordinator::watch_card(const card& c) {
  const auto& ladder = parts_.manifests.company.escalation->ladder;
  for (auto i = std::size_t(c.rung); i < ladder.size(); ++i)
    if (ladder[i].to != reached::inbox) return wake(c.raised_at + ladder[i].after, "ladder:" + c.said.card);
}

void coordinator::card_is_due(const std::string& id) {
  if (!parts_.manifests.company.escalation) return;
  fetch(id);
  const auto it = state_.cards.find(id);
  if (it == state_.cards.end()) return;
  const auto& c = it->second;
  if (const auto asleep = state_.snoozed.find(id); asleep != state_.snoozed.end() && asleep->second.until > now_) return wake(asleep->second.until, "ladder:" + id);  // put off is not forgotten
  // A mail about the mail that could not be sent would have the same trouble.
  if (const auto r = state_.runs.find(c.said.run); r != state_.runs.end() && tells_operator(r->second.said.workflow)) return;
  const auto& ladder = parts_.manifests.company.escalation->ladder;
  std::int64_t behind = c.rung;
  for (auto i = std::size_t(c.rung); i < ladder.size(); ++i)
    if (ladder[i].to != reached::inbox && c.raised_at + ladder[i].after <= now_) behind = std::int64_t(i) + 1;
  if (behind == c.rung) return watch_card(c);
  if (gate_.paused(state_, "", tell_workflow, "")) {
    blocked_.insert("ladder:" + id);
    return;
  }
  if (quiet_ && !is_urgent(c) && quiet_->hold_at(local_time_at(quiet_->zone(), now_))) return wake(quiet_ends_->next_after(now_), "ladder:" + id);
  climbed_[id] = behind;  // Of several rungs that are due at once, after a night, one mail is enough.
}

/// One mail about all cards that climb now.
void coordinator::tell_of_climbed() {
  if (climbed_.empty()) return;
  const auto climbed = std::exchange(climbed_, {});
  const auto& zone = parts_.manifests.company.zone;
  std::string body, which;
  for (const auto& [id, _] : climbed) {
    fetch(id);
    const auto it = state_.cards.find(id);
    if (it == state_.cards.end()) continue;
    const auto& c = it->second;
    const auto r = state_.runs.find(c.said.run);
    body += fmt::format("  {}  {}  since {}{}\n", id, in_words(c.said.about), to_local_text(zone, c.raised_at),
                        r == state_.runs.end() ? "" : fmt::format("  {} of '{}'", c.said.run, r->second.said.workflow));
    which += id + " ";
  }
  if (which.empty()) return;
  const auto count = std::count(body.begin(), body.end(), '\n');
  const auto subject = fmt::format("{}: {} for you", parts_.manifests.company.company, count == 1 ? "a card waits" : fmt::format("{} cards wait", count));
  auto begun = begin_telling(tell_workflow, subject, body + "\n'steward inbox' shows them, and how to answer.\n", "nobody answered " + which.substr(0, which.size() - 1), "", {});
  if (!begun) could_not_start(tell_workflow, begun.error(), 0);
  for (const auto& [id, behind] : climbed) {
    const auto it = state_.cards.find(id);
    if (it == state_.cards.end()) continue;
    emit_for_card(it->second, event::card_escalated{id, behind, "mail", begun ? *begun : ""}, "coordinator", 0);
    watch_card(state_.cards.at(id));
  }
}

/// A run of our own, whose one effect meets the same gate as any other.
result<std::string> coordinator::begin_telling(const std::string& name, const std::string& subject, const std::string& body, const std::string& because, std::string key,
                                               boost::json::object more) {
  const auto own = parts_.manifests.company.operator_.value_or(operator_definition{});
  if (!own.mail) return error{"missing_key", "company.yaml", "nobody says where the operator's mail goes", "operator: {mail: me@example.org}", ""};
  const auto digest = adopt_own(telling(name));
  if (!digest) return digest.error();
  more["to"] = own.name ? json{{"name", *own.name}, {"address", *own.mail}} : json(*own.mail);
  more["subject"] = subject;
  more["body"] = body;
  return begin_run(compiled_[*digest], *digest, std::move(more), because, 0, std::move(key), 0, 0, {}, {}, false);
}

// ---- the day in a page

void coordinator::digest_is_due() {
  if (!digest_at_) return;
  // The first one comes at once where today's time has passed: a machine that is off at that hour would never send one else.
  if (digest_at_->missed_between(state_.digested.value_or(now_ - std::chrono::hours{24}), now_) && !digest_asked_) {
    if (gate_.paused(state_, "", digest_workflow, "")) {
      blocked_.insert("digest:");
      return;
    }
    make_digest wish{state_.digested ? std::max(*state_.digested, now_ - digest_reaches_back) : now_ - std::chrono::hours{24}, now_, {}, {}};
    std::vector<std::tuple<time_point, std::string, std::string>> waits;
    const auto keep = [&](const company_state& part) {
      for (const auto& [id, c] : part.cards) waits.emplace_back(c.raised_at, id, c.said.about);
    };
    keep(state_);
    for (const auto run : state_.parked.runs()) keep(state_.peek(run));
    std::sort(waits.begin(), waits.end());
    for (const auto& [since, id, about] : waits)
      wish.waits.push_back(fmt::format("{}  {}  for {}", id, in_words(about), to_text(duration(std::chrono::floor<std::chrono::minutes>(now_ - since)))));
    for (const auto& [name, b] : state_.breakers)
      if (b.state != "closed") wish.trouble.push_back(name + " does not answer");
    digest_asked_ = true;
    errand_after(std::move(wish));
  }
  wake(digest_at_->next_after(now_), "digest:");
}

void coordinator::on_digest(const digest_page& made, time_point now) {
  now_ = std::max(now, state_.now);
  if (!std::exchange(digest_asked_, false)) return;
  const auto& company = parts_.manifests.company;
  const auto due = digest_at_ ? digest_at_->missed_between(state_.digested.value_or(made.until - std::chrono::hours{24}), made.until) : std::nullopt;
  if (!due) return;
  auto begun = begin_telling(digest_workflow, fmt::format("{}: the day until {}", company.company, to_local_text(company.zone, made.until)), made.text, "the digest of " + to_text(*due),
                             "digest/" + to_text(*due), {{"until", to_text(made.until)}});
  if (!begun && begun.error().code != "already_started") could_not_start(digest_workflow, begun.error(), 0);
}

}  // namespace steward
