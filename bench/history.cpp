/// W5: a thousand model calls in one conversation: how the journal grows with them, and how long a replay of it takes.
#include <cmath>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <stdexcept>

#include "bench/company.hpp"
#include "bench/resources.hpp"
#include "bench/talker.hpp"
#include "bench/workloads.hpp"
#include "runtime/hosting/open_company.hpp"
#include "runtime/random.hpp"

namespace steward::bench {

std::string text_of(std::int64_t n) {
  const auto chance = make_seeded_random(std::uint64_t(n) + 1);
  const auto about = n % 2 == 0 ? bytes_of_question : bytes_of_answer;
  const auto bytes = about / 2 + chance->next() % about;
  std::string text;
  while (text.size() < bytes) {
    auto letters = chance->next();
    for (auto length = 2 + letters % 9; length > 0; --length, letters /= 26) text += char('a' + letters % 26);
    text += ' ';
  }
  text.resize(bytes);
  return text;
}

result<model_reply> answering_machine::ask(const model_question& q) {
  const auto said = std::int64_t(q.with.at("said").get_array().size());
  return model_reply{"local", boost::json::object{{"text", text_of(said)}}, {}};
}

namespace {

struct conversation {
  double journal_bytes = 0, took = 0;
};

/// Talks so often in one run, stops, and weighs the journal.
conversation talk_in(const std::string& folder, std::int64_t calls) {
  auto started = engine::start(company_parts({folder, 1}));
  if (!started) throw std::runtime_error("w5: " + to_sentence(started.error()));
  conversation seen;
  if (calls > 0) {
    std::mutex mutex;
    std::condition_variable changed;
    std::optional<json> ended;
    const double start = seconds_now();
    (*started)->send(boost::json::object{{"do", "run"}, {"workflow", "talk"}, {"input", {{"calls", calls}}}, {"wait", true}}, [&](json answer) {
      std::lock_guard guard(mutex);
      ended = std::move(answer);
      changed.notify_all();
    });
    std::unique_lock guard(mutex);
    changed.wait(guard, [&] { return ended.has_value(); });
    seen.took = seconds_now() - start;
    if (text_at(*ended, "ok.status") != "finished") throw std::runtime_error("w5: the run ended as " + canonical(*ended));
  }
  (*started)->stop();
  seen.journal_bytes = double(std::filesystem::file_size(folder + "/journal.db"));
  if (const auto log = folder + "/journal.db-wal"; std::filesystem::exists(log)) seen.journal_bytes += double(std::filesystem::file_size(log));
  return seen;
}

/// From the journal alone: folds it up to the agent's last turn, and gives a fresh agent all that was said to it; what it says
/// is compared with what it said then.
double replay_seconds(const std::string& folder) {
  const double start = seconds_now();
  const auto kinds = all_event_kinds();
  std::int64_t last_turn = 0;
  {
    auto source = reader::open({.folder = folder, .use_index = false}, *kinds);
    if (!source) throw std::runtime_error("w5: " + to_sentence(source.error()));
    event_query turns;
    turns.kind = event::turn_taken::kind;
    turns.limit = SIZE_MAX;
    const auto read = (*source)->each(turns, [&](const record& stored) { return last_turn = stored.seq, true; });
    if (!read) throw std::runtime_error("w5: " + to_sentence(read.error()));
  }
  const auto state = fold_journal(folder, *kinds, "UTC", fold_from::first_event, {.seq = last_turn - 1});
  if (!state) throw std::runtime_error("w5: " + to_sentence(state.error()));
  const auto& a = state->instances.begin()->second;
  const auto report = agent_value_of<talker>(role_brief{}).handle({a.id, a.role, a.pending.front(), a.attempt, a.turns, {}, 0, a.agent_version});
  if (report.trouble) throw std::runtime_error("w5: " + report.trouble->sentence);
  return seconds_now() - start;
}

}  // namespace

measurement history(const bench_options& options) {
  const scratch folder(options.folder + "/w5");
  const double empty = talk_in(folder.path + "/empty", 0).journal_bytes;
  const double half = talk_in(folder.path + "/half", options.calls / 2).journal_bytes - empty;
  const auto whole = talk_in(folder.path + "/whole", options.calls);
  const double bytes = whole.journal_bytes - empty;
  double said = 0;
  for (std::int64_t n = 0; n < 2 * options.calls; ++n) said += double(text_of(n).size());
  return {"w5", {}, {{"growth_exponent", std::log2(bytes / half)},
                     {"bytes_per_byte_said", bytes / said},
                     {"journal_kb_per_call", bytes / 1024 / double(options.calls)},
                     {"calls_per_s", double(options.calls) / whole.took},
                     {"replay_ms", replay_seconds(folder.path + "/whole") * 1e3}}};
}

}  // namespace steward::bench
