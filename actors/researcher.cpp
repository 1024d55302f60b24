#include "actors/researcher.hpp"

#include "actors/text.hpp"

namespace steward {
namespace {

constexpr auto default_since = "7d";     // A weekly update looks back a week.
constexpr std::int64_t default_limit = 40;
constexpr std::size_t finding_bytes_max = 240;  // Three lines on a card; the source says where the rest is.

struct summary_answer {
  std::string summary;
};
BOOST_DESCRIBE_STRUCT(summary_answer, (), (summary))

/// "7d" counts back from `now`; a moment is a moment.
result<time_point> moment_of(const std::string& since, time_point now) {
  if (const auto moment = parse_time(since)) return *moment;
  if (const auto back = parse_duration(since)) return now - *back;
  return error{"bad_since", "since", "found '" + since + "'", "a time such as 7d, or a moment such as 2026-11-14T09:00:00Z"};
}

std::vector<finding> findings_of_commits(const json& answer, const research_settings& settings) {
  std::vector<finding> found;
  for (const auto& commit : answer.at("commits").as_array()) {
    if (commit.at("merge").as_bool()) continue;  // What it brings in has commits of its own.
    const auto subject = text_at(commit, "subject");
    const auto text = part_between(first_paragraph(text_at(commit, "body")), settings.commit_text_behind.value_or(""), settings.commit_text_before.value_or(""));
    found.push_back({subject, shorten(text, finding_bytes_max), "git:" + text_at(commit, "short") + " " + subject});
  }
  return found;
}

std::vector<finding> findings_of_notes(const json& answer) {
  std::vector<finding> found;
  for (const auto& file : answer.at("files").as_array())
    found.push_back({text_at(file, "title"), shorten(first_paragraph(text_at(file, "text")), finding_bytes_max), "files:" + text_at(file, "path")});
  return found;
}

std::vector<finding> joined(const researcher::state& self) {
  auto all = *self.commits;
  all.insert(all.end(), self.notes->begin(), self.notes->end());
  return all;
}

}  // namespace

std::vector<std::string> sources_of(const std::vector<finding>& findings) {
  std::vector<std::string> sources;
  for (const auto& f : findings) sources.push_back(f.source);
  return sources;
}

researcher::researcher(const role_brief& brief)
    : brief_(brief), settings_(from_json<research_settings>(brief.settings.is_object() ? brief.settings : json(boost::json::object{}))) {}

intents researcher::on(state& self, const step_started<research_request>& step) const {
  if (!settings_) return {give_up{"The settings of the role '" + brief_.role + "' don't fit: " + to_sentence(settings_.error())}};

  const auto since = moment_of(step.input.since.value_or(settings_->since.value_or(default_since)), step.at);
  if (!since) return {give_up{to_sentence(since.error())}};
  self.since = *since;

  const auto notes = step.input.notes.value_or(settings_->notes.value_or("notes"));
  const auto limit = step.input.limit.value_or(settings_->limit.value_or(default_limit));
  return {look_up{.action = "git.log", .with = {{"since", to_text(self.since)}, {"limit", limit}}, .tag = "commits"},
          look_up{.action = "files.list", .with = {{"folder", notes}, {"since", to_text(self.since)}, {"limit", limit}}, .tag = "notes"}};
}

intents researcher::on(state& self, const looked_up& found) const {
  if (found.tag == "commits") self.commits = findings_of_commits(found.answer, *settings_);
  if (found.tag == "notes") self.notes = findings_of_notes(found.answer);
  if (!self.commits || !self.notes) return {};

  const auto findings = joined(self);
  // Nothing happened: a model that is shown nothing invents something.
  if (findings.empty()) return {finish{research{self.since, {}, "Nothing new since " + to_text(self.since) + "."}}};
  return {ask_model{.with = {{"findings", findings}}, .tag = "summary"}};
}

intents researcher::on(state& self, const model_answered& answer) const {
  const auto findings = joined(self);
  return {finish{research{self.since, findings, answer.as<summary_answer>().summary}, sources_of(findings)}};
}

}  // namespace steward
