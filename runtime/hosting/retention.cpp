#include "runtime/hosting/retention.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "runtime/coordination/run_parcel.hpp"
#include "runtime/hosting/open_company.hpp"
#include "runtime/sparse_json.hpp"

namespace steward {
namespace {

/// Shortens in place; true when something was.
bool shorten(json& value) {
  bool changed = false;
  if (value.is_string() && value.get_string().size() > text_kept) {
    value = "(compacted: " + std::to_string(value.get_string().size()) + " bytes)";
    return true;
  }
  if (value.is_array())
    for (auto& item : value.get_array()) changed = shorten(item) || changed;
  if (value.is_object())
    for (auto& field : value.get_object()) changed = shorten(field.value()) || changed;
  return changed;
}

/// Whose bodies may become shorter.
class eligible {
public:
  eligible(const retention_order& order, std::map<std::string, time_point> ended) : ended_(std::move(ended)) {
    for (const auto& c : retention_classes())
      if (std::find(order.classes.begin(), order.classes.end(), c.name) != order.classes.end()) kinds_.insert(c.kinds.begin(), c.kinds.end());
  }
  /// The shorter body; nothing: it stays.
  std::optional<std::string> reduce(const record_header& header, const std::string& body) const {
    if (!header.subject.empty() || !kinds_.contains(header.kind) || !ended_.contains(header.correlation)) return {};
    return without_long_texts(body);
  }
  std::size_t runs() const { return ended_.size(); }

private:
  std::set<std::string_view> kinds_;
  std::map<std::string, time_point> ended_;
};

result<std::map<std::string, time_point>> ended_runs(reader& source, time_point before) {
  std::map<std::string, time_point> ended;
  std::optional<error> failed;
  event_query finished;
  finished.kind = event::run_finished::kind;
  finished.limit = SIZE_MAX;
  const auto read = source.each(finished, [&](const record& stored) {
    const auto said = from_sparse_text<event::run_finished>(stored.body);
    if (!said) failed = said.error();
    else if (stored.header.time < before) ended[said->run] = stored.header.time;
    return !failed;
  });
  if (!read) return read.error();
  if (failed) return *failed;
  return ended;
}

}  // namespace

const std::vector<retention_class>& retention_classes() {
  static const std::vector<retention_class> all = {
      {"transcripts", "what was asked and answered: model calls, look-ups, recalled memory, agents' turns", {"model_asked", "model_answered", "looked_up", "memory_recalled", "turn_taken", "role_answered"}},
      {"effects", "the bytes and previews of effects; key, digest, recipients and rulings stay", {"effect_proposed", "effect_modified", "effect_settled"}},
  };
  return all;
}

std::optional<std::string> without_long_texts(const std::string& body) {
  auto value = parse_json(body);
  if (!value || !shorten(*value)) return {};
  auto text = canonical(*value);
  return text.size() < body.size() ? std::optional(std::move(text)) : std::nullopt;
}

result<retention_report> compact_company(const std::string& folder, const event_kinds& kinds, const std::string& zone, const retention_order& order, time_point now) {
  std::vector<std::string> names;
  for (const auto& c : retention_classes()) names.emplace_back(c.name);
  std::string what;
  for (const auto& wanted : order.classes) {
    what += (what.empty() ? "" : ", ") + wanted;
    if (std::find(names.begin(), names.end(), wanted) != names.end()) continue;
    const auto near = nearest_name(wanted, names);
    return error{"unknown_class", "", "there is no class of retention '" + wanted + "'", "transcripts or effects", near.empty() ? "" : "Did you mean '" + near + "'?"};
  }
  const auto lock = lock_folder(folder);
  if (!lock) return lock.error();
  auto source = reader::open({.folder = folder, .use_index = false, .erased = erased_as::text}, kinds);
  if (!source) return source.error();
  auto ended = ended_runs(**source, order.ended_before);
  if (!ended) return ended.error();
  const eligible rule(order, std::move(*ended));

  retention_report report;
  report.runs = std::int64_t(rule.runs());
  company_state before, after;
  before.zone = after.zone = zone;
  if (auto r = fold_on(before, **source); !r) return r.error();
  auto r = fold_on(after, **source, {}, [&](record& stored) {
    if (stored.state != body_state::whole) return;
    auto shorter = rule.reduce(stored.header, stored.body);
    if (!shorter) return;
    ++report.events;
    report.bytes_of_text += std::int64_t(stored.body.size() - shorter->size());
    stored.body = std::move(*shorter);
  });
  if (!r) return r.error();
  if (digest_of_state(before) != digest_of_state(after))
    return error{"compaction_refused", folder, "the state would not be the same without these texts", "the same digest of the fold", "Nothing was changed. Please report it, with the classes that you named"};
  if (order.only_look) return report;
  source->reset();
  auto done = compact_journal(folder, what, [&](std::int64_t, const record_header& header, const std::string& body) { return rule.reduce(header, body); }, now);
  if (!done) return done.error();
  report.done = *done;
  return report;
}

}  // namespace steward
