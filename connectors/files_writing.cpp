#include "connectors/files_writing.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "connectors/local_model_template.hpp"
#include "runtime/digest.hpp"
#include "runtime/visible_text.hpp"

namespace steward {
namespace {

constexpr std::size_t text_max = 500'000;  // bytes: a long contract has a tenth

json schema(std::string_view text) { return parse_json(text).value(); }

}  // namespace

action_manifest write_file_manifest() {
  action_manifest write;
  write.name = "files.write";
  write.summary = "Writes a Markdown file that is not there yet";
  write.repeats = effect_class::keyed;  // a file with these very bytes is this one
  write.risk = risk_kind::inside;
  write.undo = "files.remove";
  write.arguments = schema(R"({
    "type": "object", "additionalProperties": false, "required": ["path"],
    "properties": {
      "path": {"type": "string", "minLength": 4, "maxLength": 500, "description": "below the folder, such as contracts/ada.md"},
      "text": {"type": "string", "minLength": 1, "maxLength": 500000},
      "template": {"type": "string", "minLength": 1, "maxLength": 500000, "description": "instead of text: one with {{holes}}, such as files.read brings it"},
      "with": {"type": "object", "description": "what fills the holes"}
    }})");
  write.answer = schema(R"({
    "type": "object", "additionalProperties": false, "required": ["path", "digest", "text"],
    "properties": {"path": {"type": "string"}, "digest": {"type": "string"}, "text": {"type": "string"}}})");
  return write;
}

action_manifest remove_file_manifest() {
  action_manifest remove;
  remove.name = "files.remove";
  remove.summary = "Takes a Markdown file away that nobody has changed since it was written";
  remove.repeats = effect_class::keyed;  // what is gone stays gone
  remove.risk = risk_kind::inside;
  remove.undo = "none";
  remove.arguments = schema(R"({
    "type": "object", "additionalProperties": false, "required": ["path", "digest"],
    "properties": {"path": {"type": "string", "minLength": 4, "maxLength": 500}, "digest": {"type": "string", "minLength": 16, "maxLength": 128, "description": "of its bytes, as files.write answered it"}}})");
  remove.answer = schema(R"({
    "type": "object", "additionalProperties": false, "required": ["path", "removed"],
    "properties": {"path": {"type": "string"}, "removed": {"type": "boolean", "description": "false when there was no such file any more"}}})");
  return remove;
}

result<std::string> text_to_write(const json& arguments) {
  const auto* text = at_path(arguments, "text");
  const auto* holes = at_path(arguments, "template");
  if (!text == !holes) return error{"bad_text", "text", text ? "there are a text and a template" : "there is neither a text nor a template", "one of the two", ""};
  const auto given = text_at(arguments, text ? "text" : "template");
  if (given.size() > text_max) return error{"file_text_too_large", text ? "text" : "template", fmt::format("it has {} bytes", given.size()), fmt::format("at most {}", text_max), "Make it several files"};
  if (!is_utf8(given)) return error{"bad_text", text ? "text" : "template", "it is not valid UTF-8", "text", ""};
  std::string out = given;
  if (holes) {
    const auto* with = at_path(arguments, "with");
    const auto parsed = model_template::parse(given, "template");
    auto filled = parsed ? parsed->render(with && with->is_object() ? *with : json(boost::json::object{})) : result<std::string>(parsed.error());
    if (!filled) {
      auto e = filled.error();
      for (auto* part : {&e.where, &e.found, &e.expected, &e.advice}) *part = visible_line(front_of(*part, 300));
      return e;
    }
    if (filled->size() > text_max) return error{"file_text_too_large", "template", fmt::format("with its holes filled it has {} bytes", filled->size()), fmt::format("at most {}", text_max), "Make it several files"};
    out = std::move(*filled);
  }
  out = cleaned_text(out);
  if (out.empty()) return error{"bad_text", "text", "there is nothing in it", "text", ""};
  if (out.back() != '\n') out += '\n';
  return out;
}

result<file_receipt> file_writer::write(const file_text& what, const std::string& key) {
  const auto place = inside(root_, what.path);
  if (!place) return place.error();
  const auto draft = *place + ".tmp-" + key;  // named as what an atomic write leaves behind when the process dies
  const auto there = files_.read(*place);
  if (there && *there != what.text) return file_receipt{false, what.path + " is there already and says something else"};
  if (!there && there.error().code != "no_such_file") return there.error();
  if (!there) {
    if (auto r = files_.write(draft, what.text); !r) return r.error();
    const auto linked = files_.link(draft, *place);
    if (!linked && linked.error().code == "already_there") return linked.error();  // somebody was faster; the next try reads what is there
    begun_ = true;
    if (!linked) return linked.error();
  }
  begun_ = true;
  // The draft, and what the deaths of earlier processes left half-written beside it.
  const std::filesystem::path made = draft;
  for (const auto& name : files_.list(made.parent_path().string()))
    if (name.starts_with(made.filename().string()))
      if (auto r = files_.remove((made.parent_path() / name).string()); !r) return r.error();
  return file_receipt{true, {}};
}

result<file_receipt> file_writer::remove(const file_removal& what) {
  const auto place = inside(root_, what.path);
  if (!place) return place.error();
  const auto there = files_.read(*place);
  if (!there && there.error().code == "no_such_file") return file_receipt{};
  if (!there) return there.error();
  if (hex_digest(*there) != what.digest) return file_receipt{false, what.path + " was changed since it was written; look at it, and take it away by hand"};
  begun_ = true;
  if (auto r = files_.remove(*place); !r) return r.error();
  return file_receipt{true, {}};
}

}  // namespace steward
