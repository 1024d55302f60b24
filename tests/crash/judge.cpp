/// Judges a story by the world's ledger first, by the journal second.
#include "tests/crash/judge.hpp"

#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "runtime/digest.hpp"
#include "runtime/execution/transcript.hpp"

namespace steward::proof {
namespace {

class findings {
public:
  template <class... Parts>
  void must(bool holds, fmt::format_string<Parts...> sentence, Parts&&... parts) {
    if (!holds) broken.push_back(fmt::format(sentence, std::forward<Parts>(parts)...));
  }
  std::vector<std::string> broken;
};

template <class Event, class Visit>
void each(const std::vector<told>& events, Visit visit) {
  for (const auto& e : events)
    if (const auto* one = std::get_if<Event>(&e.what)) visit(*one);
}

/// One count for each name; more than one of any is a broken promise.
class once {
public:
  void add(const std::string& name) { ++seen_[name]; }
  void check(findings& out, const std::string& what) const {
    for (const auto& [name, n] : seen_) out.must(n == 1, "{} happened {} times: {}", what, n, name);
  }
  std::size_t size() const { return seen_.size(); }

private:
  std::map<std::string, int> seen_;
};

/// Digests of the bytes that were prepared for each effect of an action and not dropped.
std::multiset<std::string> prepared_digests(const std::vector<told>& events, const std::string& action) {
  std::map<std::string, std::string> of_effect;
  each<event::effect_proposed>(events, [&](const auto& e) {
    if (e.prepared.action == action) of_effect[e.effect] = hex_digest(e.prepared.bytes);
  });
  each<event::effect_dropped>(events, [&](const auto& e) { of_effect.erase(e.effect); });
  std::multiset<std::string> all;
  for (const auto& [_, digest] : of_effect) all.insert(digest);
  return all;
}

void judge_mails(test_company& company, const std::vector<told>& events, story which, findings& out) {
  once files, ids, to;
  std::multiset<std::string> left;
  for (const auto& mail : company.ledger("mail")) {
    files.add(mail.at(2));
    ids.add(mail.at(3));
    if (is_update(which)) to.add(mail.at(4));
    else out.must(mail.at(4) == lead_address, "a mail went to {}, who has nothing to do with it", mail.at(4));
    out.must(mail.at(4).find(do_not_contact) == std::string::npos, "a mail went to {}, who must not be written to", mail.at(4));
    left.insert(mail.at(5));
  }
  files.check(out, "the same file in the outbox");
  ids.check(out, "the same Message-ID");
  to.check(out, "a mail to one subscriber");
  const std::size_t expected = is_update(which) ? readers().size() : which == story::silent_lead ? 3 : which == story::onboarding ? 4 : 1;
  out.must(left.size() == expected, "{} mails left, expected {}", left.size(), expected);
  if (is_update(which)) out.must(to.size() == readers().size(), "{} subscribers were written to, expected {}", to.size(), readers().size());
  out.must(left == prepared_digests(events, "mailbox.send"), "the mails that left are not those that were approved, byte for byte");
}

void judge_pages(test_company& company, const std::vector<told>& events, story which, findings& out) {
  const auto pages = company.ledger("page");
  const std::size_t expected = is_update(which) ? 1 : 0;
  out.must(pages.size() == expected, "pages appeared or changed {} times, expected {}", pages.size(), expected);
  std::multiset<std::string> shown, approved;
  for (const auto& page : pages) shown.insert(page.at(3));
  each<event::effect_proposed>(events, [&](const auto& e) {
    if (e.prepared.action != "site.publish") return;
    if (const auto bytes = parse_json(e.prepared.bytes)) approved.insert(hex_digest(text_at(*bytes, "page")));
  });
  out.must(shown == approved, "the page that shows is not the one that was approved, byte for byte");
}

/// The number of events after each change of the calendar, and what went away.
void judge_bookings(test_company& company, story which, findings& out) {
  std::string bookings, gone;
  for (const auto& seen : company.ledger("calendar")) bookings += seen.at(3) + " ";
  const std::string expected = is_update(which) ? "1 " : is_onboarding(which) ? "1 0 " : "";
  out.must(bookings == expected, "the calendar held, one after the other, {}bookings, expected {}", bookings, expected);
  for (const auto& seen : company.ledger("gone")) gone += seen.at(2) + " ";
  const std::string may_go = is_onboarding(which) ? "customer-1-run-1.md " : "";
  out.must(gone == may_go, "what went away is '{}', expected '{}'", gone, may_go);
}

/// One invoice and one credit note, each entered once, never changed, in the very bytes that were approved, with its readable copy.
void judge_money(test_company& company, const std::vector<told>& events, story which, findings& out) {
  std::string entered, contracts;
  for (const auto& seen : company.ledger("entry")) entered += seen.at(2) + " ";
  for (const auto& seen : company.ledger("contract")) contracts += seen.at(2) + " ";
  out.must(entered == (is_onboarding(which) ? "INV-2026-0001.json CRN-2026-0001.json " : ""), "what was entered into the ledger, or changed there, is '{}'", entered);
  out.must(contracts == (is_onboarding(which) ? "customer-1-run-1.md " : ""), "the contracts that appeared or changed are '{}'", contracts);
  if (!is_onboarding(which)) return;
  const auto folder = company.workspace() + "/ledger/";
  for (const auto& [number, action] : {std::pair{"INV-2026-0001", "ledger.invoice"}, {"CRN-2026-0001", "ledger.credit_note"}}) {
    const auto file = parse_json(text_of_file(folder + "2026/" + number + ".json"));
    const auto* entry = file ? at_path(*file, "entry") : nullptr;
    const std::multiset<std::string> stands{entry ? hex_digest(canonical(*entry)) : "nothing"};
    out.must(stands == prepared_digests(events, action), "{} is not what was approved, byte for byte", number);
    out.must(text_of_file(folder + "2026/" + number + ".md").find(number) != std::string::npos, "{} has no readable copy", number);
  }
  for (const auto* place : {"ledger/.drafts", "ledger/2026", "contracts"}) {
    std::error_code none;
    for (const auto& left : std::filesystem::directory_iterator(company.workspace() + "/" + place, none))
      if (const auto name = left.path().filename().string(); name.find(".tmp-") != name.npos || place == std::string_view("ledger/.drafts")) out.must(false, "{}/{} was left behind", place, name);
  }
}

void judge_journal(const operator_script& script, story which, findings& out) {
  const auto& events = script.known().events;
  once answered, questions, decided, steps, items, runs, arrivals, schedules, confirmed;
  std::map<std::string, outcome> at_last;
  int refused = 0, used_up_cards = 0, person_cards = 0, undo_cards = 0, fallen_cards = 0;
  each<event::model_asked>(events, [&](const auto& e) { questions.add(e.instance + " " + e.tag + " " + question_digest(e)); });
  each<event::model_answered>(events, [&](const auto& e) { answered.add(e.call); });
  each<event::approval_decided>(events, [&](const auto& e) {
    decided.add(e.approval);
    refused += e.decision != "approved";
    if (e.decision != "approved") out.must(which == story::undo && refused == 1, "{} was {}", e.approval, e.decision);
  });
  each<event::step_finished>(events, [&](const auto& e) { steps.add(fmt::format("{}/{}.{}", e.run, e.step, e.visit)); });
  each<event::item_finished>(events, [&](const auto& e) { items.add(fmt::format("{} item {}", e.instance, e.item)); });
  each<event::signal_arrived>(events, [&](const auto& e) { arrivals.add(text_at(e.body, "message_id")); });
  each<event::schedule_fired>(events, [&](const auto& e) { schedules.add(e.workflow + " " + to_text(e.due)); });
  each<event::effect_settled>(events, [&](const auto& e) {
    if (e.came_out.kind == outcome_kind::confirmed) confirmed.add(e.effect);
    at_last[e.effect] = e.came_out;
  });
  // A crash leaves an effect in doubt for a moment; everything here can be looked up, so none may stay there.
  for (const auto& [effect, came_out] : at_last) out.must(came_out.kind == outcome_kind::confirmed, "{} came out as {}: {}", effect, to_word(came_out.kind), came_out.sentence);
  each<event::run_finished>(events, [&](const auto& e) {
    runs.add(e.run);
    const bool let_be = e.run == "run-1" && which == story::silent_lead;
    out.must(e.status == (let_be ? "stopped" : "finished"), "{} ended as {}: {}", e.run, e.status, e.outcome);
    if (e.run == "run-1" && !let_be) out.must(e.outcome == (is_update(which) ? "published" : is_lead(which) ? "answered" : which == story::onboarding ? "onboarded" : "withdrawn"), "run-1 ended as {}", e.outcome);
    if (e.run != "run-1" && is_onboarding(which)) out.must(e.outcome == "undone", "{} ended as {}", e.run, e.outcome);
  });
  each<event::card_raised>(events, [&](const auto& e) {
    if (e.about == "used_up") ++used_up_cards;
    else if (e.about == "person" && is_onboarding(which)) ++person_cards;
    else if (e.about == "run_failed" && which == story::undo) {
      ++undo_cards;
      out.must(e.text.find("run-2 takes back") != std::string::npos && e.text.find("This stands, and nothing takes it back") != std::string::npos, "the card does not say what is taken back and what stands: {}", e.text);
    } else if (e.about == "autonomy_fell" && which == story::onboarding) {
      ++fallen_cards;  // for the meeting that the scheduler booked, and the contract that the company wrote: the operator took both back
    } else out.must(false, "a card nobody expected: {}: {} {}", e.about, e.title, e.text);
  });
  out.must(used_up_cards == (which == story::silent_lead ? 1 : 0), "{} cards say that the visits are used up", used_up_cards);
  out.must(person_cards == (is_onboarding(which) ? 1 : 0), "{} cards ask a person", person_cards);
  out.must(fallen_cards == (which == story::onboarding ? 2 : 0), "{} cards say that a rung was taken back", fallen_cards);
  out.must(undo_cards == (which == story::undo ? 1 : 0), "{} cards say that the run is taken back", undo_cards);
  questions.check(out, "one question to a model");
  answered.check(out, "the answer to one call");
  decided.check(out, "the decision on one approval");
  steps.check(out, "the end of one step");
  items.check(out, "the end of one item");
  arrivals.check(out, "the arrival of one mail");
  schedules.check(out, "one time of a schedule");
  confirmed.check(out, "the success of one effect");
  runs.check(out, "the end of one run");
}

}  // namespace

figures count_what_counts(const std::vector<told>& events) {
  // Not here are those that a crash adds on purpose: starts, redeliveries, second dispatches, and look-ups that found nothing.
  static const std::set<std::string_view> kinds{"run_started", "run_finished", "step_finished", "item_finished", "model_asked", "model_answered", "memory_recalled", "looked_up", "effect_proposed", "effect_dropped",
                                                "approval_asked", "approval_decided", "card_raised", "card_closed", "entity_recorded", "memory_added", "signal_arrived", "schedule_fired", "manifest_adopted"};
  figures counted;
  for (const auto& e : events) {
    if (const auto kind = event::kind_of(e.what); kinds.contains(kind)) ++counted[std::string(kind)];
    if (const auto* settled = std::get_if<event::effect_settled>(&e.what); settled && settled->came_out.kind == outcome_kind::confirmed) ++counted["effect confirmed"];
  }
  return counted;
}

std::vector<std::string> judge(test_company& company, const operator_script& script, story which, const figures* undisturbed) {
  findings out;
  out.broken = script.complaints();
  const auto& events = script.known().events;
  judge_mails(company, events, which, out);
  judge_pages(company, events, which, out);
  judge_bookings(company, which, out);
  judge_money(company, events, which, out);
  judge_journal(script, which, out);
  if (undisturbed) {
    auto now = count_what_counts(events);
    for (const auto& [what, n] : *undisturbed) out.must(now[what] == n, "{}: {}, but {} when nobody disturbs", what, now[what], n);
    for (const auto& [what, n] : now) out.must(undisturbed->contains(what), "{}: {}, but none when nobody disturbs", what, n);
  }
  const auto chain = company.broken_chain();
  out.must(chain.empty(), "the journal's chain: {}", chain);
  const auto doctor = company.command({"doctor", "--json"});
  out.must(doctor.end == program_end{}, "steward doctor ended with code {}, signal {}: {}{}", doctor.end.code, doctor.end.signal, doctor.out, doctor.err);
  return out.broken;
}

}  // namespace steward::proof
