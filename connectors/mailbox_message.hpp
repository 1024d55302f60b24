/// Writes a mail as RFC 5322 bytes that depend on nothing but the arguments and the effect's mark, and reads such bytes back.
#pragma once
#include <string>
#include <vector>

#include "connectors/mailbox_address.hpp"
#include "runtime/connector.hpp"

namespace steward {

struct mail_attachment {
  std::string name;
  std::string text;
  std::string type;  // "text/csv"
};

/// A mail before it is bytes; every field has been checked.
struct mail_draft {
  mail_address from;
  std::vector<mail_address> to, cc;
  std::string subject, body, html;
  std::string in_reply_to;              // a Message-ID without its angle brackets, or empty
  std::vector<std::string> references;  // oldest first
  std::vector<mail_attachment> attachments;
};

/// Reads and checks the arguments of mailbox.send. Errors: header_injection, bad_mail_address, no_recipient, too_many_recipients,
/// hidden_recipients, mail_too_large, bad_text.
result<mail_draft> read_mail_draft(const json& arguments, const mail_address& from);

/// Pure ASCII with LF line ends, as a Maildir keeps it. Date from the mark's time, Message-ID and boundaries from its key.
std::string write_mail(const mail_draft& draft, const effect_mark& mark);

/// What the bytes of a mail say; everything that is shown or judged comes from here, not from the arguments.
struct mail_summary {
  std::string message_id;               // without angle brackets
  std::vector<std::string> recipients;  // lower-case addresses of To and Cc, each once
  std::string preview;
};
mail_summary summarize_mail(std::string_view bytes);

}  // namespace steward
