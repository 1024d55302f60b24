#include "connectors/local_model_template.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <date/tz.h>
#include <fmt/format.h>

#include "connectors/text_rank.hpp"
#include "runtime/clock.hpp"

namespace steward {

enum class part_kind { text, hole, section, inverted };

struct model_template::part {
  part_kind kind = part_kind::text;
  std::string text;                // the fixed text, or the path of a hole or section
  std::string helper;              // of a hole; may be empty
  std::vector<std::string> words;  // what follows the path of a helper
  int line = 0;
  std::vector<part> inner;
};

namespace {

using part = model_template::part;

constexpr std::size_t output_max = 400'000;  // bytes; ten times a long page: more is a list that nobody bounded
constexpr int depth_max = 16;                // sections in sections
constexpr int turns_max = 100'000;           // three lists of 40 inside each other are 64,000
constexpr std::int64_t sentences_most = 50;

struct helper_rule {
  std::string_view name;
  std::size_t words_most;  // behind the path
  std::string_view shape;
};
constexpr helper_rule helpers[] = {
    {"count", 0, "{{count list}}"}, {"date", 1, "{{date path zone}}"}, {"first", 0, "{{first path}}"},
    {"first_word", 0, "{{first_word path}}"}, {"join", 0, "{{join list}}"}, {"line", 0, "{{line path}}"},
    {"lines", 1, "{{lines path 5}}"}, {"quote", 0, "{{quote path}}"}, {"summary", 1, "{{summary path 2}}"},
};

error bad(const std::string& name, int line, std::string found, std::string expected, std::string advice = {}) {
  return {"bad_prompt", fmt::format("{}:{}", name, line), std::move(found), std::move(expected), std::move(advice)};
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& names) {
  const auto near = nearest_name(word, names);
  return near.empty() ? "" : "Did you mean '" + near + "'?";
}

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    const auto from = text.find_first_not_of(" \t\n", at);
    if (from == text.npos) break;
    at = std::min(text.find_first_of(" \t\n", from), text.size());
    out.emplace_back(text.substr(from, at - from));
  }
  return out;
}

bool is_path(std::string_view path) {
  if (path == ".") return true;
  if (path.empty() || path.front() == '.' || path.back() == '.' || path.find("..") != path.npos) return false;
  return std::all_of(path.begin(), path.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.'; });
}

/// Reads the text from front to back; a stack of open sections holds what is being built.
class template_reader {
public:
  template_reader(std::string_view text, const std::string& name, int line) : text_(text), name_(name), line_(line) { open_.push_back({}); }

  result<std::vector<part>> read() {
    while (at_ < text_.size()) {
      const auto tag = text_.find("{{", at_);
      if (tag == text_.npos) break;
      const auto close = text_.find("}}", tag);
      const int line = line_ + int(std::count(text_.begin() + long(at_), text_.begin() + long(tag), '\n'));
      if (close == text_.npos) return bad(name_, line, "a tag begins with {{ and never ends", "}} behind it");
      if (auto r = take_tag(tag, close, line); !r) return r.error();
    }
    add_text(text_.substr(at_));
    if (open_.size() > 1) {
      const auto& left = open_.back();
      return bad(name_, left.line, "the section '" + left.text + "' never ends", "{{/" + left.text + "}} below it", "A section can't reach over a '## field' heading");
    }
    return std::move(open_.back().inner);
  }

private:
  result<void> take_tag(std::size_t tag, std::size_t close, int line) {
    auto inside = text_.substr(tag + 2, close - tag - 2);
    const char sign = inside.empty() ? ' ' : inside.front();
    if (sign == '{' || sign == '&')
      return bad(name_, line, "{{" + std::string(inside) + "}} asks for unescaped text", "{{path}}", "Write two braces: nothing is escaped here");
    if (sign == '>' || sign == '=' || sign == '<' || sign == '$')
      return bad(name_, line, "{{" + std::string(inside) + "}} is not in the subset of Mustache that is known here", "a path, a section or a helper", "docs/local_model.md lists them");
    const bool structural = sign == '#' || sign == '^' || sign == '/' || sign == '!';
    auto [before, after] = std::pair{tag, close + 2};
    if (structural) alone_on_its_line(before, after);
    add_text(text_.substr(at_, before - at_));
    line_ += int(std::count(text_.begin() + long(at_), text_.begin() + long(after), '\n'));
    at_ = after;
    if (sign == '!') return {};
    if (structural) inside.remove_prefix(1);
    auto words = split_words(inside);
    if (words.empty()) return bad(name_, line, "a tag is empty", "a path such as {{lead.name}}");
    if (structural) return take_section(sign, words, line);
    return take_hole(std::move(words), line);
  }

  result<void> take_section(char sign, const std::vector<std::string>& words, int line) {
    const auto& path = words.front();
    if (words.size() != 1 || !is_path(path)) return bad(name_, line, fmt::format("'{}' is no path", fmt::join(words, " ")), "one path such as {{#findings}}");
    if (sign != '/') {
      if (open_.size() > std::size_t(depth_max)) return bad(name_, line, "sections are nested too deep", fmt::format("at most {} levels", depth_max));
      open_.push_back({.kind = sign == '#' ? part_kind::section : part_kind::inverted, .text = path, .line = line});
      return {};
    }
    if (open_.size() == 1) return bad(name_, line, "{{/" + path + "}} ends a section that never began", "{{#" + path + "}} above it");
    if (open_.back().text != path)
      return bad(name_, line, "{{/" + path + "}} ends the section '" + open_.back().text + "' of line " + std::to_string(open_.back().line), "{{/" + open_.back().text + "}}");
    part done = std::move(open_.back());
    open_.pop_back();
    open_.back().inner.push_back(std::move(done));
    return {};
  }

  result<void> take_hole(std::vector<std::string> words, int line) {
    part hole{.kind = part_kind::hole, .text = words.front(), .line = line};
    if (words.size() > 1) {
      const auto* rule = std::find_if(std::begin(helpers), std::end(helpers), [&](const auto& h) { return h.name == words[0]; });
      if (rule == std::end(helpers)) {
        std::vector<std::string> names;
        for (const auto& h : helpers) names.emplace_back(h.name);
        return bad(name_, line, "'" + words[0] + "' is no helper", fmt::format("one of {}", fmt::join(names, ", ")), did_you_mean(words[0], names));
      }
      if (words.size() - 2 > rule->words_most) return bad(name_, line, fmt::format("{{{{{}}}}} has a word too many", fmt::join(words, " ")), std::string(rule->shape));
      hole.helper = words[0];
      hole.text = words[1];
      hole.words.assign(words.begin() + 2, words.end());
      const bool counts = hole.helper == "summary" || hole.helper == "lines";
      if (counts && !hole.words.empty()) {
        std::int64_t count = 0;
        const auto& word = hole.words[0];
        const auto [end, trouble] = std::from_chars(word.data(), word.data() + word.size(), count);
        if (trouble != std::errc{} || end != word.data() + word.size() || count < 1 || count > sentences_most)
          return bad(name_, line, "'" + word + "' is no such number", fmt::format("a number from 1 to {}, as in {}", sentences_most, rule->shape));
      }
    }
    if (!is_path(hole.text)) return bad(name_, line, "'" + hole.text + "' is no path", "names joined by dots, such as lead.name");
    open_.back().inner.push_back(std::move(hole));
    return {};
  }

  /// A section tag with a line to itself leaves no empty line behind.
  void alone_on_its_line(std::size_t& before, std::size_t& after) const {
    auto from = before;
    while (from > 0 && (text_[from - 1] == ' ' || text_[from - 1] == '\t')) --from;
    auto to = after;
    while (to < text_.size() && (text_[to] == ' ' || text_[to] == '\t' || text_[to] == '\r')) ++to;
    if ((from > 0 && text_[from - 1] != '\n') || from < at_ || (to < text_.size() && text_[to] != '\n')) return;
    before = from;
    after = std::min(to + 1, text_.size());
  }

  void add_text(std::string_view text) {
    if (!text.empty()) open_.back().inner.push_back({.kind = part_kind::text, .text = std::string(text)});
  }

  std::string_view text_;
  const std::string& name_;
  int line_;
  std::size_t at_ = 0;
  std::vector<part> open_;
};

bool is_nothing(const json* value) {
  if (!value || value->is_null()) return true;
  if (value->is_bool()) return !value->get_bool();
  if (value->is_string()) return value->get_string().empty();
  if (value->is_array()) return value->get_array().empty();
  if (value->is_int64()) return value->get_int64() == 0;
  if (value->is_uint64()) return value->get_uint64() == 0;
  return value->is_double() && value->get_double() == 0;
}

std::string plain(const json& value) {
  if (value.is_string()) return std::string(value.get_string());
  return value.is_null() ? "" : canonical(value);
}

class template_writer {
public:
  template_writer(const std::string& name, const json& with) : name_(name) { stack_.push_back(&with); }

  /// `holes`: where each hole's text goes by itself; nullptr: all goes into `out`.
  result<void> write(const std::vector<part>& parts, std::string& out, std::vector<std::string>* holes) {
    if (++turns_ > turns_max) return bad(name_, parts.empty() ? 0 : parts.front().line, "the sections go round too often", fmt::format("at most {} rounds", turns_max), "Bound the lists, or nest fewer sections");
    for (const auto& p : parts) {
      if (p.kind == part_kind::text) {
        if (!holes) out += p.text;
      } else if (p.kind == part_kind::hole) {
        auto text = filled(p);
        if (!text) return text.error();
        size_ += text->size();
        if (holes) holes->push_back(std::move(*text));
        else out += *text;
      } else if (auto r = write_section(p, out, holes); !r) {
        return r;
      }
      if (out.size() > output_max || size_ > output_max)
        return error{"bad_model_answer", fmt::format("{}:{}", name_, p.line), "the draft grew beyond " + std::to_string(output_max) + " bytes", "a text that someone reads", "Bound the list that fills it"};
    }
    return {};
  }

private:
  result<void> write_section(const part& p, std::string& out, std::vector<std::string>* holes) {
    const auto* value = find(p.text);
    if (p.kind == part_kind::inverted) return is_nothing(value) ? write(p.inner, out, holes) : result<void>{};
    if (is_nothing(value)) return {};
    const auto once = [&](const json& item) {
      stack_.push_back(&item);
      auto r = write(p.inner, out, holes);
      stack_.pop_back();
      return r;
    };
    if (!value->is_array()) return once(*value);
    for (const auto& item : value->get_array())
      if (auto r = once(item); !r) return r;
    return {};
  }

  /// The innermost section that knows the first name decides; the rest of the path is looked for in its value only.
  const json* find(std::string_view path) const {
    if (path == ".") return stack_.back();
    const auto dot = path.find('.');
    const auto head = path.substr(0, dot);
    for (auto at = stack_.rbegin(); at != stack_.rend(); ++at) {
      const auto* object = (*at)->if_object();
      const auto* value = object ? object->if_contains(head) : nullptr;
      if (value) return dot == path.npos ? value : at_path(*value, path.substr(dot + 1));
    }
    return nullptr;
  }

  result<const json*> must_find(const part& p) const {
    if (const auto* value = find(p.text)) return value;
    std::vector<std::string> names;
    const auto collect = [&](const json& value, const std::string& before) {
      if (const auto* object = value.if_object())
        for (const auto& pair : *object) names.push_back(before + std::string(pair.key()));
    };
    for (const auto* level : stack_) collect(*level, "");
    // "lead.adress": the names inside `lead` are nearer than those beside it.
    for (auto dot = p.text.rfind('.'); dot != std::string::npos && dot > 0; dot = p.text.rfind('.', dot - 1))
      if (const auto* parent = find(std::string_view(p.text).substr(0, dot))) collect(*parent, p.text.substr(0, dot + 1));
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    auto known = fmt::format("{}", fmt::join(names.begin(), names.begin() + long(std::min<std::size_t>(names.size(), 20)), ", "));
    auto advice = did_you_mean(p.text, names);
    if (advice.empty()) advice = "Where it may be absent, put {{#" + p.text + "}}…{{/" + p.text + "}} around it";
    return bad(name_, p.line, "nothing fills {{" + p.text + "}}", known.empty() ? "something in the material" : "one of " + known, std::move(advice));
  }

  result<std::string> filled(const part& p) const {
    const auto found = must_find(p);
    if (!found) return found.error();
    const json& value = **found;
    if (!p.helper.empty()) return helped(p, value);
    if (value.is_array() || value.is_object())
      return bad(name_, p.line, "{{" + p.text + "}} is a " + (value.is_array() ? "list" : "map"), "a text or a number",
                 value.is_array() ? "Write {{#" + p.text + "}}{{.}}{{/" + p.text + "}}, or {{join " + p.text + "}}" : "Name one of its fields: {{" + p.text + ".…}}");
    return plain(value);
  }

  result<std::string> helped(const part& p, const json& value) const {
    const auto& h = p.helper;
    const auto count = [&](std::size_t otherwise) { return p.words.empty() ? otherwise : std::size_t(std::stoul(p.words[0])); };
    if (h == "count") return std::to_string(value.is_array() ? value.get_array().size() : is_nothing(&value) ? 0 : 1);
    if (h == "date") {
      std::string zone = p.words.empty() ? "UTC" : p.words[0];
      if (const auto* named = is_path(zone) ? find(zone) : nullptr; named && named->is_string()) zone = std::string(named->get_string());
      auto text = readable_date(plain(value), zone);
      if (text) return text;
      auto e = text.error();
      e.where = fmt::format("{}:{}", name_, p.line);
      return e;
    }
    const auto texts = texts_in(value);
    if (h == "join") return fmt::format("{}", fmt::join(texts, ", "));
    if (texts.empty()) return std::string();
    if (h == "summary") {
      std::vector<std::string> all;
      for (const auto& text : texts)
        for (auto& sentence : sentences_of(text)) all.push_back(std::move(sentence));
      return fmt::format("{}", fmt::join(text_rank(all, count(3)), " "));
    }
    if (h == "first") {
      if (value.is_array()) return texts.front();
      const auto sentences = sentences_of(texts.front());
      return sentences.empty() ? std::string() : sentences.front();
    }
    const auto& text = texts.front();
    if (h == "first_word") {
      const auto words = split_words(text);
      return words.empty() ? std::string() : words.front();
    }
    if (h == "line") return fmt::format("{}", fmt::join(split_words(text), " "));
    // quote and lines go line by line.
    std::string out;
    std::size_t taken = 0;
    for (std::size_t at = 0; at < text.size() && (h == "quote" || taken < count(5)); ++taken) {
      const auto end = std::min(text.find('\n', at), text.size());
      if (taken > 0) out += '\n';
      if (h == "quote") out += end > at ? "> " : ">";
      out.append(text, at, end - at);
      at = end + 1;
    }
    return out;
  }

  const std::string& name_;
  std::vector<const json*> stack_;
  std::size_t size_ = 0;
  int turns_ = 0;
};

bool any_hole(const std::vector<part>& parts) {
  return std::any_of(parts.begin(), parts.end(), [](const part& p) { return p.kind == part_kind::hole || any_hole(p.inner); });
}

}  // namespace

result<model_template> model_template::parse(std::string_view text, const std::string& name, int first_line) {
  auto parts = template_reader(text, name, first_line).read();
  if (!parts) return parts.error();
  model_template out;
  out.name_ = name;
  out.parts_ = std::make_shared<const std::vector<part>>(std::move(*parts));
  return out;
}

result<std::string> model_template::render(const json& with) const {
  std::string out;
  if (auto r = template_writer(name_, with).write(*parts_, out, nullptr); !r) return r.error();
  return out;
}

result<std::vector<std::string>> model_template::material(const json& with) const {
  std::string out;
  std::vector<std::string> holes;
  if (auto r = template_writer(name_, with).write(*parts_, out, &holes); !r) return r.error();
  return holes;
}

bool model_template::has_holes() const { return any_hole(*parts_); }

result<std::string> readable_date(std::string_view text, const std::string& zone) {
  using namespace std::chrono;
  constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day_text = [&](const year_month_day& d) { return fmt::format("{} {} {}", unsigned(d.day()), months[unsigned(d.month()) - 1], int(d.year())); };
  if (text.size() == 10) {
    if (const auto day = parse_time(std::string(text) + "T00:00:00Z")) return day_text(year_month_day{floor<days>(*day)});
  }
  const auto moment = parse_time(text);
  if (!moment) return error{"bad_prompt", "", "'" + std::string(text.substr(0, 60)) + "' is no date", "a day such as 2026-11-21, or a moment such as 2026-11-21T09:30:00Z"};
  const date::time_zone* place = nullptr;
  try {
    place = date::locate_zone(zone);
  } catch (const std::exception&) {
    return error{"bad_prompt", "", "'" + zone.substr(0, 60) + "' is no time zone", "a name such as Europe/Berlin"};
  }
  const auto local = place->to_local(*moment).time_since_epoch();
  const auto whole_days = floor<days>(local);
  const auto minute = floor<minutes>(local - whole_days).count();
  return fmt::format("{}, {:02}:{:02}", day_text(year_month_day{sys_days{whole_days}}), minute / 60, minute % 60);
}

std::vector<std::string> texts_in(const json& value) {
  std::vector<std::string> out;
  if (value.is_string()) out.emplace_back(value.get_string());
  else if (value.is_number()) out.push_back(canonical(value));
  else if (const auto* list = value.if_array())
    for (const auto& item : *list) {
      if (item.is_array()) continue;
      for (auto& text : texts_in(item)) out.push_back(std::move(text));
    }
  else if (const auto* object = value.if_object())
    if (const auto* text = object->if_contains("text"); text && text->is_string()) out.emplace_back(text->get_string());
  return out;
}

}  // namespace steward
