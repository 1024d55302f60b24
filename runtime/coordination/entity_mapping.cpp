#include "runtime/coordination/entity_mapping.hpp"

namespace steward {
namespace {

bindings names_in(const json& record) {
  bindings names;
  if (record.is_object()) names.bind_members(record.get_object());
  names.bind("record", record);
  return names;
}

}  // namespace

result<entity_mapping> entity_mapping::compile(std::string type, std::string source, const mapping_definition& said) {
  entity_mapping made;
  made.name_ = source + "@" + std::to_string(said.version);
  const auto at = [&](const std::string& key, error e) {
    e.where = "entity " + type + " maps." + source + "." + key + (e.where.empty() ? "" : ":" + e.where);
    return e;
  };
  if (said.each) {
    auto each = text_template::parse(*said.each);
    if (!each) return at("each", each.error());
    made.each_ = std::move(*each);
  }
  if (said.when) {
    auto when = expression::parse(*said.when);
    if (!when) return at("when", when.error());
    made.when_ = std::move(*when);
  }
  auto id = text_template::parse(said.id);
  if (!id) return at("id", id.error());
  made.id_ = std::move(*id);
  for (const auto& [field, text] : said.fields) {
    auto parsed = text_template::parse(text);
    if (!parsed) return at("fields." + field, parsed.error());
    made.fields_.emplace(field, std::move(*parsed));
  }
  made.type_ = std::move(type);
  made.source_ = std::move(source);
  return made;
}

result<std::vector<mapped_record>> entity_mapping::apply(const json& record) const {
  std::vector<mapped_record> all;
  if (!each_) {
    if (auto done = one(record, all); !done) return done.error();
    return all;
  }
  const auto list = each_->evaluate(names_in(record));
  if (!list) return list.error();
  if (!list->is_array()) return error{"not_a_list", type_ + ".maps." + source_ + ".each", "found " + canonical(*list).substr(0, 60), "a list", ""};
  for (const auto& item : list->get_array())
    if (auto done = one(item, all); !done) return done.error();
  return all;
}

result<void> entity_mapping::one(const json& record, std::vector<mapped_record>& into) const {
  const auto names = names_in(record);
  if (when_) {
    const auto fits = when_->holds(names);
    if (!fits) return fits.error();
    if (!*fits) return {};
  }
  const auto id = id_.evaluate(names);
  if (!id) return id.error();
  mapped_record made{id->is_string() ? std::string(id->get_string()) : canonical(*id), boost::json::object{}};
  if (made.external_id.empty() || made.external_id.ends_with(':')) return {};
  for (const auto& [field, text] : fields_) {
    auto value = text.evaluate(names);
    if (!value) return value.error();
    made.fields.as_object()[field] = std::move(*value);
  }
  into.push_back(std::move(made));
  return {};
}

}  // namespace steward
