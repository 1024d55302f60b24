#include "connectors/conformance.hpp"

#include <filesystem>
#include <fstream>

#include "connectors/conformance_bench.hpp"
#include "runtime/visible_text.hpp"
#include "runtime/digest.hpp"

namespace steward {
namespace fs = std::filesystem;

namespace {

constexpr int operations_max = 500;  // of one call; more is a loop without end
constexpr int turns_max = 6;         // look-ups and repeats until an effect is settled

/// Every file below `folder` with a digest of its bytes.
std::string tree(const std::string& folder) {
  std::vector<std::string> lines;
  for (fs::recursive_directory_iterator it(folder), end; it != end; ++it) {
    // What an atomic write leaves behind when it is killed is litter, not the world.
    if (!it->is_regular_file() || it->path().filename().string().find(".tmp-") != std::string::npos) continue;
    std::ifstream in(it->path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    lines.push_back(fs::relative(it->path(), folder).string() + " " + hex_digest(bytes).substr(0, 16));
  }
  std::sort(lines.begin(), lines.end());
  std::string out;
  for (const auto& line : lines) out += line + "\n";
  return out;
}

/// The suite syncs files ten thousand times; a memory disk makes seconds out of minutes.
std::string folder_for(const std::string& scratch) {
  const auto own = "steward-conformance-" + hex_digest(scratch).substr(0, 16);
  std::error_code ec;
  const fs::path memory = "/dev/shm";
  if (fs::is_directory(memory, ec) && (fs::create_directories(memory / own, ec), !ec)) return (memory / own).string();
  return (fs::path(scratch) / own).lexically_normal().string();
}

bool changes_something(const action_manifest& a) { return a.repeats != effect_class::read_only; }

/// Same mark and arguments, same bytes; nothing on disk.
std::optional<request> check_prepare(conformance_bench& bench, const action_call& call) {
  const std::string promise = "prepare is pure";
  const auto c = bench.fresh();
  const auto before = tree(bench.workspace());
  const auto once = c->prepare(call, conformance_mark);
  if (!bench.check(bool(once), call.action, promise, "a valid call was refused: " + (once ? "" : to_sentence(once.error())))) return std::nullopt;
  const auto other = bench.again();
  const auto again = other->prepare(call, conformance_mark);
  bench.check(again && to_json_text(*again) == to_json_text(*once), call.action, promise, "the same mark and arguments gave two different requests");
  const auto* action = bench.action(call);
  if (action->repeats == effect_class::queryable) {
    auto mark = conformance_mark;
    mark.key += "0";
    const auto differs = c->prepare(call, mark);
    bench.check(differs && differs->bytes != once->bytes, call.action, promise, "another key gave the same bytes, so the outside can't tell the two apart");
  }
  bench.check(once->action == call.action && once->key == conformance_mark.key, call.action, promise, "the request does not carry its action and key");
  bench.check(is_utf8(once->bytes) && !once->preview.empty() && !hides_something(once->preview), call.action, promise, "bytes or preview are not honest text");
  bench.check(!changes_something(*action) || !once->recipients.empty(), call.action, promise, "it does not say whom it reaches");
  bench.check(tree(bench.workspace()) == before, call.action, promise, "preparing left a trace on disk, so the preview is no dry run");
  return *once;
}

struct worlds {
  std::string before, after;
};

/// One call on a healthy disk: the measure for all that follows.
std::optional<worlds> check_plain_call(conformance_bench& bench, const request& what, const action_manifest& action) {
  const std::string promise = "a repeat is the same effect";
  const auto c = bench.fresh();
  worlds out{bench.world(), {}};
  conformance_disk watched(bench.files());
  outside doors{watched};
  const auto first = c->read(what, c->perform(what, doors));
  bench.let_outsider_act();
  out.after = bench.world();
  if (!bench.check(first.kind == outcome_kind::confirmed, what.action, promise, "a valid call was not confirmed: " + first.sentence)) return std::nullopt;
  bench.check(!first.sentence.empty(), what.action, promise, "the outcome has no sentence for the operator");
  bench.check(changes_something(action) == (out.before != out.after), what.action, promise,
              changes_something(action) ? "the world looks as if nothing had happened" : "a read-only action changed the world");
  for (const auto& path : watched.touched())
    bench.check(fs::path(path).lexically_normal().string().starts_with(bench.workspace() + "/"), what.action, promise, "it touched " + path);
  if (action.repeats != effect_class::neither) {
    const auto again = bench.again();
    outside healthy{bench.files()};
    const auto second = again->read(what, again->perform(what, healthy));
    bench.let_outsider_act();
    bench.check(second.kind == outcome_kind::confirmed, what.action, promise, "the repeat was not confirmed: " + second.sentence);
    bench.check(bench.world() == out.after, what.action, promise, "the repeat changed the world once more");
  }
  if (action.repeats == effect_class::queryable) {
    outside healthy{bench.files()};
    const auto again = bench.again();
    bench.check(again->read(what, again->look_up(what, healthy)).kind == outcome_kind::confirmed, what.action, promise, "a look-up does not find what happened");
    const auto untouched = bench.fresh();
    bench.check(untouched->read(what, untouched->look_up(what, healthy)).kind == outcome_kind::failed, what.action, promise, "a look-up finds what never happened");
    bench.check(bench.world() == out.before, what.action, promise, "a look-up changed the world");
  }
  return out;
}

/// The disk fails, lies, or the process dies, at each operation in turn; with an outsider who acts at once, or only at the end.
void check_trouble(conformance_bench& bench, const request& what, const action_manifest& action, const worlds& seen) {
  const std::string promise = "trouble is told truthfully";
  for (const bool eager : {false, true}) {
    if (eager && !bench.samples.outsider) continue;
    for (const auto how : {cut_kind::fails_once, cut_kind::fails_for_good, cut_kind::reports_failure, cut_kind::killed_before, cut_kind::killed_halfway, cut_kind::killed_after}) {
      for (int at = 0; at < operations_max; ++at) {
        const auto c = bench.fresh();
        const auto at_where = fmt::format(" ({} at operation {}{})", to_word(how), at, eager ? ", the outsider acts at once" : "");
        conformance_disk cut(bench.files(), how, at, eager ? std::function<void()>([&] { bench.let_outsider_act(); }) : nullptr);
        outside doors{cut};
        std::optional<answer> first;
        try {
          first = c->perform(what, doors);
        } catch (const process_killed&) {
        }
        if (!cut.was_cut()) break;
        bench.let_outsider_act();
        if (first) {
          bench.note(first->trouble);
          const auto said = c->read(what, *first);
          const auto now = bench.world();
          if (said.kind == outcome_kind::confirmed) bench.check(now == seen.after, what.action, promise, "it was confirmed and had not happened" + at_where);
          if (said.kind == outcome_kind::failed || said.kind == outcome_kind::refused)
            bench.check(now == seen.before, what.action, promise, "it was said not to have happened, and the world has changed" + at_where);
          bench.check(!first->nothing_sent || now == seen.before, what.action, promise, "nothing was sent, it says, and the world has changed" + at_where);
        }
        const auto next = bench.again();
        const auto end = bench.settle(*next, action, what, first);
        bench.let_outsider_act();
        if (end) {
          bench.check(end->kind == outcome_kind::confirmed, what.action, promise, "it could not be settled afterwards: " + end->sentence + at_where);
          bench.check(bench.world() == seen.after, what.action, promise, "the world is not as after one call" + at_where);
        } else {
          const auto now = bench.world();
          bench.check(now == seen.before || now == seen.after, what.action, promise, "the world is neither as before nor as after" + at_where);
        }
      }
    }
  }
}

/// It happened, and its answer was lost on the way.
void check_lost_answer(conformance_bench& bench, const request& what, const action_manifest& action, const worlds& seen) {
  const std::string promise = "trouble is told truthfully";
  const auto c = bench.fresh();
  outside doors{bench.files()};
  c->perform(what, doors);
  bench.let_outsider_act();
  const auto lost = c->read(what, answer{});
  bench.check(lost.kind == outcome_kind::in_doubt || (lost.kind == outcome_kind::failed && !changes_something(action)), what.action, promise, "a lost answer is taken for knowledge");
  const auto end = bench.settle(*c, action, what, answer{});
  bench.let_outsider_act();
  if (end) bench.check(end->kind == outcome_kind::confirmed, what.action, promise, "a lost answer could not be settled: " + end->sentence);
  bench.check(bench.world() == seen.after, what.action, promise, "after a lost answer the world is not as after one call");
}

void check_undo(conformance_bench& bench, const request& what, const action_manifest& action, const worlds& seen) {
  const std::string promise = "undo takes it back";
  const auto c = bench.fresh();
  outside doors{bench.files()};
  const auto done = c->read(what, c->perform(what, doors));
  bench.let_outsider_act();
  bench.check(done.undo.has_value() == (action.undo != "none"), what.action, promise, "the manifest says undo is '" + action.undo + "', the outcome " + (done.undo ? "names one" : "names none"));
  if (!done.undo) return;
  bench.check(done.undo->action == action.undo, what.action, promise, "the outcome names " + done.undo->action);
  auto mark = conformance_mark;
  mark.key += "1";
  const auto back = c->prepare(*done.undo, mark);
  if (!bench.check(bool(back), what.action, promise, "the undo call was refused: " + (back ? "" : to_sentence(back.error())))) return;
  const auto undone = c->read(*back, c->perform(*back, doors));
  bench.let_outsider_act();
  bench.check(undone.kind == outcome_kind::confirmed, what.action, promise, "the undo was not confirmed: " + undone.sentence);
  bench.check(bench.world() == seen.before, what.action, promise, "the world is not as before");
}

}  // namespace

conformance_bench::conformance_bench(const connector_entry& entry, const conformance_samples& samples, const std::string& scratch)
    : entry(entry), samples(samples), folder_(folder_for(scratch)), workspace_(folder_ + "/workspace") {}

conformance_bench::~conformance_bench() {
  std::error_code ec;
  fs::remove_all(folder_, ec);
}

bool conformance_bench::check(bool holds, const std::string& what, const std::string& promise, const std::string& details) {
  ++report.checks;
  if (!holds) report.broken.push_back(what + ": " + promise + ": " + visible_line(details));
  return holds;
}

std::unique_ptr<connector> conformance_bench::fresh() {
  fs::remove_all(workspace_);
  fs::create_directories(workspace_);
  if (samples.arrange) samples.arrange(workspace_);
  return again();
}

std::string conformance_bench::world() const { return samples.world ? samples.world(workspace_) : tree(workspace_); }

std::optional<outcome> conformance_bench::settle(connector& c, const action_manifest& action, const request& what, std::optional<answer> known) {
  outside doors{files()};
  outcome now = known ? c.read(what, *known) : outcome{.kind = outcome_kind::in_doubt, .sentence = "the process died"};
  for (int turn = 0; turn < turns_max; ++turn) {
    if (now.kind == outcome_kind::confirmed || now.kind == outcome_kind::refused) return now;
    const bool did_not_happen = now.kind == outcome_kind::failed;
    if (action.repeats == effect_class::neither && !did_not_happen) return std::nullopt;
    const bool ask_first = action.repeats == effect_class::queryable && !did_not_happen;
    now = c.read(what, ask_first ? c.look_up(what, doors) : c.perform(what, doors));
  }
  return now;
}

conformance_report check_conformance(const connector_entry& entry, const conformance_samples& samples, const std::string& scratch) {
  conformance_bench bench(entry, samples, scratch);
  check_manifest(bench);
  for (const auto& call : samples.calls) {
    const auto* action = bench.action(call);
    if (!bench.check(action != nullptr, call.action, "the manifest is whole", "a sample calls an action that is not declared")) continue;
    const auto what = check_prepare(bench, call);
    if (!what) continue;
    check_wrong_arguments(bench, call);
    check_hostile_arguments(bench, call);
    check_answers(bench, call);
    const auto seen = check_plain_call(bench, *what, *action);
    if (!seen) continue;
    check_trouble(bench, *what, *action, *seen);
    check_lost_answer(bench, *what, *action, *seen);
    check_undo(bench, *what, *action, *seen);
  }
  check_signals(bench);
  return std::move(bench.report);
}

}  // namespace steward
