#include "connectors/files.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "connectors/files_front_matter.hpp"
#include "connectors/files_writing.hpp"
#include "connectors/plain_key.hpp"
#include "runtime/digest.hpp"
#include "runtime/visible_text.hpp"

namespace steward {
namespace {
namespace fs = std::filesystem;

constexpr std::size_t file_max = 1'000'000;    // bytes; a note, not an archive
constexpr std::size_t list_text_max = 64'000;  // bytes of one text in a list; files.read gives the rest
constexpr std::size_t list_bytes_max = 2'000'000;
constexpr std::size_t looked_at_max = 5'000;   // files and folders of one list
constexpr int depth_max = 8;
constexpr std::int64_t limit_default = 100, limit_max = 500;

json schema(std::string_view text) { return parse_json(text).value(); }

struct list_question {
  std::optional<std::string> folder;
  std::optional<std::string> since;  // a day or a moment
  std::optional<std::int64_t> limit;
};
BOOST_DESCRIBE_STRUCT(list_question, (), (folder, since, limit))

struct read_question {
  std::string path;
};
BOOST_DESCRIBE_STRUCT(read_question, (), (path))

struct file_entry {
  std::string path;
  std::string title;
  json front_matter;
  std::string text;
  std::optional<std::string> trouble;  // what could not be read of it
  bool cut = false;                    // the text goes on; files.read gives it whole
};
BOOST_DESCRIBE_STRUCT(file_entry, (), (path, title, front_matter, text, trouble, cut))

struct file_list {
  std::vector<file_entry> files;
  std::int64_t total = 0;
  bool folder_found = true;
  bool complete = true;
};
BOOST_DESCRIBE_STRUCT(file_list, (), (files, total, folder_found, complete))

constexpr std::string_view file_schema = R"({"type": "object", "additionalProperties": false, "required": ["path", "title", "front_matter", "text", "cut"],
  "properties": {"path": {"type": "string"}, "title": {"type": "string"}, "front_matter": {"type": "object"}, "text": {"type": "string"},
                 "trouble": {"type": "string", "description": "why the front matter could not be read"}, "cut": {"type": "boolean", "description": "the text goes on; files.read gives it whole"}}})";

connector_manifest files_manifest() {
  connector_manifest m;
  m.name = "files";
  m.summary = "A folder of Markdown files";
  m.version = "1";
  m.settings = schema(R"({
    "type": "object", "additionalProperties": false,
    "properties": {
      "folder": {"type": "string", "minLength": 1, "description": "nothing outside of it is read; default the workspace itself"},
      "labels": {"type": "array", "maxItems": 2, "items": {"enum": ["untrusted", "private"]}, "description": "untrusted: others write there, too; private: customer records, finances; default: neither, you wrote them"}
    }})");
  action_manifest list;
  list.name = "files.list";
  list.summary = "The Markdown files of a folder and those below it, newest date first";
  list.repeats = effect_class::read_only;
  list.risk = risk_kind::none;
  list.arguments = schema(R"({
    "type": "object", "additionalProperties": false,
    "properties": {
      "folder": {"type": "string", "minLength": 1, "maxLength": 500, "description": "default: all"},
      "since": {"type": "string", "description": "a day or a moment; files whose front matter has an earlier date are left out"},
      "limit": {"type": "integer", "minimum": 1, "maximum": 500, "description": "default 100"}
    }})");
  list.answer = schema(R"({
    "type": "object", "additionalProperties": false, "required": ["files", "total", "folder_found", "complete"],
    "properties": {"total": {"type": "integer"}, "folder_found": {"type": "boolean"}, "complete": {"type": "boolean", "description": "false: there are more files than were looked at"},
                   "files": {"type": "array"}}})");
  list.answer.at("properties").at("files").as_object()["items"] = schema(file_schema);
  action_manifest read;
  read.name = "files.read";
  read.summary = "One Markdown file";
  read.repeats = effect_class::read_only;
  read.risk = risk_kind::none;
  read.arguments = schema(R"({
    "type": "object", "additionalProperties": false, "required": ["path"],
    "properties": {"path": {"type": "string", "minLength": 1, "maxLength": 500, "description": "below the folder, such as notes/launch.md"}}})");
  read.answer = schema(file_schema);
  m.actions = {std::move(list), std::move(read), write_file_manifest(), remove_file_manifest()};
  return m;
}

/// The same fence as `inside`, without a look at the disk: for `prepare`.
result<std::string> plain_path(std::string_view text, bool must_be_markdown) {
  const auto fail = [&](const char* code, std::string why) { return error{code, "path", "the path '" + visible_line(front_of(text, 80)) + "' " + why, "a path such as notes/launch.md", ""}; };
  if (text.find('\0') != text.npos) return fail("path_climbs_out", "holds a NUL byte");
  if (text.starts_with('/')) return fail("path_climbs_out", "is absolute");
  if (!is_utf8(text)) return fail("bad_file_path", "is not valid UTF-8");
  std::string out;
  for (std::size_t from = 0; from < text.size();) {
    const auto end = std::min(text.find('/', from), text.size());
    const auto part = text.substr(from, end - from);
    from = end + 1;
    if (part == "..") return fail("path_climbs_out", "climbs out");
    if (part.empty() || part == ".") continue;
    if (part.front() == '.') return fail("bad_file_path", "is hidden");
    out += (out.empty() ? "" : "/") + std::string(part);
  }
  if (must_be_markdown && !out.ends_with(".md")) return fail("bad_file_path", "is no Markdown file");
  return out;
}

result<std::string> moment_text(const std::string& since) {
  if (since.size() == 10 && parse_time(since + "T00:00:00Z")) return since;
  if (const auto moment = parse_time(since)) return to_text(*moment).substr(0, 10);
  return error{"bad_time", "since", "found '" + visible_line(front_of(since, 60)) + "'", "a day such as 2026-11-23, or a moment such as 2026-11-23T09:30:00Z", ""};
}

std::string date_of(const file_entry& file) {
  auto date = text_at(file.front_matter, "date").substr(0, 10);
  return date.size() == 10 && parse_time(date + "T00:00:00Z") ? date : std::string();
}

/// Neither a pipe, which would never end, nor a device; what only a test's disk knows passes.
bool may_be_read(const std::string& path) {
  std::error_code ec;
  const auto kind = fs::symlink_status(path, ec).type();
  return kind == fs::file_type::regular || kind == fs::file_type::not_found;
}

class folder_reader {
public:
  folder_reader(disk& files, const std::string& root) : files_(files), root_(root) {}

  result<file_entry> file(const std::string& path) {
    const auto place = inside(root_, path);
    if (!place) return place.error();
    if (!may_be_read(*place)) return error{"bad_file_path", path, "this is no plain file", "a Markdown file", ""};
    const auto size = files_.size(*place);
    if (!size) return size.error();
    if (*size > file_max) return error{"note_too_large", path, fmt::format("the file has {} bytes", *size), fmt::format("at most {}", file_max), "Split it into notes that someone reads"};
    const auto bytes = files_.read(*place);
    if (!bytes) return bytes.error();
    auto note = read_markdown_note(*bytes);
    file_entry out{.path = path, .title = std::move(note.title), .front_matter = std::move(note.front_matter), .text = std::move(note.text)};
    if (!note.trouble.empty()) out.trouble = std::move(note.trouble);
    if (out.title.empty()) out.title = fs::path(path).stem().string();
    return out;
  }

  result<file_list> list(const list_question& asked) {
    file_list out;
    const auto folder = asked.folder.value_or("");
    if (!folder.empty()) {
      const auto place = inside(root_, folder);
      if (!place) return place.error();
      out.folder_found = files_.is_folder(*place);
    } else {
      out.folder_found = files_.is_folder(root_ + "/");
    }
    std::vector<std::string> paths;
    collect(folder, 0, paths, out.complete);
    std::vector<file_entry> all;
    std::size_t bytes = 0;
    for (const auto& path : paths) {
      auto one = file(path);
      if (!one) {
        // One bad file must not hide the others, but it must not be missed either. A disk in trouble is another matter.
        if (one.error().code == "no_such_file") continue;
        if (one.error().code != "note_too_large" && one.error().code != "bad_file_path" && one.error().code != "path_climbs_out") return one.error();
        all.push_back({.path = path, .title = fs::path(path).stem().string(), .front_matter = boost::json::object{}, .trouble = to_sentence(one.error())});
        continue;
      }
      if (const auto date = date_of(*one); asked.since && !date.empty() && date < *asked.since) continue;
      if (one->text.size() > list_text_max) {
        one->text = front_of(one->text, list_text_max);
        one->cut = true;
      }
      all.push_back(std::move(*one));
    }
    // By the date that the file carries, not by the disk's: a clone would change the order. Those without a date come last.
    std::stable_sort(all.begin(), all.end(), [](const file_entry& a, const file_entry& b) {
      const auto x = date_of(a), y = date_of(b);
      return x != y ? x > y : a.path < b.path;
    });
    out.total = std::int64_t(all.size());
    const auto most = std::size_t(std::clamp<std::int64_t>(asked.limit.value_or(limit_default), 1, limit_max));
    for (auto& one : all) {
      bytes += one.text.size();
      if (out.files.size() == most || bytes > list_bytes_max) break;
      out.files.push_back(std::move(one));
    }
    return out;
  }

private:
  void collect(const std::string& folder, int depth, std::vector<std::string>& paths, bool& complete) {
    const auto place = folder.empty() ? result<std::string>(root_ + "/") : inside(root_, folder);
    if (!place) return;  // a symbolic link
    if (depth > depth_max) {
      complete = false;
      return;
    }
    for (const auto& name : files_.list(*place)) {
      if (name.empty() || name.front() == '.' || !is_utf8(name) || hides_something(name)) continue;
      if (++looked_at_ > looked_at_max) {
        complete = false;
        return;
      }
      const auto path = folder.empty() ? name : folder + "/" + name;
      const auto inner = inside(root_, path);
      if (!inner) continue;
      if (name.ends_with(".md") && !files_.is_folder(*inner)) paths.push_back(path);
      else if (files_.is_folder(*inner)) collect(path, depth + 1, paths, complete);
    }
  }

  disk& files_;
  const std::string& root_;
  std::size_t looked_at_ = 0;
};

class files final : public connector {
public:
  files(std::string root, labels of_what_is_read) : root_(std::move(root)) {
    for (auto& action : manifest_.actions)
      if (action.repeats == effect_class::read_only) action.answer_labels = of_what_is_read;
  }

  const connector_manifest& manifest() const override { return manifest_; }

  result<request> prepare(const action_call& call, const effect_mark& mark) const override {
    if (call.action == "files.list") {
      auto asked = from_json<list_question>(call.arguments);
      if (!asked) return asked.error();
      if (asked->folder) {
        auto path = plain_path(*asked->folder, false);
        if (!path) return path.error();
        asked->folder = std::move(*path);
      }
      if (asked->since) {
        auto day = moment_text(*asked->since);
        if (!day) return day.error();
        asked->since = std::move(*day);
      }
      return request{.action = call.action, .key = mark.key, .bytes = to_json_text(*asked), .preview = "List the Markdown files" + (asked->folder && !asked->folder->empty() ? " of " + visible_line(front_of(*asked->folder, 500)) : std::string())};
    }
    if (call.action == "files.read") {
      auto asked = from_json<read_question>(call.arguments);
      if (!asked) return asked.error();
      auto path = plain_path(asked->path, true);
      if (!path) return path.error();
      asked->path = std::move(*path);
      return request{.action = call.action, .key = mark.key, .bytes = to_json_text(*asked), .preview = "Read " + visible_line(front_of(asked->path, 500))};
    }
    if (call.action == "files.write" || call.action == "files.remove") return prepare_change(call, mark);
    return error{"unknown_action", call.action, "files has no such action", "files.list, files.read, files.write or files.remove", ""};
  }

  answer perform(const request& what, outside& out) override {
    if (what.action == "files.write" || what.action == "files.remove") return perform_change(what, out);
    folder_reader reader(out.files, root_);
    if (what.action == "files.list") {
      const auto asked = from_json_text<list_question>(what.bytes);
      if (!asked) return {.nothing_sent = true, .trouble = asked.error()};
      const auto list = reader.list(*asked);
      if (!list) return {.nothing_sent = true, .trouble = list.error()};
      return {.complete = true, .bytes = to_json_text(*list)};
    }
    const auto asked = from_json_text<read_question>(what.bytes);
    if (!asked) return {.nothing_sent = true, .trouble = asked.error()};
    const auto file = reader.file(asked->path);
    if (!file) return {.nothing_sent = true, .trouble = file.error()};
    return {.complete = true, .bytes = to_json_text(*file)};
  }

  outcome read(const request& what, const answer& came_back) const override {
    if (what.action == "files.write" || what.action == "files.remove") return read_change(what, came_back);
    if (!came_back.complete) {
      const auto& code = came_back.trouble.code;
      const bool for_good = code == "no_such_file" || code == "note_too_large" || code == "bad_file_path" || code == "path_climbs_out";
      return {.kind = for_good ? outcome_kind::refused : outcome_kind::failed, .sentence = code.empty() ? "the answer was lost" : visible_line(to_sentence(came_back.trouble))};
    }
    if (what.action == "files.list") {
      const auto list = from_json_text<file_list>(came_back.bytes);
      if (!list) return unreadable();
      return {.kind = outcome_kind::confirmed, .answer = to_json(*list), .sentence = fmt::format("{} of {} files", list->files.size(), list->total)};
    }
    const auto file = from_json_text<file_entry>(came_back.bytes);
    if (!file || !file->front_matter.is_object()) return unreadable();
    return {.kind = outcome_kind::confirmed, .answer = to_json(*file), .sentence = "read " + visible_line(file->path)};
  }

private:
  result<request> prepare_change(const action_call& call, const effect_mark& mark) const {
    if (!is_plain_key(mark.key)) return error{"bad_effect_key", "", "the effect key is '" + visible_line(mark.key) + "'", "lower-case letters and digits", ""};
    const auto path = plain_path(text_at(call.arguments, "path"), true);
    if (!path) return path.error();
    if (path->size() > 500) return error{"bad_file_path", "path", fmt::format("the path has {} bytes", path->size()), "at most 500", ""};
    request out{.action = call.action, .key = mark.key, .recipients = {"files:" + visible_line(*path)}};
    if (call.action == "files.remove") {
      out.bytes = to_json_text(file_removal{*path, visible_line(front_of(text_at(call.arguments, "digest"), 128))});
      out.preview = "Take away " + visible_line(*path) + ", if nobody has changed it";
      return out;
    }
    auto text = text_to_write(call.arguments);
    if (!text) return text.error();
    out.preview = fmt::format("Write {}\n\n{}", visible_line(*path), first_lines(visible_text(*text), 12, 300));
    out.bytes = to_json_text(file_text{*path, std::move(*text)});
    return out;
  }

  answer perform_change(const request& what, outside& out) {
    file_writer writer(out.files, root_);
    const auto receipt = [&]() -> result<file_receipt> {
      if (!is_plain_key(what.key)) return error{"bad_effect_key", "", "the effect key is no plain word", "", ""};
      if (what.action == "files.write") {
        const auto text = from_json_text<file_text>(what.bytes);
        return text ? writer.write(*text, what.key) : result<file_receipt>(text.error());
      }
      const auto removal = from_json_text<file_removal>(what.bytes);
      return removal ? writer.remove(*removal) : result<file_receipt>(removal.error());
    }();
    if (receipt) return {.complete = true, .bytes = to_json_text(*receipt)};
    if (receipt.error().code == "path_climbs_out") return {.complete = true, .bytes = to_json_text(file_receipt{false, to_sentence(receipt.error())})};
    return {.nothing_sent = writer.untouched(), .trouble = receipt.error()};
  }

  static outcome read_change(const request& what, const answer& came_back) {
    if (!came_back.complete) {
      const auto why = came_back.trouble.code.empty() ? std::string("the answer was lost") : visible_line(to_sentence(came_back.trouble));
      if (came_back.nothing_sent) return {.kind = outcome_kind::failed, .sentence = "no file was changed: " + why};
      return {.kind = outcome_kind::in_doubt, .sentence = "the file may have been changed; a repeat finds out: " + why};
    }
    const auto receipt = from_json_text<file_receipt>(came_back.bytes);
    if (!receipt) return {.kind = outcome_kind::in_doubt, .sentence = "the folder gave an answer that can't be read"};
    if (!receipt->refusal.empty()) return {.kind = outcome_kind::refused, .sentence = visible_line(receipt->refusal)};
    if (what.action == "files.write") {
      const auto text = from_json_text<file_text>(what.bytes);
      if (!text || !receipt->done) return {.kind = outcome_kind::in_doubt, .sentence = "the folder gave an answer that can't be read"};
      const auto digest = hex_digest(text->text);
      return {.kind = outcome_kind::confirmed, .answer = {{"path", text->path}, {"digest", digest}, {"text", text->text}}, .sentence = "written as " + visible_line(text->path),
              .undo = action_call{"files.remove", {{"path", text->path}, {"digest", digest}}}};
    }
    const auto removal = from_json_text<file_removal>(what.bytes);
    if (!removal) return {.kind = outcome_kind::in_doubt, .sentence = "the folder gave an answer that can't be read"};
    return {.kind = outcome_kind::confirmed, .answer = {{"path", removal->path}, {"removed", receipt->done}}, .sentence = visible_line(removal->path) + (receipt->done ? " is gone" : " was gone already")};
  }

  static outcome unreadable() { return {.kind = outcome_kind::failed, .sentence = "the files came back in a form that can't be read"}; }

  std::string root_;
  connector_manifest manifest_ = files_manifest();
};

std::unique_ptr<connector> make_files(const json& settings, const std::string& workspace) {
  const fs::path folder = text_at(settings, "folder", ".");
  auto root = (folder.is_absolute() ? folder : workspace / folder).lexically_normal().string();
  while (root.size() > 1 && root.back() == '/') root.pop_back();
  labels marks = 0;
  if (const auto* said = at_path(settings, "labels"); said && said->is_array())
    for (const auto& label : said->get_array()) marks |= label == "private" ? label_private : label_untrusted;
  return std::make_unique<files>(std::move(root), marks);
}

}  // namespace

connector_entry files_entry() { return {"files", files_manifest(), make_files}; }

}  // namespace steward
