#include "tests/simulation/afterwards.hpp"

#include <SQLiteCpp/Database.h>
#include <fmt/format.h>

#include "runtime/coordination/state_snapshot.hpp"
#include "runtime/hosting/open_company.hpp"
#include "runtime/hosting/replay.hpp"
#include "runtime/journal/backup.hpp"
#include "tests/simulation/company.hpp"

namespace steward::simulation {
namespace {

/// The agent as it was, but at the end of each turn it thinks better of it.
class of_two_minds final : public agent_value {
public:
  explicit of_two_minds(std::unique_ptr<agent_value> once) : once_(std::move(once)) {}
  turn_report handle(const deliver_event& given) override {
    auto report = once_->handle(given);
    report.said.emplace_back(give_up{"I have changed my mind"});
    return report;
  }
  void forget(const std::string& instance) override { once_->forget(instance); }

private:
  std::unique_ptr<agent_value> once_;
};

class looking_back {
public:
  looking_back(const past_company& past, random_source& random) : past_(past), random_(random) {}

  std::vector<std::string> all() {
    look_at_replays();
    look_at_backup();
    return std::move(broken_);
  }

private:
  template <class... Parts>
  bool must(bool holds, fmt::format_string<Parts...> sentence, Parts&&... parts) {
    if (!holds) broken_.push_back(fmt::format(sentence, std::forward<Parts>(parts)...));
    return holds;
  }
  template <class Value>
  bool must_work(const result<Value>& r, const char* what) { return must(bool(r), "{}: {}", what, r ? "" : to_sentence(r.error())); }

  void look_at_replays() {
    const auto source = reader::open({.folder = journal_, .erased = erased_as::text}, *kinds_);
    if (!must_work(source, "the journal of the week can't be opened")) return;
    event_query starts;
    starts.kind = event::run_started::kind;
    starts.limit = SIZE_MAX;
    const auto runs = (*source)->read(starts);
    if (!must_work(runs, "the runs of the week can't be read")) return;
    const auto as_they_were = agents_to_replay({player_agent()});
    auto changed = as_they_were;
    changed.at("player").make = [make = as_they_were.at("player").make](const role_brief& brief) { return std::make_unique<of_two_minds>(make(brief)); };
    for (const auto& started : *runs) {
      const auto& run = started.header.correlation;
      const auto told = events_of_run(**source, run);
      if (!must_work(told, "a run can't be read")) return;
      replay_order order;
      auto worked_by = workflow_of_run(**source, *told);
      if (!must_work(worked_by, "the workflow of a run can't be read")) return;
      order.workflow_then = std::move(*worked_by);
      const auto again = replay(*told, run, as_they_were, past_.manifests, order);
      if (!must_work(again, "a run can't be replayed")) return;
      if (!must(again->at("same").as_bool(), "{} replays another way: {}", run, text_at(again->at("first"), "sentence"))) return;
      if (again->at("turns").as_int64() == 0) continue;
      ++past_.seen["a run replayed"];
      const auto other = replay(*told, run, changed, past_.manifests, order);
      if (!must_work(other, "a run can't be replayed with another agent")) return;
      if (!must(!other->at("same").as_bool(), "{} counts as replayed the same by an agent that says something else", run)) return;
      ++past_.seen["a changed mind found"];
    }
  }

  void look_at_backup() {
    const auto backup = past_.folder + "/backup", back = past_.folder + "/back";
    const auto now = make_system_clock();
    const auto files = make_system_disk();
    const auto made = back_up({journal_, backup, "simulated", {}}, *kinds_, *now, random_);
    if (!must_work(made, "no backup can be made")) return;
    if (!must_work(restore_backup(backup, back, false, *kinds_, *now, *files), "the backup can't be restored")) return;
    const auto then = fold_journal(journal_, *kinds_, past_.manifests.company.zone, fold_from::first_event), restored = fold_journal(back, *kinds_, past_.manifests.company.zone);
    if (!must_work(then, "the journal can't be folded") || !must_work(restored, "the restored journal can't be folded")) return;
    if (!must(snapshot_bytes(*then) == snapshot_bytes(*restored), "the company that came back from its backup is another")) return;
    ++past_.seen["a backup restored"];

    const auto seq = 1 + std::int64_t(random_.next() % std::uint64_t(made->events));
    change(back, seq);
    const auto started = past_.starts(back);
    if (!must(!started, "an engine starts on a journal of which event {} was changed", seq)) return;
    if (!must(started.error().code == "journal_chain_broken", "an engine says of a journal of which event {} was changed: {}", seq, to_sentence(started.error()))) return;
    ++past_.seen["a changed journal refused"];

    change(backup, seq);
    const auto taken = restore_backup(backup, past_.folder + "/damaged", false, *kinds_, *now, *files);
    if (!must(!taken, "a backup of which event {} was changed is restored", seq)) return;
    if (!must(taken.error().code == "backup_damaged", "a backup of which event {} was changed is refused with: {}", seq, to_sentence(taken.error()))) return;
    ++past_.seen["a changed backup refused"];
  }

  static void change(const std::string& folder, std::int64_t seq) {
    SQLite::Database file(folder + "/journal.db", SQLite::OPEN_READWRITE);
    if (file.exec(fmt::format("UPDATE events SET body = body || ' ' WHERE seq = {}", seq)) != 1) throw std::runtime_error("the event to be changed is not there");
  }

  const past_company& past_;
  random_source& random_;
  const std::string journal_ = past_.folder + "/.steward";
  const std::shared_ptr<const event_kinds> kinds_ = all_event_kinds();
  std::vector<std::string> broken_;
};

}  // namespace

std::vector<std::string> look_back(const past_company& past, random_source& random) { return looking_back(past, random).all(); }

}  // namespace steward::simulation
