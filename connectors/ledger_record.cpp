#include "connectors/ledger_record.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "runtime/visible_text.hpp"

namespace steward {
namespace {

constexpr std::int64_t nano_per_unit = 1'000'000'000;
constexpr std::int64_t amount_max = 1'000'000'000'000;  // minor units: ten billion euros fit, and no sum of 100 lines overflows
constexpr std::size_t line_max = 300, name_max = 200, note_max = 2'000;  // bytes
constexpr duration due_most = std::chrono::days{366};

constexpr std::pair<ledger_kind, std::string_view> series[] = {
    {ledger_kind::invoice, "INV"}, {ledger_kind::credit_note, "CRN"}, {ledger_kind::payment, "PAY"}, {ledger_kind::refund, "REF"}};

/// ISO 4217: the currencies whose minor unit is not a hundredth.
int decimals_of(std::string_view currency) {
  for (const auto* without : {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"})
    if (currency == without) return 0;
  for (const auto* thousandths : {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
    if (currency == thousandths) return 3;
  return 2;
}

std::int64_t scale_of(std::string_view currency) {
  std::int64_t scale = 1;
  for (int i = decimals_of(currency); i > 0; --i) scale *= 10;
  return scale;
}

__extension__ typedef __int128 wide;  // a quantity times a price may be beyond 64 bits

std::int64_t half_up(wide value, std::int64_t divisor) { return std::int64_t((value * 2 + divisor) / (2 * wide(divisor))); }

/// A number, or a text with decimals, as whole steps of 10^-decimals; nullopt: more decimals, or no such number.
std::optional<std::int64_t> fixed_point(const json* value, int decimals, std::int64_t most) {
  std::string text;
  if (value && value->is_int64()) text = std::to_string(value->get_int64());
  else if (value && value->is_string()) text = std::string(value->get_string());
  const auto dot = std::min(text.find('.'), text.size());
  auto whole = text.substr(0, dot);
  auto rest = dot < text.size() ? text.substr(dot + 1) : std::string();
  const auto digits = [](const std::string& t) { return std::all_of(t.begin(), t.end(), [](char c) { return c >= '0' && c <= '9'; }); };
  if (whole.empty() || whole.size() > 9 || !digits(whole) || !digits(rest) || int(rest.size()) > decimals || (dot < text.size() && rest.empty())) return std::nullopt;
  rest.resize(std::size_t(decimals), '0');
  std::int64_t found = 0;
  for (const char c : whole + rest) found = found * 10 + (c - '0');
  return found <= most ? std::optional(found) : std::nullopt;
}

/// "7.50" as "7.5", "2.000" as "2".
std::string shortest(std::int64_t value, int decimals) {
  std::int64_t scale = 1;
  for (int i = 0; i < decimals; ++i) scale *= 10;
  auto text = std::to_string(value / scale);
  auto rest = fmt::format("{:0{}}", value % scale, decimals);
  while (!rest.empty() && rest.back() == '0') rest.pop_back();
  return rest.empty() ? text : text + "." + rest;
}

bool is_day(std::string_view text) { return text.size() == 10 && parse_time(fmt::format("{}T00:00:00Z", text)); }

result<std::string> due_day(const json& arguments, const std::string& day, duration otherwise) {
  const auto issued = parse_time(day + "T00:00:00Z").value();
  auto due = time_point{issued + otherwise};
  if (const auto told = text_at(arguments, "due"); !told.empty()) {
    const auto fail = [&] { return error{"bad_due_date", "due", "found '" + visible_line(front_of(told, 60)) + "'", "a day such as 2026-12-05, or a time from today such as 14d", ""}; };
    if (is_day(told)) due = parse_time(told + "T00:00:00Z").value();
    else if (const auto ahead = parse_duration(told); ahead && *ahead >= duration{} && *ahead <= due_most) due = issued + *ahead;
    else return fail();
  }
  if (due < issued || due > issued + due_most) return error{"bad_due_date", "due", "it is due on " + to_text(due).substr(0, 10) + " and issued on " + day, "a day within a year of the day of issue", ""};
  return to_text(due).substr(0, 10);
}

std::string party_text(const ledger_party& party) {
  std::string text = party.name + "\n";
  for (const auto& line : party.lines) text += line + "\n";
  if (!party.address.empty()) text += "<" + party.address + ">\n";
  return text;
}

std::string table_cell(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

}  // namespace

std::string_view series_of(ledger_kind kind) {
  for (const auto& [k, name] : series)
    if (k == kind) return name;
  return "";
}

std::string to_text(const ledger_number& number) { return fmt::format("{}-{:04}-{:04}", series_of(number.kind), number.year, number.count); }

result<ledger_number> parse_ledger_number(std::string_view text) {
  ledger_number out;
  for (const auto& [kind, name] : series) {
    if (!text.starts_with(name) || text.size() < 13 || text.size() > 18 || text[3] != '-' || text[8] != '-') continue;
    out.kind = kind;
    const auto read = [&](std::string_view digits, int& into) { return std::from_chars(digits.data(), digits.data() + digits.size(), into).ptr == digits.data() + digits.size(); };
    if (read(text.substr(4, 4), out.year) && read(text.substr(9), out.count) && out.count > 0 && to_text(out) == text) return out;
  }
  return error{"bad_ledger_number", "", "found '" + visible_line(front_of(text, 40)) + "'", "a number of the ledger, such as INV-2026-0007", ""};
}

std::string amount_text(std::int64_t minor, std::string_view currency) {
  const auto scale = scale_of(currency);
  const std::uint64_t size = minor < 0 ? 0 - std::uint64_t(minor) : std::uint64_t(minor);
  const auto whole = fmt::format("{}{}", minor < 0 ? "-" : "", size / std::uint64_t(scale));
  if (scale == 1) return fmt::format("{} {}", whole, currency);
  return fmt::format("{}.{:0{}} {}", whole, size % std::uint64_t(scale), decimals_of(currency), currency);
}

result<ledger_amount> parse_amount(std::string_view text, const std::string& where) {
  const auto fail = [&](std::string expected) { return error{"bad_money", where, "found '" + visible_line(front_of(text, 60)) + "'", std::move(expected), ""}; };
  const auto read = parse_money(text);
  if (!read || read->currency.empty()) return fail("an amount and its currency, such as 1200.00 EUR");
  const auto scale = scale_of(read->currency);
  if (read->nano % (nano_per_unit / scale) != 0) return fail(fmt::format("whole {} of {}", scale == 1 ? "units" : "hundredths or thousandths", read->currency));
  const auto minor = read->nano / (nano_per_unit / scale);
  if (minor <= 0 || minor > amount_max) return fail("an amount above zero and below ten billion");
  return ledger_amount{minor, read->currency};
}

result<std::string> parse_iban(std::string_view text) {
  std::string iban;
  for (const char c : text)
    if (c != ' ') iban += c >= 'a' && c <= 'z' ? char(c - 32) : c;
  const auto fail = [&](std::string why) { return error{"bad_iban", "", "the IBAN '" + visible_line(front_of(text, 60)) + "' " + why, "an IBAN such as DE89 3704 0044 0532 0130 00", "Copy it from your bank's page"}; };
  const bool plain = std::all_of(iban.begin(), iban.end(), [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
  if (iban.size() < 15 || iban.size() > 34 || !plain) return fail("has another form");
  int rest = 0;
  for (const char c : iban.substr(4) + iban.substr(0, 4)) rest = c <= '9' ? (rest * 10 + (c - '0')) % 97 : (rest * 100 + (c - 'A' + 10)) % 97;
  if (rest != 1) return fail("has wrong check digits");
  return iban;
}

result<std::string> ledger_line_of_text(const json& arguments, std::string_view key, std::size_t most, const std::string& where) {
  const auto text = text_at(arguments, key);
  const auto place = where.empty() ? std::string(key) : where;
  if (!is_utf8(text) || hides_something(text) || text.find('\n') != text.npos) return error{"bad_text", place, "it holds a line break or characters that nobody sees", "one line of plain text", ""};
  if (text.size() > most) return error{"bad_text", place, fmt::format("it has {} bytes", text.size()), fmt::format("at most {}", most), ""};
  return text;
}

result<ledger_text> read_invoice(const json& arguments, const invoice_defaults& defaults, const std::string& key, const std::string& day) {
  ledger_text out;
  out.key = key;
  out.day = day;
  out.seller = defaults.seller;
  ledger_party customer;
  const auto* told = at_path(arguments, "customer");
  if (!told) return error{"bad_text", "customer", "there is none", "a customer", ""};
  auto name = ledger_line_of_text(*told, "name", name_max, "customer.name"), address = ledger_line_of_text(*told, "address", name_max, "customer.address");
  if (!name) return name.error();
  if (!address) return address.error();
  if (cleaned_line(*name).empty()) return error{"bad_text", "customer.name", "it is empty", "the customer's name", ""};
  customer.name = std::move(*name);
  customer.address = std::move(*address);
  if (const auto* lines = at_path(*told, "lines"); lines && lines->is_array())
    for (const auto& one : lines->get_array()) {
      auto line = ledger_line_of_text(json(boost::json::object{{"line", one}}), "line", name_max, "customer.lines");
      if (!line) return line.error();
      customer.lines.push_back(std::move(*line));
    }
  out.customer = std::move(customer);

  std::vector<ledger_line> lines;
  std::int64_t net = 0;
  const auto* items = at_path(arguments, "lines");
  if (!items || !items->is_array() || items->get_array().empty() || items->get_array().size() > 100) return error{"bad_text", "lines", "there are none, or more than 100", "1 to 100 lines", ""};
  for (const auto& item : items->get_array()) {
    const auto where = fmt::format("lines[{}]", lines.size());
    auto text = ledger_line_of_text(item, "text", line_max, where + ".text");
    if (!text) return text.error();
    if (cleaned_line(*text).empty()) return error{"bad_text", where + ".text", "it is empty", "what is sold", ""};
    const auto price = parse_amount(text_at(item, "price"), where + ".price");
    if (!price) return price.error();
    if (!out.currency.empty() && price->currency != out.currency)
      return error{"currencies_differ", where + ".price", "found " + price->currency + " after " + out.currency, "one currency", "Write an invoice for each"};
    out.currency = price->currency;
    const auto* asked = at_path(item, "quantity");
    const json one = 1;
    const auto quantity = fixed_point(asked ? asked : &one, 3, 1'000'000'000);
    if (!quantity || *quantity == 0) return error{"bad_quantity", where + ".quantity", "found " + visible_line(front_of(asked ? canonical(*asked) : "", 40)), "a number such as 2 or 7.5, with at most three decimals", ""};
    const auto amount = half_up(wide(*quantity) * price->minor, 1000);
    net += amount;
    if (amount > amount_max || net > amount_max) return error{"bad_money", where, "the amount is too large", "an invoice below ten billion", ""};
    lines.push_back({std::move(*text), shortest(*quantity, 3), price->minor, amount});
  }
  const auto* vat = at_path(arguments, "vat");
  const json usual(defaults.vat_rate);
  const auto rate = fixed_point(vat ? vat : &usual, 2, 9999);
  if (!rate) return error{"bad_quantity", "vat", "found " + visible_line(front_of(canonical(vat ? *vat : usual), 40)), "a percentage such as 19 or 8.1, below 100", ""};
  out.vat_rate = shortest(*rate, 2);
  out.net = net;
  out.vat = half_up(wide(net) * *rate, 10'000);
  out.total = net + *out.vat;
  out.lines = std::move(lines);
  if (const auto expected = text_at(arguments, "total"); !expected.empty()) {
    const auto sum = parse_amount(expected, "total");
    if (!sum) return sum.error();
    if (sum->minor != out.total || sum->currency != out.currency)
      return error{"ledger_total_differs", "total", "found " + amount_text(sum->minor, sum->currency), amount_text(out.total, out.currency) + ", the sum of the lines with tax", "Mend the lines or the total"};
  }
  auto due = due_day(arguments, day, defaults.due_in);
  if (!due) return due.error();
  out.due = std::move(*due);
  if (at_path(arguments, "note")) {
    auto note = ledger_line_of_text(arguments, "note", note_max);
    if (!note) return note.error();
    out.note = std::move(*note);
  }
  return out;
}

std::string readable(const std::string& number, const ledger_text& e, const ledger_record* about) {
  static constexpr std::pair<ledger_kind, std::string_view> titles[] = {
      {ledger_kind::invoice, "Invoice"}, {ledger_kind::credit_note, "Credit note"}, {ledger_kind::payment, "Payment"}, {ledger_kind::refund, "Refund"}};
  std::string text = "# ";
  for (const auto& [kind, title] : titles)
    if (kind == e.kind) text += title;
  text += " " + number + "\n\n";
  const auto& party = e.customer ? e.customer : about ? about->entry.customer : e.customer;
  const auto& seller = e.seller ? e.seller : about ? about->entry.seller : e.seller;
  if (seller && !seller->name.empty()) {
    text += "From: " + seller->name + "\n";
    for (const auto& line : seller->lines) text += line + "\n";
    if (!seller->vat_id.empty()) text += "VAT number: " + seller->vat_id + "\n";
    text += "\n";
  }
  if (party) text += "To: " + party_text(*party) + "\n";
  text += "Date: " + e.day + "\n";
  if (e.due) text += "Due: " + *e.due + "\n";
  if (e.about) text += std::string(e.kind == ledger_kind::credit_note ? "Takes back: " : e.kind == ledger_kind::payment ? "For: " : "Gives back: ") + *e.about + "\n";
  if (e.reference) text += "Reference: " + *e.reference + "\n";
  text += "\n";
  if (e.lines) {
    text += "| what | quantity | price | amount |\n| --- | ---: | ---: | ---: |\n";
    for (const auto& line : *e.lines) text += fmt::format("| {} | {} | {} | {} |\n", table_cell(line.text), line.quantity, amount_text(line.price, e.currency), amount_text(line.amount, e.currency));
    text += fmt::format("\nNet: {}\nVAT {} %: {}\n", amount_text(e.net.value_or(0), e.currency), e.vat_rate.value_or("0"), amount_text(e.vat.value_or(0), e.currency));
  }
  text += "Total: " + amount_text(e.total, e.currency) + "\n";
  if (e.note && !e.note->empty()) text += "\n" + *e.note + "\n";
  if (e.kind == ledger_kind::invoice && seller && !seller->iban.empty())
    text += fmt::format("\nPlease pay to IBAN {}{} by {}, with the number {}.\n", seller->iban, seller->bic.empty() ? "" : " (BIC " + seller->bic + ")", e.due.value_or(""), number);
  return text;
}

}  // namespace steward
