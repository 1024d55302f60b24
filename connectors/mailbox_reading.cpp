#include "connectors/mailbox_reading.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "connectors/mailbox_address.hpp"
#include "connectors/mailbox_gmime.hpp"
#include "connectors/mailbox_html.hpp"
#include "runtime/visible_text.hpp"
#include "runtime/digest.hpp"

namespace steward {
namespace {

constexpr int nesting_max = 30;             // Real mails have three; a bomb has thousands.
constexpr std::size_t parts_max = 500;
constexpr std::size_t attachments_max = 100;
constexpr std::size_t recipients_max = 200;
constexpr std::size_t references_max = 100;
constexpr std::size_t line_max = 1000;      // bytes of a header field that an agent sees

struct attachment_note {
  std::string name, type;
  std::int64_t size = 0;
};
BOOST_DESCRIBE_STRUCT(attachment_note, (), (name, type, size))

struct mail_received {
  std::string message_id, from, from_name;
  std::vector<std::string> to;
  std::string subject, text, date, in_reply_to;
  std::vector<std::string> references;
  std::vector<attachment_note> attachments;
};
BOOST_DESCRIBE_STRUCT(mail_received, (), (message_id, from, from_name, to, subject, text, date, in_reply_to, references, attachments))

std::string header_line(const char* text) { return std::string(front_of(cleaned_line(mime::text_or_empty(text)), line_max)); }

/// Bytes in the part's character set as UTF-8. A set that nobody knows is read as UTF-8 with marks where it is not.
std::string in_utf8(const std::string& bytes, const char* charset) {
  const std::string set = lower_case(mime::text_or_empty(charset));
  if (set.empty() || set == "utf-8" || set == "utf8" || set == "us-ascii" || set.size() > 40) {
    if (is_utf8(bytes)) return bytes;
    if (!set.empty() && set != "us-ascii") return bytes;  // said UTF-8 and is not: the cleaner marks the broken places
    mime::c_text latin(g_convert(bytes.data(), gssize(bytes.size()), "UTF-8", "ISO-8859-1", nullptr, nullptr, nullptr));
    return latin ? std::string(latin.get()) : bytes;
  }
  gsize written = 0;
  GError* trouble = nullptr;
  mime::c_text converted(g_convert_with_fallback(bytes.data(), gssize(bytes.size()), "UTF-8", set.c_str(), "?", nullptr, &written, &trouble));
  if (trouble) g_error_free(trouble);
  return converted ? std::string(converted.get(), written) : bytes;
}

std::string media_type(GMimeObject* part) {
  auto* type = g_mime_object_get_content_type(part);
  if (!type) return "application/octet-stream";
  mime::c_text text(g_mime_content_type_get_mime_type(type));
  return lower_case(front_of(cleaned_line(mime::text_or_empty(text.get())), 100));
}

struct found_parts {
  std::string plain, html;
  bool has_plain = false, has_html = false;
  std::vector<attachment_note> attachments;
  std::size_t visited = 0;
};

/// The part's last path component, since a name from outside must never choose a folder.
std::string safe_name(const char* name) {
  auto text = cleaned_line(mime::text_or_empty(name));
  if (const auto slash = text.find_last_of("/\\"); slash != text.npos) text.erase(0, slash + 1);
  return std::string(front_of(text, 200));
}

void collect(GMimeObject* part, int depth, found_parts& out) {
  if (!part || depth > nesting_max || ++out.visited > parts_max) return;
  if (GMIME_IS_MULTIPART(part)) {
    auto* parts = GMIME_MULTIPART(part);
    const int count = g_mime_multipart_get_count(parts);
    for (int i = 0; i < count && out.visited <= parts_max; ++i) collect(g_mime_multipart_get_part(parts, i), depth + 1, out);
    return;
  }
  if (GMIME_IS_MESSAGE_PART(part)) {
    // A forwarded mail is an attachment to the one who writes, not part of what he says.
    if (out.attachments.size() < attachments_max) out.attachments.push_back({"", "message/rfc822", 0});
    return;
  }
  if (!GMIME_IS_PART(part)) return;
  auto* leaf = GMIME_PART(part);
  auto* type = g_mime_object_get_content_type(part);
  const bool attached = g_mime_part_is_attachment(leaf) || g_mime_part_get_filename(leaf);
  const bool plain = type && g_mime_content_type_is_type(type, "text", "plain");
  const bool html = type && g_mime_content_type_is_type(type, "text", "html");
  if (!attached && ((plain && !out.has_plain) || (html && !out.has_html))) {
    auto text = in_utf8(mime::content_of(leaf), g_mime_object_get_content_type_parameter(part, "charset"));
    if (plain) out.plain = std::move(text), out.has_plain = true;
    else out.html = std::move(text), out.has_html = true;
  } else if (out.attachments.size() < attachments_max) {
    out.attachments.push_back({safe_name(g_mime_part_get_filename(leaf)), media_type(part), std::int64_t(mime::content_of(leaf).size())});
  }
}

std::string shortened(std::string text) {
  const auto whole = text.size();
  const auto front = front_of(text, mail_text_max).size();
  if (front == whole) return text;
  text.resize(front);
  return text + fmt::format("\n[The mail goes on; {} more bytes were left out.]\n", whole - front);
}

/// The ids between angle brackets.
std::vector<std::string> message_ids(const char* header) {
  std::vector<std::string> out;
  const auto text = cleaned_line(mime::text_or_empty(header));
  for (std::size_t at = 0; out.size() < references_max;) {
    const auto open = text.find('<', at);
    const auto close = open == text.npos ? text.npos : text.find('>', open);
    if (close == text.npos) break;
    const auto id = text.substr(open + 1, close - open - 1);
    if (!id.empty() && id.size() <= 250 && std::all_of(id.begin(), id.end(), [](char c) { return c > 0x20 && c < 0x7f && c != '<'; })) out.push_back(id);
    at = close + 1;
  }
  return out;
}

std::string date_of(GMimeMessage* mail) {
  GDateTime* date = g_mime_message_get_date(mail);
  if (!date) return {};
  const auto seconds = g_date_time_to_unix(date);
  constexpr std::int64_t year_1 = -62'135'596'800, year_9999 = 253'402'300'799;
  if (seconds < year_1 || seconds > year_9999) return {};
  return to_text(time_point{std::chrono::seconds{seconds}});
}

}  // namespace

json mail_received_schema() {
  return parse_json(R"({
    "type": "object", "additionalProperties": false,
    "required": ["message_id", "from", "from_name", "to", "subject", "text", "date", "in_reply_to", "references", "attachments"],
    "properties": {
      "message_id": {"type": "string", "description": "without angle brackets; empty when the mail has none"},
      "from": {"type": "string", "description": "the sender's address in lower case, as the mail claims it"},
      "from_name": {"type": "string"},
      "to": {"type": "array", "items": {"type": "string"}},
      "subject": {"type": "string"},
      "text": {"type": "string", "description": "the plain text, or the text of the HTML"},
      "date": {"type": "string", "description": "RFC 3339, or empty"},
      "in_reply_to": {"type": "string"},
      "references": {"type": "array", "items": {"type": "string"}},
      "attachments": {"type": "array", "items": {"type": "object", "additionalProperties": false, "required": ["name", "type", "size"],
        "properties": {"name": {"type": "string"}, "type": {"type": "string"}, "size": {"type": "integer"}}}}
    }})").value();
}

signal read_mail(std::string_view bytes) {
  mail_received body;
  if (const auto mail = mime::parse(bytes)) {
    const auto ids = message_ids(g_mime_object_get_header(GMIME_OBJECT(mail.get()), "Message-ID"));
    if (!ids.empty()) body.message_id = ids.front();
    auto* from = g_mime_message_get_from(mail.get());
    for (int i = 0; from && i < internet_address_list_length(from) && body.from.empty(); ++i) {
      auto* one = internet_address_list_get_address(from, i);
      if (!INTERNET_ADDRESS_IS_MAILBOX(one)) continue;
      body.from = lower_case(header_line(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(one))));
      body.from_name = header_line(internet_address_get_name(one));
    }
    auto* to = g_mime_message_get_to(mail.get());
    for (int i = 0; to && i < internet_address_list_length(to) && body.to.size() < recipients_max; ++i) {
      auto* one = internet_address_list_get_address(to, i);
      if (INTERNET_ADDRESS_IS_MAILBOX(one)) body.to.push_back(lower_case(header_line(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(one)))));
    }
    body.subject = header_line(g_mime_message_get_subject(mail.get()));
    body.date = date_of(mail.get());
    const auto replied = message_ids(g_mime_object_get_header(GMIME_OBJECT(mail.get()), "In-Reply-To"));
    if (!replied.empty()) body.in_reply_to = replied.front();
    body.references = message_ids(g_mime_object_get_header(GMIME_OBJECT(mail.get()), "References"));
    found_parts parts;
    collect(g_mime_message_get_mime_part(mail.get()), 0, parts);
    body.text = shortened(cleaned_text(parts.has_plain && parts.plain.find_first_not_of(" \t\r\n") != std::string::npos ? parts.plain : text_of_html_mail(parts.html)));
    body.attachments = std::move(parts.attachments);
  }
  signal out{.name = "mail_received", .natural_key = body.message_id, .body = to_json(body)};
  if (out.natural_key.empty()) out.natural_key = "digest:" + hex_digest(bytes);
  return out;
}

signal announce_large_mail(const std::string& file, std::uint64_t size) {
  mail_received body;
  body.subject = fmt::format("A mail of {} MB was not read", size / 1'000'000);
  body.text = fmt::format("The mail in the file {} has {} bytes; at most {} are read. It was moved to the folder cur of the inbox as it is.\n", cleaned_line(file), size, mail_read_max);
  return {.name = "mail_received", .natural_key = "file:" + to_hex(digest_of({file, std::to_string(size)})), .body = to_json(body)};
}

}  // namespace steward
