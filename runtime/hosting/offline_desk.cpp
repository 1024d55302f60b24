#include "runtime/hosting/desk.hpp"
#include "runtime/hosting/engine.hpp"
#include "runtime/hosting/journal_command.hpp"
#include "runtime/hosting/open_company.hpp"
#include "runtime/journal/journal.hpp"
#include "runtime/journal/lock.hpp"

namespace steward {

struct offline_desk::implementation {
  engine_parts parts;
  std::optional<process_lock> lock;
  std::shared_ptr<const event_kinds> kinds = all_event_kinds();
  std::unique_ptr<random_source> random = make_system_random();
  std::unique_ptr<journal> written;
  std::unique_ptr<coordinator> decides;
};

offline_desk::offline_desk(std::unique_ptr<implementation> it) : it_(std::move(it)) {}
offline_desk::~offline_desk() = default;

result<std::unique_ptr<offline_desk>> offline_desk::open(engine_parts parts, bool may_change) {
  auto it = std::make_unique<implementation>();
  it->parts = std::move(parts);
  if (may_change) {
    auto lock = lock_folder(it->parts.folder);
    if (!lock) return lock.error();
    it->lock.emplace(std::move(*lock));
    auto opened = journal::open({it->parts.folder}, *it->kinds, *it->parts.now, *it->random);
    if (!opened) return opened.error();
    it->written = std::move(*opened);
  }
  auto state = fold_journal(it->parts.folder, *it->kinds, it->parts.manifests.company.zone);
  if (!state) return state.error();
  auto made = parts_of(it->parts);
  if (!made) return made.error();
  it->decides = std::make_unique<coordinator>(std::move(*made), std::move(*state));
  if (may_change)
    if (auto known = it->decides->get_ready(); !known) return known.error();
  return std::unique_ptr<offline_desk>(new offline_desk(std::move(it)));
}

json offline_desk::command(const json& what) {
  if (!it_->written && text_at(what, "do") != "view") return error_reply({"read_only", "", "this desk was opened to look only", "", ""});
  auto whole = completed(it_->parts.folder, *it_->kinds, it_->parts.manifests, what);
  if (!whole) return error_reply(whole.error());
  auto answer = execute(*it_->decides, *whole, it_->parts.now->now());
  auto decided = it_->decides->take();  // Its errands are given when the engine starts: recovery finds them in the journal.
  if (decided.events.empty()) return answer;
  auto receipt = it_->written->append(batch{std::move(decided.events)});
  if (!receipt) return error_reply(receipt.error());
  return answer;
}

}  // namespace steward
