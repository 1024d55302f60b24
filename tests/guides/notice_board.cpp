#include "tests/guides/notice_board.hpp"

#include <algorithm>

#include "runtime/visible_text.hpp"

namespace steward {
namespace {

constexpr std::size_t text_max = 2'000;  // bytes: a note, not a letter

// What the bytes of a request say. Described, so that reading and writing it is one call each.
struct pinned {
  std::string note;  // the effect key of the pin: it names the note for ever
  std::string text;
};
BOOST_DESCRIBE_STRUCT(pinned, (), (note, text))

json schema_from(std::string_view text) { return parse_json(text).value(); }

connector_manifest board_manifest() {
  connector_manifest m;
  m.name = "board";
  m.summary = "A board with notes, as a folder of text files";
  m.version = "1";
  m.settings = schema_from(R"({"type": "object", "additionalProperties": false,
    "properties": {"folder": {"type": "string", "minLength": 1, "description": "default board"}}})");

  action_manifest pin;
  pin.name = "board.pin";
  pin.summary = "Pins a note to the board";
  pin.repeats = effect_class::queryable;  // a note bears its effect key, so we can look whether it hangs there
  pin.risk = risk_kind::inside;
  pin.undo = "board.unpin";
  pin.arguments = schema_from(R"({"type": "object", "additionalProperties": false, "required": ["text"],
    "properties": {"text": {"type": "string", "minLength": 1, "maxLength": 2000}}})");
  pin.answer = schema_from(R"({"type": "object", "additionalProperties": false, "required": ["note"],
    "properties": {"note": {"type": "string"}}})");

  action_manifest unpin;
  unpin.name = "board.unpin";
  unpin.summary = "Takes a note off the board";
  unpin.repeats = effect_class::keyed;  // taking off what is gone changes nothing, however often
  unpin.risk = risk_kind::inside;
  unpin.arguments = schema_from(R"({"type": "object", "additionalProperties": false, "required": ["note"],
    "properties": {"note": {"type": "string", "minLength": 1, "maxLength": 64}}})");
  unpin.answer = pin.answer;

  m.actions = {std::move(pin), std::move(unpin)};
  return m;
}

// A note's name becomes a file's name: nothing but what an effect key can hold.
bool is_note_name(std::string_view name) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), plain);
}

error no_name(const char* code, std::string_view found) {
  return {code, "the board", "found '" + visible_line(front_of(found, 60)) + "'", "lower-case letters and digits"};
}

class notice_board final : public connector {
public:
  explicit notice_board(std::string folder) : folder_(std::move(folder)) {}

  const connector_manifest& manifest() const override { return manifest_; }

  result<request> prepare(const action_call& call, const effect_mark& mark) const override {
    if (!find_action(manifest_, call.action)) return error{"unknown_action", call.action, "the board can't do this", "pin or unpin"};
    if (!is_note_name(mark.key)) return no_name("bad_effect_key", mark.key);
    request made{.action = call.action, .key = mark.key};
    if (call.action == "board.unpin") {
      const auto note = text_at(call.arguments, "note");
      if (!is_note_name(note)) return no_name("bad_name", note);
      made.bytes = to_json_text(pinned{note, ""});
      made.recipients = {"board:" + note};
      made.preview = "Take the note " + note + " off the board";
      return made;
    }
    const auto text = text_at(call.arguments, "text");
    if (text.empty() || text.size() > text_max) return error{"bad_text", "text", "it is too short or too long", "1 to 2000 bytes"};
    if (hides_something(text)) return error{"bad_text", "text", "it holds characters that nobody can see", "plain text"};
    made.bytes = to_json_text(pinned{mark.key, text});
    made.recipients = {"board:" + mark.key};
    made.preview = "Pin to the board:\n" + text;
    return made;
  }

  answer perform(const request& what, outside& out) override {
    const auto asked = from_json_text<pinned>(what.bytes).value();
    const auto path = path_of(asked);
    const auto done = what.action == "board.pin" ? out.files.write(path, asked.text + "\n") : out.files.remove(path);
    if (!done) return {.trouble = done.error()};  // not complete, and nobody says that nothing happened: in doubt
    return {.complete = true, .bytes = "done"};
  }

  answer look_up(const request& what, outside& out) override {
    const auto there = out.files.read(path_of(from_json_text<pinned>(what.bytes).value()));
    if (!there && there.error().code != "no_such_file") return {.looked_up = true, .trouble = there.error()};
    return {.looked_up = true, .complete = true, .bytes = there ? "done" : "absent"};
  }

  outcome read(const request& what, const answer& came_back) const override {
    if (!came_back.complete) {
      const auto kind = came_back.nothing_sent ? outcome_kind::failed : outcome_kind::in_doubt;
      return {.kind = kind, .sentence = "the board did not answer: " + to_sentence(came_back.trouble)};
    }
    if (came_back.bytes == "absent") return {.kind = outcome_kind::failed, .sentence = "the note does not hang there"};
    const auto asked = from_json_text<pinned>(what.bytes);
    if (came_back.bytes != "done" || !asked)
      return {.kind = outcome_kind::in_doubt, .sentence = "the board gave an answer that makes no sense"};
    outcome said{.kind = outcome_kind::confirmed, .answer = {{"note", asked->note}}};
    if (what.action == "board.pin") {
      said.sentence = "pinned as " + asked->note;
      said.undo = action_call{"board.unpin", {{"note", asked->note}}};
    } else {
      said.sentence = "took " + asked->note + " off";
    }
    return said;
  }

private:
  std::string path_of(const pinned& p) const { return folder_ + "/" + p.note + ".txt"; }

  std::string folder_;
  connector_manifest manifest_ = board_manifest();
};

}  // namespace

connector_entry notice_board_entry() {
  const auto make = [](const json& settings, const std::string& workspace) -> std::unique_ptr<connector> {
    const auto folder = inside(workspace, text_at(settings, "folder", "board"));
    if (!folder) throw error_thrown(folder.error());
    return std::make_unique<notice_board>(*folder);
  };
  return {"board", board_manifest(), make};
}

}  // namespace steward
