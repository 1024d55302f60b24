#include "tests/simulation/drill.hpp"

#include <filesystem>

#include <fmt/format.h>

namespace steward::simulation {
namespace {

/// The faults of a drill, each where it says; otherwise nothing goes wrong.
class written_plan final : public fault_plan {
public:
  written_plan(std::vector<drill_fault> faults, answer_manner manner) : manner(manner), faults_(std::move(faults)) {}

  misbehaviour at_call(const std::string& what, std::int64_t n) override {
    return find<misbehaviour>([&](const drill_fault& f) { return f.call == what; }, n);
  }
  disk_fault at_flush(std::int64_t n) override {
    return find<disk_fault>([](const drill_fault& f) { return f.flush.value_or(false); }, n);
  }
  agent_fault at_turn(const std::string& text, std::int64_t n) override {
    return find<agent_fault>([&](const drill_fault& f) { return f.turn && text.starts_with(*f.turn); }, n);
  }
  answer_manner at_question(std::int64_t) override { return manner; }
  bool dies_now(std::uint64_t) override { return false; }

  answer_manner manner;

private:
  template <class Fault, class Fits>
  Fault find(Fits fits, std::int64_t n) const {
    for (const auto& f : faults_)
      if (fits(f) && n >= f.nth && n <= f.to.value_or(f.nth)) return *from_word<Fault>(f.is);
    return Fault::none;
  }
  std::vector<drill_fault> faults_;
};

company_manifests company_of(const drill& d) {
  auto m = simulated_company();
  if (!d.company || !d.company->updates.value_or(false)) m.workflows.erase("update");
  if (!d.company) return m;
  if (d.company->writer_per_day) m.roles.at("writer").limits->spend->per_day = d.company->writer_per_day;
  if (d.company->clerk_warns_after) m.roles.at("clerk").sla = sla_definition{.warn = d.company->clerk_warns_after};
  if (d.company->hold) m.company.hold->money = d.company->hold;
  if (d.company->running) m.company.running = *d.company->running;
  for (const auto& [who, rung] : d.company->rungs) {
    const auto slash = who.find('/');
    auto& may_do = slash == 0 ? m.company.may_do : m.roles.at(who.substr(0, slash)).may_do;
    may_do[who.substr(slash + 1)] = rung;
  }
  m.company.autonomy = d.company->autonomy_;
  if (d.company->errands.value_or(false)) {
    const auto ending_in = [](const char* name, step_definition does) {
      workflow_definition w;
      step_definition end;
      end.as = "done";
      w.workflow = name;
      w.steps = {{"pay", std::move(does)}, {"end", end}};
      return w;
    };
    step_definition clerk, own;
    clerk.role = "clerk";
    clerk.with = boost::json::object{{"text", "pay for ${input.text}"}};
    own.effect = "world.pay";
    own.with = boost::json::object{{"to", "landlord"}, {"text", "pay for ${input.text}"}};
    own.undo = "none";
    m.workflows["errand"] = ending_in("errand", clerk);
    m.workflows["by_hand"] = ending_in("by_hand", own);
  }
  if (d.company->every) {
    workflow_definition pulse;
    pulse.workflow = "pulse";
    pulse.starts_on = start_definition{};
    pulse.starts_on->schedule = *d.company->every;
    step_definition beat;
    beat.role = "clerk";
    beat.with = boost::json::object{{"text", "quick beat"}};
    step_definition end;
    end.as = "done";
    pulse.steps = {{"beat", beat}, {"end", end}};
    m.workflows["pulse"] = pulse;
  }
  return m;
}

json scoped(const char* verb, const std::string& what) {
  const auto slash = what.find('/');
  return boost::json::object{{"do", verb}, {"scope", what.substr(0, slash)}, {"name", slash == what.npos ? "" : what.substr(slash + 1)}, {"reason", "a drill"}};
}

void arrange(company_week& week, written_plan& plan, const drill_moment& m) {
  auto& outside = week.outside();
  for (std::int64_t i = 0; i < m.times; ++i) {
    if (m.order) week.at(m.after, [&week, m, i] { week.order(*m.order, fmt::format("article {}", i)); });
    if (m.mail) week.at(m.after, [&week, m] { week.mail(*m.mail); });
    if (m.run) week.at(m.after, [&week, m, i] { week.start_run(*m.run, fmt::format("{}", i)); });
  }
  if (m.pause) week.at(m.after, [&week, m] { week.command(scoped("pause", *m.pause)); });
  if (m.resume) week.at(m.after, [&week, m] { week.command(scoped("resume", *m.resume)); });
  if (m.retry) week.at(m.after, [&week, m] { week.command(boost::json::object{{"do", "retry"}, {"what", *m.retry}}); });
  if (m.undo) week.at(m.after, [&week, m] { week.command(boost::json::object{{"do", "undo"}, {"what", *m.undo}}); });
  if (m.judge) week.at(m.after, [&week, m] { week.command(boost::json::object{{"do", "judge_shadow"}, {"effect", *m.judge}, {"verdict", "same"}}); });
  if (m.grant) {
    const auto first = m.grant->find('/'), last = m.grant->rfind('/');
    const boost::json::object words{{"do", "grant_rung"}, {"role", m.grant->substr(0, first)}, {"action", m.grant->substr(first + 1, last - first - 1)}, {"rung", m.grant->substr(last + 1)}};
    week.at(m.after, [&week, words] { week.command(words); });
  }
  if (m.operator_)
    week.theatre().at(m.after, [&week, &plan, m] {
      week.operator_is_there = *m.operator_ != "away";
      if (const auto manner = from_word<answer_manner>(*m.operator_)) plan.manner = *manner;
    });
  if (m.crash) week.theatre().at(m.after, [&week] { week.crash("killed by the drill"); });
  if (m.stop) week.at(m.after, [&week] { week.stop_cleanly(); });
  if (m.off) week.theatre().at(m.after, [&week, m] { week.switch_off(*m.off); });
  if (m.wake) week.theatre().at(m.after, [&week] { week.theatre().wake_hung(); });
  if (m.network) week.theatre().at(m.after, [&outside, m] { outside.network = *m.network != "away"; });
  if (m.disk) week.theatre().at(m.after, [&outside, m] { outside.disk_full = *m.disk == "full"; });
  if (m.clock) {
    const auto by = parse_duration(m.clock->substr(1)).value();
    const auto back = m.clock->front() == '-';
    week.theatre().at(m.after, [&outside, by, back] { outside.jump_clock(back ? -by : by); });
  }
}

std::int64_t measured(const drill_expectation& x, company_week& week, const week_result& r, std::string& what) {
  const auto& judge = week.judge();
  if (x.deeds) {
    what = "deeds of " + *x.deeds;
    const auto& all = week.outside().deeds();
    return std::count_if(all.begin(), all.end(), [&](const deed& d) { return d.action == *x.deeds; });
  }
  if (x.calls) {
    what = "calls of " + *x.calls;
    const auto& all = week.outside().calls();
    return all.contains(*x.calls) ? all.at(*x.calls) : 0;
  }
  if (x.event) return what = "events " + *x.event, judge.count(*x.event);
  if (x.card) return what = "cards about " + *x.card, judge.cards(*x.card);
  if (x.outcome) return what = "runs that ended as '" + *x.outcome + "'", judge.ended(*x.outcome);
  if (x.open_runs) return what = "open runs", std::int64_t(judge.folded().open_runs());
  if (x.at_work) return what = "runs at work at once", judge.most_at_work();
  if (x.cents) {
    what = "cents charged by models";
    std::int64_t nano = 0;
    for (const auto& c : week.outside().charges()) nano += c.cost.nano;
    return nano / 10'000'000;
  }
  if (x.booked) return what = "cents booked", judge.booked().nano / 10'000'000;
  what = "lives that ended with the words '" + *x.says + "'";
  return std::count_if(r.last_words.begin(), r.last_words.end(), [&](const std::string& said) { return said.find(*x.says) != said.npos; });
}

/// What the reader of YAML can't know: words that stand in texts, and keys of which one must be there.
void check(const yaml_place& root, const drill& d, errors& e) {
  const auto list = [&](const char* key, std::size_t i) { return root.at(key).item(i); };
  const auto must = [&](bool fine, const yaml_place& at, const std::string& found, const std::string& expected) {
    if (!fine) e.push_back({"bad_drill", at.where(), found, expected, ""});
  };
  if (d.operator_) must(bool(from_word<answer_manner>(*d.operator_)), root.at("operator"), "found '" + *d.operator_ + "'", "at_once, late, twice, never, reject, modify or while_dying");
  for (std::size_t i = 0; i < d.faults.size(); ++i) {
    const auto& f = d.faults[i];
    must(f.call.has_value() + f.turn.has_value() + f.flush.has_value() == 1, list("faults", i), "a fault of nothing, or of several things", "one of call, turn and flush");
    const bool known = f.call ? bool(from_word<misbehaviour>(f.is)) : f.turn ? bool(from_word<agent_fault>(f.is)) : bool(from_word<disk_fault>(f.is));
    const auto words = f.call ? words_of<misbehaviour>() : f.turn ? words_of<agent_fault>() : words_of<disk_fault>();
    std::string all;
    for (const auto& w : words) all += (all.empty() ? "" : ", ") + std::string(w);
    must(known, list("faults", i).at("is"), "found '" + f.is + "'", "one of " + all);
  }
  for (std::size_t i = 0; i < d.happens.size(); ++i) {
    const auto& m = d.happens[i];
    if (m.clock) must(m.clock->size() > 1 && (m.clock->front() == '+' || m.clock->front() == '-') && bool(parse_duration(m.clock->substr(1))), list("happens", i).at("clock"), "found '" + *m.clock + "'", "+5h or -5h");
    if (m.operator_) must(*m.operator_ == "away" || bool(from_word<answer_manner>(*m.operator_)), list("happens", i).at("operator"), "found '" + *m.operator_ + "'", "away, or a manner");
  }
  for (std::size_t i = 0; i < d.expect.size(); ++i) {
    const auto& x = d.expect[i];
    must(x.deeds.has_value() + x.calls.has_value() + x.event.has_value() + x.card.has_value() + x.outcome.has_value() + x.open_runs.has_value() + x.at_work.has_value() + x.cents.has_value() + x.booked.has_value() + x.says.has_value() == 1,
         list("expect", i), "it counts nothing, or several things", "one of deeds, calls, event, card, outcome, open_runs, at_work, cents, booked, says");
    must(x.is || x.at_least || x.at_most, list("expect", i), "it expects nothing", "is, at_least or at_most");
    if (x.event) {
      const auto& kinds = event::kinds();
      must(std::find(kinds.begin(), kinds.end(), *x.event) != kinds.end(), list("expect", i).at("event"), "found '" + *x.event + "'", "a kind of event");
    }
  }
}

}  // namespace

drill read_drill(const std::string& file, std::string text, errors& e) {
  drill d;
  const auto document = yaml_document::parse(file, std::move(text), e);
  if (!e.empty()) return d;
  read_yaml(document->root(), d, e);
  if (e.empty()) check(document->root(), d, e);
  d.name = std::filesystem::path(file).stem();
  return d;
}

std::vector<std::string> play_drill(const drill& d, bool tell) {
  week_options options;
  options.seed = d.seed;
  options.lasts = d.lasts;
  options.quiet = d.quiet.value_or(duration{});
  options.tell = tell;
  auto made = std::make_unique<written_plan>(d.faults, d.operator_ ? *from_word<answer_manner>(*d.operator_) : answer_manner::at_once);
  auto& plan = *made;
  company_week week(options, std::move(made), company_of(d));
  for (const auto& m : d.happens) arrange(week, plan, m);
  const auto r = week.play();
  auto broken = r.broken;
  for (const auto& x : d.expect) {
    std::string what;
    const auto found = measured(x, week, r, what);
    if (x.is && found != *x.is) broken.push_back(fmt::format("{}: {}, expected {}", what, found, *x.is));
    if (x.at_least && found < *x.at_least) broken.push_back(fmt::format("{}: {}, expected at least {}", what, found, *x.at_least));
    if (x.at_most && found > *x.at_most) broken.push_back(fmt::format("{}: {}, expected at most {}", what, found, *x.at_most));
  }
  return broken;
}

}  // namespace steward::simulation
