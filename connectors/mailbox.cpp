#include "connectors/mailbox.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "connectors/mailbox_delivery.hpp"
#include "connectors/mailbox_message.hpp"
#include "connectors/mailbox_reading.hpp"
#include "connectors/plain_key.hpp"
#include "runtime/visible_text.hpp"

namespace steward {
namespace {

json schema_text(std::string_view text) { return parse_json(text).value(); }

connector_manifest mailbox_manifest() {
  connector_manifest m;
  m.name = "mailbox";
  m.summary = "Mail as files: an outbox and an inbox in Maildir format";
  m.version = "1";
  m.settings = schema_text(R"({
    "type": "object", "additionalProperties": false,
    "properties": {
      "outbox": {"type": "string", "minLength": 1, "description": "Maildir that a mail program sends from; default mail/outbox"},
      "inbox": {"type": "string", "minLength": 1, "description": "Maildir that mails arrive in; default mail/inbox"},
      "from": {"type": "object", "additionalProperties": false, "required": ["address"],
        "properties": {"name": {"type": "string"}, "address": {"type": "string", "minLength": 3}}}
    }})");
  action_manifest send;
  send.name = "mailbox.send";
  send.summary = "Sends one mail to the people who stand in to and cc";
  send.repeats = effect_class::queryable;
  send.risk = risk_kind::outside;
  send.undo = "none";
  send.per_minute = 120;
  send.arguments = schema_text(R"({
    "type": "object", "additionalProperties": false, "required": ["to", "subject", "body"],
    "$defs": {
      "address": {"oneOf": [
        {"type": "string", "minLength": 3, "maxLength": 500, "description": "ada@example.com or Ada Lovelace <ada@example.com>"},
        {"type": "object", "additionalProperties": false, "required": ["address"],
         "properties": {"name": {"type": "string", "maxLength": 200}, "address": {"type": "string", "minLength": 3, "maxLength": 254}}}]},
      "addresses": {"oneOf": [{"$ref": "#/$defs/address"}, {"type": "array", "maxItems": 50, "items": {"$ref": "#/$defs/address"}}]}
    },
    "properties": {
      "to": {"$ref": "#/$defs/addresses"},
      "cc": {"$ref": "#/$defs/addresses"},
      "bcc": {"type": "array", "maxItems": 50, "items": {"$ref": "#/$defs/address"}, "description": "refused unless empty: a hidden reader gets a mail of his own"},
      "subject": {"type": "string", "maxLength": 1200},
      "body": {"type": "string", "maxLength": 2000000, "description": "plain text"},
      "html": {"type": "string", "maxLength": 2000000, "description": "the same text as HTML"},
      "in_reply_to": {"type": "string", "maxLength": 252, "description": "the Message-ID that this mail answers"},
      "references": {"type": "array", "maxItems": 200, "items": {"type": "string", "maxLength": 252}},
      "attachments": {"type": "array", "maxItems": 20, "items": {"type": "object", "additionalProperties": false, "required": ["name", "text"],
        "properties": {"name": {"type": "string", "minLength": 1, "maxLength": 120}, "text": {"type": "string", "maxLength": 2000000},
                       "type": {"type": "string", "maxLength": 80, "description": "media type; default text/plain"}}}}
    }})");
  send.answer = schema_text(R"({
    "type": "object", "additionalProperties": false, "required": ["message_id", "recipients"],
    "properties": {"message_id": {"type": "string"}, "recipients": {"type": "array", "items": {"type": "string"}}}})");
  m.actions.push_back(std::move(send));
  m.signals.push_back({"mail_received", "A mail arrived in the inbox", mail_received_schema()});
  return m;
}

class mailbox final : public connector {
public:
  mailbox(std::string outbox, std::string inbox, mail_address from) : outbox_(std::move(outbox)), inbox_(std::move(inbox)), from_(std::move(from)) {}

  const connector_manifest& manifest() const override {
    static const connector_manifest m = mailbox_manifest();
    return m;
  }

  result<request> prepare(const action_call& call, const effect_mark& mark) const override {
    if (call.action != "mailbox.send") return error{"unknown_action", call.action, "mailbox has no such action", "mailbox.send", ""};
    if (!is_plain_key(mark.key)) return error{"bad_effect_key", "", "the effect key is '" + visible_line(mark.key) + "'", "lower-case letters and digits", ""};
    const auto draft = read_mail_draft(call.arguments, from_);
    if (!draft) return draft.error();
    request out{.action = call.action, .key = mark.key, .bytes = write_mail(*draft, mark)};
    const auto summary = summarize_mail(out.bytes);
    for (const auto& address : summary.recipients) out.recipients.push_back("mailbox:" + address);
    // The reader of the bytes must find the very people that the writer was told: else one of the two was fooled.
    std::vector<std::string> meant;
    for (const auto* list : {&draft->to, &draft->cc})
      for (const auto& a : *list)
        if (const auto key = lower_case(a.address); std::find(meant.begin(), meant.end(), key) == meant.end()) meant.push_back(key);
    if (meant != summary.recipients) return error{"header_injection", "to", "the finished mail names other recipients than the arguments", "the same people", ""};
    out.preview = summary.preview;
    return out;
  }

  answer perform(const request& what, outside& out) override {
    if (!is_plain_key(what.key)) return {.nothing_sent = true, .trouble = {"bad_effect_key", "", "the effect key is no plain word", "", ""}};
    mail_delivery delivery(out.files, outbox_, what.key);
    const auto done = delivery.deliver(what.bytes);
    if (done) return {.complete = true, .bytes = R"({"sent":true})"};
    // The disk reported trouble, but the mail may be out all the same: its files say.
    const auto state = delivery.state();
    if (!state) return {.trouble = done.error()};
    if (*state == delivery_state::sent) return {.complete = true, .bytes = R"({"sent":true})"};
    return {.nothing_sent = true, .trouble = done.error()};
  }

  answer look_up(const request& what, outside& out) override {
    const auto state = mail_delivery(out.files, outbox_, what.key).state();
    if (!state) return {.looked_up = true, .trouble = state.error()};
    return {.looked_up = true, .complete = true, .bytes = *state == delivery_state::sent ? R"({"sent":true})" : R"({"sent":false})"};
  }

  outcome read(const request& what, const answer& came_back) const override {
    if (!came_back.complete) {
      const auto why = came_back.trouble.code.empty() ? std::string("the answer was lost") : to_sentence(came_back.trouble);
      if (came_back.nothing_sent) return {.kind = outcome_kind::failed, .sentence = "nothing was sent: " + why};
      return {.kind = outcome_kind::in_doubt, .sentence = "nobody knows whether the mail left: " + why};
    }
    const auto said = parse_json(came_back.bytes);
    const auto* sent = said ? at_path(*said, "sent") : nullptr;
    if (!sent || !sent->is_bool()) return {.kind = outcome_kind::in_doubt, .sentence = "the outbox gave an answer that can't be read"};
    if (!sent->get_bool()) return {.kind = outcome_kind::failed, .sentence = "the mail is not in the outbox and was not sent"};
    const auto mail = summarize_mail(what.bytes);
    return {.kind = outcome_kind::confirmed,
            .answer = {{"message_id", mail.message_id}, {"recipients", to_json(mail.recipients)}},
            .sentence = fmt::format("written to the outbox as {}", what.key)};
  }

  result<std::vector<signal>> poll(outside& out, std::size_t limit) override {
    auto names = out.files.list(inbox_ + "/new");
    // A Maildir name begins with the second of its arrival; names that don't come last, in their own order.
    const auto second = [](const std::string& name) {
      const auto digits = name.substr(0, name.find_first_not_of("0123456789"));
      return digits.empty() || digits.size() > 12 ? INT64_MAX : std::stoll(digits);
    };
    std::stable_sort(names.begin(), names.end(), [&](const auto& a, const auto& b) { return second(a) < second(b); });
    std::vector<signal> arrived;
    error trouble;
    for (const auto& name : names) {
      if (arrived.size() >= limit) break;
      const auto path = inbox_ + "/new/" + name;
      if (name.front() == '.' || out.files.is_folder(path)) continue;
      const auto size = out.files.size(path);
      if (!size) {
        if (size.error().code != "no_such_file") trouble = size.error();
        continue;
      }
      if (*size == 0) continue;  // somebody writes it in place, against Maildir's rule: it is whole a moment later
      if (*size > mail_read_max) {
        arrived.push_back(announce_large_mail(name, *size));
      } else {
        const auto bytes = out.files.read(path);
        if (!bytes) {
          // One unreadable mail must not stand in the way of the others.
          if (bytes.error().code != "no_such_file") trouble = bytes.error();
          continue;
        }
        arrived.push_back(read_mail(*bytes));
      }
      arrived.back().receipt = name;
    }
    if (arrived.empty() && !trouble.code.empty()) return trouble;
    return arrived;
  }

  result<void> acknowledge(outside& out, const std::string& receipt) override {
    if (receipt.empty() || receipt.front() == '.' || receipt.find('/') != receipt.npos || receipt.find('\0') != receipt.npos)
      return error{"path_climbs_out", "", "the receipt '" + visible_line(receipt) + "' is no file of the inbox", "the name of a file", ""};
    const auto moved = out.files.move(inbox_ + "/new/" + receipt, inbox_ + "/cur/" + receipt.substr(0, receipt.find(":2,")) + ":2,S");
    if (!moved && moved.error().code == "no_such_file") return {};  // already moved, by us before a crash or by a mail program
    return moved;
  }

private:
  std::string outbox_, inbox_;
  mail_address from_;
};

std::unique_ptr<connector> make_mailbox(const json& settings, const std::string& workspace) {
  const auto folder = [&](const char* key, const char* otherwise) {
    const std::filesystem::path path = text_at(settings, key, otherwise);
    return (path.is_absolute() ? path : workspace / path).lexically_normal().string();
  };
  const auto* from = settings.is_object() ? settings.get_object().if_contains("from") : nullptr;
  auto sender = read_mail_address(from ? *from : json("company@localhost"), "connectors.yaml: mailbox.from");
  if (!sender) throw error_thrown(sender.error());
  return std::make_unique<mailbox>(folder("outbox", "mail/outbox"), folder("inbox", "mail/inbox"), std::move(*sender));
}

}  // namespace

connector_entry mailbox_entry() { return {"mailbox", mailbox_manifest(), make_mailbox}; }

}  // namespace steward
