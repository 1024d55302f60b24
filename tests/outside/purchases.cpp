#include "tests/outside/purchases.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <fmt/format.h>

#include "runtime/digest.hpp"
#include "runtime/random.hpp"
#include "tests/support/world/http_world.hpp"

namespace fs = std::filesystem;

namespace steward::outside_test {
namespace {

using namespace proof;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds look_every{5};
constexpr int quiet_looks = 8;        // looks without news and with nobody waiting: then time passes
constexpr auto tick = seconds{10};
constexpr auto calm_after = std::chrono::minutes{20};  // on the test's clock: then the faults are over
constexpr auto give_up_after = std::chrono::hours{6};
constexpr int misunderstood_at_most = 20;  // commands that fail in a row while the engine runs
constexpr int retries_at_most = 4;
constexpr int lives_at_most = 8;

constexpr auto company_yaml = R"(company: Steward Orders
zone: Europe/Berlin
spend: {per_run: 1 EUR, per_day: 5 EUR}
calls: {per_run: 100, per_day: 1000}
running: 8
waiting: 100
may_do: {bank.pay: ask, post.send: act, phone.text: act, cms.put: act, cms.read: act}
hold: {money: 0s, public: 0s}
connectors: {bank: {}, post: {}, phone: {}, cms: {}}
models: {drafting: far}
)";

constexpr auto clerk_yaml = R"(role: clerk
purpose: Writes the letter that goes with an order.
agent: prompted
model: {class: drafting, prompt: prompts/clerk.md, answer: schemas/clerk_letter.json}
limits: {spend: {per_run: 0.50 EUR, per_day: 5 EUR}, calls: {per_run: 20}, running: 4, waiting: 100, run_for: 10s}
when_it_fails: {restart: on_crash, at_most: 3 in 10m, then: ask_operator}
)";

constexpr auto order_yaml = R"(workflow: order
version: 1
purpose: Buys everything that an order needs.
steps:
  - terms:  {effect: cms.read, with: {to: terms}, gives: terms}
  - draft:  {role: clerk, with: {order: "${input.order}", terms: "${terms.text}"}, gives: letter, within: 1d}
  - notify: {effect: post.send, with: {to: "${input.order}", text: "${letter.text}"}, undo: none}
  - pay:    {effect: bank.pay, with: {to: "${input.order}", text: "for the order"}, ask: {shows: [letter], expires_in: 30d, if_expired: discard}, undo: none}
  - text:   {effect: phone.text, with: {to: "${input.order}", text: "your order is on its way"}, undo: none}
  - page:   {effect: cms.put, with: {to: "${input.order}", text: "${letter.text}"}, undo: none}
  - finish: {as: bought}
if_a_step_fails: ask_operator
)";

constexpr auto letter_json = R"({"$schema": "https://json-schema.org/draft/2020-12/schema", "description": "A letter.", "type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}, "additionalProperties": false})";

void put(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

std::vector<ledger_line> lines_of(const std::string& file) {
  std::vector<ledger_line> all;
  std::istringstream lines(text_of_file(file));
  for (std::string line; std::getline(lines, line);) {
    ledger_line fields;
    std::istringstream parts(line);
    for (std::string field; std::getline(parts, field, '\t');) fields.push_back(field);
    all.push_back(std::move(fields));
  }
  return all;
}

}  // namespace

void make_buying_model(const std::string& folder) {
  const fs::path w = folder + "/workspace";
  put(w / "company.yaml", company_yaml);
  put(w / "roles/clerk.yaml", clerk_yaml);
  put(w / "workflows/order.yaml", order_yaml);
  put(w / "prompts/clerk.md", "---\ntask: draft\n---\nWrite a letter about the order {{order}}. Our terms: {{terms}}\n");
  put(w / "schemas/clerk_letter.json", letter_json);
}

game game_of(std::uint64_t seed) {
  const auto random = make_seeded_random(seed);
  static constexpr const char* modes[] = {"before", "half", "after"};
  game g;
  g.seed = seed;
  g.percent = int(20 + random->next() % 60);
  // Three games of four are also killed, once or twice: at any change, or right where a request leaves.
  for (auto kills = random->next() % 4; kills > 0 && g.kills.size() < 2; --kills)
    g.kills.push_back(random->next() % 2 == 0 ? fmt::format("send@socket@{}:{}", 1 + random->next() % 30, modes[random->next() % 3]) : fmt::format("any@{}:{}", 100 + random->next() % 500, modes[random->next() % 3]));
  return g;
}

purchases::purchases(const std::string& model, const std::string& folder, game what) : company_(model, folder), game_(std::move(what)), ledger_(folder + "/services") {
  const char* named = std::getenv("STEWARD_BUYING");
  company_.program_path = named ? named : STEWARD_BUYING;
  services_ = std::make_unique<program>(std::vector<std::string>{STEWARD_HTTP_WORLD, ledger_, folder + "/clock"}, std::map<std::string, std::string>{}, program_files{.err = folder + "/services.err", .input = true, .answers = true});
  put(company_.workspace() + "/services.txt", "http://127.0.0.1:" + services_->ask("port") + "\n");
  services_->ask(fmt::format("misbehave {} {}", game_.seed, game_.percent));
}

void purchases::play() {
  for (int life = 0; life < lives_at_most; ++life)
    if (live(std::size_t(life) < game_.kills.size() ? game_.kills[std::size_t(life)] : kill_moment{})) return;
  throw std::runtime_error("the engine ended again and again");
}

bool purchases::live(const kill_moment& kill) {
  company_.start_engine(kill);
  const auto ended = [&](const program_end& end) {
    take(company_.news());
    if (end == program_end{}) return true;
    if (end.signal != SIGKILL || company_.killed_at().empty()) throw std::runtime_error(fmt::format("the engine ended by itself, with code {} and signal {}; it said:\n{}", end.code, end.signal, company_.engine_said()));
    ++seen_["killed"];
    return false;
  };
  if (!company_.engine_is_ready()) return ended(*company_.engine_ended(milliseconds{0}));
  for (int quiet = 0;;) {
    if (const auto end = company_.engine_ended(look_every)) return ended(*end);
    auto news = company_.news();
    quiet = news.empty() && services_->ask("busy") == "0" ? quiet + 1 : 0;
    take(std::move(news));
    if (move()) quiet = 0;
    if (calm_ && over()) return ended(company_.stop_engine());
    if (quiet < quiet_looks) continue;
    quiet = 0;
    company_.move_clock_to(company_.now() + tick);
    const auto passed = company_.now() - company_begins();
    if (!calm_ && (passed > calm_after || over())) {
      services_->ask("misbehave 0 0");
      calm_ = true;
    }
    if (passed > give_up_after) {
      std::string cards;
      for (const auto& [id, card] : cards_) cards += fmt::format("{} {}: {}: {}\n", id, card.about, card.title, card.text);
      throw std::runtime_error("something neither ends nor stands in the inbox.\n" + cards + company_.engine_said());
    }
  }
}

void purchases::take(std::vector<told> news) {
  for (auto& n : news) {
    if (const auto* e = std::get_if<event::run_started>(&n.what)) {
      order_of_[e->run] = open_runs_[e->run] = text_at(e->input, "order");
      begun_.insert(order_of_[e->run]);
    }
    if (const auto* e = std::get_if<event::run_finished>(&n.what)) {
      ended_[e->run] = e->outcome;
      open_runs_.erase(e->run);
    }
    if (const auto* e = std::get_if<event::effect_proposed>(&n.what)) effects_[e->effect].said = *e;
    if (const auto* e = std::get_if<event::effect_dispatched>(&n.what)) {
      auto& s = effects_[e->effect];
      s.dispatched = true;
      s.ended.clear();
      if (e->attempt > 1) ++seen_["repeated " + s.said.prepared.action];
    }
    if (const auto* e = std::get_if<event::effect_settled>(&n.what)) {
      auto& s = effects_[e->effect];
      s.ended = e->retry_at ? "" : to_word(e->came_out.kind);
      s.who = e->said_by;
      ++seen_[fmt::format("{} {} by {}", s.said.prepared.action, to_word(e->came_out.kind), e->said_by)];
    }
    if (const auto* e = std::get_if<event::effect_dropped>(&n.what)) effects_[e->effect].ended = "dropped";
    if (const auto* e = std::get_if<event::card_raised>(&n.what)) {
      cards_[e->card] = *e;
      ++seen_["card " + e->about];
    }
    if (const auto* e = std::get_if<event::approval_asked>(&n.what)) cards_[e->card] = card_of(*e);
    if (const auto* e = std::get_if<event::card_closed>(&n.what)) cards_.erase(e->card);
    if (const auto* e = std::get_if<event::model_asked>(&n.what)) accounted_nano_ += reserved_[e->call] = e->reserved.cost.nano;
    if (const auto* e = std::get_if<event::model_answered>(&n.what)) accounted_nano_ += e->reply.used.cost.nano - reserved_[e->call];
    if (const auto* e = std::get_if<event::model_failed>(&n.what)) {
      const bool counts = e->lost.value_or(false);
      ++seen_[counts ? "model answer lost" : "model failed"];
      if (counts && e->retry_at) accounted_nano_ += reserved_[e->call];  // the lost try, and room for another
      else if (!counts && !e->retry_at) accounted_nano_ -= reserved_[e->call];
    }
    events_.push_back(std::move(n));
  }
}

/// One thing for the operator to do now; false when there is nothing.
bool purchases::move() {
  if (begin_orders()) return true;
  for (const auto& [_, card] : std::map(cards_))
    if (answer(card)) return true;
  return false;
}

bool purchases::begin_orders() {
  for (int i = 1; i <= game_.orders; ++i) {
    const auto order = fmt::format("order-{}", i);
    if (begun_.contains(order)) continue;
    const auto done = say({"run", "order", "--no-wait", "--set", "order=" + order});
    if (done.end == program_end{} && !begun_.contains(order)) throw std::runtime_error("'steward run' said that the run has been started, and the journal knows of none");
    return true;
  }
  return false;
}

bool purchases::answer(const event::card_raised& card) {
  if (card.about == "approval") return say({"approve", card.subject, "--only-record"}), true;
  if (card.about == "effect_in_doubt") {
    // The operator looks at the account, and tells the truth.
    const auto& e = effects_.at(card.subject);
    return say({"answer", card.card, deeds_of(e) > 0 ? "happened" : "repeat", "--only-record"}), true;
  }
  if (open_runs_.contains(card.run) && card.about == "step_stuck" && retries_[card.run] < retries_at_most) {
    ++retries_[card.run];
    return say({"retry", card.run, "--only-record"}), true;
  }
  return false;
}

/// What the operator says may be swallowed by a crash; then it is said again, because the card still stands.
program_result purchases::say(std::vector<std::string> words) {
  const auto what = fmt::format("{}", fmt::join(words, " "));
  auto done = company_.command(std::move(words));
  take(company_.news());
  misunderstood_ = done.end == program_end{} || !company_.engine_runs() ? 0 : misunderstood_ + 1;
  if (misunderstood_ > misunderstood_at_most) throw std::runtime_error("'steward " + what + "' fails again and again: " + done.err);
  return done;
}

bool purchases::over() const {
  if (begun_.size() < std::size_t(game_.orders)) return false;
  for (const auto& [run, _] : open_runs_)
    if (std::none_of(cards_.begin(), cards_.end(), [&](const auto& c) { return c.second.run == run && c.second.about == "step_stuck" && retries_.contains(run) && retries_.at(run) >= retries_at_most; })) return false;
  return true;
}

int purchases::deeds_of(const effect_story& e) const {
  const auto digest = hex_digest(e.said.prepared.bytes);
  int n = 0;
  for (const auto& line : lines_of(ledger_)) n += (line[0] == "payment" || line[0] == "mail" || line[0] == "text" || line[0] == "page") && line.at(3) == digest;
  return n;
}

std::vector<std::string> purchases::judge() {
  std::vector<std::string> broken;
  const auto must = [&](bool holds, std::string sentence) {
    if (!holds) broken.push_back(std::move(sentence));
  };
  static const std::map<std::string, std::string> action_of{{"payment", "bank.pay"}, {"mail", "post.send"}, {"text", "phone.text"}, {"page", "cms.put"}};
  std::map<std::string, int> happened;  // action and bytes
  std::int64_t charged = 0;
  for (const auto& line : lines_of(ledger_)) {
    if (const auto action = action_of.find(line[0]); action != action_of.end()) ++happened[action->second + " " + line.at(3)];
    if (line[0] == "charge") charged += std::stoll(line.at(3));
    if (line[0] == "misbehaved") ++seen_[line.at(3) + " of " + line.at(2)];
    must(line[0] != "strayed", "somebody followed a redirect to " + line.back());
    must(line[0] != "other_body", "the key " + line.back() + " came with other bytes");
    must(line[0] != "unknown", "a request went to " + line.back());
  }
  // Writing the same page again under its own address changes nothing; everything else is done once, whoever was asked how often.
  for (const auto& [what, n] : happened) must(n == 1 || what.starts_with("cms.put"), fmt::format("{} was done {} times", what, n));
  std::map<std::string, int> owned;
  for (const auto& [id, e] : effects_) {
    const auto& action = e.said.prepared.action;
    if (action == "cms.read") continue;
    const auto key = action + " " + hex_digest(e.said.prepared.bytes);
    const int n = happened.contains(key) ? happened.at(key) : 0;
    if (e.dispatched) owned[key] += 1;
    const auto tell = [&](const char* what) { return fmt::format("{} ({} for {}) counts as {} ({}), and {}", id, action, order_of_[e.said.run], e.ended.empty() ? "open" : e.ended, e.who, what); };
    if (e.ended == "confirmed") must(n >= 1, tell("it never happened"));
    // Another try of the same step may have done it later.
    const bool tried_again = std::any_of(effects_.begin(), effects_.end(), [&](const auto& other) { return other.first != id && other.second.said.prepared.bytes == e.said.prepared.bytes && other.second.said.prepared.action == action && other.second.ended == "confirmed"; });
    if (e.ended == "refused" || e.ended == "failed" || e.ended == "dropped") must(n == 0 || tried_again, tell("it happened"));
    must(!e.ended.empty() || !calm_, tell("nobody looks after it"));
  }
  for (const auto& [what, _] : happened) must(owned.contains(what), what + " happened, and no effect of the journal dispatched it");
  for (const auto& [run, outcome] : ended_) must(outcome == "bought", run + " ended as " + outcome);
  for (const auto& [run, order] : open_runs_) {
    ++seen_["stands in the inbox"];
    must(std::any_of(cards_.begin(), cards_.end(), [&](const auto& c) { return c.second.run == run; }), run + " is neither finished nor in the inbox");
  }
  for (const auto& [run, order] : order_of_)
    for (const auto& [other, same] : order_of_) must(run == other || order != same, order + " was begun twice");
  must(charged <= accounted_nano_, fmt::format("the model has charged {}, and the company accounted for {}", to_text(money{charged, "EUR"}), to_text(money{accounted_nano_, "EUR"})));
  const auto chain = company_.broken_chain();
  must(chain.empty(), "the journal's chain: " + chain);
  return broken;
}

}  // namespace steward::outside_test
