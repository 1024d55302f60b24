/// `steward modify APPROVAL FIELD=VALUE`: changes what an effect would do; it is prepared, judged and digested again.
#include <cstdlib>
#include <filesystem>

#include <sys/wait.h>
#include <unistd.h>

#include "config/shape.hpp"
#include "console/cards.hpp"
#include "console/commands.hpp"
#include "console/invocation.hpp"

namespace steward {
namespace {

/// The effect that is meant, out of the approval's view.
result<json> effect_meant(const json& approval, const std::string& wanted) {
  const auto& effects = approval.at("effects").as_array();
  std::string names;
  for (const auto& e : effects) {
    if (text_at(e, "effect") == wanted || (wanted.empty() && effects.size() == 1)) return e;
    names += (names.empty() ? "" : ", ") + text_at(e, "effect");
  }
  return error{"which_effect", text_at(approval, "approval"), wanted.empty() ? "it covers " + std::to_string(effects.size()) + " effects" : "it does not cover '" + wanted + "'", "--effect, one of " + names,
               "'steward show " + text_at(approval, "approval") + "' shows them"};
}

bool on_path(const std::string& program) {
  const char* path = std::getenv("PATH");
  for (std::string_view rest = path ? path : ""; !rest.empty();) {
    const auto colon = rest.find(':');
    if (::access((std::string(rest.substr(0, colon)) + "/" + program).c_str(), X_OK) == 0) return true;
    rest = colon == std::string_view::npos ? std::string_view{} : rest.substr(colon + 1);
  }
  return false;
}

/// $VISUAL, $EDITOR, or what Debian calls the editor of this machine; empty: there is none.
std::string editor_of_choice() {
  for (const auto* name : {"VISUAL", "EDITOR"})
    if (const char* said = std::getenv(name); said && *said) return said;
  return on_path("editor") ? "editor" : on_path("vi") ? "vi" : "";
}

/// Lets an editor work on the arguments as JSON; the changed members.
result<json> edited(const json& arguments, const std::string& folder) {
  const auto editor = editor_of_choice();
  if (editor.empty()) return error{"no_editor", "steward modify --edit", "neither VISUAL nor EDITOR is set, and there is no 'editor' on the PATH", "the name of an editor", "For example: EDITOR=nano steward modify …, or name the fields: FIELD=VALUE"};
  const auto path = folder + "/modify-" + std::to_string(::getpid()) + ".json";
  auto files = make_system_disk();
  std::string text = "{";
  for (const auto& pair : arguments.as_object()) text += (text.size() == 1 ? "\n  " : ",\n  ") + canonical(json(pair.key())) + ": " + canonical(pair.value());
  if (auto w = files->write(path, text + "\n}\n"); !w) return w.error();
  ::setenv("STEWARD_EDITS", path.c_str(), 1);  // so that the shell takes no letter of the path for its own
  const int ended = std::system((editor + " \"$STEWARD_EDITS\"").c_str());  // as git does: EDITOR may hold options
  const auto back = files->read(path);
  (void)files->remove(path);
  if (ended != 0 || !back) return error{"no_editor", editor, "the editor ended with an error", "", "Nothing was changed"};
  const auto after = parse_json(*back);
  if (!after) return after.error();
  if (!after->is_object()) return error{"bad_input", "the edited file", "it is no map any more", "the arguments as a map", "Nothing was changed"};
  boost::json::object changes;
  for (const auto& pair : after->get_object())
    if (const auto* old_value = arguments.get_object().if_contains(pair.key()); !old_value || *old_value != pair.value()) changes[pair.key()] = pair.value();
  for (const auto& pair : arguments.get_object())
    if (!after->get_object().contains(pair.key())) changes[pair.key()] = nullptr;
  return json(std::move(changes));
}

/// `schema`: of the action's arguments, null where nobody describes them.
result<json> change_of(const arguments& given, const json& before, const json& schema) {
  boost::json::object changes;
  for (const auto& pair : given.all("CHANGE")) {
    const auto equals = pair.find('=');
    if (equals == 0 || equals == std::string::npos) return error{"bad_input", "steward modify", "found '" + pair + "'", "FIELD=VALUE", ""};
    const auto field = pair.substr(0, equals);
    auto text = pair.substr(equals + 1);
    if (text.starts_with("@")) {
      auto read = make_system_disk()->read(text.substr(1));
      if (!read) return read.error();
      text = *read;
    }
    // A text stays a text, whatever it looks like; other values are JSON. Where the action does not say, what was there before does.
    const auto* old_value = before.is_object() ? before.get_object().if_contains(field) : nullptr;
    const auto wanted = kind_of_shape(member_of(shape::of(schema), field).what);
    const bool is_text = wanted.empty() ? old_value && old_value->is_string() : wanted == "a text";
    const auto parsed = parse_json(text);
    changes[field] = is_text || !parsed ? json(text) : *parsed;
  }
  return json(std::move(changes));
}

int act(const arguments& given, invocation& s) {
  const auto id = given.text("APPROVAL");
  const json look = boost::json::object{{"do", "view"}, {"view", "approval"}, {"approval", id}};
  const auto before = s.ask(look, access::reads);
  if (!before) return s.fail(before.error());
  const auto effect = effect_meant(*before, given.text("--effect"));
  if (!effect) return s.fail(effect.error());
  const auto name = text_at(*effect, "effect");
  const auto& old_arguments = effect->at("arguments");
  const auto known = known_of(s.known);
  const auto* action = find_action(known, text_at(*effect, "action"));
  const json schema = action ? action->arguments : json(nullptr);
  const auto changes = given.has("--edit") ? edited(old_arguments, state_folder(*s.workspace())) : change_of(given, old_arguments, schema);
  if (!changes) return s.fail(changes.error());
  const auto outcome = s.ask(boost::json::object{{"do", "modify"}, {"approval", id}, {"effect", name}, {"changes", *changes}}, access::changes);
  if (!outcome) return s.fail(outcome.error());
  const auto after = s.ask(look, access::reads);
  if (!after) return s.fail(after.error());
  const auto now_effect = effect_meant(*after, name);
  if (!now_effect) return s.fail(now_effect.error());
  if (s.asked.as_json) {
    s.print_json(boost::json::object{{"approval", id}, {"effect", name}, {"before", old_arguments}, {"after", now_effect->at("arguments")}, {"digest", text_at(*after, "digest")}});
    return invocation::done();
  }
  s.print("Changed " + name + ". The question is still open:\n" + arguments_diff(old_arguments, now_effect->at("arguments"), s.out));
  s.print("  " + s.out.dim("digest " + text_at(*before, "digest").substr(0, 16) + " -> ") + text_at(*after, "digest").substr(0, 16) + "\n");
  s.note("Next:\n  steward show " + id + "\n  steward approve " + id);
  return invocation::done();
}

}  // namespace

command modify_command() {
  return {.name = "modify",
          .group = "Decide",
          .summary = "Changes what a card asks about; it is checked and prepared again",
          .details = "The question stays open: approve it afterwards. A change is judged like a new proposal, and what you approve then is exactly what leaves.",
          .examples = {"steward modify apr-1 subject=\"News in May\"", "steward modify apr-1 --effect eff-3 body=@letter.txt", "steward modify apr-1 --edit"},
          .words = {{"APPROVAL", "", "its name, such as apr-1", word::count::required, {}, false},
                    {"CHANGE", "", "FIELD=VALUE, as many as you like; FIELD=@FILE reads the value from a file", word::count::many, {}, false},
                    {"--effect", "EFFECT", "which one, where the card covers several", word::count::optional, {}, false},
                    {"--edit", "", "change the arguments in an editor: $VISUAL, $EDITOR or the machine's", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
