/// What stands in the ledger: each entry with its amounts in minor units of its currency, and how it reads.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "runtime/described.hpp"

namespace steward {

enum class ledger_kind { invoice, credit_note, payment, refund };
BOOST_DESCRIBE_ENUM(ledger_kind, invoice, credit_note, payment, refund)

/// "INV", "CRN", "PAY", "REF": each kind counts by itself, anew each year.
std::string_view series_of(ledger_kind kind);

/// INV-2026-0007
struct ledger_number {
  ledger_kind kind = ledger_kind::invoice;
  int year = 0;
  int count = 0;
};
std::string to_text(const ledger_number& number);
/// Errors: bad_ledger_number.
result<ledger_number> parse_ledger_number(std::string_view text);

struct ledger_line {
  std::string text;
  std::string quantity;     // "1", "7.5"
  std::int64_t price = 0;   // of one
  std::int64_t amount = 0;
};
BOOST_DESCRIBE_STRUCT(ledger_line, (), (text, quantity, price, amount))

struct ledger_party {
  std::string name;
  std::string address;             // of mail; may be empty
  std::vector<std::string> lines;  // of post
};
BOOST_DESCRIBE_STRUCT(ledger_party, (), (name, address, lines))

/// Who sends invoices, as company.yaml says it; what is empty is left away.
struct ledger_seller {
  std::string name;
  std::vector<std::string> lines;
  std::string vat_id;
  std::string iban;
  std::string bic;
};
BOOST_DESCRIBE_STRUCT(ledger_seller, (), (name, lines, vat_id, iban, bic))

/// The prepared bytes of each action that writes.
struct ledger_text {
  ledger_kind kind = ledger_kind::invoice;
  std::string key;  // the effect key: two entries are two, even when they say the same
  std::string day;  // on which it was issued, or the money came
  std::string currency;
  std::int64_t total = 0;
  std::optional<ledger_party> customer;          // from here on: of an invoice
  std::optional<ledger_seller> seller;
  std::optional<std::vector<ledger_line>> lines;
  std::optional<std::int64_t> net;
  std::optional<std::string> vat_rate;           // percent
  std::optional<std::int64_t> vat;
  std::optional<std::string> due;
  std::optional<std::string> about;      // the number that it takes back, or pays
  std::optional<std::string> note;       // why, or what stood on the transfer
  std::optional<std::string> reference;  // the bank's own name for the transfer
};
BOOST_DESCRIBE_STRUCT(ledger_text, (), (kind, key, day, currency, total, customer, seller, lines, net, vat_rate, vat, due, about, note, reference))

/// A file of the ledger.
struct ledger_record {
  std::string number;
  ledger_text entry;
};
BOOST_DESCRIBE_STRUCT(ledger_record, (), (number, entry))

/// "1428.00 EUR": with as many decimals as the currency has.
std::string amount_text(std::int64_t minor, std::string_view currency);
/// "1428.00 EUR" in minor units; what is smaller than one of them is refused. Errors: bad_money.
struct ledger_amount {
  std::int64_t minor = 0;
  std::string currency;
};
result<ledger_amount> parse_amount(std::string_view text, const std::string& where);

/// An account number with the right check digits (ISO 13616), without blanks. Errors: bad_iban.
result<std::string> parse_iban(std::string_view text);

/// From the arguments of ledger.invoice (which have passed its schema): amounts, tax and sum. Rounded half up, each line by itself, the
/// tax once on their sum. Errors: bad_money, bad_text, bad_quantity, currencies_differ, ledger_total_differs, bad_due_date.
struct invoice_defaults {
  std::optional<ledger_seller> seller;
  std::string vat_rate = "0";
  duration due_in = std::chrono::days{14};
};
result<ledger_text> read_invoice(const json& arguments, const invoice_defaults& defaults, const std::string& key, const std::string& day);

/// For people, in Markdown. `about`: the entry that this one is about, where there is one.
std::string readable(const std::string& number, const ledger_text& entry, const ledger_record* about = nullptr);

/// A line of text that a document may hold: not empty, no control or invisible characters. Errors: bad_text.
result<std::string> ledger_line_of_text(const json& arguments, std::string_view key, std::size_t most, const std::string& where = {});

}  // namespace steward
