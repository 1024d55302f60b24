/// The rows of the conformance table that are about bad faith: wrong arguments, hostile texts, garbage for answers.
#include <filesystem>

#include "connectors/conformance_bench.hpp"
#include "runtime/visible_text.hpp"
#include "runtime/schema/schema.hpp"

namespace steward {
namespace fs = std::filesystem;

namespace {

struct hostile_text {
  const char* title;
  std::string text;
};

const std::vector<hostile_text>& hostile_texts() {
  static const std::vector<hostile_text> all = {
      {"a second header", "x\r\nBcc: eve@example.com"},
      {"a line break", "x\ny"},
      {"a line that ends the event", "x\r\nEND:VEVENT\r\nBEGIN:VEVENT"},
      {"a path that climbs out", "../../../../../../../../tmp/steward-climbed-out"},
      {"an absolute path", "/tmp/steward-climbed-out"},
      {"a path with a way out in the middle", "a/../../../b"},
      {"a hidden file", ".git/config"},
      {"a NUL", std::string("a\0.html", 7)},
      {"a terminal's escape", "\x1b[2J\x1b]0;owned\x07"},
      {"bidirectional overrides", "\u202Eexe.fdp\u202C"},
      {"invisible characters", "pay\u200B\u2060pal\U000E0041"},
      {"broken UTF-8", "\xff\xfe\xc3\x28"},
      {"a script", "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"},
      {"shell and template syntax", "$(touch /tmp/steward-climbed-out) `id` ${x} {{x}} %s%n"},
      {"an option for a program", "--upload-pack=touch /tmp/steward-climbed-out"},
      {"nothing at all", ""},
      {"a blank", " "},
      {"three million letters", std::string(3'000'000, 'x')},
  };
  return all;
}

/// Calls f(copy with one text replaced, path) for each text in the value.
void with_each_text(const json& whole, const std::string& instead, const std::function<void(const json&, const std::string&)>& f) {
  json copy = whole;
  const std::function<void(json&, const std::string&)> walk = [&](json& here, const std::string& path) {
    if (here.is_string()) {
      const json kept = here;
      here = json(instead);
      f(copy, path);
      here = kept;
    } else if (auto* list = here.if_array()) {
      for (std::size_t i = 0; i < list->size(); ++i) walk((*list)[i], path + "[" + std::to_string(i) + "]");
    } else if (auto* object = here.if_object()) {
      for (auto& pair : *object) walk(pair.value(), (path.empty() ? "" : path + ".") + std::string(pair.key()));
    }
  };
  walk(copy, "");
}

bool fits(const json& source, const json& value) {
  const auto rules = schema::parse(source);
  return rules && rules->check(value);
}

/// Prepares what hostile arguments ask for, and if that is let through, does it on a disk that is watched.
void try_hostile_call(conformance_bench& bench, const action_call& call, const std::string& title, const effect_mark& mark = conformance_mark) {
  const std::string promise = "hostile arguments are harmless";
  const auto at = " (" + title + ")";
  try {
    const auto c = bench.again();
    const auto made = c->prepare(call, mark);
    if (!made) {
      bench.note(made.error());
      bench.check(!made.error().code.empty() && !made.error().found.empty(), call.action, promise, "it was refused without a reason" + at);
      bench.check(!hides_something(to_sentence(made.error())), call.action, promise, "the refusal itself carries hidden characters" + at);
      return;
    }
    bench.check(is_utf8(made->bytes), call.action, promise, "the bytes are not valid UTF-8" + at);
    bench.check(!hides_something(made->preview) && made->preview.size() < 20'000, call.action, promise, "the preview hides something or has no end" + at);
    for (const auto& who : made->recipients) bench.check(!hides_something(who) && who.find('\n') == who.npos && who.size() < 1000, call.action, promise, "a recipient hides something" + at);
    if (bench.samples.harm) {
      const auto harm = bench.samples.harm(call, *made);
      bench.check(harm.empty(), call.action, promise, harm + at);
    }
    conformance_disk watched(bench.files());
    outside doors{watched};
    const auto said = c->read(*made, c->perform(*made, doors));
    bench.check(!hides_something(said.sentence), call.action, promise, "the outcome's sentence hides something" + at);
    for (const auto& path : watched.touched())
      bench.check(fs::path(path).lexically_normal().string().starts_with(bench.workspace() + "/"), call.action, promise, "it touched " + path + at);
    bench.check(!fs::exists("/tmp/steward-climbed-out"), call.action, promise, "it wrote outside of the workspace" + at);
  } catch (const std::exception& e) {
    bench.check(false, call.action, promise, std::string("it threw: ") + e.what() + at);
  }
}

}  // namespace

void check_manifest(conformance_bench& bench) {
  const auto& m = bench.entry.manifest;
  const std::string promise = "the manifest is whole";
  const auto name = bench.entry.name;
  bench.check(m.name == name && !m.summary.empty() && !m.version.empty(), name, promise, "name, summary or version is missing");
  bench.check(fits(m.settings, bench.samples.settings), name, promise, "the sample settings don't fit the settings' schema");
  bench.check(fits(m.settings, boost::json::object{}), name, promise, "it has no default settings: an empty map does not fit");
  bench.check(to_json_text(bench.fresh()->manifest()) == to_json_text(m), name, promise, "the connector has another manifest than its catalogue entry");
  std::set<std::string> names;
  for (const auto& a : m.actions) {
    bench.check(names.insert(a.name).second && a.name.starts_with(name + ".") && !a.summary.empty(), a.name, promise, "an action is called connector.verb, once, with a summary");
    bench.check(a.undo == "none" || find_action(m, a.undo), a.name, promise, "its undo '" + a.undo + "' is no action");
    bench.check(a.per_minute > 0 && a.answers_within > duration{0}, a.name, promise, "a limit is not positive");
    bench.check(a.repeats != effect_class::read_only || a.undo == "none", a.name, promise, "there is nothing to undo in a read-only action");
    for (const auto* source : {&a.arguments, &a.answer}) {
      const auto sound = schema::parse(*source);
      bench.check(bool(sound), a.name, promise, "a schema is unsound: " + (sound ? "" : to_sentence(sound.error())));
      bench.check(text_at(*source, "type") == "object", a.name, promise, "arguments and answer are maps");
    }
    bench.check(std::any_of(bench.samples.calls.begin(), bench.samples.calls.end(), [&](const auto& call) { return call.action == a.name; }), a.name, promise, "no sample calls it");
  }
  for (const auto& s : m.signals) bench.check(!s.name.empty() && !s.summary.empty() && schema::parse(s.body), s.name, promise, "a signal lacks name, summary or a sound schema");
}

void check_wrong_arguments(conformance_bench& bench, const action_call& call) {
  const std::string promise = "wrong arguments are refused";
  const auto& expected = bench.action(call)->arguments;
  bench.check(fits(expected, call.arguments), call.action, promise, "the schema refuses a valid sample");
  for (const json& wrong : {json(nullptr), json("text"), json(boost::json::array{}), json(7)}) bench.check(!fits(expected, wrong), call.action, promise, "it takes " + canonical(wrong));
  auto surprise = call.arguments;
  surprise.get_object()["no_such_key"] = 1;
  bench.check(!fits(expected, surprise), call.action, promise, "it takes a key that it does not know");
  if (const auto* required = at_path(expected, "required"); required && required->is_array()) {
    for (const auto& key : required->get_array()) {
      auto without = call.arguments;
      without.get_object().erase(key.get_string());
      bench.check(!fits(expected, without), call.action, promise, "it can do without '" + std::string(key.get_string()) + "'");
    }
  }
  for (const auto& pair : call.arguments.get_object()) {
    auto wrong = call.arguments;
    wrong.get_object()[pair.key()] = pair.value().is_number() ? json("no number") : json(3.5);
    bench.check(!fits(expected, wrong), call.action, promise, "it takes a wrong type for '" + std::string(pair.key()) + "'");
  }
  const auto c = bench.fresh();
  bench.check(!c->prepare({bench.entry.name + ".no_such_action", call.arguments}, conformance_mark), call.action, promise, "it prepares an action that it does not have");
}

void check_hostile_arguments(conformance_bench& bench, const action_call& call) {
  const auto& expected = bench.action(call)->arguments;
  bench.fresh();
  for (const auto& hostile : hostile_texts()) {
    with_each_text(call.arguments, hostile.text, [&](const json& arguments, const std::string& path) {
      // What the schema refuses never reaches the connector; what it would do all the same must be harmless, too.
      try_hostile_call(bench, {call.action, arguments}, std::string(hostile.title) + " as " + path);
    });
  }
  for (const auto& trap : bench.samples.traps) {
    if (trap.call.action != call.action) continue;
    const auto refused = bench.again()->prepare(trap.call, conformance_mark);
    if (!refused) bench.note(refused.error());
    bench.check(!fits(expected, trap.call.arguments) || !refused, call.action, "hostile arguments are harmless", "it was let through: " + trap.title);
  }
  for (const char* key : {"", "../../x", "a/b", "a b", "A\r\nB", "a\nX: y"}) try_hostile_call(bench, call, "the effect key is no plain word", {key, conformance_mark.time});
}

void check_answers(conformance_bench& bench, const action_call& call) {
  const std::string promise = "no answer breaks the reader";
  const auto& action = *bench.action(call);
  const auto c = bench.fresh();
  const auto what = c->prepare(call, conformance_mark).value();
  std::string deep(5000, '[');
  const std::vector<std::string> garbage = {"",     "null", "true", "0",    "[]",  "{}", "{\"done\":1}", "{\"sent\":\"yes\"}", "{\"sent\":", "\xff\xfe", std::string("\0\0\0", 3),
                                            deep,   "1e999", "<html>502 Bad Gateway</html>", "HTTP/1.1 200 OK\r\n\r\n", std::string(2'000'000, 'x'), "{\"a\":1,\"a\":2}", "\xef\xbb\xbf{}"};
  for (const auto& bytes : garbage) {
    for (int flags = 0; flags < 16; ++flags) {
      answer a{.looked_up = bool(flags & 1), .complete = bool(flags & 2), .nothing_sent = bool(flags & 4), .bytes = bytes};
      if (flags & 8) a.trouble = {"disk_failed", "", "the disk is gone", "", ""};
      const auto at = fmt::format(" (flags {}, bytes {})", flags, visible_line(front_of(bytes, 30)));
      try {
        const auto said = c->read(what, a);
        const bool knows = said.kind == outcome_kind::confirmed;
        bench.check(!knows || action.repeats == effect_class::read_only, call.action, promise, "garbage was taken for a confirmation" + at);
        bench.check(!knows || a.complete, call.action, promise, "an incomplete answer was taken for a confirmation" + at);
        bench.check(!knows || fits(action.answer, said.answer), call.action, promise, "the answer does not follow its schema" + at);
        bench.check(a.complete || !a.nothing_sent || said.kind == outcome_kind::failed || said.kind == outcome_kind::refused, call.action, promise, "nothing was sent, and yet it is in doubt" + at);
        bench.check(knows || !said.sentence.empty(), call.action, promise, "there is no sentence for the operator" + at);
        bench.check(!hides_something(said.sentence), call.action, promise, "the sentence hides something" + at);
      } catch (const std::exception& e) {
        bench.check(false, call.action, promise, std::string("it threw: ") + e.what() + at);
      }
    }
  }
  outside doors{bench.files()};
  const auto real = c->read(what, c->perform(what, doors));
  bench.check(real.kind != outcome_kind::confirmed || fits(action.answer, real.answer), call.action, promise, "the answer does not follow its schema: " + canonical(real.answer).substr(0, 200));
}

void check_signals(conformance_bench& bench) {
  const std::string promise = "signals arrive once";
  if (bench.entry.manifest.signals.empty()) return;
  const auto name = bench.entry.name;
  const auto c = bench.fresh();
  conformance_disk watched(bench.files());
  outside doors{watched};
  const auto first = c->poll(doors, 1000);
  if (!bench.check(first && !first->empty(), name, promise, "the samples arrange nothing that arrives")) return;
  for (const auto& s : *first) {
    const auto& all = bench.entry.manifest.signals;
    const auto declared = std::find_if(all.begin(), all.end(), [&](const signal_manifest& m) { return m.name == s.name; });
    bench.check(declared != all.end() && fits(declared->body, s.body), name, promise, "a signal does not follow its manifest: " + s.name);
    bench.check(!s.natural_key.empty() && !s.receipt.empty(), name, promise, "a signal has no natural key or no receipt");
  }
  bench.check(c->poll(doors, 1000)->size() == first->size(), name, promise, "what was not acknowledged does not come again");
  bench.check(c->poll(doors, 1)->size() == 1, name, promise, "a poll brings more than it was asked for");
  for (const char* receipt : {"", "..", "../../x", "/etc/passwd", "a/../../b", ".hidden", "no such receipt"})
    if (const auto r = c->acknowledge(doors, receipt); !r) bench.note(r.error());
  bench.check(bench.again()->poll(doors, 1000)->size() == first->size(), name, promise, "a foreign receipt took something away");
  for (const auto how : {cut_kind::fails_once, cut_kind::killed_before, cut_kind::killed_after}) {
    const auto again = bench.fresh();
    conformance_disk cut(bench.files(), how, 0);
    outside bad{cut};
    try {
      (void)again->acknowledge(bad, first->front().receipt);
    } catch (const process_killed&) {
    }
    bench.check(bool(bench.again()->acknowledge(doors, first->front().receipt)), name, promise, "an acknowledgement that was cut off can't be repeated");
    bench.check(bench.again()->poll(doors, 1000)->size() == first->size() - 1, name, promise, "it does not go, or more than one goes");
  }
  for (const auto& s : *first) {
    bench.check(bool(c->acknowledge(doors, s.receipt)), name, promise, "an acknowledgement was refused");
    bench.check(bool(c->acknowledge(doors, s.receipt)), name, promise, "a second acknowledgement was refused");
  }
  bench.check(c->poll(doors, 1000)->empty(), name, promise, "what was acknowledged comes again");
  for (const auto& path : watched.touched()) bench.check(fs::path(path).lexically_normal().string().starts_with(bench.workspace() + "/"), name, promise, "it touched " + path);
}

}  // namespace steward
