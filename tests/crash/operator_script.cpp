/// Plays the people around the company: starts the engine, begins the story, approves once, lets days pass, replies.
#include "tests/crash/operator_script.hpp"

#include <csignal>
#include <stdexcept>

#include <fmt/format.h>

namespace steward::proof {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds look_every{4};
constexpr int nudge_after = 60;      // looks at nothing new: about a quarter of a second; then time passes on the clock
duration nudge(story s) { return is_onboarding(s) ? std::chrono::minutes{6} : std::chrono::seconds{1}; }  // money may be held for minutes before it leaves
constexpr int give_up_after = 8000;  // looks in one life: half a minute and more
constexpr int lives_at_most = 8;

const std::string first_mail = "lead-1@lindqvist-books.example", reply_mail = "lead-2@lindqvist-books.example";

}  // namespace

void told_so_far::take(std::vector<told> news) {
  for (auto& n : news) {
    if (const auto* asked = std::get_if<event::approval_asked>(&n.what)) open_approvals[asked->approval] = *asked;
    if (const auto* decided = std::get_if<event::approval_decided>(&n.what)) open_approvals.erase(decided->approval);
    if (const auto* started = std::get_if<event::run_started>(&n.what)) {
      ++runs;
      open_runs.insert(started->run);
    }
    if (const auto* ended = std::get_if<event::run_finished>(&n.what)) {
      open_runs.erase(ended->run);
      open_waits.erase(ended->run);
    }
    if (const auto* step = std::get_if<event::step_started>(&n.what); step && step->what == "wait") open_waits[step->run] = *step;
    if (const auto* step = std::get_if<event::step_finished>(&n.what)) open_waits.erase(step->run);
    if (const auto* closed = std::get_if<event::card_closed>(&n.what)) open_questions.erase(closed->card);
    if (const auto* card = std::get_if<event::card_raised>(&n.what)) {
      if (card->about == "used_up") visits_used_up = true;
      else if (card->about == "person") open_questions.insert(card->card);
      else if (!(card->about == "autonomy_fell") && !(card->about == "run_failed" && card->title.ends_with("is taken back"))) surprise = card->about + ": " + card->title + ": " + card->text;
    }
    events.push_back(std::move(n));
  }
}

bool operator_script::has_ended() const {
  return known_.runs >= (is_onboarding(story_) ? 2U : 1U) && known_.open_runs.empty() && known_.open_approvals.empty();
}

void operator_script::play(const std::vector<kill_moment>& kills) {
  for (int life = 0; life < lives_at_most; ++life)
    if (live(std::size_t(life) < kills.size() ? kills[std::size_t(life)] : kill_moment{})) return;
  throw std::runtime_error("the engine ended again and again");
}

bool operator_script::live(const kill_moment& kill) {
  company_.start_engine(kill);
  const auto account = [&](const program_end& end) {
    lives_.push_back({company_.calls(), company_.killed_at()});
    if (end.signal == SIGKILL && !lives_.back().killed_at.empty()) ++kills_;
    else if (end.signal != 0 || end.code != 0)
      throw std::runtime_error(fmt::format("the engine ended by itself, with code {} and signal {}; it said:\n{}", end.code, end.signal, company_.engine_said()));
    first_life_ = false;
  };
  if (!company_.engine_is_ready()) {
    account(*company_.engine_ended(milliseconds{0}));
    return false;
  }
  known_.take(company_.news());
  if (!first_life_) still_asks();
  int quiet = 0;
  for (int looks = 0; looks < give_up_after; ++looks) {
    if (const auto end = company_.engine_ended(look_every)) {
      account(*end);
      known_.take(company_.news());
      return false;
    }
    auto news = company_.news();
    if (!news.empty()) quiet = 0;
    known_.take(std::move(news));
    if (!known_.surprise.empty()) throw std::runtime_error("a card that nobody expected: " + known_.surprise);
    if (has_ended()) {
      company_.look();
      const auto end = company_.stop_engine();
      account(end);
      known_.take(company_.news());
      return end.signal == 0;
    }
    if (move()) quiet = 0;
    if (++quiet % nudge_after == 0) company_.move_clock_to(company_.now() + nudge(story_));
  }
  throw std::runtime_error("nothing moves any more; the engine said:\n" + company_.engine_said());
}

bool operator_script::move() {
  if (!begun()) {
    begin();
    return true;
  }
  if (!known_.open_approvals.empty()) {
    decide(known_.open_approvals.begin()->second);
    return true;
  }
  if (!known_.open_questions.empty()) {
    const auto card = *known_.open_questions.begin();
    insist({"answer", card, "signed", "--only-record"}, [&, card] { return known_.open_questions.contains(card); });
    return true;
  }
  if (story_ == story::onboarding && known_.open_runs.empty()) {
    company_.look();
    insist({"undo", "run-1", "--only-record"}, [&] { return known_.runs < 2; });
    return true;
  }
  if (known_.visits_used_up && known_.open_runs.contains("run-1")) {
    // Three mails and no reply: the card asks what to do, and the operator lets it be.
    company_.command({"stop", "run-1"});
    return true;
  }
  // Days pass only while everybody waits: three days in the middle of a step's work would rightly be too late.
  if (!known_.open_waits.empty() && known_.open_waits.size() == known_.open_runs.size()) {
    return let_wait_pass(known_.open_waits.begin()->second);
  }
  return false;
}

void operator_script::begin() {
  if (is_lead(story_)) {
    if (!std::exchange(mail_is_out_, true))
      company_.deliver("1795075200.M1P1.lead", mail_text("Frida Lindqvist <" + std::string(lead_address) + ">", first_mail, company_.now(), "A question about prices",
                                                           "Hello,\n\nHow much does it cost to have you set this up for our newsletter,\nand can you do it before Christmas?\n\nFrida"));
    return;
  }
  const auto done = is_onboarding(story_) ? company_.command({"run", "client_onboarding", "--no-wait", "--input", new_client()})
                                          : company_.command({"run", "weekly_update", "--no-wait", "--input", R"({"since": "2026-10-01T00:00:00Z"})"});
  known_.take(company_.news());
  // A crash may have swallowed the command or its answer; but if the command says that it is done, the run is on disk.
  if (done.end == program_end{} && !begun()) complaints_.push_back("'steward run' said that the run has been started, and the journal knows of none");
}

void operator_script::decide(const event::approval_asked& asked) {
  const auto approval = asked.approval;
  const bool no = story_ == story::undo && asked.step == "bill";
  if (no) company_.look();
  auto words = no ? std::vector<std::string>{"reject", approval, "--reason", "They can't pay", "--only-record"} : std::vector<std::string>{"approve", approval, "--only-record"};
  insist(words, [&, approval] { return known_.open_approvals.contains(approval); });
}

void operator_script::insist(const std::vector<std::string>& words, const std::function<bool()>& open) {
  const auto done = company_.command(words);
  known_.take(company_.news());
  const auto what = "'steward " + words.at(0) + " " + words.at(1) + "'";
  if (done.end == program_end{} && open()) complaints_.push_back(what + " said that it is done, and the journal knows nothing of it");
  if (done.end != program_end{} && open() && company_.engine_runs())
    if (!company_.engine_ended(milliseconds{500})) throw std::runtime_error(what + " failed although the engine runs: " + done.err);
}

bool operator_script::let_wait_pass(const event::step_started& wait) {
  if (story_ == story::answering_lead) {
    if (reply_is_out_) return false;
    company_.look();
    const auto mails = company_.ledger("mail");
    if (!mails.empty()) {
      reply_is_out_ = true;
      const auto id = mails.front().at(3);
      company_.deliver("1795161600.M2P1.reply", mail_text("Frida Lindqvist <" + std::string(lead_address) + ">", reply_mail, company_.now(), "Re: A question about prices", "Thank you, that helps.\n\nFrida", id.substr(1, id.size() - 2)));
    }
    return true;
  }
  if (is_onboarding(story_) && wait.step == "signature") {
    if (reply_is_out_) return false;
    company_.look();
    const auto mails = company_.ledger("mail");
    if (!mails.empty()) {
      reply_is_out_ = true;
      company_.deliver("1795161600.M2P1.reply", mail_text("Frida Lindqvist <" + std::string(lead_address) + ">", reply_mail, company_.now(), "Re: Our agreement", "Agreed.\n\nFrida"));
    }
    return true;
  }
  if (!wait.due || company_.now() >= *wait.due) return false;
  company_.move_clock_to(*wait.due + std::chrono::seconds{1});
  return true;
}

void operator_script::still_asks() {
  if (known_.open_approvals.empty()) return;
  const auto inbox = company_.command({"inbox", "--json"});
  if (inbox.end != program_end{} && !company_.engine_runs()) return;  // killed again meanwhile; the next life is asked
  for (const auto& [id, asked] : known_.open_approvals)
    for (const auto& part : asked.digests)
      if (inbox.out.find("\"" + id + "\"") == std::string::npos || inbox.out.find(part) == std::string::npos) {
        complaints_.push_back("the pending approval " + id + " is no longer in the inbox with the digests that it was asked with");
        return;
      }
}

}  // namespace steward::proof
