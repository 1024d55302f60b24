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
#include "runtime/hosting/replay.hpp"
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

/// What `steward replay` does, with the journal alone: reads the run, gives a fresh agent every event of it again, compares each
/// of its thousand questions, whole, with the one of then, and lets the workflow decide again.
double replay_seconds(const std::string& folder) {
  const auto manifests = company_parts({folder, 1}).manifests;
  const replayed_agents agents{{talker::name, {talker::version, [](const role_brief& brief) -> std::unique_ptr<agent_value> { return std::make_unique<agent_value_of<talker>>(brief); }}}};
  const double start = seconds_now();
  const auto kinds = all_event_kinds();
  const auto source = reader::open({.folder = folder}, *kinds);
  if (!source) throw std::runtime_error("w5: " + to_sentence(source.error()));
  const auto run = events_of_run(**source, "run-1");
  if (!run) throw std::runtime_error("w5: " + to_sentence(run.error()));
  const auto then = workflow_of_run(**source, *run);
  if (!then) throw std::runtime_error("w5: " + to_sentence(then.error()));
  const auto told = replay(*run, "run-1", agents, manifests, {.workflow_then = *then});
  if (!told) throw std::runtime_error("w5: " + to_sentence(told.error()));
  if (!told->at("same").as_bool() || told->at("turns").as_int64() == 0) throw std::runtime_error("w5: the replay says " + canonical(told->at("first")));
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
