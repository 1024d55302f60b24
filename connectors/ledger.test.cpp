#include "connectors/ledger.hpp"

#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "connectors/conformance.hpp"
#include "connectors/ledger_book.hpp"
#include "connectors/scratch.test.hpp"
#include "runtime/random.hpp"
#include "tests/support/catch.hpp"

using namespace steward;
namespace fs = std::filesystem;

namespace {

json value(std::string_view text) { return parse_json(text).value(); }
std::string slurp(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
void put(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

const json settings = value(R"({"zone": "Europe/Berlin", "vat": 19,
  "seller": {"name": "Steward Letters", "lines": ["1 Main Road", "10115 Berlin"], "iban": "DE89 3704 0044 0532 0130 00", "bic": "COBADEFFXXX", "vat_id": "DE123456789"}})");
const json for_frida = value(R"({"customer": {"name": "Frida Lindqvist", "address": "frida@lindqvist-books.example"},
  "lines": [{"text": "Setting up", "price": "1200.00 EUR"}, {"text": "Training, hours", "quantity": "2.5", "price": "90.00 EUR"}], "total": "1695.75 EUR", "due": "14d"})");

/// What an accountant sees who reads the files and knows nothing of the connector: who owes how much, and what is wrong.
std::string balances(const std::string& workspace) {
  std::map<std::string, long> owed;                     // by customer
  std::map<std::string, std::string> customer_of, about;  // by number
  std::map<std::string, std::set<int>> numbers;         // by series and year
  std::map<std::string, int> keys;
  std::string wrong;
  std::vector<fs::path> files;
  const fs::path folder = fs::path(workspace) / "ledger";
  if (fs::exists(folder))
    for (const auto& file : fs::recursive_directory_iterator(folder))
      if (file.path().extension() == ".json" && file.path().string().find(".drafts") == std::string::npos && file.path().string().find(".tmp-") == std::string::npos) files.push_back(file.path());
  std::sort(files.begin(), files.end(), [](const fs::path& a, const fs::path& b) {
    const std::string order = "INV CRN PAY REF";
    return order.find(a.filename().string().substr(0, 3)) < order.find(b.filename().string().substr(0, 3));
  });
  for (const auto& file : files) {
    const auto number = file.stem().string();
    const auto record = parse_json(slurp(file));
    if (!record) return "unreadable: " + number;
    const auto& e = record->at("entry");
    const auto kind = number.substr(0, 3);
    if (text_at(*record, "number") != number) wrong += number + " says another number; ";
    if (++keys[text_at(e, "key")] > 1) wrong += "a key twice; ";
    if (!fs::exists(fs::path(file).replace_extension(".md"))) wrong += number + " has no readable copy; ";
    numbers[number.substr(0, 8)].insert(std::stoi(number.substr(9)));
    about[number] = text_at(e, "about");
    customer_of[number] = kind == "INV" ? text_at(e.at("customer"), "name") : customer_of[about[number]];
    owed[customer_of[number]] += (kind == "INV" || kind == "REF" ? 1 : -1) * long(e.at("total").as_int64());
  }
  for (const auto& [series, counted] : numbers)
    if (*counted.begin() != 1 || *counted.rbegin() != int(counted.size())) wrong += series + " has a gap; ";
  std::string out = wrong;
  for (const auto& [who, sum] : owed)
    if (sum != 0) out += who + " owes " + std::to_string(sum) + "\n";
  return out;
}

struct book {
  std::string folder;
  int key = 0;
  explicit book(const std::string& name) : folder(scratch_folder("ledger-" + name)) {}
  result<request> prepare(const std::string& action, const json& arguments, const std::string& mark = {}, const char* at = "2026-11-21T09:00:00Z") {
    return ledger_entry().make(settings, folder)->prepare({action, arguments}, {mark.empty() ? "key" + std::to_string(++key) : mark, parse_time(at).value()});
  }
  outcome carry_out(const request& what) {
    auto c = ledger_entry().make(settings, folder);
    const auto disk = make_system_disk();
    outside doors{*disk};
    return c->read(what, c->perform(what, doors));
  }
  outcome act(const std::string& action, const json& arguments, const std::string& mark = {}, const char* at = "2026-11-21T09:00:00Z") {
    const auto what = prepare(action, arguments, mark, at);
    if (!what) return {.kind = outcome_kind::refused, .sentence = to_sentence(what.error())};
    return carry_out(*what);
  }
  std::string file(const std::string& path) const { return slurp(fs::path(folder) / "ledger" / path); }
};

json with(json arguments, std::string_view key, json what) {
  arguments.get_object()[key] = std::move(what);
  return arguments;
}

}  // namespace

TEST_CASE("ledger passes the conformance suite") {
  conformance_samples s;
  s.settings = settings;
  s.arrange = [](const std::string& workspace) {
    const auto disk = make_system_disk();
    outside doors{*disk};
    auto c = ledger_entry().make(settings, workspace);
    const effect_mark marks[] = {{"one", parse_time("2026-11-01T09:00:00Z").value()}, {"two", parse_time("2026-11-02T09:00:00Z").value()}};
    c->perform(c->prepare({"ledger.invoice", for_frida}, marks[0]).value(), doors);
    c->perform(c->prepare({"ledger.payment", value(R"({"invoice": "INV-2026-0001", "amount": "500.00 EUR"})")}, marks[1]).value(), doors);
  };
  s.world = balances;
  s.calls = {{"ledger.invoice", for_frida},
             {"ledger.credit_note", value(R"({"invoice": "INV-2026-0001", "total": "1695.75 EUR", "reason": "Not signed"})")},
             {"ledger.payment", value(R"({"invoice": "INV-2026-0001", "amount": "1195.75 EUR", "day": "2026-11-20", "reference": "TX-7"})")},
             {"ledger.refund", value(R"({"payment": "PAY-2026-0001", "amount": "500.00 EUR", "reason": "Paid twice"})")},
             {"ledger.find", value(R"({"customer": "Frida Lindqvist", "kind": "invoice", "limit": 5})")},
             {"ledger.open_items", value(R"({"customer": "frida@lindqvist-books.example"})")}};
  s.traps = {{"a total that is not the sum", {"ledger.invoice", with(for_frida, "total", "1695.76 EUR")}},
             {"a sum of two currencies", {"ledger.invoice", with(with(for_frida, "lines", value(R"([{"text": "a", "price": "1 EUR"}, {"text": "b", "price": "1 USD"}])")), "total", "")}},
             {"a part of a cent", {"ledger.invoice", with(for_frida, "lines", value(R"([{"text": "a", "price": "1.005 EUR"}])"))}},
             {"nothing to pay", {"ledger.invoice", with(for_frida, "lines", value(R"([{"text": "a", "price": "0.00 EUR"}])"))}},
             {"less than nothing", {"ledger.invoice", with(for_frida, "lines", value(R"([{"text": "a", "price": "-5.00 EUR"}])"))}},
             {"due before it is issued", {"ledger.invoice", with(for_frida, "due", "2026-01-01")}},
             {"an account of its own", {"ledger.invoice", with(for_frida, "iban", "GB33BUKB20201555555555")}},
             {"a number that is a path", {"ledger.credit_note", value(R"({"invoice": "INV-2026-../../x", "total": "1 EUR"})")}},
             {"a credit note for a payment", {"ledger.credit_note", value(R"({"invoice": "PAY-2026-0001", "total": "500.00 EUR"})")}}};
  const auto report = check_conformance(ledger_entry(), s, scratch_folder("ledger-conformance"));
  for (const auto& broken : report.broken) FAIL_CHECK(broken);
  CHECK(report.checks > 1000);
  for (const auto& code : report.error_codes) {
    CAPTURE(code);
    CHECK(fs::exists(fs::path(STEWARD_SOURCE_DIR) / "docs/errors" / (code + ".md")));
  }
}

TEST_CASE("an invoice is exactly this text, with the account of the settings and nobody else's") {
  book b("text");
  const auto what = b.prepare("ledger.invoice", for_frida);
  REQUIRE(what);
  CHECK(what->preview ==
        "Invoice 1695.75 EUR to Frida Lindqvist <frida@lindqvist-books.example>\nIssued 2026-11-21, due 2026-12-05; it gets the next number\n"
        "1 x Setting up: 1200.00 EUR\n2.5 x Training, hours: 225.00 EUR\nNet 1425.00 EUR, VAT 19 % 270.75 EUR\nTo be paid to DE89370400440532013000");
  const auto done = b.carry_out(*what);
  CHECK(done.sentence == "entered as INV-2026-0001");
  const auto text = b.file("2026/INV-2026-0001.md");
  CHECK(text == text_at(done.answer, "text"));
  CHECK(text ==
        "# Invoice INV-2026-0001\n\nFrom: Steward Letters\n1 Main Road\n10115 Berlin\nVAT number: DE123456789\n\nTo: Frida Lindqvist\n<frida@lindqvist-books.example>\n\nDate: 2026-11-21\nDue: 2026-12-05\n\n"
        "| what | quantity | price | amount |\n| --- | ---: | ---: | ---: |\n| Setting up | 1 | 1200.00 EUR | 1200.00 EUR |\n| Training, hours | 2.5 | 90.00 EUR | 225.00 EUR |\n\n"
        "Net: 1425.00 EUR\nVAT 19 %: 270.75 EUR\nTotal: 1695.75 EUR\n\nPlease pay to IBAN DE89370400440532013000 (BIC COBADEFFXXX) by 2026-12-05, with the number INV-2026-0001.\n");
  CHECK(parse_json(b.file("2026/INV-2026-0001.json"))->at("entry") == value(what->bytes));
}

TEST_CASE("invoices are numbered without a gap, each kind by itself, anew each year, and in the company's zone") {
  book b("numbers");
  const auto number = [&](const char* at) { return text_at(b.act("ledger.invoice", for_frida, "", at).answer, "number"); };
  CHECK(number("2026-11-21T09:00:00Z") == "INV-2026-0001");
  CHECK(number("2026-12-31T22:59:59Z") == "INV-2026-0002");
  CHECK(number("2026-12-31T23:00:00Z") == "INV-2027-0001");  // midnight in Berlin
  CHECK(number("2026-12-31T12:00:00Z") == "INV-2026-0003");  // approved later than the one of the new year
  CHECK(b.act("ledger.invoice", with(for_frida, "total", "1 EUR")).kind == outcome_kind::refused);
  CHECK(b.act("ledger.credit_note", value(R"({"invoice": "INV-2026-0009", "total": "1 EUR"})")).kind == outcome_kind::refused);
  CHECK(text_at(b.act("ledger.credit_note", value(R"({"invoice": "INV-2026-0002", "total": "1695.75 EUR"})")).answer, "number") == "CRN-2026-0001");
  CHECK(number("2026-11-22T09:00:00Z") == "INV-2026-0004");
}

TEST_CASE("an invoice is taken back once, in full, and only by the sum that it has") {
  book b("credit");
  const auto done = b.act("ledger.invoice", for_frida);
  REQUIRE(done.undo);
  CHECK_THAT(b.act("ledger.credit_note", with(done.undo->arguments, "total", "1000.00 EUR")).sentence, Catch::Contains("is about 1695.75 EUR, not 1000.00 EUR"));
  CHECK_THAT(b.act("ledger.credit_note", with(done.undo->arguments, "total", "1695.75 USD")).sentence, Catch::Contains("is in EUR"));
  CHECK(b.act("ledger.credit_note", done.undo->arguments, "undo").sentence == "entered as CRN-2026-0001");
  CHECK(b.act("ledger.credit_note", done.undo->arguments, "undo").sentence == "entered as CRN-2026-0001");
  CHECK_THAT(b.act("ledger.credit_note", done.undo->arguments, "again").sentence, Catch::Contains("CRN-2026-0001 has taken INV-2026-0001 back already"));
  CHECK(fs::exists(b.folder + "/ledger/2026/INV-2026-0001.json"));
  CHECK_THAT(b.file("2026/CRN-2026-0001.md"), Catch::Contains("Takes back: INV-2026-0001") && Catch::Contains("Frida Lindqvist"));
  CHECK(balances(b.folder).empty());
}

TEST_CASE("open items are what is not paid, not credited, or was given back, and say what is overdue") {
  book b("open");
  b.act("ledger.invoice", for_frida);
  b.act("ledger.invoice", with(for_frida, "customer", value(R"({"name": "Bo"})")), "", "2026-10-01T09:00:00Z");
  b.act("ledger.payment", value(R"({"invoice": "INV-2026-0001", "amount": "1000.00 EUR", "reference": "TX-1"})"));
  CHECK_THAT(b.act("ledger.payment", value(R"({"invoice": "INV-2026-0001", "amount": "1000.00 EUR", "reference": "TX-1"})")).sentence, Catch::Contains("holds the transfer 'TX-1' already"));
  const auto items = b.act("ledger.open_items", boost::json::object{}).answer.at("items").as_array();
  REQUIRE(items.size() == 2);
  CHECK(items[0] == value(R"({"number": "INV-2026-0001", "customer": "Frida Lindqvist", "address": "frida@lindqvist-books.example", "day": "2026-11-21", "due": "2026-12-05", "total": "1695.75 EUR", "open": "695.75 EUR", "overdue": false})"));
  CHECK(text_at(items[1], "customer") == "Bo");
  CHECK(items[1].at("overdue") == true);
  b.act("ledger.payment", value(R"({"invoice": "INV-2026-0001", "amount": "695.75 EUR"})"));
  CHECK(b.act("ledger.open_items", value(R"({"customer": "Frida Lindqvist"})")).answer.at("total") == 0);
  b.act("ledger.refund", value(R"({"payment": "PAY-2026-0002", "amount": "695.75 EUR"})"));
  CHECK(text_at(b.act("ledger.open_items", value(R"({"customer": "Frida Lindqvist"})")).answer.at("items").at(0), "open") == "695.75 EUR");
  const auto found = b.act("ledger.find", value(R"({"number": "PAY-2026-0001"})")).answer;
  CHECK(found.at("total") == 1);
  CHECK(text_at(found.at("entries").at(0), "customer") == "Frida Lindqvist");
}

TEST_CASE("nothing is entered while an entry can't be read, and no file of somebody else is touched") {
  book b("broken");
  b.act("ledger.invoice", for_frida);
  const auto whole = b.file("2026/INV-2026-0001.json");
  put(b.folder + "/ledger/2026/INV-2026-0001.json", "{\"number\":");
  const auto said = b.act("ledger.invoice", for_frida);
  CHECK(said.kind == outcome_kind::refused);
  CHECK_THAT(said.sentence, Catch::Contains("INV-2026-0001") && Catch::Contains("ledger_broken"));
  put(b.folder + "/ledger/2026/INV-2026-0001.json", whole);
  put(b.folder + "/ledger/2026/taxes.json", "mine");
  put(b.folder + "/ledger/notes.md", "mine");
  CHECK(b.act("ledger.invoice", for_frida).sentence == "entered as INV-2026-0002");
  CHECK(b.file("2026/taxes.json") == "mine");
}

TEST_CASE("an IBAN with a wrong digit stops the company before it stands on an invoice") {
  CHECK(parse_iban("DE89 3704 0044 0532 0130 00").value() == "DE89370400440532013000");
  CHECK(parse_iban("gb33BUKB20201555555555"));
  for (const char* wrong : {"DE88 3704 0044 0532 0130 00", "DE89", "", "DE89 3704 0044 0532 0130 0\xc3\x9c", "DE89370400440532013000\n"}) CHECK(parse_iban(wrong).error().code == "bad_iban");
  CHECK_THROWS_AS(ledger_entry().make(value(R"({"seller": {"iban": "DE88 3704 0044 0532 0130 00"}})"), "/nowhere"), error_thrown);
}

TEST_CASE("amounts are whole minor units of their currency, and the lines always add up to the total") {
  CHECK(parse_amount("12.50 EUR", "")->minor == 1250);
  CHECK(parse_amount("1250 JPY", "")->minor == 1250);
  CHECK(parse_amount("1.250 KWD", "")->minor == 1250);
  CHECK(amount_text(1250, "JPY") == "1250 JPY");
  CHECK(amount_text(5, "EUR") == "0.05 EUR");
  CHECK(amount_text(-1250, "KWD") == "-1.250 KWD");
  for (const char* wrong : {"1.5 JPY", "0.001 EUR", "1 eur", "EUR", "1", "-1 EUR", "0 EUR", "99999999999999 EUR"}) CHECK_FALSE(parse_amount(wrong, ""));
  const auto random = make_seeded_random(7);
  for (int i = 0; i < 2000; ++i) {
    boost::json::array lines;
    for (std::uint64_t n = 1 + random->next() % 5; n > 0; --n)
      lines.push_back({{"text", "x"}, {"quantity", std::to_string(1 + random->next() % 50) + "." + std::to_string(random->next() % 1000)}, {"price", amount_text(std::int64_t(1 + random->next() % 1'000'000), "EUR")}});
    const json call = {{"customer", {{"name", "A"}}}, {"lines", lines}, {"vat", std::to_string(random->next() % 30) + "." + std::to_string(random->next() % 10)}};
    const auto e = read_invoice(call, {}, "k", "2026-11-21");
    REQUIRE(e);
    std::int64_t net = 0;
    for (const auto& line : *e->lines) net += line.amount;
    CAPTURE(canonical(call));
    CHECK(net == *e->net);
    CHECK(e->total == net + *e->vat);
    CHECK(read_invoice(with(call, "total", json(amount_text(e->total, "EUR"))), {}, "k", "2026-11-21"));
    CHECK(read_invoice(with(call, "total", json(amount_text(e->total + 1, "EUR"))), {}, "k", "2026-11-21").error().code == "ledger_total_differs");
  }
}
