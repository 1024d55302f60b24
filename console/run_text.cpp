#include "console/run_text.hpp"

#include <set>

#include "runtime/visible_text.hpp"
#include "console/cards.hpp"

#include <fmt/format.h>

namespace steward {
namespace {

constexpr std::size_t evidence_shown = 10;  // More is a list to look into, not an answer.

std::string when(const json& object, std::string_view key, time_point now) {
  const auto t = parse_time(text_at(object, key));
  return t ? roughly((*t - now).count()) : std::string{};
}

std::string clock_time(const json& event) {
  const auto t = text_at(event, "time");
  return t.size() > 19 ? t.substr(5, 5) + " " + t.substr(11, 8) : t;
}

std::string row(std::string_view label, std::string_view text, const paint& p) {
  if (text.empty()) return {};
  const std::string indent(16, ' ');
  const auto body = wrapped(text, 84, indent);
  return "  " + p.dim(fmt::format("{:<14}", label)) + body.substr(indent.size());
}

std::string painted_status(const std::string& status, const paint& p) {
  if (status == "finished") return p.good(status);
  if (status == "failed" || status == "stopped") return p.bad(status);
  return status;
}

std::int64_t number_at(const json& object, std::string_view key) {
  const auto* found = at_path(object, key);
  return found && found->is_int64() ? found->get_int64() : 0;
}

bool is_nothing(const json& object, std::string_view key) {
  const auto* found = at_path(object, key);
  return !found || (found->is_string() ? text_at(object, key) == "0.00" : found->is_int64() && found->get_int64() == 0);
}

std::string counted(std::int64_t n, const char* one, const char* many) { return fmt::format("{} {}", n, n == 1 ? one : many); }

/// "2 calls of models with 40 tokens, 1 effect, 1 decision of yours after 10m"
std::string use_text(const json& used) {
  auto text = counted(number_at(used, "calls"), "call of a model", "calls of models") + " with " + counted(number_at(used, "tokens"), "token", "tokens") + ", " + counted(number_at(used, "effects"), "effect", "effects");
  if (number_at(used, "decisions") > 0) text += ", " + counted(number_at(used, "decisions"), "decision", "decisions") + " of yours after " + text_at(used, "waited");
  return text;
}

/// What finished runs of the workflow took before this one began.
std::string usual_text(const json& estimate) {
  const auto number = [&](const char* what) { return at_path(estimate, what) ? number_at(*at_path(estimate, what), "median") : 0; };
  const auto text = [&](const char* what, const char* which) { return at_path(estimate, what) ? text_at(*at_path(estimate, what), which) : std::string{}; };
  return fmt::format("{} ({} at most), {}, {}, in {}", text("cost", "median"), text("cost", "highest"), counted(number("calls"), "call", "calls"), counted(number("effects"), "effect", "effects"),
                     counted(number_at(estimate, "runs"), "run before it", "runs before it"));
}

/// A number, or a text as it stands.
std::string cell(const json& row, std::string_view key) {
  const auto* found = at_path(row, key);
  return found && found->is_int64() ? std::to_string(found->get_int64()) : text_at(row, key);
}

}  // namespace

std::string runs_text(const json& runs, time_point now, const paint& p) {
  if (!runs.is_array() || runs.get_array().empty()) return "No runs. 'steward run WORKFLOW' starts one, 'steward runs --all' shows those that have ended.\n";
  std::vector<std::vector<std::string>> rows{{"run", "workflow", "status", "step", "started", "waits for, or outcome"}};
  for (const auto& r : runs.get_array()) {
    const auto outcome = text_at(r, "outcome");
    const auto waits = text_at(r, "waits_for");
    rows.push_back({text_at(r, "run"), text_at(r, "workflow"), text_at(r, "status"), text_at(r, "step"), when(r, "started_at", now), shortened(outcome.empty() ? waits : outcome, 60)});
  }
  return table(rows, p);
}

std::string run_text(const json& run, const json& timeline, time_point now, const paint& p) {
  const auto id = text_at(run, "run");
  std::string out = p.bold(id) + "  " + text_at(run, "workflow") + "  " + painted_status(text_at(run, "status"), p) + "\n";
  out += row("Outcome", text_at(run, "outcome"), p);
  if (const auto step = text_at(run, "step"); !step.empty() && text_at(run, "outcome").empty())
    out += row("Step", step + (number_at(run, "visit") > 1 ? fmt::format(", visit {}", number_at(run, "visit")) : "") + (number_at(run, "attempt") > 1 ? fmt::format(", attempt {}", number_at(run, "attempt")) : "") +
                           ", " + text_at(run, "step_state"),
               p);
  out += row("Waits for", text_at(run, "waits_for"), p);
  out += row("Started", when(run, "started_at", now) + (text_at(run, "because").empty() ? "" : ", " + text_at(run, "because")), p);
  out += row("Cost", text_at(run, "cost") == "0.00" ? "nothing" : text_at(run, "cost"), p);
  if (const auto* used = at_path(run, "used")) out += row("Used", use_text(*used), p);
  if (const auto* estimate = at_path(run, "estimate"); estimate && number_at(*estimate, "runs") > 0) out += row("Usually", usual_text(*estimate), p);
  out += "\n";
  if (timeline.is_array())
    for (const auto& event : timeline.get_array())
      if (const auto sentence = text_at(event, "sentence"); !sentence.empty()) out += "  " + p.dim(clock_time(event)) + "  " + shortened(sentence, 140) + "\n";
  return out;
}

std::string trace_text(const json& events, bool with_bodies, const paint& p) {
  std::string out;
  if (!events.is_array()) return out;
  for (const auto& event : events.get_array()) {
    out += p.dim(fmt::format("{:>6}  {}", number_at(event, "seq"), clock_time(event))) + fmt::format("  {:<18} {:<16} ", text_at(event, "kind"), text_at(event, "actor")) +
           shortened(text_at(event, "sentence"), 100) + "\n";
    if (const auto* body = at_path(event, "body"); body && with_bodies) out += readable(*body, "          ", 200);
  }
  return out;
}

std::string cost_text(const json& cost, const paint& p) {
  std::string out = "Today is " + text_at(cost, "day") + " (" + text_at(cost, "zone") + ").\n\n";
  std::vector<std::vector<std::string>> rows{{"account", "spent", "reserved", "tokens", "calls"}};
  const auto* accounts = at_path(cost, "accounts");
  if (accounts && accounts->is_array())
    for (const auto& a : accounts->get_array())
      rows.push_back({text_at(a, "account"), text_at(a, "spent"), text_at(a, "reserved"), std::to_string(number_at(a, "tokens")), std::to_string(number_at(a, "calls"))});
  if (rows.size() == 1) return out + "Nothing has been spent.\n";
  out += table(rows, p);
  const auto* runs = at_path(cost, "runs");
  if (runs && runs->is_array() && !runs->get_array().empty()) {
    std::vector<std::vector<std::string>> of_runs{{"run", "cost"}};
    for (const auto& r : runs->get_array()) of_runs.push_back({text_at(r, "run"), text_at(r, "cost")});
    out += "\n" + table(of_runs, p);
  }
  return out;
}

std::string budget_text(const json& budget, time_point now, const paint& p, bool all) {
  std::int64_t untouched = 0;
  std::vector<std::vector<std::string>> rows{{"of", "a", "most", "used", "reserved", "left", "until"}};
  if (const auto* limits = at_path(budget, "limits"); limits && limits->is_array())
    for (const auto& l : limits->get_array()) {
      if (!all && text_at(l, "period") == "run" && is_nothing(l, "used") && is_nothing(l, "reserved")) {
        ++untouched;
        continue;
      }
      const auto measure = text_at(l, "measure");
      const auto unit = measure == "spend" ? "" : " " + measure;
      rows.push_back({text_at(l, "of"), text_at(l, "period"), cell(l, "most") + unit, cell(l, "used"), cell(l, "reserved"), cell(l, "left"), text_at(l, "ends").empty() ? "it ends" : when(l, "ends", now)});
    }
  std::string out = rows.size() == 1 && untouched > 0 ? "" : rows.size() == 1 ? "There are no limits. Write them into company.yaml, roles and workflows: 'spend: {per_month: 20 EUR}'.\n" : table(rows, p);
  if (untouched > 0) out += fmt::format("{} of single runs, of which nothing is used yet, {} left out ('steward budget --all' has them).\n", counted(untouched, "limit", "limits"), untouched == 1 ? "is" : "are");
  const auto* unlimited = at_path(budget, "counted");
  if (!unlimited || !unlimited->is_array() || unlimited->get_array().empty()) return out;
  rows = {{"without a limit, this month", "used", "reserved", "tokens", "calls"}};
  for (const auto& c : unlimited->get_array()) rows.push_back({text_at(c, "of"), cell(c, "used"), cell(c, "reserved"), cell(c, "tokens"), cell(c, "calls")});
  return out + "\n" + table(rows, p);
}

std::string estimate_text(const json& estimate, const paint& p) {
  const auto workflow = text_at(estimate, "workflow");
  const auto runs = number_at(estimate, "runs");
  if (runs == 0) return "No run of " + workflow + " has finished yet: there is nothing to estimate from. Its limits hold all the same (steward budget).\n";
  std::vector<std::vector<std::string>> rows{{"", "median", "highest"}};
  for (const auto& [key, label] : {std::pair{"cost", "cost"}, {"calls", "calls of models"}, {"tokens", "tokens"}, {"effects", "effects"}, {"decisions", "decisions of yours"}, {"waited", "waited for you"}})
    if (const auto* found = at_path(estimate, key)) rows.push_back({label, cell(*found, "median"), cell(*found, "highest")});
  return fmt::format("{}, from its last {}:\n\n", workflow, counted(runs, "finished run", "finished runs")) + table(rows, p);
}

std::string outcomes_text(const json& outcomes, const paint& p) {
  if (!outcomes.is_array() || outcomes.get_array().empty()) return "No run has ended yet.\n";
  std::vector<std::vector<std::string>> rows{{"workflow", "outcome", "runs", "cost", "each", "calls each", "decisions each", "waited each"}};
  for (const auto& o : outcomes.get_array()) {
    const auto *total = at_path(o, "total"), *mean = at_path(o, "mean");
    if (total && mean)
      rows.push_back({text_at(o, "workflow"), shortened(text_at(o, "outcome"), 40), cell(o, "runs"), cell(*total, "cost"), cell(*mean, "cost"), cell(*mean, "calls"), cell(*mean, "decisions"), cell(*mean, "waited")});
  }
  return table(rows, p);
}

std::string why_text(const json& told, const paint& p, bool whole) {
  std::string out;
  const auto* effects = at_path(told, "effects");
  if (!effects || !effects->is_array()) return out;
  for (const auto& e : effects->get_array()) {
    if (!out.empty()) out += "\n";
    const auto preview = text_at(e, "preview");
    out += p.bold(text_at(e, "effect") + "  " + shortened(preview.substr(0, preview.find('\n')), 90)) + "\n";
    out += row("Action", text_at(e, "action"), p);
    const auto* recipients = at_path(e, "recipients");
    std::string to;
    if (recipients && recipients->is_array())
      for (const auto& r : recipients->get_array()) to += (to.empty() ? "" : ", ") + std::string(r.is_string() ? r.get_string().c_str() : "");
    out += row("Reaches", to, p);
    std::string intent = text_at(e, "asked_by");
    if (const auto because = text_at(e, "why"); because.starts_with("The workflow ")) intent = because;  // says who asked, too
    else if (!because.empty()) intent += ": " + because;
    if (const auto* run = at_path(e, "run")) intent += "\nin " + text_at(*run, "run") + " of " + text_at(*run, "workflow") + ", started " + text_at(*run, "because");
    out += row("Intent", intent, p);
    std::string evidence;
    std::set<std::string> seen;
    if (const auto* list = at_path(e, "evidence"); list && list->is_array())
      for (const auto& source : list->get_array())
        if (source.is_string() && seen.insert(std::string(source.get_string())).second) evidence += (evidence.empty() ? "" : "\n") + visible_line(std::string_view(source.get_string()));
    if (!whole && seen.size() > evidence_shown) {
      std::size_t end = 0;
      for (std::size_t i = 0; i < evidence_shown; ++i) end = evidence.find('\n', end) + 1;
      evidence = evidence.substr(0, end) + fmt::format("… {} more (--whole)", seen.size() - evidence_shown);
    }
    out += row("Evidence", evidence.empty() ? "none was named" : evidence, p);
    std::string rules;
    if (const auto* list = at_path(e, "rulings"); list && list->is_array())
      for (const auto& r : list->get_array()) rules += (rules.empty() ? "" : "\n") + text_at(r, "rule") + " says " + text_at(r, "says") + ": " + text_at(r, "because");
    out += row("Rule", rules.empty() ? "none spoke" : rules, p);
    if (const auto* a = at_path(e, "approval"); a && a->is_object()) {
      const auto decision = text_at(*a, "decision");
      auto text = text_at(*a, "approval") + (decision.empty() ? ", not decided yet" : " " + decision + " by the " + text_at(*a, "decided_by") + ", " + text_at(*a, "decided_at").substr(0, 19) + "Z");
      if (const auto reason = text_at(*a, "reason"); !reason.empty()) text += ": " + reason;
      if (number_at(*a, "effects") > 1) text += fmt::format(" (one decision for {} effects)", number_at(*a, "effects"));
      out += row("Approval", text, p);
    } else {
      out += row("Approval", "none was needed", p);
    }
    if (const auto* o = at_path(e, "outcome"); o && o->is_object())
      out += row("Outcome", text_at(*o, "how") + (text_at(*o, "sentence").empty() ? "" : ": " + text_at(*o, "sentence")) + " (" + text_at(*o, "at").substr(0, 19) + "Z, " + text_at(*o, "said_by") + ")", p);
    else if (const auto until = text_at(e, "held_until"); !until.empty() && number_at(e, "attempts") == 0) out += row("Outcome", "held: it leaves at " + until.substr(0, 19) + "Z unless you take it back (steward undo " + text_at(e, "effect") + ")", p);
    else out += row("Outcome", "open", p);
    out += row("Cost", text_at(e, "cost") == "0.00" ? "nothing" : text_at(e, "cost"), p);
    const auto undo = text_at(e, "undo");
    std::string how = undo.empty() || undo == "none" ? "it can't be taken back" : undo + " takes it back";
    if (const auto* call = at_path(e, "undo_call"); call && call->is_object())
      if (const auto* with = at_path(*call, "arguments")) how += ", with " + canonical(*with);
    if (at_path(e, "undo_call")) how += "; 'steward undo " + text_at(e, "effect") + "' does it";
    out += row("Undo", how, p);
    out += row("Key, digest", text_at(e, "key") + "  " + text_at(e, "digest").substr(0, 16), p);
    if (const auto* chain = at_path(e, "chain"); chain && chain->is_array())
      for (const auto& event : chain->get_array()) out += "    " + p.dim(fmt::format("{:>5}  {}", number_at(event, "seq"), clock_time(event))) + "  " + shortened(text_at(event, "sentence"), 110) + "\n";
  }
  return out;
}

}  // namespace steward
