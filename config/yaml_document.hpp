/// A YAML file as a tree that knows where everything stands, down to the column inside a text.
///
/// The YAML of Steward is the plain part of YAML 1.2: maps, lists, texts in any style, comments, one document. Anchors,
/// aliases, merge keys, tags, second documents and keys that are not texts are refused (yaml_feature), because a manifest
/// must mean what it seems to mean in a review. Duplicate keys are refused; yaml-cpp would take them.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/error.hpp"
#include "runtime/json.hpp"

namespace steward {

struct yaml_node {
  enum class form { nothing, text, list, map };
  form is = form::nothing;
  std::string text;               // of a text
  bool quoted = false;            // a text in quotes or a block, which is never a number, true, false or null
  std::size_t from = 0;           // where it begins, in bytes of the file
  std::vector<yaml_node> keys;    // of a map
  std::vector<yaml_node> items;   // of a list; of a map, in the order of its keys
};

class yaml_place;

class yaml_document {
public:
  /// Reads `text`; what is wrong with it is added to `errors`, and then the tree may be incomplete.
  /// Codes: not_utf8, file_too_big, yaml_syntax, yaml_tab, yaml_feature, duplicate_key.
  static std::shared_ptr<const yaml_document> parse(std::string file, std::string text, std::vector<error>& errors);

  const std::string& file() const { return file_; }
  const yaml_node& tree() const { return root_; }
  yaml_place root() const;

  /// "roles/editor.yaml:3:7": line and column count from 1, columns in characters.
  std::string at(std::size_t offset) const;
  /// Where byte `offset` of a text's value stands in the file, through quotes, escapes, blocks and folded lines.
  std::size_t source_of(const yaml_node& text, std::size_t offset) const;

private:
  friend class yaml_builder;
  /// The end of a text; sets `closed` to false when its closing quote is missing.
  std::size_t end_of(const yaml_node& text, bool& closed) const;

  std::string file_;
  std::string text_;
  std::vector<std::size_t> lines_;  // where each line begins
  yaml_node root_;
};

/// A node with its document and key: what errors point at. Going down to a child that is not there stays where it is, so
/// that an error about something missing points at what should hold it.
class yaml_place {
public:
  yaml_place() = default;
  yaml_place(const yaml_document& document, const yaml_node& node, const yaml_node* key = nullptr) : document_(&document), node_(&node), key_(key) {}

  const yaml_node& node() const { return *node_; }
  /// The value at `key` of a map.
  yaml_place at(std::string_view key) const;
  yaml_place item(std::size_t index) const;
  bool has(std::string_view key) const;
  /// The place at a path such as "lead.tags[2]", or as near to it as the file goes.
  yaml_place along(std::string_view path) const;

  /// file:line:column of the value; of its key when there is no value.
  std::string where() const;
  /// The same of the key.
  std::string where_key() const;
  /// Of byte `offset` inside the text.
  std::string where_in(std::size_t offset) const;

  /// "'10'", "a list", "nothing": for `found` of an error.
  std::string shown() const;
  /// The name under which it stands, or empty.
  std::string_view key() const { return key_ ? std::string_view(key_->text) : std::string_view{}; }

private:
  const yaml_document* document_ = nullptr;
  const yaml_node* node_ = nullptr;
  const yaml_node* key_ = nullptr;
};

}  // namespace steward
