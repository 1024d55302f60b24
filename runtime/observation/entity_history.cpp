#include "runtime/observation/entity_history.hpp"

#include <algorithm>
#include <map>

#include "runtime/erased.hpp"
#include "runtime/event.hpp"
#include "runtime/observation/sentence.hpp"

namespace steward {
namespace {

/// Sets `field` and notes the change in `changes`, where it is one.
void set(boost::json::object& fields, std::string_view field, const json& value, boost::json::object& changes) {
  const auto* before = fields.if_contains(field);
  if (before && *before == value) return;
  changes[field] = boost::json::object{{"from", before ? *before : json(nullptr)}, {"to", value}};
  fields[field] = value;
}

class story {
public:
  boost::json::object tell(std::int64_t seq, const record_header& h, const event::any& e) {
    boost::json::object line{{"seq", seq}, {"time", to_text(h.time)}, {"actor", h.actor}, {"run", h.correlation}};
    boost::json::object changes;
    if (const auto* recorded = std::get_if<event::entity_recorded>(&e)) {
      const bool erased = recorded->external_id == erased_text && h.subject.empty();  // with a subject: what the person's key had sealed
      line["entity"] = recorded->entity;
      line["what"] = erased ? "erased" : "recorded";
      if (const auto* told = recorded->fields.if_object())
        for (const auto& field : *told) set(fields_[recorded->entity], field.key(), field.value(), changes);
    } else if (const auto* merged = std::get_if<event::entity_merged>(&e)) {
      line["entity"] = merged->other;
      line["what"] = "merged";
      line["into"] = merged->entity;
      line["because"] = merged->because;
      for (const auto& field : merged->takes)
        if (const auto* value = fields_[merged->other].if_contains(field)) {
          set(fields_[merged->entity], field, *value, changes);
          taken_[merged->other][field] = *value;
        }
    } else if (const auto* split = std::get_if<event::entity_split>(&e)) {
      line["entity"] = split->other;
      line["what"] = "split";
      line["from"] = split->entity;
      line["because"] = split->because;
      auto& fields = fields_[split->entity];
      for (const auto& [field, value] : std::exchange(taken_[split->other], {})) {
        const auto* now = fields.if_contains(field);
        if (!now || *now != value) continue;
        changes[field] = boost::json::object{{"from", value}, {"to", nullptr}};
        fields.erase(field);
      }
    }
    line["changes"] = std::move(changes);
    return line;
  }

private:
  std::map<std::string, boost::json::object> fields_;                  // of each record so far
  std::map<std::string, std::map<std::string, json>> taken_;           // by merged record: what the other one took of it
};

}  // namespace

result<json> entity_history(reader& source, const std::vector<std::string>& ids) {
  std::map<std::int64_t, record> all;
  for (const auto& id : ids) {
    event_query of_record;
    of_record.stream = "entity/" + id;
    of_record.limit = SIZE_MAX;
    auto read = source.each(of_record, [&](const record& stored) { return all.emplace(stored.seq, stored), true; });
    if (!read) return read.error();
  }
  // A merge stands with the record that took the other in; the other one's story has it, too.
  for (const auto* kind : {event::entity_merged::kind, event::entity_split::kind}) {
    event_query of_kind;
    of_kind.kind = kind;
    of_kind.limit = SIZE_MAX;
    auto read = source.each(of_kind, [&](const record& stored) {
      const auto body = parse_json(stored.body);
      if (body && std::find(ids.begin(), ids.end(), text_at(*body, "other")) != ids.end()) all.emplace(stored.seq, stored);
      return true;
    });
    if (!read) return read.error();
  }
  story told;
  boost::json::array lines;
  for (const auto& [seq, stored] : all) {
    const auto e = event::read(stored.header.kind, stored.body);
    if (!e) return e.error();
    auto line = told.tell(seq, stored.header, *e);
    if (stored.header.cause > 0) {
      const auto cause = source.at(stored.header.cause);
      if (!cause) return cause.error();
      const auto what = event::read(cause->header.kind, cause->body);
      if (!what) return what.error();
      line["cause"] = boost::json::object{{"seq", stored.header.cause}, {"sentence", sentence_of(*what)}};
    }
    lines.push_back(std::move(line));
  }
  return json(std::move(lines));
}

}  // namespace steward
