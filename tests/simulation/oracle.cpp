#include "tests/simulation/oracle.hpp"

#include "runtime/digest.hpp"
#include "runtime/execution/transcript.hpp"
#include "runtime/schedule.hpp"
#include "tests/simulation/company.hpp"

namespace steward::simulation {

oracle::oracle(world& outside, std::string folder, const company_manifests& manifests) : world_(outside), folder_(std::move(folder)), manifests_(manifests) {
  state_.zone = manifests.company.zone;
}

void oracle::look() {
  if (!source_) {
    reader_options options;
    options.folder = folder_;
    options.use_index = false;
    options.erased = erased_as::text;
    auto opened = reader::open(options, *known_kinds_);
    if (!opened) return;  // there is none yet
    source_ = std::move(*opened);
  }
  event_query news;
  news.from_seq = seen_ + 1;
  news.limit = SIZE_MAX;
  const auto read = source_->read(news);
  if (!read) {
    must(false, "the journal can't be read: {}", to_sentence(read.error()));
    return;
  }
  must(world_.dead || read->empty() || world_.flushes() > flushes_before_, "{} events were committed without a flush", read->size());
  flushes_before_ = world_.flushes();
  for (const auto& stored : *read) {
    at_ = stored.seq;
    must(stored.seq == seen_ + 1, "events {} to {} are missing", seen_ + 1, stored.seq - 1);
    seen_ = stored.seq;
    must(stored.header.time >= last_time_, "time ran backwards, from {} to {}", to_text(last_time_), to_text(stored.header.time));
    last_time_ = stored.header.time;
    ++kinds_[stored.header.kind];
    must(stored.header.kind != "approval_decided" || stored.header.actor == "operator" || stored.body.find("\"approved\"") == stored.body.npos, "somebody else than the operator approved: {}", stored.header.actor);
    must(stored.body.find(outdated_words) == stored.body.npos, "{} tells what an agent said that had been given up", stored.header.kind);
    chain_ = hex_digest(chain_ + stored.header.kind + to_text(stored.header.time) + stored.body);
    auto e = typed(stored);
    if (!e) {
      must(false, "it can't be read: {}", to_sentence(e.error()));
      continue;
    }
    if (tells) tells(e->first, e->second);
    see(e->first, e->second);
    try {
      state_.apply(e->first, e->second);
      most_at_work_ = std::max(most_at_work_, state_.runs_at_work);
    } catch (const std::exception& refused) {
      must(false, "the fold refuses it: {}", refused.what());
    }
  }
  judge_deeds();
  judge_spending();
  for (; complaints_told_ < world_.complaints().size(); ++complaints_told_) must(false, "{}", world_.complaints()[complaints_told_]);
}

void oracle::see(const event::header& h, const event::any& e) {
  std::visit([&](const auto& one) { on(h, one); }, e);
}

std::string oracle::trace() const {
  std::string text = chain_;
  for (const auto& d : world_.deeds()) text += "\n" + d.bytes + to_text(d.at);
  for (const auto& c : world_.charges()) text += "\n" + to_text(c.cost) + to_text(c.at);
  return hex_digest(text).substr(0, 16);
}

// ---- once

void oracle::on(const event::header&, const event::step_finished& e) { once(steps_, fmt::format("{}/{}.{}", e.run, e.step, e.visit), "finished"); }
void oracle::on(const event::header&, const event::item_finished& e) { once(items_, e.instance, "finished"); }
void oracle::on(const event::header&, const event::run_finished& e) {
  once(ended_, e.run, "ended");
  if (const auto r = state_.runs.find(e.run); r != state_.runs.end()) ++endings_[r->second.said.workflow + " " + e.outcome];
  ++world_.seen["run " + e.status];
}
void oracle::on(const event::header& h, const event::model_asked& e) {
  // A question that was answered is never asked again: neither by another call of the same instance with the same tag and material.
  once(asked_again_, fmt::format("{} tag '{}' {}", e.instance, e.tag, question_digest(e)), "asked a model");
  open_calls_[e.call] = {e.role, h.time, e.reserved.cost.nano};
  book(e.role, h.time, e.reserved.cost.nano);
}
void oracle::on(const event::header&, const event::model_answered& e) {
  once(answered_, e.call, "was answered");
  const auto reserved = open_calls_.extract(e.call);
  if (reserved) book(reserved.mapped().role, reserved.mapped().at, e.reply.used.cost.nano - reserved.mapped().nano);
}
void oracle::on(const event::header& h, const event::model_failed& e) {
  ++world_.seen[e.retry_at ? "model tried again" : "model failed"];
  if (e.lost) ++world_.seen["model call lost"];
  const auto reserved = open_calls_.find(e.call);
  if (reserved == open_calls_.end()) return;
  if (e.lost && e.retry_at) {  // the lost try stays booked at its worst, the next one is reserved beside it
    reserved->second.at = h.time;
    book(reserved->second.role, h.time, reserved->second.nano);
  } else if (!e.retry_at) {
    if (!e.lost) book(reserved->second.role, reserved->second.at, -reserved->second.nano);
    open_calls_.erase(reserved);
  }
}
void oracle::on(const event::header&, const event::turn_taken& e) { once(turns_, fmt::format("{} event {}", e.instance, e.handled), "was handled"); }
void oracle::on(const event::header& h, const event::signal_arrived& e) { once(arrived_, h.key + " " + e.name, "arrived"); }
void oracle::on(const event::header&, const event::schedule_fired& e) {
  once(fired_, e.workflow + " " + to_text(e.due), "fired");
  if (e.catch_up) ++world_.seen["schedule caught up"];
}
void oracle::on(const event::header&, const event::card_raised& e) {
  ++cards_[e.about];
  if (e.about == "budget") ++world_.seen["a budget refused"];
}
void oracle::on(const event::header&, const event::event_parked&) { ++world_.seen["event parked"]; }
void oracle::on(const event::header&, const event::child_ended& e) {
  ++world_.seen[e.gave_up ? "child gave up" : e.why.code == "handler_hung" ? "handler hung" : "child restarted"];
}

// ---- pauses

void oracle::on(const event::header&, const event::paused& e) {
  pauses_.insert(e.scope + "/" + e.name);
  ++world_.seen["paused"];
  if (e.scope == "run") ++world_.seen["a run paused"];
}
void oracle::on(const event::header&, const event::resumed& e) { pauses_.erase(e.scope + "/" + e.name); }

// ---- approvals and effects

void oracle::on(const event::header&, const event::approval_asked& e) {
  questions_[e.approval] = e;
  if (!e.card.empty()) ++cards_["approval"];
  must(e.effects.size() == e.digests.size(), "{} has {} effects and {} digests", e.approval, e.effects.size(), e.digests.size());
  for (const auto& id : e.effects) effects_[id].approval = e.approval;
}

void oracle::on(const event::header&, const event::approval_decided& e) {
  once(decided_, e.approval, "was decided");
  decisions_[e.approval] = e.decision;
  const auto& q = questions_[e.approval];
  must(e.digests == q.digests, "{} was decided on other bytes than were asked", e.approval);
  if (e.decision == "approved")
    for (const auto& digest : e.digests) approved_digests_.insert(e.approval + " " + digest);
  if (e.decision == "expired") must(q.expires_at && last_time_ >= *q.expires_at, "{} expired before its time", e.approval);
  ++world_.seen["approval " + e.decision];
}

/// What nobody may do unasked, as the company's manifests say it; what the engine has decided about it is not looked at.
bool oracle::must_be_asked(const event::effect_proposed& said) const {
  const auto& action = said.prepared.action;
  if (action == "world.look") return false;
  const auto r = state_.runs.find(said.run);
  const bool takes_back = said.role.empty() && r != state_.runs.end() && is_made_by_engine(r->second.said.workflow);
  const auto unasked = [&](const auto& may_do) {
    const auto changed = rungs_.find({said.role, action});
    if (changed != rungs_.end() && !takes_back) return changed->second == autonomy::act;
    const auto rung = may_do.find(action);
    return rung != may_do.end() && rung->second == autonomy::act;
  };
  if (!said.role.empty()) return !manifests_.roles.contains(said.role) || !unasked(manifests_.roles.at(said.role).may_do);
  if (takes_back) return !unasked(manifests_.company.may_do);
  if (r == state_.runs.end() || !manifests_.workflows.contains(r->second.said.workflow)) return true;
  const auto& steps = manifests_.workflows.at(r->second.said.workflow).steps;
  const auto step = std::find_if(steps.begin(), steps.end(), [&](const auto& s) { return s.name == said.step; });
  return step == steps.end() || step->value.ask || !unasked(manifests_.company.may_do);
}

/// Down by itself, up by the operator's word alone, and one rung at a time.
void oracle::on(const event::header& h, const event::autonomy_changed& e) {
  must(e.to < e.from || h.actor == "operator" || e.by == "manifest", "{} climbed to '{}' for {} without the operator", e.role, to_word(e.to), e.action);
  must(e.to < e.from || rung_above(e.from) == e.to || e.by == "manifest", "{} climbed from '{}' to '{}' in one step", e.role, to_word(e.from), to_word(e.to));
  rungs_[{e.role, e.action}] = e.to;
  ++world_.seen[e.to < e.from ? "autonomy fell" : "autonomy granted"];
}

void oracle::on(const event::header&, const event::effect_proposed& e) {
  effects_[e.effect].said = e;
  effects_[e.effect].asks = must_be_asked(e);
  must(effect_of_key_.emplace(e.prepared.key, e.effect).second, "{} has the key of another effect", e.effect);
  must(e.digest == effect_digest(e.prepared), "the digest of {} is not that of its bytes", e.effect);
}

void oracle::on(const event::header&, const event::effect_modified& e) {
  auto& known = effects_[e.effect];
  known.said.prepared = e.prepared;
  known.said.digest = e.digest;
  auto& q = questions_[known.approval];
  for (std::size_t i = 0; i < q.effects.size(); ++i)
    if (q.effects[i] == e.effect) q.digests[i] = e.digest;
  ++world_.seen["effect modified"];
}

void oracle::on(const event::header& h, const event::effect_dispatched& e) {
  auto& known = effects_[e.effect];
  must(!known.confirmed, "{} was dispatched although it had happened", e.effect);
  must(!known.dropped, "{} was dispatched although it had been dropped", e.effect);
  must(e.attempt == known.dispatched + 1, "{} was dispatched as attempt {} after {}", e.effect, e.attempt, known.dispatched);
  if (const auto held = state_.effects.find(e.effect); held != state_.effects.end() && held->second.held_until && e.attempt == 1) {
    ++world_.seen["a hold waited for"];
    must(h.time >= *held->second.held_until, "{} left inside its hold, which ends at {}", e.effect, to_text(*held->second.held_until));
  }
  known.dispatched = e.attempt;
  known.settled = false;
  must(!pauses_.contains("company/"), "{} was dispatched while the company was paused", e.effect);
  if (!known.said.role.empty()) must(!pauses_.contains("role/" + known.said.role), "{} was dispatched while the role {} was paused", e.effect, known.said.role);
  must(!pauses_.contains("run/" + known.said.run), "{} was dispatched while its run was paused", e.effect);
  if (known.approval.empty()) {
    if (e.attempt == 1) known.asks = known.asks || must_be_asked(known.said);  // by the rung of now
    must(!known.asks, "{} was dispatched and nobody was asked, although {} must be asked about here", e.effect, known.said.prepared.action);
    return;
  }
  must(decisions_[known.approval] == "approved", "{} was dispatched although {} was {}", e.effect, known.approval, decisions_[known.approval].empty() ? "never decided" : decisions_[known.approval]);
  must(approved_digests_.contains(known.approval + " " + known.said.digest), "{} was dispatched with bytes that nobody approved", e.effect);
  if (e.approval) must(used_.insert(*e.approval + " " + known.said.digest).second, "the decision {} on {} was used twice", *e.approval, e.effect);
}

void oracle::on(const event::header&, const event::effect_settled& e) {
  auto& known = effects_[e.effect];
  must(!known.confirmed, "{} was settled although it had been confirmed", e.effect);
  known.settled = true;
  known.confirmed = e.came_out.kind == outcome_kind::confirmed;
  ++world_.seen[fmt::format("effect {}", to_word(e.came_out.kind))];
  const auto& key = known.said.prepared.key;
  if (known.said.prepared.action == "world.look") return;
  if (known.confirmed && e.said_by != "operator") must(world_.happened(key), "{} counts as confirmed, and it never happened", e.effect);
  const bool over = !e.retry_at && (e.came_out.kind == outcome_kind::failed || e.came_out.kind == outcome_kind::refused);
  if (over && e.said_by != "operator") must(!world_.happened(key), "{} counts as {}, and it did happen", e.effect, to_word(e.came_out.kind));
}

void oracle::on(const event::header&, const event::effect_dropped& e) {
  auto& known = effects_[e.effect];
  known.dropped = true;
  must(!world_.happened(known.said.prepared.key), "{} was dropped ({}), and it did happen", e.effect, e.how);
}

/// What happened outside must be on disk as dispatched, and with these very bytes.
void oracle::judge_deeds() {
  for (; deeds_judged_ < world_.deeds().size(); ++deeds_judged_) {
    const auto& d = world_.deeds()[deeds_judged_];
    const auto found = effect_of_key_.find(d.key);
    if (found == effect_of_key_.end()) {
      must(false, "{} happened, and no effect has its key", d.bytes);
      continue;
    }
    const auto& known = effects_[found->second];
    must(known.dispatched > 0, "{} happened before it was on record that it would leave", found->second);
    must(known.said.prepared.bytes == d.bytes, "other bytes left than those on record for {}", found->second);
    if (known.asks || !known.approval.empty()) must(decisions_[known.approval] == "approved", "{} happened without an approval", found->second);
  }
}

/// Nothing is spent that was not reserved: neither by the journal's sums nor by the bills that the outside wrote.
void oracle::judge_spending() {
  for (; charges_judged_ < world_.charges().size(); ++charges_judged_) {
    const auto& c = world_.charges()[charges_judged_];
    billed_ += c.cost.nano;
    must(billed_ <= accounted_, "models have charged {}, and only {} was ever reserved or settled", to_text(money{billed_, "EUR"}), to_text(money{accounted_, "EUR"}));
  }
}

void oracle::book(const std::string& role, time_point at, std::int64_t nano) {
  const auto day = to_local_text(state_.zone, at).substr(0, 10);
  accounted_ += nano;
  auto& of_role = spent_[role + " " + day];
  auto& of_all = spent_[" " + day];
  of_role += nano;
  of_all += nano;
  must(of_role <= writer_per_day.nano, "the role {} has spent or reserved {} on {}; its limit is {}", role, to_text(money{of_role, "EUR"}), day, to_text(writer_per_day));
  must(of_all <= company_per_day.nano, "the company has spent or reserved {} on {}; its limit is {}", to_text(money{of_all, "EUR"}), day, to_text(company_per_day));
}

// ---- the end

void oracle::judge_the_end(time_point quiet_since) {
  for (const auto& [id, r] : state_.runs) {
    const bool in_inbox = state_.cards_of_run.contains(id) && !state_.cards_of_run.at(id).empty();
    const bool waits = r.here && r.here->waits && r.here->due && *r.here->due > quiet_since;
    // A run whose role was stopped stands behind that role's card, a queued one behind those that hold its place.
    const bool behind = !state_.stopped_roles.empty() || !state_.pauses.empty();
    const bool fresh = r.here ? r.here->started_at > quiet_since : r.started_at > quiet_since;
    const bool sleeps = std::any_of(state_.instances.begin(), state_.instances.end(), [&](const auto& i) {
      return i.second.run == id && std::any_of(i.second.awaits.begin(), i.second.awaits.end(), [](const auto& a) { return a.first.starts_with("wake_at:") || a.first.starts_with("role:"); });
    });
    must(in_inbox || waits || behind || fresh || sleeps, "{} stands at {} ({}), moves no more and is not in the inbox", id, r.here ? r.here->name : "its start", r.here ? to_word(r.here->state) : to_word(r.state));
  }
  for (const auto& [id, known] : effects_)
    if (known.dispatched > 0 && !known.settled && state_.effects.contains(id)) must(false, "{} was dispatched and never settled", id);
}

void oracle::judge_the_chain() {
  if (!source_) return;
  const auto checked = source_->verify();
  must(bool(checked), "the chain is broken: {}", checked ? "" : to_sentence(checked.error()));
}

}  // namespace steward::simulation
