#include "config/yaml_document.hpp"

#include <sstream>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "config/yaml_syntax.hpp"

namespace steward {
namespace {

constexpr std::size_t file_bytes_most = 1 << 20;  // A manifest is read by people; a megabyte is a slip or an attack.
constexpr std::size_t depth_most = 64;            // As for JSON.

bool blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// The offset of the first byte that is not valid UTF-8 or is a control character, or npos.
std::size_t first_bad_byte(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    std::size_t more = 0;
    if (byte < 0x80) {
      if ((byte < 0x20 && !blank(char(byte))) || byte == 0x7f) return at;
    } else if (byte >= 0xc2 && byte <= 0xdf) more = 1;
    else if (byte >= 0xe0 && byte <= 0xef) more = 2;
    else if (byte >= 0xf0 && byte <= 0xf4) more = 3;
    else return at;
    for (std::size_t i = 1; i <= more; ++i)
      if (at + i >= text.size() || (static_cast<unsigned char>(text[at + i]) & 0xc0) != 0x80) return at;
    at += more + 1;
  }
  return std::string_view::npos;
}

/// In double quotes: how long the escape at `p` is if it stands for white space, else 0.
std::size_t white_escape(std::string_view source, std::size_t p) {
  if (p + 1 >= source.size() || source[p] != '\\') return 0;
  const char c = source[p + 1];
  if (std::string_view("nrt \t\n").find(c) != std::string_view::npos) return 2;
  const std::size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
  if (digits == 0 || p + 2 + digits > source.size()) return 0;
  const auto code = source.substr(p + 2, digits);
  for (const auto* white : {"20", "09", "0a", "0A", "0d", "0D"})
    if (code.ends_with(white) && code.find_first_not_of('0') >= digits - 2) return 2 + digits;
  return 0;
}

std::size_t skip_white(std::string_view source, std::size_t p, char style) {
  for (;;) {
    if (p < source.size() && blank(source[p])) ++p;
    else if (const auto length = style == '"' ? white_escape(source, p) : 0; length > 0) p += length;
    else return p;
  }
}

/// How many bytes of the source stand for how many bytes of the value, for the character that begins at `p`.
std::pair<std::size_t, std::size_t> one_character(std::string_view source, std::size_t p, char style, char value) {
  if (style == '\'' && source[p] == '\'') return {2, 1};
  if (style != '"' || source[p] != '\\' || p + 1 >= source.size()) return {1, 1};
  const char c = source[p + 1];
  const auto lead = static_cast<unsigned char>(value);
  const std::size_t made = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  return {c == 'x' ? 4 : c == 'u' ? 6 : c == 'U' ? 10 : 2, made};
}

}  // namespace

/// Takes yaml-cpp's events and builds the tree; refuses what a manifest must not use.
class yaml_builder final : public YAML::EventHandler {
public:
  yaml_builder(yaml_document& document, std::vector<error>& errors) : document_(document), errors_(errors) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    yaml_node node;
    node.from = offset(mark);
    const char there = node.from < document_.text_.size() ? document_.text_[node.from] : '\0';
    last_ = std::max(last_, node.from);
    const bool written = there == '~' || there == 'n' || there == 'N';
    // A value that is left out has the next token's mark; its key is the place to look at.
    if (!written && !stack_.empty() && stack_.back()->keys.size() > stack_.back()->items.size()) node.from = stack_.back()->keys.back().from;
    if (written) last_ = std::max(last_, node.from + (there == '~' ? 1 : 4));
    add(std::move(node));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    feature(offset(mark), "an alias (*)", "Write the value out");
    yaml_node node;
    node.from = offset(mark);
    add(std::move(node));
  }
  void OnAnchor(const YAML::Mark& mark, const std::string& name) override { feature(offset(mark), "the anchor '&" + name + "'", "Write the value out where it is used"); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, const std::string& value) override {
    yaml_node node;
    node.is = yaml_node::form::text;
    node.from = offset(mark);
    node.text = value;
    node.quoted = tag == "!";
    refuse_tag(mark, tag);
    bool closed = true;
    last_ = std::max(last_, document_.end_of(node, closed));
    if (!closed) {
      errors_.push_back({"yaml_syntax", document_.at(node.from), "the quote that opens here is never closed", "the same quote at the end of the text", ""});
      throw stop{};
    }
    if (!stack_.empty() && stack_.back()->is == yaml_node::form::map && stack_.back()->keys.size() == stack_.back()->items.size() && !node.quoted && value == "<<")
      feature(node.from, "a merge key (<<)", "Write the keys out");
    add(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, YAML::EmitterStyle::value) override { open(yaml_node::form::list, mark, tag); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, YAML::EmitterStyle::value) override { open(yaml_node::form::map, mark, tag); }
  void OnSequenceEnd() override { stack_.pop_back(); }
  void OnMapEnd() override {
    const auto& map = *stack_.back();
    for (std::size_t i = 0; i < map.keys.size(); ++i)
      for (std::size_t first = 0; first < i; ++first)
        if (map.keys[i].text == map.keys[first].text) {
          const auto before = document_.at(map.keys[first].from);
          errors_.push_back({"duplicate_key", document_.at(map.keys[i].from), "the key '" + map.keys[i].text + "' stands here a second time",
                             "each key once; the first is at " + before, "Keep one of the two"});
          break;
        }
    stack_.pop_back();
  }

  struct stop {};  // thrown when going on makes no sense
  std::size_t last() const { return last_; }

private:
  std::size_t offset(const YAML::Mark& mark) const {
    const auto line = std::min<std::size_t>(std::size_t(std::max(mark.line, 0)), document_.lines_.size() - 1);
    return std::min(document_.lines_[line] + std::size_t(std::max(mark.column, 0)), document_.text_.size());
  }
  void feature(std::size_t at, std::string what, std::string advice) {
    errors_.push_back({"yaml_feature", document_.at(at), what + " is not used in manifests", "plain maps, lists and texts", std::move(advice)});
  }
  void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!") feature(offset(mark), "the tag '" + tag + "'", "Leave the tag out; put a text in quotes");
  }
  void open(yaml_node::form form, const YAML::Mark& mark, const std::string& tag) {
    refuse_tag(mark, tag);
    yaml_node node;
    node.is = form;
    node.from = offset(mark);
    last_ = std::max(last_, node.from);
    if (stack_.size() >= depth_most) {
      errors_.push_back({"yaml_syntax", document_.at(node.from), "this is nested more than 64 levels deep", "a flatter file", ""});
      throw stop{};
    }
    stack_.push_back(add(std::move(node)));
  }
  /// Puts the node into the map or list that is open, and returns where it went.
  yaml_node* add(yaml_node node) {
    if (stack_.empty()) {
      document_.root_ = std::move(node);
      return &document_.root_;
    }
    auto& parent = *stack_.back();
    if (parent.is == yaml_node::form::map && parent.keys.size() == parent.items.size()) {
      if (node.is != yaml_node::form::text) {
        feature(node.from, "a key that is no text", "Give the key a name; put a text that begins with { or [ in quotes");
        throw stop{};
      }
      parent.keys.push_back(std::move(node));
      return &parent.keys.back();
    }
    parent.items.push_back(std::move(node));
    return &parent.items.back();
  }

  yaml_document& document_;
  std::vector<error>& errors_;
  std::vector<yaml_node*> stack_;  // what is open; a parent takes no new child while one is open, so the pointers hold
  std::size_t last_ = 0;           // how far into the file the tree reaches
};

std::shared_ptr<const yaml_document> yaml_document::parse(std::string file, std::string text, std::vector<error>& errors) {
  auto document = std::make_shared<yaml_document>();
  auto& d = *document;
  d.file_ = std::move(file);
  d.text_ = std::move(text);
  if (d.text_.starts_with("\xef\xbb\xbf")) d.text_.erase(0, 3);  // a byte order mark says nothing in UTF-8
  d.lines_.push_back(0);
  for (std::size_t i = 0; i < d.text_.size(); ++i)
    if (d.text_[i] == '\n') d.lines_.push_back(i + 1);
  if (d.text_.size() > file_bytes_most) {
    errors.push_back({"file_too_big", d.file_, "the file has " + std::to_string(d.text_.size()) + " bytes", "at most a megabyte", "Split it"});
    return document;
  }
  if (const auto bad = first_bad_byte(d.text_); bad != std::string::npos) {
    errors.push_back({"not_utf8", d.at(bad), "this byte is no text in UTF-8, or a control character", "a text file in UTF-8", "Save the file as UTF-8"});
    return document;
  }
  yaml_builder builder(d, errors);
  std::istringstream in(d.text_);
  try {
    YAML::Parser parser(in);
    parser.HandleNextDocument(builder);
  } catch (const yaml_builder::stop&) {
    return document;
  } catch (const YAML::Exception& e) {
    const auto line = std::min<std::size_t>(std::size_t(std::max(e.mark.line, 0)), d.lines_.size() - 1);
    const auto trouble = explain_syntax(d.text_, d.lines_, line, std::size_t(std::max(e.mark.column, 0)), e.msg);
    errors.push_back({trouble.code, d.at(trouble.offset), trouble.found, trouble.expected, trouble.advice});
    return document;
  }
  // yaml-cpp stops without a word where a second root begins; whatever is left over must not be lost in silence.
  if (const auto left = left_over(d.text_, builder.last()); left != std::string::npos) {
    if (std::string_view(d.text_).substr(left).starts_with("---"))
      errors.push_back({"yaml_feature", d.at(left), "a second document begins here", "one document in a file", "Put it into a file of its own"});
    else
      errors.push_back({"yaml_syntax", d.at(left), "this does not belong to what stands above it", "one map, its keys at the same indentation", "Indent it like its neighbours"});
  }
  return document;
}

std::string yaml_document::at(std::size_t offset) const {
  offset = std::min(offset, text_.size());
  const auto line = std::size_t(std::upper_bound(lines_.begin(), lines_.end(), offset) - lines_.begin()) - 1;
  std::size_t column = 1;
  for (std::size_t i = lines_[line]; i < offset; ++i) column += (static_cast<unsigned char>(text_[i]) & 0xc0) != 0x80;
  return file_ + ":" + std::to_string(line + 1) + ":" + std::to_string(column);
}

/// Goes through source and value side by side. Folding, indentation and blocks only change white space, so only the other
/// characters are matched.
std::size_t yaml_document::source_of(const yaml_node& node, std::size_t offset) const {
  const auto& value = node.text;
  const char style = node.quoted && node.from < text_.size() ? text_[node.from] : ' ';
  std::size_t p = node.from;
  if (style == '"' || style == '\'') ++p;
  if (style == '|' || style == '>') p = std::min(text_.find('\n', p), text_.size());
  for (std::size_t i = 0;;) {
    auto next = i;
    while (next < value.size() && blank(value[next])) ++next;
    if (offset < next || next == value.size()) {
      while (i < offset && i < next && p < text_.size() && text_[p] == ' ') ++i, ++p;
      return p;
    }
    p = skip_white(text_, p, style);
    i = next;
    if (i == offset || p >= text_.size()) return p;
    const auto [taken, made] = one_character(text_, p, style, value[i]);
    if (offset < i + made) return p;
    p += taken;
    i += made;
  }
}

std::size_t yaml_document::end_of(const yaml_node& node, bool& closed) const {
  const auto end = source_of(node, node.text.size());
  const char style = node.quoted && node.from < text_.size() ? text_[node.from] : ' ';
  if (style != '"' && style != '\'') return end;
  const auto quote = skip_white(text_, end, style);
  closed = quote < text_.size() && text_[quote] == style;
  return quote + 1;
}

yaml_place yaml_document::root() const { return yaml_place(*this, root_); }

yaml_place yaml_place::at(std::string_view key) const {
  for (std::size_t i = 0; i < node_->keys.size() && i < node_->items.size(); ++i)
    if (node_->keys[i].text == key) return yaml_place(*document_, node_->items[i], &node_->keys[i]);
  return *this;
}

yaml_place yaml_place::item(std::size_t index) const {
  if (node_->is != yaml_node::form::list || index >= node_->items.size()) return *this;
  return yaml_place(*document_, node_->items[index]);
}

yaml_place yaml_place::along(std::string_view path) const {
  auto here = *this;
  while (!path.empty()) {
    if (path[0] == '[') {
      const auto close = std::min(path.find(']'), path.size());
      std::size_t index = 0;
      for (const char c : path.substr(1, close - 1)) index = index * 10 + std::size_t(c - '0');
      here = here.item(index);
      path = path.substr(std::min(close + 1, path.size()));
    } else {
      const auto end = std::min(path.find_first_of(".["), path.size());
      here = here.at(path.substr(0, end));
      path = path.substr(end);
    }
    if (path.starts_with('.')) path.remove_prefix(1);
  }
  return here;
}

bool yaml_place::has(std::string_view key) const {
  for (const auto& k : node_->keys)
    if (k.text == key) return true;
  return false;
}

std::string yaml_place::where() const { return document_->at(node_->from); }
std::string yaml_place::where_key() const { return document_->at(key_ ? key_->from : node_->from); }
std::string yaml_place::where_in(std::size_t offset) const {
  return document_->at(node_->is == yaml_node::form::text ? document_->source_of(*node_, offset) : node_->from);
}

std::string yaml_place::shown() const {
  switch (node_->is) {
    case yaml_node::form::nothing: return "nothing";
    case yaml_node::form::list: return "a list";
    case yaml_node::form::map: return "a map";
    case yaml_node::form::text: break;
  }
  std::string text = node_->text.substr(0, node_->text.find('\n'));
  if (text.size() > 60) {
    text.resize(57);
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xc0) == 0x80) text.pop_back();
    text += "...";
  }
  return "'" + text + "'";
}

}  // namespace steward
