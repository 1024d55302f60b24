/// What was approved is what is executed: a mail is changed in ten thousand ways after it was approved, and none of them leaves.
#include <cstdlib>
#include <fstream>

#include "connectors/catalog.hpp"
#include "runtime/random.hpp"
#include "tests/coordination/puppet.hpp"

using namespace steward;
using namespace steward::test;

namespace {

/// The approved mails of a company that is paused, and a way to change one.
struct change {
  const char* name;
  std::function<void(request& mail, request& other, random_source& chance)> make;
};

std::size_t below(random_source& chance, std::size_t n) { return n ? std::size_t(chance.next() % n) : 0; }

/// Some occurrence of `what`, or npos.
std::size_t some(const std::string& text, std::string_view what, random_source& chance) {
  std::vector<std::size_t> found;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) found.push_back(at);
  return found.empty() ? std::string::npos : found[below(chance, found.size())];
}

void replace_some(std::string& text, std::string_view what, std::string_view with, random_source& chance) {
  if (const auto at = some(text, what, chance); at != std::string::npos) text.replace(at, what.size(), with);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines{""};
  for (const char c : text) {
    lines.back() += c;
    if (c == '\n') lines.emplace_back();
  }
  return lines;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += line;
  return text;
}

/// The line after which the head ends.
std::size_t head_of(const std::vector<std::string>& lines) {
  return std::size_t(std::find_if(lines.begin(), lines.end(), [](const auto& l) { return l == "\n" || l == "\r\n"; }) - lines.begin());
}

/// From one boundary line to the next: the parts of a multipart mail.
std::vector<std::pair<std::size_t, std::size_t>> parts_of(const std::string& text) {
  std::vector<std::size_t> cuts;
  for (auto at = text.find("\n--"); at != std::string::npos; at = text.find("\n--", at + 1)) cuts.push_back(at);
  std::vector<std::pair<std::size_t, std::size_t>> parts;
  for (std::size_t i = 0; i + 1 < cuts.size(); ++i) parts.emplace_back(cuts[i], cuts[i + 1]);
  return parts;
}

const std::vector<change>& changes() {
  static const std::vector<change> all = {
      {"a bit of the bytes", [](request& m, request&, random_source& c) { m.bytes[below(c, m.bytes.size())] ^= char(1 << below(c, 7)); }},
      {"a byte more", [](request& m, request&, random_source& c) { m.bytes.insert(m.bytes.begin() + std::ptrdiff_t(below(c, m.bytes.size())), char('!' + below(c, 90))); }},
      {"some bytes less", [](request& m, request&, random_source& c) { m.bytes.erase(below(c, m.bytes.size()), 1 + below(c, 40)); }},
      {"the tail is missing", [](request& m, request&, random_source& c) { m.bytes.resize(below(c, m.bytes.size())); }},
      {"two stretches change places", [](request& m, request&, random_source& c) {
         const auto n = 1 + below(c, 20), a = below(c, m.bytes.size() / 2 - n), b = m.bytes.size() / 2 + below(c, m.bytes.size() / 2 - n);
         std::swap_ranges(m.bytes.begin() + std::ptrdiff_t(a), m.bytes.begin() + std::ptrdiff_t(a + n), m.bytes.begin() + std::ptrdiff_t(b));
       }},
      {"two header lines change places", [](request& m, request&, random_source& c) {
         auto lines = lines_of(m.bytes);
         const auto n = head_of(lines);
         std::swap(lines[below(c, n)], lines[below(c, n)]);
         m.bytes = joined(lines);
       }},
      {"two lines of the body change places", [](request& m, request&, random_source& c) {
         auto lines = lines_of(m.bytes);
         const auto n = head_of(lines);
         std::swap(lines[n + below(c, lines.size() - n)], lines[n + below(c, lines.size() - n)]);
         m.bytes = joined(lines);
       }},
      {"a header is written in other case", [](request& m, request&, random_source& c) {
         auto lines = lines_of(m.bytes);
         for (auto& ch : lines[below(c, head_of(lines))]) {
           if (ch == ':') break;
           ch = char(c.next() % 2 ? std::toupper(ch) : std::tolower(ch));
         }
         m.bytes = joined(lines);
       }},
      {"a header is folded", [](request& m, request&, random_source& c) {
         auto lines = lines_of(m.bytes);
         replace_some(lines[below(c, head_of(lines))], " ", "\n ", c);
         m.bytes = joined(lines);
       }},
      {"a header appears", [](request& m, request&, random_source& c) {
         static const std::vector<std::string> heads = {"Bcc: eve@evil.example\n", "Cc: eve@evil.example\n", "Reply-To: eve@evil.example\n", "Resent-To: eve@evil.example\n", "Disposition-Notification-To: eve@evil.example\n"};
         auto lines = lines_of(m.bytes);
         lines.insert(lines.begin() + std::ptrdiff_t(below(c, head_of(lines))), heads[below(c, heads.size())]);
         m.bytes = joined(lines);
       }},
      {"a header disappears", [](request& m, request&, random_source& c) {
         auto lines = lines_of(m.bytes);
         lines.erase(lines.begin() + std::ptrdiff_t(below(c, head_of(lines))));
         m.bytes = joined(lines);
       }},
      {"a recipient in the bytes", [](request& m, request&, random_source& c) {
         static const std::vector<std::string> others = {"ada@examp1e.com", "ada@example.com.evil.example", "Ada@example.com", "ada@example.com, eve@evil.example", "\xD0\xB0" "da@example.com"};
         replace_some(m.bytes, "ada@example.com", others[below(c, others.size())], c);
       }},
      {"line ends", [](request& m, request&, random_source& c) { replace_some(m.bytes, "\n", c.next() % 2 ? "\r\n" : "\r", c); }},
      {"space at the end of a line", [](request& m, request&, random_source& c) { replace_some(m.bytes, "\n", c.next() % 2 ? " \n" : "\t\n", c); }},
      {"an invisible character", [](request& m, request&, random_source& c) {
         static const std::vector<std::string> marks = {"\xE2\x80\x8B", "\xE2\x80\xAE", "\xEF\xBB\xBF", "\xC2\xAD"};
         m.bytes.insert(below(c, m.bytes.size()), marks[below(c, marks.size())]);
       }},
      {"another encoding of a part", [](request& m, request&, random_source& c) {
         replace_some(m.bytes, "Content-Transfer-Encoding: ", c.next() % 2 ? "Content-Transfer-Encoding:  " : "Content-transfer-encoding: ", c);
       }},
      {"another way to write a letter", [](request& m, request&, random_source& c) { replace_some(m.bytes, "e", c.next() % 2 ? "=65" : "=?utf-8?q?e?=", c); }},
      {"another character set", [](request& m, request&, random_source& c) { replace_some(m.bytes, "utf-8", c.next() % 2 ? "UTF-8" : "iso-8859-1", c); }},
      {"a part disappears", [](request& m, request&, random_source& c) {
         const auto parts = parts_of(m.bytes);
         const auto [from, to] = parts[below(c, parts.size())];
         m.bytes.erase(from, to - from);
       }},
      {"a part twice", [](request& m, request&, random_source& c) {
         const auto parts = parts_of(m.bytes);
         const auto [from, to] = parts[below(c, parts.size())];
         m.bytes.insert(to, m.bytes.substr(from, to - from));
       }},
      {"two parts change places", [](request& m, request&, random_source& c) {
         const auto parts = parts_of(m.bytes);
         const auto i = below(c, parts.size() - 1), j = i + 1;
         const auto first = m.bytes.substr(parts[i].first, parts[i].second - parts[i].first), second = m.bytes.substr(parts[j].first, parts[j].second - parts[j].first);
         m.bytes.replace(parts[i].first, parts[j].second - parts[i].first, second + first);
       }},
      {"the attachment's name", [](request& m, request&, random_source& c) { replace_some(m.bytes, "offer.txt", c.next() % 2 ? "offer.exe" : "Offer.txt", c); }},
      {"the effect key", [](request& m, request&, random_source& c) { m.key[below(c, m.key.size())] ^= 1; }},
      {"another action", [](request& m, request&, random_source&) { m.action = "test.neither"; }},
      {"a recipient more than the rules saw", [](request& m, request&, random_source& c) { m.recipients.insert(m.recipients.begin() + std::ptrdiff_t(below(c, m.recipients.size() + 1)), "mailbox:eve@evil.example"); }},
      {"a recipient fewer than the rules saw", [](request& m, request&, random_source& c) { m.recipients.erase(m.recipients.begin() + std::ptrdiff_t(below(c, m.recipients.size()))); }},
      {"recipients in another order", [](request& m, request&, random_source&) { std::rotate(m.recipients.begin(), m.recipients.begin() + 1, m.recipients.end()); }},
      {"one recipient where two were", [](request& m, request&, random_source&) { m.recipients = {m.recipients[0] + m.recipients[1]}; }},
      {"another preview", [](request& m, request&, random_source& c) { m.preview.insert(below(c, m.preview.size()), " "); }},
      {"the other mail's bytes", [](request& m, request& o, random_source&) { std::swap(m.bytes, o.bytes); }},
      {"the other mail", [](request& m, request& o, random_source&) { std::swap(m, o); }},
  };
  return all;
}

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const auto* said = std::getenv(variable);
  return said ? std::strtoull(said, nullptr, 10) : otherwise;
}

std::shared_ptr<connector> mailbox() {
  for (const auto& entry : connectors())
    if (entry.name == "mailbox") return entry.make(parse_json(R"({"from": {"name": "Steward", "address": "me@example.com"}})").value(), "/nonexistent");
  FAIL("no mailbox");
  return nullptr;
}

}  // namespace

TEST_CASE("a payload that was changed after its approval is refused at execution, whatever was changed") {
  const auto mail = [](const char* subject) {
    return object{{"to", {"Ada <ada@example.com>", "bob@example.org"}},
                  {"cc", {"carol@example.net"}},
                  {"subject", subject},
                  {"body", "Dear Ada,\n\nthe three pieces that you asked for are ready: see the offer.\nGr\xC3\xBC\xC3\x9F"
                           "e\n"},
                  {"html", "<p>Dear Ada, see <a href=\"https://example.com/offer\">the offer</a>.</p>"},
                  {"attachments", {object{{"name", "offer.txt"}, {"text", "Total 1,200.00 EUR\nIBAN DE02 1203 0000 0000 2020 51\n"}}, object{{"name", "terms.txt"}, {"text", "Payable within 14 days."}}}}};
  };
  company_of m;
  m.m.company.may_do = {{"mailbox.send", autonomy::ask}};
  step_definition s;
  s.effects = {{"mailbox.send", mail("Your offer"), {}, {}, "none"}, {"mailbox.send", mail("Your offer, again"), {}, {}, "none"}};
  s.ask = approval_definition{};
  m.step("send", s);
  small_company c(m);
  c.others = {mailbox()};
  c.with_agent<puppet>().start();
  c.run("w");
  REQUIRE(c.decides().pause("company", "", "", c.now));
  c.approve();

  // What an engine that finds `change` in its state sends out once it is resumed.
  const auto leaves = [&](const std::function<void(company_state&)>& change) {
    auto engine = c.started_with(change);
    REQUIRE(engine->resume("company", "", c.now));
    std::vector<request> left;
    for (const auto& o : engine->take().errands)
      if (const auto* door = std::get_if<perform_effect>(&o)) left.push_back(door->prepared);
    return left;
  };
  const auto first = c.state().effects.begin()->second.said.prepared;
  const auto untouched = leaves([](company_state&) {});
  REQUIRE(untouched.size() == 1);  // the second waits for the first
  REQUIRE(untouched[0].bytes == first.bytes);
  REQUIRE(first.recipients.size() == 3);
  REQUIRE(parts_of(first.bytes).size() >= 4);

  const auto seed = number_from("MUTATION_SEED", 1), how_many = number_from("MUTATIONS", 12'000);
  std::vector<std::size_t> made(changes().size());
  for (std::uint64_t n = 0; n < how_many; ++n) {
    const auto chance = make_seeded_random(seed + n);
    const auto& how = changes()[n % changes().size()];
    bool differs = false;
    bool its_own_digest = chance->next() % 4 == 0;  // whoever changes the bytes may write their digest beside them
    const auto left = leaves([&](company_state& state) {
      auto& mine = state.effects.begin()->second.said;
      auto& other = std::next(state.effects.begin())->second.said;
      const auto before = to_json_text(mine.prepared);
      how.make(mine.prepared, other.prepared, *chance);
      differs = to_json_text(mine.prepared) != before;
      if (its_own_digest) mine.digest = effect_digest(mine.prepared);
    });
    if (!differs) continue;  // such as a line that changed places with itself
    ++made[n % changes().size()];
    if (left.empty()) continue;
    FAIL("A changed payload left (" << how.name << (its_own_digest ? ", with its digest" : "") << "). Replay: MUTATION_SEED=" << seed + n - n % changes().size() << " MUTATIONS=" << n % changes().size() + 1
                                    << " test_coordination 'a payload that was changed*'");
  }
  std::size_t all = 0;
  for (std::size_t i = 0; i < made.size(); ++i) {
    CAPTURE(changes()[i].name);
    if (how_many >= 12'000) CHECK(made[i] >= 50);
    all += made[i];
  }
  if (how_many >= 12'000) CHECK(all >= 10'000);
}
