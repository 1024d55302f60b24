/// What a step hands over, against the schema of who takes it.
#include "config/check_parts.hpp"
#include "runtime/schema/schema.hpp"

namespace steward {
namespace {

const json* member(const json& object, std::string_view key) { return object.is_object() ? object.get_object().if_contains(key) : nullptr; }

bool holes_in(const yaml_place& at) {
  const auto& node = at.node();
  if (node.is == yaml_node::form::text) return has_hole(node.text);
  for (std::size_t i = 0; i < node.items.size(); ++i)
    if (holes_in(node.is == yaml_node::form::map ? at.at(node.keys[i].text) : at.item(i))) return true;
  return false;
}

class argument_check {
public:
  argument_check(const std::string& what, const name_scope& scope, errors& e) : what_(what), scope_(scope), e_(e) {}

  void object(const yaml_place& at, const shape& schema) {
    std::set<std::string> misspelt;  // one slip is one error
    for (const auto& key : at.node().keys) {
      const auto found = member_of(schema, key.text);
      if (found.is == member_is::absent) {
        const auto names = members_of_shape(schema);
        std::string all;
        for (const auto& name : names) all += (all.empty() ? "" : ", ") + name;
        const auto near = nearest_name(key.text, names);
        e_.push_back({"unknown_argument", at.at(key.text).where_key(), what_ + " no '" + key.text + "'", names.empty() ? "nothing" : "one of " + all,
                      near.empty() ? "" : "Did you mean '" + near + "'?"});
        misspelt.insert(near);
        check_texts(at.at(key.text), scope_, e_);
        continue;
      }
      value(at.at(key.text), found.what);
    }
    missing(at, schema, misspelt);
  }

  void missing(const yaml_place& at, const shape& schema, const std::set<std::string>& misspelt = {}) {
    const auto here = resolved(schema);
    const auto* required = here.is_open() ? nullptr : member(*here.schema, "required");
    if (!required || !required->is_array()) return;
    for (const auto& name : required->get_array())
      if (name.is_string() && !at.has(std::string_view(name.get_string())) && !misspelt.contains(std::string(name.get_string())))
        e_.push_back({"missing_argument", at.where_key(), what_ + " '" + std::string(name.get_string()) + "', which is missing", "", "Add '" + std::string(name.get_string()) + ":'"});
  }

private:
  void value(const yaml_place& at, const shape& schema) {
    const auto& node = at.node();
    const auto wanted = kind_of_shape(schema);
    if (node.is == yaml_node::form::text && has_hole(node.text)) {
      const auto known = kind_of_shape(check_text(at, scope_, e_));
      if (!wanted.empty() && !known.empty() && wanted != known)
        e_.push_back({"wrong_type", at.where(), "'" + std::string(at.key()) + "' gets " + known, wanted, wanted == "a text" && known == "a list" ? "Take one item, or write it as a text" : ""});
      return;
    }
    if (node.is == yaml_node::form::map && (wanted.empty() || wanted == "an object") && holes_in(at)) return object(at, schema);
    if (node.is == yaml_node::form::list && (wanted.empty() || wanted == "a list") && holes_in(at)) {
      const auto items = items_of(schema);
      for (std::size_t i = 0; i < node.items.size(); ++i) value(at.item(i), items);
      return;
    }
    if (schema.is_open()) return check_texts(at, scope_, e_);
    // A literal: the schema itself judges it.
    errors own;
    json literal;
    read_yaml_json(at, literal, own);
    if (!own.empty()) return;
    json alone = *schema.schema;
    if (schema.root && alone.is_object() && schema.root != schema.schema)
      if (const auto* definitions = member(*schema.root, "$defs")) alone.get_object()["$defs"] = *definitions;
    const auto judge = steward::schema::parse(alone);
    if (!judge) return;  // the owner's schema is wrong; that is an error of its own
    for (auto& trouble : judge->validate(literal)) {
      trouble.where = at.along(trouble.where).where();
      e_.push_back(std::move(trouble));
    }
  }

  const std::string& what_;
  const name_scope& scope_;
  errors& e_;
};

}  // namespace

void check_arguments(const yaml_place& step, const json& schema, const std::string& what, const name_scope& scope, errors& e) {
  const auto expected = shape::of(schema);
  argument_check check(what, scope, e);
  if (!step.has("with")) return check.missing(step, expected);
  const auto with = step.at("with");
  if (with.node().is == yaml_node::form::map) return check.object(with, expected);
  if (with.node().is == yaml_node::form::text && has_hole(with.node().text)) {
    const auto known = kind_of_shape(check_text(with, scope, e));
    const auto wanted = kind_of_shape(expected);
    if (!known.empty() && !wanted.empty() && known != wanted) e.push_back({"wrong_type", with.where(), "'with' is " + known, wanted, ""});
    return;
  }
  e.push_back({"wrong_type", with.where(), "found " + with.shown(), "a map of arguments, or one ${} that gives it", ""});
}

}  // namespace steward
