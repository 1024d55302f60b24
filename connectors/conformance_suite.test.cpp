/// The conformance suite is itself tested: a connector with one flaw must be caught at the promise that the flaw breaks.
#include <filesystem>
#include <fstream>

#include <unistd.h>

#include "connectors/conformance.hpp"
#include "tests/support/catch.hpp"

using namespace steward;
namespace fs = std::filesystem;

namespace {

enum class flaw {
  none,
  prepare_counts,
  prepare_ignores_key,
  prepare_writes,
  preview_hides,
  schema_is_lax,
  climbs_out,
  repeats_twice,
  look_up_says_no,
  look_up_says_yes,
  says_nothing_sent,
  confirms_too_early,
  undo_forgets,
  undo_missing,
  reader_throws,
  reader_believes,
  answer_off_schema,
  signal_again,
  receipt_opens_doors,
};
BOOST_DESCRIBE_ENUM(flaw, none, prepare_counts, prepare_ignores_key, prepare_writes, preview_hides, schema_is_lax, climbs_out, repeats_twice, look_up_says_no, look_up_says_yes, says_nothing_sent,
                    confirms_too_early, undo_forgets, undo_missing, reader_throws, reader_believes, answer_off_schema, signal_again, receipt_opens_doors)

flaw now = flaw::none;  // a catalogue entry is a plain function, so the flaw under test can't come in through it

connector_manifest shelf_manifest() {
  const char* strict = R"({"type":"object","additionalProperties":false,"required":["name"],"properties":{"name":{"type":"string"}}})";
  const auto schema_of = [](const char* text) { return parse_json(text).value(); };
  connector_manifest m{"shelf", "Puts things on a shelf", "1", schema_of(R"({"type":"object"})"), {}, {}};
  action_manifest put{.name = "shelf.put", .summary = "Puts a thing on the shelf", .repeats = effect_class::queryable, .risk = risk_kind::inside, .undo = "shelf.take"};
  put.arguments = schema_of(now == flaw::schema_is_lax ? R"({"type":"object"})" : strict);
  put.answer = schema_of(strict);
  action_manifest take = put;
  take.name = "shelf.take", take.undo = "none", take.repeats = effect_class::keyed;
  m.actions = {put, take};
  m.signals = {{"thing_came", "A thing came", schema_of(R"({"type":"object"})")}};
  return m;
}

class shelf final : public connector {
public:
  explicit shelf(std::string folder) : folder_(std::move(folder)) {}
  const connector_manifest& manifest() const override { return manifest_; }

  result<request> prepare(const action_call& call, const effect_mark& mark) const override {
    static int count = 0;
    const auto name = text_at(call.arguments, "name");
    if (!find_action(manifest_, call.action)) return error{"unknown_action", "", "no such action", "", ""};
    if (now != flaw::climbs_out && (name.empty() || !std::all_of(name.begin(), name.end(), [](char c) { return c >= 'a' && c <= 'z'; }) || name.size() > 20)) return error{"bad_text", "", "no plain word", "", ""};
    if (name.empty() || name.find('\0') != name.npos) return error{"bad_text", "", "no plain word", "", ""};
    if (now == flaw::prepare_writes) std::ofstream(folder_ + "/trace") << "x";
    request out{.action = call.action, .key = mark.key, .bytes = now == flaw::prepare_ignores_key ? name : name + " " + mark.key, .recipients = {"shelf:" + name}, .preview = "Put it there"};
    if (now == flaw::prepare_counts) out.bytes += std::to_string(++count);
    if (now == flaw::preview_hides) out.preview += "\u202E";
    return out;
  }

  answer perform(const request& what, outside& out) override {
    const auto path = path_of(what);
    if (what.action == "shelf.take") {
      if (now == flaw::undo_forgets) return done();
      if (auto r = out.files.remove(path); !r) return {.trouble = r.error()};
      return done();
    }
    const auto already = out.files.read(path);
    if (!already && already.error().code != "no_such_file") return {.nothing_sent = true, .trouble = already.error()};
    if (now == flaw::repeats_twice && already) return out.files.write(path, *already + "again"), done();
    if (already) return done();
    if (auto r = out.files.write(path, "thing"); !r) {
      if (now == flaw::confirms_too_early) return done();
      return {.nothing_sent = now == flaw::says_nothing_sent, .trouble = r.error()};
    }
    return done();
  }

  answer look_up(const request& what, outside& out) override {
    const auto there = out.files.read(path_of(what));
    if (now == flaw::look_up_says_no) return {.looked_up = true, .complete = true, .bytes = "\"absent\""};
    if (now == flaw::look_up_says_yes) return {.looked_up = true, .complete = true, .bytes = "\"there\""};
    if (!there && there.error().code != "no_such_file") return {.looked_up = true, .trouble = there.error()};
    return {.looked_up = true, .complete = true, .bytes = there ? "\"there\"" : "\"absent\""};
  }

  outcome read(const request& what, const answer& came_back) const override {
    if (!came_back.complete) return {.kind = came_back.nothing_sent ? outcome_kind::failed : outcome_kind::in_doubt, .sentence = "not sure"};
    if (now == flaw::reader_throws) (void)parse_json(came_back.bytes).value();
    if (came_back.bytes == "\"absent\"") return {.kind = outcome_kind::failed, .sentence = "it is not there"};
    if (came_back.bytes != "\"there\"" && now != flaw::reader_believes) return {.kind = outcome_kind::in_doubt, .sentence = "an odd answer"};
    const auto name = what.bytes.substr(0, what.bytes.find(' '));
    outcome said{.kind = outcome_kind::confirmed, .answer = {{now == flaw::answer_off_schema ? "nom" : "name", name}}, .sentence = "done"};
    if (what.action == "shelf.put" && now != flaw::undo_missing) said.undo = action_call{"shelf.take", {{"name", name}}};
    return said;
  }

  result<std::vector<signal>> poll(outside& out, std::size_t limit) override {
    std::vector<signal> came;
    for (const auto& name : out.files.list(folder_ + "/door"))
      if (came.size() < limit) came.push_back({"thing_came", name, boost::json::object{}, label_untrusted, name});
    return came;
  }
  result<void> acknowledge(outside& out, const std::string& receipt) override {
    if (now == flaw::signal_again) return {};
    if (now != flaw::receipt_opens_doors && (receipt.empty() || receipt.find('/') != receipt.npos || receipt.front() == '.')) return error{"path_climbs_out", "", "no plain name", "", ""};
    return out.files.remove(folder_ + "/door/" + receipt);
  }

private:
  static answer done() { return {.complete = true, .bytes = "\"there\""}; }
  std::string path_of(const request& what) const { return folder_ + "/" + what.bytes.substr(0, what.bytes.find(' ')); }

  std::string folder_;
  connector_manifest manifest_ = shelf_manifest();
};

conformance_report examine(flaw f) {
  now = f;
  const connector_entry entry{"shelf", shelf_manifest(), [](const json&, const std::string& workspace) -> std::unique_ptr<connector> { return std::make_unique<shelf>(workspace); }};
  const auto scratch = fs::temp_directory_path() / ("steward-suite-" + std::to_string(::getpid()));
  const conformance_samples samples{
      .settings = boost::json::object{},
      .arrange =
          [](const std::string& w) {
            fs::create_directories(w + "/door");
            std::ofstream(w + "/door/parcel") << "x";
            std::ofstream(w + "/vase") << "x";
          },
      .calls = {{"shelf.put", {{"name", "cup"}}}, {"shelf.take", {{"name", "vase"}}}},
  };
  auto report = check_conformance(entry, samples, scratch.string());
  fs::remove_all(scratch);
  return report;
}

}  // namespace

TEST_CASE("the conformance suite finds nothing wrong with a connector that keeps its promises") {
  const auto report = examine(flaw::none);
  for (const auto& broken : report.broken) FAIL_CHECK(broken);
  CHECK(report.checks > 500);
}

TEST_CASE("the conformance suite names the promise that a flaw breaks") {
  const std::pair<flaw, const char*> rows[] = {
      {flaw::prepare_counts, "shelf.put: prepare is pure"},
      {flaw::prepare_ignores_key, "shelf.put: prepare is pure"},
      {flaw::prepare_writes, "shelf.put: prepare is pure"},
      {flaw::preview_hides, "shelf.put: prepare is pure"},
      {flaw::schema_is_lax, "shelf.put: wrong arguments are refused"},
      {flaw::climbs_out, "shelf.put: hostile arguments are harmless"},
      {flaw::repeats_twice, "shelf.put: a repeat is the same effect"},
      {flaw::look_up_says_no, "shelf.put: a repeat is the same effect"},
      {flaw::look_up_says_yes, "shelf.put: a repeat is the same effect"},
      {flaw::says_nothing_sent, "shelf.put: trouble is told truthfully"},
      {flaw::confirms_too_early, "shelf.put: trouble is told truthfully"},
      {flaw::undo_forgets, "shelf.put: undo takes it back"},
      {flaw::undo_missing, "shelf.put: undo takes it back"},
      {flaw::reader_throws, "shelf.put: no answer breaks the reader"},
      {flaw::reader_believes, "shelf.put: no answer breaks the reader"},
      {flaw::answer_off_schema, "shelf.put: no answer breaks the reader"},
      {flaw::signal_again, "shelf: signals arrive once"},
      {flaw::receipt_opens_doors, "shelf: signals arrive once"},
  };
  CHECK(std::size(rows) + 1 == words_of<flaw>().size());
  for (const auto& [f, promise] : rows) {
    const auto broken = examine(f).broken;
    INFO("flaw " << to_word(f) << ", found " << (broken.empty() ? "nothing" : broken.front()));
    CHECK(std::any_of(broken.begin(), broken.end(), [&, promise = promise](const std::string& line) { return line.starts_with(promise); }));
  }
}
