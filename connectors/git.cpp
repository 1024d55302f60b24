#include "connectors/git.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "connectors/git_history.hpp"
#include "runtime/visible_text.hpp"

namespace steward {
namespace {

constexpr std::size_t paths_max = 20;

json schema(std::string_view text) { return parse_json(text).value(); }

connector_manifest git_manifest() {
  connector_manifest m;
  m.name = "git";
  m.summary = "The history of a git repository";
  m.version = "1";
  m.settings = schema(R"({
    "type": "object", "additionalProperties": false,
    "properties": {"repository": {"type": "string", "minLength": 1, "description": "its folder, bare or not; default the workspace itself"}}})");
  action_manifest log;
  log.name = "git.log";
  log.summary = "The commits of a time span, newest first, with what they changed";
  log.repeats = effect_class::read_only;
  log.risk = risk_kind::none;
  log.answers_within = std::chrono::minutes{1};
  log.answer_labels = label_untrusted;  // anyone who may commit writes these texts
  log.arguments = schema(R"({
    "type": "object", "additionalProperties": false,
    "properties": {
      "since": {"type": "string", "description": "a moment such as 2026-11-14T09:00:00Z"},
      "until": {"type": "string", "description": "a moment; default: no end"},
      "limit": {"type": "integer", "minimum": 1, "maximum": 500, "description": "default 50"},
      "paths": {"type": "array", "maxItems": 20, "items": {"type": "string", "minLength": 1, "maxLength": 500}, "description": "only commits that change one of these files or folders"}
    }})");
  log.answer = schema(R"({
    "type": "object", "additionalProperties": false, "required": ["commits", "branch", "total", "complete"],
    "properties": {
      "branch": {"type": "string"},
      "total": {"type": "integer", "description": "commits that fit, returned or not"},
      "complete": {"type": "boolean", "description": "false: the history is longer than what was looked through"},
      "commits": {"type": "array", "items": {"type": "object", "additionalProperties": false,
        "required": ["id", "short", "author", "when", "subject", "body", "merge", "files_changed"],
        "properties": {"id": {"type": "string"}, "short": {"type": "string"}, "author": {"type": "string"}, "when": {"type": "string"}, "subject": {"type": "string"},
                       "body": {"type": "string"}, "merge": {"type": "boolean"}, "files_changed": {"type": "integer"}, "insertions": {"type": "integer"}, "deletions": {"type": "integer"}}}}
    }})");
  m.actions.push_back(std::move(log));
  return m;
}

/// A path as git names it: from the repository's root, with '/' and without "." or "..".
result<std::string> git_path(std::string_view text) {
  const auto fail = [&](std::string why, const char* code = "path_climbs_out") { return error{code, "paths", "the path '" + visible_line(front_of(text, 80)) + "' " + why, "a path inside the repository, such as runtime/journal", ""}; };
  if (text.find('\0') != text.npos) return fail("holds a NUL byte");
  if (text.starts_with('/')) return fail("is absolute");
  if (!is_utf8(text)) return fail("is not valid UTF-8", "bad_file_path");
  std::string out;
  for (std::size_t from = 0; from < text.size();) {
    const auto end = std::min(text.find('/', from), text.size());
    const auto part = text.substr(from, end - from);
    if (part == "..") return fail("climbs out");
    if (!part.empty() && part != ".") out += (out.empty() ? "" : "/") + std::string(part);
    from = end + 1;
  }
  if (out.empty()) return fail("names nothing", "bad_file_path");
  return out;
}

class git final : public connector {
public:
  explicit git(std::string repository) : repository_(std::move(repository)) {}

  const connector_manifest& manifest() const override {
    static const connector_manifest m = git_manifest();
    return m;
  }

  result<request> prepare(const action_call& call, const effect_mark& mark) const override {
    if (call.action != "git.log") return error{"unknown_action", call.action, "git has no such action", "git.log", ""};
    auto asked = from_json<git_question>(call.arguments);
    if (!asked) {
      auto e = asked.error();
      e.found = visible_line(front_of(e.found, 200));
      return e;
    }
    if (asked->paths.size() > paths_max) return error{"bad_file_path", "paths", fmt::format("there are {} paths", asked->paths.size()), fmt::format("at most {}", paths_max), ""};
    for (auto& path : asked->paths) {
      auto clean = git_path(path);
      if (!clean) return clean.error();
      path = std::move(*clean);
    }
    std::string preview = "Read the history";
    if (asked->since) preview += " since " + to_text(*asked->since);
    if (asked->until) preview += " until " + to_text(*asked->until);
    for (const auto& path : asked->paths) preview += "\nof " + visible_line(front_of(path, 200));
    return request{.action = call.action, .key = mark.key, .bytes = to_json_text(*asked), .preview = preview};
  }

  answer perform(const request& what, outside&) override {
    const auto asked = from_json_text<git_question>(what.bytes);
    if (!asked) return {.nothing_sent = true, .trouble = asked.error()};
    const auto log = read_git_log(repository_, *asked);
    if (!log) return {.nothing_sent = true, .trouble = log.error()};
    return {.complete = true, .bytes = to_json_text(*log)};
  }

  outcome read(const request&, const answer& came_back) const override {
    if (!came_back.complete) {
      const auto& code = came_back.trouble.code;
      const bool for_good = code == "no_repository" || code == "repository_unreadable";
      return {.kind = for_good ? outcome_kind::refused : outcome_kind::failed, .sentence = code.empty() ? "the answer was lost" : visible_line(to_sentence(came_back.trouble))};
    }
    const auto log = from_json_text<git_log>(came_back.bytes);
    if (!log) return {.kind = outcome_kind::failed, .sentence = "the history came back in a form that can't be read"};
    return {.kind = outcome_kind::confirmed, .answer = to_json(*log), .sentence = fmt::format("{} of {} commits", log->commits.size(), log->total)};
  }

private:
  std::string repository_;
};

std::unique_ptr<connector> make_git(const json& settings, const std::string& workspace) {
  const std::filesystem::path repository = text_at(settings, "repository", ".");
  return std::make_unique<git>((repository.is_absolute() ? repository : workspace / repository).lexically_normal().string());
}

}  // namespace

connector_entry git_entry() { return {"git", git_manifest(), make_git}; }

}  // namespace steward
