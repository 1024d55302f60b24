#include "connectors/site_markdown.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include <fmt/format.h>
#include <md4c.h>

#include "runtime/visible_text.hpp"

namespace steward {
namespace {

void append_utf8(std::string& out, std::uint32_t c) {
  if (c < 0x80) out += char(c);
  else if (c < 0x800) out += {char(0xc0 | c >> 6), char(0x80 | (c & 0x3f))};
  else if (c < 0x10000) out += {char(0xe0 | c >> 12), char(0x80 | (c >> 6 & 0x3f)), char(0x80 | (c & 0x3f))};
  else out += {char(0xf0 | c >> 18), char(0x80 | (c >> 12 & 0x3f)), char(0x80 | (c >> 6 & 0x3f)), char(0x80 | (c & 0x3f))};
}

struct known_entity {
  std::string_view name, text;
};
constexpr known_entity entities[] = {{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&apos;", "'"}, {"&nbsp;", "\u00a0"}, {"&ndash;", "–"}, {"&mdash;", "—"},
                                     {"&hellip;", "…"}, {"&copy;", "©"}, {"&euro;", "€"}, {"&auml;", "ä"}, {"&ouml;", "ö"}, {"&uuml;", "ü"}, {"&szlig;", "ß"}};

/// "&amp;" or "&#x26;" -> "&". One that is not known stays as it stands, and is escaped as text: no browser resolves it then.
std::string resolved(std::string_view entity) {
  for (const auto& known : entities)
    if (known.name == entity) return std::string(known.text);
  if (entity.size() > 3 && entity[1] == '#') {
    const bool hex = entity[2] == 'x' || entity[2] == 'X';
    std::uint32_t code = 0;
    for (const char c : entity.substr(hex ? 3 : 2)) {
      if (c == ';') break;
      const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : 99;
      if (digit >= (hex ? 16 : 10) || code > 0x10ffff) return "\ufffd";
      code = code * (hex ? 16 : 10) + std::uint32_t(digit);
    }
    if (code == 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return "\ufffd";
    std::string out;
    append_utf8(out, code);
    return out;
  }
  return std::string(entity);
}

std::string text_of(const MD_ATTRIBUTE& attribute) {
  std::string out;
  for (int i = 0; attribute.text && attribute.substr_offsets[i] < attribute.size; ++i) {
    const std::string_view part(attribute.text + attribute.substr_offsets[i], attribute.substr_offsets[i + 1] - attribute.substr_offsets[i]);
    if (attribute.substr_types[i] == MD_TEXT_ENTITY) out += resolved(part);
    else if (attribute.substr_types[i] == MD_TEXT_NULLCHAR) out += "\ufffd";
    else out += part;
  }
  return out;
}

/// Bytes that may not stand in a URL become %XX; what is already written so stays.
std::string url_encoded(std::string_view target) {
  std::string out;
  for (const char c : target) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7f || c == '"' || c == '<' || c == '>' || c == '\\' || c == '^' || c == '`' || c == '{' || c == '|' || c == '}') out += fmt::format("%{:02X}", byte);
    else out += c;
  }
  return out;
}

constexpr std::array heading_open{"<h2>", "<h2>", "<h3>", "<h4>", "<h5>", "<h6>", "<h6>"};

/// What md4c calls back: one function for each kind of event. A callback that returns 1 ends the parsing.
class html_writer {
public:
  explicit html_writer(bool shift_headings) : shift_(shift_headings) {}

  int enter_block(MD_BLOCKTYPE type, void* detail) {
    switch (type) {
      case MD_BLOCK_DOC: break;
      case MD_BLOCK_QUOTE: out_ += "<blockquote>\n"; break;
      case MD_BLOCK_UL: out_ += "<ul>\n"; break;
      case MD_BLOCK_OL: {
        const auto start = static_cast<MD_BLOCK_OL_DETAIL*>(detail)->start;
        out_ += start == 1 ? "<ol>\n" : fmt::format("<ol start=\"{}\">\n", start);
        break;
      }
      case MD_BLOCK_LI: {
        const auto* item = static_cast<MD_BLOCK_LI_DETAIL*>(detail);
        out_ += !item->is_task ? "<li>" : item->task_mark == ' ' ? "<li>☐ " : "<li>☑ ";
        break;
      }
      case MD_BLOCK_HR: out_ += "<hr>\n"; break;
      case MD_BLOCK_H: out_ += heading(static_cast<MD_BLOCK_H_DETAIL*>(detail)->level); break;
      case MD_BLOCK_CODE: {
        auto lang = text_of(static_cast<MD_BLOCK_CODE_DETAIL*>(detail)->lang);
        const bool plain = std::all_of(lang.begin(), lang.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '+'; });
        out_ += "<pre tabindex=\"0\"><code" + (plain && !lang.empty() ? " class=\"language-" + lang + "\"" : std::string()) + ">";
        break;
      }
      case MD_BLOCK_HTML: break;  // never called: MD_FLAG_NOHTML makes it text
      case MD_BLOCK_P: out_ += "<p>"; break;
      case MD_BLOCK_TABLE: out_ += "<div class=\"wide\" role=\"region\" aria-label=\"Table\" tabindex=\"0\"><table>\n"; break;
      case MD_BLOCK_THEAD: out_ += "<thead>\n"; break;
      case MD_BLOCK_TBODY: out_ += "<tbody>\n"; break;
      case MD_BLOCK_TR: out_ += "<tr>"; break;
      case MD_BLOCK_TH: out_ += "<th scope=\"col\"" + alignment(detail) + ">"; break;
      case MD_BLOCK_TD: out_ += "<td" + alignment(detail) + ">"; break;
    }
    return full();
  }

  int leave_block(MD_BLOCKTYPE type, void* detail) {
    switch (type) {
      case MD_BLOCK_DOC: case MD_BLOCK_HR: case MD_BLOCK_HTML: break;
      case MD_BLOCK_QUOTE: out_ += "</blockquote>\n"; break;
      case MD_BLOCK_UL: out_ += "</ul>\n"; break;
      case MD_BLOCK_OL: out_ += "</ol>\n"; break;
      case MD_BLOCK_LI: out_ += "</li>\n"; break;
      case MD_BLOCK_H: out_ += "</" + heading(static_cast<MD_BLOCK_H_DETAIL*>(detail)->level).substr(1) + "\n"; break;
      case MD_BLOCK_CODE: out_ += "</code></pre>\n"; break;
      case MD_BLOCK_P: out_ += "</p>\n"; break;
      case MD_BLOCK_TABLE: out_ += "</table></div>\n"; break;
      case MD_BLOCK_THEAD: out_ += "</thead>\n"; break;
      case MD_BLOCK_TBODY: out_ += "</tbody>\n"; break;
      case MD_BLOCK_TR: out_ += "</tr>\n"; break;
      case MD_BLOCK_TH: out_ += "</th>"; break;
      case MD_BLOCK_TD: out_ += "</td>"; break;
    }
    return full();
  }

  int enter_span(MD_SPANTYPE type, void* detail) {
    if (type == MD_SPAN_IMG && images_++ == 0) {
      const auto* image = static_cast<MD_SPAN_IMG_DETAIL*>(detail);
      const auto source = text_of(image->src);
      image_safe_ = is_safe_link(source, false);
      if (image_safe_) out_ += "<img loading=\"lazy\" src=\"" + escaped(url_encoded(source)) + "\" alt=\"";
    } else if (images_ > 0) {
      return full();  // inside an image everything is its alternative text
    } else if (type == MD_SPAN_A) {
      const auto* link = static_cast<MD_SPAN_A_DETAIL*>(detail);
      const auto target = text_of(link->href);
      links_safe_.push_back(is_safe_link(target));
      if (!links_safe_.back()) return full();
      out_ += "<a href=\"" + escaped(url_encoded(target)) + "\"";
      if (const auto title = text_of(link->title); !title.empty()) out_ += " title=\"" + escaped(title) + "\"";
      out_ += ">";
    } else {
      out_ += tag(type, false);
    }
    return full();
  }

  int leave_span(MD_SPANTYPE type, void*) {
    if (type == MD_SPAN_IMG && --images_ == 0) {
      if (image_safe_) out_ += "\">";
    } else if (images_ > 0) {
      return full();
    } else if (type == MD_SPAN_A) {
      if (links_safe_.back()) out_ += "</a>";
      links_safe_.pop_back();
    } else {
      out_ += tag(type, true);
    }
    return full();
  }

  int text(MD_TEXTTYPE type, std::string_view text) {
    switch (type) {
      case MD_TEXT_NULLCHAR: out_ += "\ufffd"; break;
      case MD_TEXT_BR: out_ += images_ > 0 ? " " : "<br>\n"; break;
      case MD_TEXT_SOFTBR: out_ += images_ > 0 ? " " : "\n"; break;
      case MD_TEXT_ENTITY: out_ += escaped(resolved(text)); break;
      default: out_ += escaped(text);
    }
    return full();
  }

  std::string take() { return std::move(out_); }
  bool is_full() const { return out_.size() > site_html_max; }

private:
  int full() const { return is_full() ? 1 : 0; }
  std::string heading(unsigned level) const { return heading_open[std::min(level + (shift_ ? 1U : 0U), 6U) - 1]; }
  static std::string alignment(void* detail) {
    switch (static_cast<MD_BLOCK_TD_DETAIL*>(detail)->align) {
      case MD_ALIGN_CENTER: return " class=\"center\"";
      case MD_ALIGN_RIGHT: return " class=\"right\"";
      default: return "";
    }
  }
  static std::string tag(MD_SPANTYPE type, bool closes) {
    const char* name = type == MD_SPAN_EM ? "em" : type == MD_SPAN_STRONG ? "strong" : type == MD_SPAN_CODE ? "code" : type == MD_SPAN_DEL ? "del" : "";
    return *name ? std::string(closes ? "</" : "<") + name + ">" : std::string();
  }

  bool shift_;
  std::string out_;
  int images_ = 0;
  bool image_safe_ = false;
  std::vector<bool> links_safe_;
};

constexpr unsigned dialect = MD_DIALECT_GITHUB | MD_FLAG_NOHTML;

/// Does any heading of the first level stand there? Then all of them go one down.
bool has_first_level(std::string_view markdown) {
  bool found = false;
  MD_PARSER parser{};
  parser.flags = dialect;
  parser.enter_block = [](MD_BLOCKTYPE type, void* detail, void* data) {
    if (type == MD_BLOCK_H && static_cast<MD_BLOCK_H_DETAIL*>(detail)->level == 1) *static_cast<bool*>(data) = true;
    return 0;
  };
  parser.leave_block = [](MD_BLOCKTYPE, void*, void*) { return 0; };
  parser.enter_span = [](MD_SPANTYPE, void*, void*) { return 0; };
  parser.leave_span = [](MD_SPANTYPE, void*, void*) { return 0; };
  parser.text = [](MD_TEXTTYPE, const MD_CHAR*, MD_SIZE, void*) { return 0; };
  md_parse(markdown.data(), MD_SIZE(markdown.size()), &parser, &found);
  return found;
}

}  // namespace

bool is_safe_link(std::string_view target, bool mail_too) {
  // Browsers skip blanks and control characters in a scheme: "java\tscript:" would run.
  if (std::any_of(target.begin(), target.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; })) return false;
  if (target.empty() || target.front() == ' ' || target.front() == '\\' || target.starts_with("//") || target.starts_with("/\\")) return false;
  const auto end = target.find_first_of(":/?#");
  if (end == target.npos || target[end] != ':') return true;
  std::string scheme(target.substr(0, end));
  for (auto& c : scheme)
    if (c >= 'A' && c <= 'Z') c = char(c + 32);
  return scheme == "http" || scheme == "https" || (mail_too && scheme == "mailto");
}

std::string escaped(std::string_view text) {
  const auto clean = cleaned_text(text);
  std::string out;
  out.reserve(clean.size() + clean.size() / 8);
  for (std::size_t i = 0; i < clean.size(); ++i) {
    const char c = clean[i];
    if (c == '&') out += "&amp;";
    else if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else if (c == '"') out += "&quot;";
    else if (c == '\'') out += "&#39;";
    else if (std::string_view(clean).substr(i, 3) == "\xef\xbf\xbe" || std::string_view(clean).substr(i, 3) == "\xef\xbf\xbf") i += 2;  // U+FFFE, U+FFFF: not XML
    else out += c;
  }
  return out;
}

result<std::string> html_of_markdown(std::string_view markdown) {
  const auto source = cleaned_text(markdown);
  html_writer writer(has_first_level(source));
  MD_PARSER parser{};
  parser.flags = dialect;
  parser.enter_block = [](MD_BLOCKTYPE type, void* detail, void* data) { return static_cast<html_writer*>(data)->enter_block(type, detail); };
  parser.leave_block = [](MD_BLOCKTYPE type, void* detail, void* data) { return static_cast<html_writer*>(data)->leave_block(type, detail); };
  parser.enter_span = [](MD_SPANTYPE type, void* detail, void* data) { return static_cast<html_writer*>(data)->enter_span(type, detail); };
  parser.leave_span = [](MD_SPANTYPE type, void* detail, void* data) { return static_cast<html_writer*>(data)->leave_span(type, detail); };
  parser.text = [](MD_TEXTTYPE type, const MD_CHAR* text, MD_SIZE size, void* data) { return static_cast<html_writer*>(data)->text(type, {text, size}); };
  const int trouble = md_parse(source.data(), MD_SIZE(source.size()), &parser, &writer);
  if (trouble != 0)
    return error{"page_too_large", "markdown", writer.is_full() ? fmt::format("the page grows beyond {} bytes of HTML", site_html_max) : "the page could not be parsed", "a page that someone reads",
                 "Make it several pages, or its tables narrower"};
  return writer.take();
}

std::string text_of_html(std::string_view html) {
  std::string out;
  for (std::size_t i = 0; i < html.size();) {
    if (html[i] == '<') {
      const auto end = std::min(html.find('>', i), html.size() - 1);
      const auto tag = html.substr(i + 1, end - i - 1);
      if (tag == "li") out += "- ";
      if (tag == "/td" || tag == "/th") out += "  ";
      if (const auto alt = tag.find("alt=\""); tag.starts_with("img ") && alt != tag.npos) {
        out += '[';
        out += text_of_html(tag.substr(alt + 5, tag.size() - alt - 6));
        out += ']';
      }
      i = end + 1;
    } else if (html[i] == '&') {
      const auto end = html.find(';', i);
      if (end == html.npos) break;
      out += resolved(html.substr(i, end + 1 - i));
      i = end + 1;
    } else {
      out += html[i++];
    }
  }
  return out;
}

}  // namespace steward
