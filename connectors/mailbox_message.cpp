#include "connectors/mailbox_message.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "connectors/mailbox_gmime.hpp"
#include "connectors/mailbox_html.hpp"
#include "runtime/visible_text.hpp"
#include "runtime/digest.hpp"

namespace steward {
namespace {

constexpr std::size_t recipients_max = 50;       // Beyond that it is a mailing; a mailing is one effect per reader.
constexpr std::size_t subject_max = 1200;        // bytes; "Re: " before the longest subject that read_mail lets in
constexpr std::size_t mail_max = 2'000'000;      // bytes of all texts; the journal keeps each mail for ever
constexpr std::size_t line_max = 990;            // RFC 5322 allows 998
constexpr std::size_t attachments_max = 20;
constexpr std::size_t references_max = 50;

error refusal(std::string code, std::string where, std::string found, std::string expected, std::string advice = {}) {
  return {std::move(code), std::move(where), std::move(found), std::move(expected), std::move(advice)};
}

/// A text of many lines: CR LF becomes LF, and what no mail program shows is refused rather than silently dropped.
result<std::string> body_text(std::string_view text, const std::string& where) {
  if (!is_utf8(text)) return refusal("bad_text", where, "the text is not valid UTF-8", "UTF-8");
  std::string out;
  out.reserve(text.size() + 1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\r') {
      if (i + 1 >= text.size() || text[i + 1] != '\n') out += '\n';
      continue;
    }
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
      return refusal("bad_text", where, fmt::format("the text holds the control character U+{:04X} at byte {}", unsigned(c), i), "text");
    out += c;
  }
  if (!out.empty() && out.back() != '\n') out += '\n';
  return out;
}

result<std::vector<mail_address>> addresses(const json* value, const std::string& where) {
  std::vector<mail_address> out;
  if (!value || value->is_null()) return out;
  const auto add = [&](const json& one, const std::string& at) -> result<void> {
    auto address = read_mail_address(one, at);
    if (!address) return address.error();
    out.push_back(std::move(*address));
    return {};
  };
  if (const auto* list = value->if_array()) {
    for (std::size_t i = 0; i < list->size(); ++i)
      if (auto r = add((*list)[i], fmt::format("{}[{}]", where, i)); !r) return r.error();
  } else if (auto r = add(*value, where); !r) {
    return r.error();
  }
  return out;
}

/// "<a.b@c>" or "a.b@c" -> "a.b@c". Strict: what stands here becomes part of a header.
result<std::string> message_id(std::string_view text, const std::string& where) {
  if (text.size() >= 2 && text.front() == '<' && text.back() == '>') text = text.substr(1, text.size() - 2);
  const bool sound = !text.empty() && text.size() <= 250 && std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f && c != '<' && c != '>'; });
  if (sound) return std::string(text);
  if (auto r = fits_a_header(text, where); !r) return r.error();
  return refusal("bad_text", where, "'" + visible_line(front_of(text, 80)) + "' is no Message-ID", "an id such as 3f2a@example.com");
}

result<std::vector<mail_attachment>> attachments(const json* value) {
  std::vector<mail_attachment> out;
  const auto* list = value ? value->if_array() : nullptr;
  if (!list) return out;
  if (list->size() > attachments_max)
    return refusal("mail_too_large", "attachments", fmt::format("there are {} attachments", list->size()), fmt::format("at most {}", attachments_max));
  for (std::size_t i = 0; i < list->size(); ++i) {
    const auto where = fmt::format("attachments[{}]", i);
    mail_attachment one{text_at((*list)[i], "name"), text_at((*list)[i], "text"), text_at((*list)[i], "type", "text/plain")};
    if (auto r = fits_a_header(one.name, where + ".name"); !r) return r.error();
    // A name that is a path, or that shows another ending than it has, is an old trick on the one who opens it.
    if (one.name.empty() || one.name.size() > 120 || one.name.front() == '.' || one.name.find_first_of("/\\:\"") != one.name.npos || hides_something(one.name))
      return refusal("bad_text", where + ".name", "'" + visible_line(front_of(one.name, 80)) + "' is no file name", "a plain name such as figures.csv");
    const auto slash = one.type.find('/');
    const bool typed = slash != one.type.npos && slash > 0 && slash + 1 < one.type.size() && one.type.size() < 80 &&
                       std::all_of(one.type.begin(), one.type.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || std::string_view("/.+-").find(c) != std::string_view::npos; });
    if (!typed || std::count(one.type.begin(), one.type.end(), '/') != 1 || one.type.starts_with("multipart/") || one.type.starts_with("message/"))
      return refusal("bad_text", where + ".type", "'" + visible_line(front_of(one.type, 80)) + "' is no type of a file", "a media type such as text/csv");
    auto text = body_text(one.text, where + ".text");
    if (!text) return text.error();
    one.text = std::move(*text);
    out.push_back(std::move(one));
  }
  return out;
}

/// 7bit where the text is plain and its lines are short, else quoted-printable: both stay readable in the raw file.
GMimeContentEncoding encoding_for(std::string_view text) {
  std::size_t line = 0;
  for (const char c : text) {
    line = c == '\n' ? 0 : line + 1;
    if (line > line_max || static_cast<unsigned char>(c) >= 0x80) return GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE;
  }
  // A blank before a line's end is eaten on the way by some transports.
  return text.find(" \n") == text.npos && text.find("\nFrom ") == text.npos && !text.starts_with("From ") ? GMIME_CONTENT_ENCODING_7BIT : GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE;
}

mime::handle<GMimePart> leaf(const char* type, const char* subtype, std::string_view text) {
  mime::handle<GMimePart> part(g_mime_part_new_with_type(type, subtype));
  g_mime_object_set_content_type_parameter(GMIME_OBJECT(part.get()), "charset", "utf-8");
  mime::handle<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(text.data(), text.size()));
  mime::handle<GMimeDataWrapper> content(g_mime_data_wrapper_new_with_stream(stream.get(), GMIME_CONTENT_ENCODING_DEFAULT));
  g_mime_part_set_content(part.get(), content.get());
  g_mime_part_set_content_encoding(part.get(), encoding_for(text));
  return part;
}

mime::handle<GMimeMultipart> multipart(const char* subtype, const std::string& boundary) {
  mime::handle<GMimeMultipart> parts(g_mime_multipart_new_with_subtype(subtype));
  g_mime_multipart_set_boundary(parts.get(), boundary.c_str());
  return parts;
}

/// Nobody can put this into the mail's own text: it holds a digest of that text.
std::string boundary(const mail_draft& draft, const effect_mark& mark, std::string_view level) {
  std::string all = draft.body + '\0' + draft.html;
  for (const auto& a : draft.attachments) all += '\0' + a.name + '\0' + a.text;
  return "=_" + to_hex(digest_of({mark.key, level, all})).substr(0, 32);
}

/// Names as UTF-8: left to itself GMime picks the character set of the machine's locale, and the bytes would differ from machine to machine.
void add_mailboxes(GMimeMessage* mail, GMimeAddressType field, const std::vector<mail_address>& all) {
  auto* list = g_mime_message_get_addresses(mail, field);
  for (const auto& one : all) {
    mime::handle<InternetAddress> address(internet_address_mailbox_new(one.name.empty() ? nullptr : one.name.c_str(), one.address.c_str()));
    internet_address_set_charset(address.get(), "utf-8");
    internet_address_list_add(list, address.get());
  }
}

std::string bracketed(const std::vector<std::string>& ids) {
  std::string out;
  for (const auto& id : ids) out += (out.empty() ? "<" : " <") + id + ">";
  return out;
}

void append_addresses(std::string& names, std::vector<std::string>& all, InternetAddressList* list) {
  for (int i = 0; list && i < internet_address_list_length(list); ++i) {
    auto* one = internet_address_list_get_address(list, i);
    if (!INTERNET_ADDRESS_IS_MAILBOX(one)) continue;
    const auto address = mime::text_or_empty(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(one)));
    auto name = mime::text_or_empty(internet_address_get_name(one));
    std::erase(name, '\n');  // where a long name was folded
    // A name can be made to look like another address; in quotes it is seen to be a name.
    if (name.find_first_of("<>@,;\"") != name.npos) name = '"' + name + '"';
    if (!names.empty()) names += ", ";
    names += name.empty() ? address : name + " <" + address + ">";
    if (const auto key = lower_case(address); std::find(all.begin(), all.end(), key) == all.end()) all.push_back(key);
  }
}

}  // namespace

result<mail_draft> read_mail_draft(const json& arguments, const mail_address& from) {
  const auto* object = arguments.if_object();
  if (!object) return refusal("bad_text", "", "the arguments are no map", "to, subject and body");
  if (const auto* bcc = object->if_contains("bcc"); bcc && !bcc->is_null() && !(bcc->is_array() && bcc->get_array().empty()))
    return refusal("hidden_recipients", "bcc", "the mail names hidden recipients", "everyone it reaches to stand in to or cc",
                   "Send each hidden reader a mail of its own: then each one is approved, found again and explained by itself");
  mail_draft draft;
  draft.from = from;
  auto to = addresses(object->if_contains("to"), "to");
  if (!to) return to.error();
  auto cc = addresses(object->if_contains("cc"), "cc");
  if (!cc) return cc.error();
  draft.to = std::move(*to);
  draft.cc = std::move(*cc);
  if (draft.to.empty()) return refusal("no_recipient", "to", "nobody stands in 'to'", "at least one address");
  if (draft.to.size() + draft.cc.size() > recipients_max)
    return refusal("too_many_recipients", "to", fmt::format("the mail goes to {} addresses", draft.to.size() + draft.cc.size()), fmt::format("at most {}", recipients_max),
                   "Use for_each: one mail per reader");
  draft.subject = text_at(arguments, "subject");
  if (auto r = fits_a_header(draft.subject, "subject"); !r) return r.error();
  if (draft.subject.size() > subject_max)
    return refusal("mail_too_large", "subject", fmt::format("the subject has {} bytes", draft.subject.size()), fmt::format("at most {}", subject_max));
  for (auto [name, into] : {std::pair{"body", &draft.body}, std::pair{"html", &draft.html}}) {
    auto text = body_text(text_at(arguments, name), name);
    if (!text) return text.error();
    *into = std::move(*text);
  }
  if (const auto id = text_at(arguments, "in_reply_to"); !id.empty()) {
    auto checked = message_id(id, "in_reply_to");
    if (!checked) return checked.error();
    draft.in_reply_to = std::move(*checked);
  }
  if (const auto* list = object->if_contains("references"); list && list->is_array()) {
    for (const auto& id : list->get_array()) {
      auto checked = message_id(id.is_string() ? std::string_view(id.get_string()) : std::string_view{}, "references");
      if (!checked) return checked.error();
      draft.references.push_back(std::move(*checked));
    }
    // The oldest names the thread, the newest its branch; the middle can go (RFC 5322 asks for no more).
    if (draft.references.size() > references_max) draft.references.erase(draft.references.begin() + 1, draft.references.end() - references_max + 1);
  }
  if (!draft.in_reply_to.empty() && std::find(draft.references.begin(), draft.references.end(), draft.in_reply_to) == draft.references.end())
    draft.references.push_back(draft.in_reply_to);
  auto files = attachments(object->if_contains("attachments"));
  if (!files) return files.error();
  draft.attachments = std::move(*files);
  std::size_t total = draft.body.size() + draft.html.size();
  for (const auto& a : draft.attachments) total += a.text.size();
  if (total > mail_max) return refusal("mail_too_large", "", fmt::format("the mail has {} bytes", total), fmt::format("at most {}", mail_max), "Publish the text and send its address");
  return draft;
}

std::string write_mail(const mail_draft& draft, const effect_mark& mark) {
  mime::start();
  mime::handle<GMimeMessage> mail(g_mime_message_new(FALSE));
  add_mailboxes(mail.get(), GMIME_ADDRESS_TYPE_FROM, {draft.from});
  add_mailboxes(mail.get(), GMIME_ADDRESS_TYPE_TO, draft.to);
  add_mailboxes(mail.get(), GMIME_ADDRESS_TYPE_CC, draft.cc);
  g_mime_message_set_subject(mail.get(), draft.subject.c_str(), "utf-8");
  const auto seconds = std::chrono::floor<std::chrono::seconds>(mark.time).time_since_epoch().count();
  GDateTime* date = g_date_time_new_from_unix_utc(seconds);
  g_mime_message_set_date(mail.get(), date);
  g_date_time_unref(date);
  g_mime_message_set_message_id(mail.get(), (mark.key + draft.from.address.substr(draft.from.address.rfind('@'))).c_str());
  auto* object = GMIME_OBJECT(mail.get());
  if (!draft.in_reply_to.empty()) g_mime_object_set_header(object, "In-Reply-To", bracketed({draft.in_reply_to}).c_str(), nullptr);
  if (!draft.references.empty()) g_mime_object_set_header(object, "References", bracketed(draft.references).c_str(), nullptr);

  mime::handle<GMimeObject> content(GMIME_OBJECT(leaf("text", "plain", draft.body).release()));
  if (!draft.html.empty()) {
    auto both = multipart("alternative", boundary(draft, mark, "alternative"));
    g_mime_multipart_add(both.get(), content.get());
    g_mime_multipart_add(both.get(), GMIME_OBJECT(leaf("text", "html", draft.html).get()));
    content.reset(GMIME_OBJECT(both.release()));
  }
  if (!draft.attachments.empty()) {
    auto all = multipart("mixed", boundary(draft, mark, "mixed"));
    g_mime_multipart_add(all.get(), content.get());
    for (const auto& a : draft.attachments) {
      const auto slash = a.type.find('/');
      auto part = leaf(a.type.substr(0, slash).c_str(), a.type.substr(slash + 1).c_str(), a.text);
      g_mime_object_set_disposition(GMIME_OBJECT(part.get()), GMIME_DISPOSITION_ATTACHMENT);
      g_mime_part_set_filename(part.get(), a.name.c_str());
      g_mime_multipart_add(all.get(), GMIME_OBJECT(part.get()));
    }
    content.reset(GMIME_OBJECT(all.release()));
  }
  g_mime_message_set_mime_part(mail.get(), content.get());
  mime::c_text bytes(g_mime_object_to_string(object, nullptr));
  return std::string(bytes.get());
}

mail_summary summarize_mail(std::string_view bytes) {
  mail_summary out;
  const auto mail = mime::parse(bytes);
  if (!mail) return out;
  out.message_id = mime::text_or_empty(g_mime_message_get_message_id(mail.get()));
  std::string to, cc;
  append_addresses(to, out.recipients, g_mime_message_get_to(mail.get()));
  append_addresses(cc, out.recipients, g_mime_message_get_cc(mail.get()));
  out.preview = "To: " + std::string(front_of(visible_line(to), 1000));
  if (!cc.empty()) out.preview += "\nCc: " + std::string(front_of(visible_line(cc), 1000));
  out.preview += "\nSubject: " + visible_line(mime::text_or_empty(g_mime_message_get_subject(mail.get())));

  std::string body, html, others;
  struct found {
    std::string *body, *html, *others;
  } into{&body, &html, &others};
  g_mime_message_foreach(
      mail.get(),
      [](GMimeObject*, GMimeObject* part, gpointer data) {
        auto* into = static_cast<found*>(data);
        if (!GMIME_IS_PART(part)) return;
        const auto name = mime::text_or_empty(g_mime_part_get_filename(GMIME_PART(part)));
        auto* type = g_mime_object_get_content_type(part);
        if (!name.empty()) *into->others += fmt::format("\nAttached: {} ({} bytes)", visible_line(name), mime::content_of(GMIME_PART(part)).size());
        else if (g_mime_content_type_is_type(type, "text", "plain") && into->body->empty()) *into->body = mime::content_of(GMIME_PART(part));
        else *into->html = text_of_html_mail(mime::content_of(GMIME_PART(part)));
      },
      &into);
  out.preview += others + "\n\n" + first_lines(visible_text(body), 12, 300);
  // Most readers are shown the HTML and not the text, so the operator sees what it says, too.
  if (!html.empty() && html != body) out.preview += "\n\nIts HTML form reads:\n" + first_lines(visible_text(html), 12, 300);
  return out;
}

}  // namespace steward
